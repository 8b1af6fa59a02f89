"""Which of a person's messages leave: the most valuable, as many as the budget of contacts allows, and each loser is told why."""

from __future__ import annotations

import msgspec
import pytest

from gyeol.channels.model import Delivery, Message, MessageState
from gyeol.decisions.terms import Contacts
from gyeol.expressions.durations import parse_duration
from gyeol.journeys.contacts import RETRY_MS, Contact, ContactLedger, by_rank
from gyeol.journeys.regate import held_back
from gyeol.kernel.instants import DAY_MS, HOUR_MS, Zone
from gyeol.kernel.reason import Reason

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
MIDNIGHT = NOON + 12 * HOUR_MS
HALF_HOUR_MS = 30 * 60_000
SEOUL = Zone("Asia/Seoul")


def rules(most: int = 1, per: str = "1d") -> Contacts:
    return Contacts(most=most, per=per, window=parse_duration(per), wait_ms=HALF_HOUR_MS)


def message(key: str, value: float, node: int = 1, at_ms: int = NOON, **fields: object) -> Message:
    given = {
        "send_key": key, "channel": "mailer", "node": node, "person": "p", "address": "a@example.invalid", "journey": key,
        "journey_version": "v", "decision": f"d_{key}", "content": {}, "message_class": "advertising", "purpose": "marketing",
        "queued_at_ms": at_ms, "expires_at_ms": at_ms + 3 * DAY_MS, "cause_offset": 1, "value": value, "offer": f"offer_{key}",
        "not_before_ms": at_ms + HALF_HOUR_MS,
    }  # fmt: skip
    return msgspec.convert(given | fields, Message)


def told(key: str, state: MessageState, at_ms: int, retry_after_ms: int = 0) -> Delivery:
    return Delivery(send_key=key, state=state, at_ms=at_ms, retry_after_ms=retry_after_ms)


def ledger_of(*messages: Message) -> ContactLedger:
    ledger = ContactLedger()
    for each in messages:
        ledger.queued(each, {"offer:x": 5})
    return ledger


def test_the_most_valuable_leaves_and_the_other_waits_for_it() -> None:
    low, high = message("low", 1.0), message("high", 2.0, node=2, at_ms=NOON + 60_000)
    ledger = ledger_of(low, high)
    now_ms = NOON + HALF_HOUR_MS
    lost = ledger.contest(low, [1, 2], rules(), now_ms, SEOUL)
    assert (lost.lost, lost.winner, lost.winner_value, lost.value) == ("outcompeted", "offer_high", 2.0, 1.0)
    assert lost.until_ms == high.not_before_ms, "the better one may leave then"
    assert ledger.contest(high, [1, 2], rules(), now_ms, SEOUL).lost == ""
    assert ledger.contest(low, [1], rules(), now_ms, SEOUL).lost == "", "another person's message is no rival"
    assert [m.send_key for m in by_rank([low, high])] == ["high", "low"]


def test_what_left_takes_the_place_until_the_window_ends() -> None:
    low, high = message("low", 1.0), message("high", 2.0)
    ledger = ledger_of(low, high)
    now_ms = NOON + HALF_HOUR_MS
    ledger.delivered(told("high", "sending", now_ms))
    lost = ledger.contest(low, [1], rules(), now_ms + 1, SEOUL)
    assert (lost.lost, lost.winner, lost.count, lost.until_ms) == ("outcompeted", "offer_high", 1, MIDNIGHT)
    ledger.delivered(told("high", "accepted", now_ms + 5))
    assert ledger.contest(low, [1], rules(), MIDNIGHT - 1, SEOUL).until_ms == MIDNIGHT
    assert ledger.contest(low, [1], rules(), MIDNIGHT, SEOUL).lost == "", "its second chance"
    fresh = message("fresh", 0.5, at_ms=NOON + HOUR_MS)
    ledger.queued(fresh, {})
    assert ledger.contest(fresh, [1], rules(), NOON + 2 * HOUR_MS, SEOUL).lost == "contact_budget", "it was not there when the other left"


def test_what_is_let_go_in_the_same_breath_counts() -> None:
    low = message("low", 1.0)
    lost = ledger_of(low).contest(low, [1], rules(), NOON + HALF_HOUR_MS, SEOUL, {"high": Contact(NOON + HALF_HOUR_MS, 2.0, "offer_high")})
    assert (lost.lost, lost.winner) == ("outcompeted", "offer_high")


