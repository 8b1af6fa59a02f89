"""Statements by contact: the latest wins at a node, the most restrictive wins over a person."""

from __future__ import annotations

import random

import pytest

from gyeol.privacy.consent import ConsentLedger, Statement


def said(node: int, granted: bool, at_ms: int, said_id: int = 0, channel: str = "email", purpose: str = "marketing") -> Statement:
    return Statement(
        node=node, channel=channel, purpose=purpose, granted=granted, at_ms=at_ms, id=said_id, source="shop", proof=f"form {at_ms}"
    )


def ledger_of(*statements: Statement) -> ConsentLedger:
    ledger = ConsentLedger()
    for statement in statements:
        assert ledger.state(statement) is None
    return ledger


def status(ledger: ConsentLedger, nodes: list[int], channel: str = "email", purpose: str = "marketing", now_ms: int = 1_000) -> str:
    return ledger.of(nodes, channel, purpose, now_ms).status


def test_nobody_asked_means_unknown() -> None:
    assert status(ConsentLedger(), [1, 2]) == "unknown"
    assert status(ledger_of(said(1, True, 10)), [1], purpose="night") == "unknown"
    assert status(ledger_of(said(1, True, 10)), [1], channel="sms") == "unknown"


def test_the_latest_statement_wins_whatever_the_order_of_arrival() -> None:
    statements = [said(1, True, 10), said(1, False, 20), said(1, True, 30)]
    for _ in range(6):
        random.shuffle(statements)
        found = ledger_of(*statements).of([1], "email", "marketing", 1_000)
        assert (found.status, found.at_ms, found.proof, found.source) == ("granted", 30, "form 30", "shop")


def test_equal_times_are_decided_by_id_and_equal_ids_by_the_withdrawal() -> None:
    assert status(ledger_of(said(1, True, 10, 7), said(1, False, 10, 6)), [1]) == "granted"
    assert status(ledger_of(said(1, True, 10, 5), said(1, False, 10, 6)), [1]) == "withdrawn"
    for order in ([True, False], [False, True]):
        assert status(ledger_of(*(said(1, granted, 10, 6) for granted in order)), [1]) == "withdrawn"


def test_the_most_restrictive_node_wins() -> None:
    ledger = ledger_of(said(1, True, 100), said(2, False, 50), said(3, True, 200))
    assert status(ledger, [1]) == "granted"
    assert status(ledger, [1, 3]) == "granted"
    assert ledger.of([1, 3], "email", "marketing", 1_000).node == 3
    found = ledger.of([1, 2, 3], "email", "marketing", 1_000)
    assert (found.status, found.node) == ("withdrawn", 2)
    assert status(ledger, [1, 9]) == "granted", "a node of which nothing was said restricts nothing"


def test_a_grant_of_the_future_does_not_hold_yet_but_a_withdrawal_does() -> None:
    assert status(ledger_of(said(1, True, 1_001)), [1]) == "unknown"
    assert status(ledger_of(said(1, True, 1_000)), [1]) == "granted"
    assert status(ledger_of(said(1, False, 1_001)), [1]) == "withdrawn"


def test_a_withdrawal_may_cover_everything_and_a_later_grant_reopens_what_it_names() -> None:
    ledger = ledger_of(said(1, True, 10), said(1, False, 20, channel="*", purpose="*"))
    assert status(ledger, [1]) == "withdrawn"
    assert status(ledger, [1], "push", "night") == "withdrawn"
    ledger.state(said(1, True, 30, channel="push"))
    assert status(ledger, [1], "push") == "granted"
    assert status(ledger, [1]) == "withdrawn"
    assert status(ledger_of(said(1, True, 30), said(1, False, 20, purpose="*")), [1]) == "granted"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (said(1, True, 10, channel="*"), "consent_too_wide"),
        (said(1, True, 10, purpose="*"), "consent_too_wide"),
        (said(1, True, 10, channel=" "), "consent_incomplete"),
        (said(1, False, 10, purpose=""), "consent_incomplete"),
        (said(-1, True, 10), "consent_no_contact"),
    ],
)
def test_what_is_not_believed(statement: Statement, code: str) -> None:
    ledger = ConsentLedger()
    assert ledger.state(statement) == code
    assert len(ledger) == 0


def test_words_are_compared_without_case_and_space() -> None:
    assert status(ledger_of(said(1, True, 10, channel=" Email ", purpose="Marketing")), [1], "EMAIL", "marketing ") == "granted"


def test_dump_is_the_same_for_every_order_and_comes_back() -> None:
    rng = random.Random(4)
    statements = [
        Statement(
            node=rng.randrange(3_000),
            channel=rng.choice(["email", "sms"]),
            purpose=rng.choice(["marketing", "night"]),
            granted=rng.random() < 0.7,
            at_ms=rng.randrange(50),
            id=rng.randrange(2**64),
            simulated=rng.random() < 0.5,
        )
        for _ in range(4_000)
    ]
    first = ledger_of(*statements)
    rng.shuffle(statements)
    second = ledger_of(*statements, *statements[:500])
    assert first.dump() == second.dump()
    back = ConsentLedger.load(first.dump())
    assert back.dump() == first.dump()
    assert ConsentLedger.load(ConsentLedger().dump()).dump() == ConsentLedger().dump()
    assert len(back) == len(first) > 1024
    back.state(said(5_000, True, 1))
    assert back.of([5_000], "email", "marketing", 1_000).granted, "it goes on from there"
    for node in range(0, 3_000, 97):
        assert back.of([node, node + 1], "sms", "night", 1_000) == first.of([node, node + 1], "sms", "night", 1_000)


def test_all_of_lists_what_was_said_only() -> None:
    ledger = ledger_of(said(1, True, 10), said(2, False, 20, channel="sms"), said(3, True, 5, purpose="night"))
    assert [(c.channel, c.purpose, c.status) for c in ledger.all_of([1, 2], 1_000)] == [
        ("email", "marketing", "granted"),
        ("sms", "marketing", "withdrawn"),
    ]