def test_a_rolling_window_frees_the_place_to_the_millisecond() -> None:
    first, second = message("first", 5.0), message("second", 1.0)
    ledger = ledger_of(first, second)
    ledger.delivered(told("first", "accepted", NOON))
    lost = ledger.contest(second, [1], rules(per="24h"), NOON + HOUR_MS, SEOUL)
    assert lost.until_ms == NOON + DAY_MS
    assert ledger.contest(second, [1], rules(per="24h"), NOON + DAY_MS - 1, SEOUL).lost
    assert not ledger.contest(second, [1], rules(per="24h"), NOON + DAY_MS, SEOUL).lost
    assert not ledger.contest(second, [1], rules(most=2), NOON + HOUR_MS, SEOUL).lost


@pytest.mark.parametrize(
    ("state", "counts"), [("unknown", True), ("refused", False), ("failed", False), ("bounced", False), ("too_late", False)]
)
def test_only_what_may_have_arrived_is_a_contact(state: MessageState, counts: bool) -> None:
    first, second = message("first", 1.0), message("second", 2.0)
    ledger = ledger_of(first, second)
    ledger.delivered(told("first", "sending", NOON))
    back = ledger.delivered(told("first", state, NOON + 1))
    assert (back is None) is counts
    assert back is None or back[:2] == ({"offer:x": 5}, NOON)
    assert ledger.contest(second, [1], rules(), NOON + 2, SEOUL).count == counts


def test_one_that_came_back_is_a_rival_again_when_it_may_leave() -> None:
    low, high = message("low", 1.0), message("high", 2.0)
    ledger = ledger_of(low, high)
    now_ms = NOON + HALF_HOUR_MS
    ledger.delivered(told("high", "sending", now_ms))
    ledger.delivered(told("high", "queued", now_ms, retry_after_ms=5_000))
    lost = ledger.contest(low, [1], rules(), now_ms + 1, SEOUL)
    assert (lost.count, lost.lost, lost.until_ms) == (0, "outcompeted", now_ms + 1 + RETRY_MS)
    ledger.delivered(told("high", "queued", now_ms, retry_after_ms=DAY_MS))
    assert ledger.contest(low, [1], rules(), now_ms + 1, SEOUL).lost == "", "what waits until tomorrow takes no place today"


def test_service_messages_take_part_in_nothing() -> None:
    service, low = message("service", 9.0, message_class="transactional"), message("low", 1.0)
    ledger = ledger_of(service, low)
    assert ledger.contest(low, [1], rules(), NOON + HALF_HOUR_MS, SEOUL).lost == ""
    ledger.delivered(told("service", "accepted", NOON))
    assert ledger.contest(low, [1], rules(), NOON + HALF_HOUR_MS, SEOUL).count == 0


def test_the_ledger_is_the_same_after_a_snapshot() -> None:
    ledger = ledger_of(message("a", 1.0), message("b", 2.0, node=2), message("c", 3.0))
    ledger.delivered(told("c", "accepted", NOON))
    again = ContactLedger.load(ledger.dump())
    assert again.dump() == ledger.dump()
    a = message("a", 1.0)
    assert again.contest(a, [1, 2], rules(), NOON + 1, SEOUL) == ledger.contest(a, [1, 2], rules(), NOON + 1, SEOUL)


def test_a_loser_goes_back_into_the_queue_until_it_expires() -> None:
    waiting = message("low", 1.0)
    reason = Reason(code="outcompeted", params={"until_ms": MIDNIGHT, "winner": "offer_high"})
    held = held_back(waiting, reason, NOON)
    assert (held.state, held.reason, held.retry_after_ms) == ("queued", "outcompeted", 12 * HOUR_MS)
    assert "offer_high" in held.detail
    last = held_back(message("low", 1.0, expires_at_ms=MIDNIGHT), reason, NOON)
    assert (last.state, last.reason) == ("refused", "outcompeted")


def test_what_is_let_go_in_the_same_breath_is_no_rival_any_more() -> None:
    low, high = message("low", 1.0), message("high", 2.0)
    now_ms = NOON + HALF_HOUR_MS
    found = ledger_of(low, high).contest(low, [1], rules(most=2), now_ms, SEOUL, {"high": Contact(now_ms, 2.0, "offer_high")})
    assert (found.lost, found.count) == ("", 1), "it takes one place of two, not both"
