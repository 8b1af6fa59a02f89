"""Commands on people: what is divided is as if its evidence had never been; what is released or confirmed; replays."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine.jobs import Tell
from gyeol.events.sections import Command
from gyeol.identity.statements import HELD
from gyeol.kernel.errors import InputError, NotFoundError


@pytest.fixture
def tell(shop: Any) -> Any:
    """Gives a command on people."""

    def give(kind: str, **body: object) -> None:
        shop.run(Tell([Command(kind, "me", shop.clock.now_ms(), "because", body)]))

    return give


def _linked(make: Any, shop: Any, *, linked: bool) -> None:
    """Two accounts with orders; a tablet's pages, and (or not) the order that ties the tablet and an address to the first."""
    tie: dict[str, object] = {"anonymousId": "tablet"} if linked else {}
    mail: dict[str, object] = {"traits": {"email": "kid@example.com"}} if linked else {}
    shop.collect(
        {"type": "page", "anonymousId": "tablet", "messageId": "p1"},
        {"type": "identify", "anonymousId": "tablet", "messageId": "i1", "traits": {"city": "부산", "email": "kid@example.com"}},
        {"type": "page", "anonymousId": "phone", "messageId": "p2"},
        {"type": "identify", "userId": "kim", "anonymousId": "phone", "messageId": "i2", "traits": {"city": "서울"}},
        {**make.order("kim"), "messageId": "o1", **tie},
        {**make.order("kim"), "messageId": "o2"},
        {"type": "identify", "userId": "kim", "messageId": "i3", **mail},
        {**make.order("lee"), "messageId": "o3"},
    )


def test_a_split_is_as_if_the_evidence_had_never_been(shop: Any, make: Any, tell: Any) -> None:
    _linked(make, shop, linked=True)
    assert shop.trait("tablet", "orders") == 2 and shop.trait("kim", "pages") == 2
    tell("split", identifiers=["anonymous_id:tablet", "kid@example.com"])
    never = make.shop()
    _linked(make, never, linked=False)
    assert shop.trait("tablet", "pages") == 1 and shop.trait("kim", "pages") == 1
    assert state_digest(shop.state) == state_digest(never.state)
    assert state_digest(shop.recovered().state) == state_digest(shop.state), "a replay gives the same"
    (entry,) = shop.store.audit.list()
    assert (entry.kind, entry.by, entry.why) == ("split", "me", "because")


def test_what_was_split_off_stays_off_when_it_is_stated_again(shop: Any, make: Any, tell: Any) -> None:
    _linked(make, shop, linked=True)
    tell("split", identifiers=["anonymous_id:tablet", "kid@example.com"])
    shop.collect({**make.order("kim"), "anonymousId": "tablet", "messageId": "o9"})
    assert shop.state.graph.find("tablet") != shop.state.graph.find("kim")


def test_an_identifier_moves_to_another_person(shop: Any, make: Any, tell: Any) -> None:
    _linked(make, shop, linked=True)
    tell("move", a="anonymous_id:phone", b="lee")
    graph = shop.state.graph
    assert graph.find("phone") == graph.find("lee") != graph.find("kim")
    assert (shop.trait("lee", "orders"), shop.trait("lee", "pages"), shop.trait("kim", "pages")) == (1, 1, 1)
    assert shop.member("kim", "buyers") and not shop.member("lee", "buyers")
    assert state_digest(shop.recovered().state) == state_digest(shop.state)


def _quarantined(shop: Any) -> None:
    shop.collect(
        {"type": "identify", "userId": "kim", "messageId": "1", "traits": {"email": "kim@example.com"}},
        {"type": "identify", "userId": "lee", "messageId": "2", "traits": {"email": "lee@example.com"}},
        {"type": "identify", "anonymousId": "desk", "messageId": "3", "traits": {"email": "kim@example.com"}},
        {"type": "identify", "anonymousId": "desk", "messageId": "4", "traits": {"email": "lee@example.com"}},
        {"type": "identify", "userId": "max", "messageId": "5", "traits": {"email": "max@example.com"}},
    )


@pytest.mark.parametrize(("kind", "together"), [("release", True), ("confirm", False)])
def test_what_is_held_back_is_released_or_confirmed(shop: Any, tell: Any, kind: str, together: bool) -> None:
    _quarantined(shop)
    graph = shop.state.graph
    assert graph.find("kim") != graph.find("lee") and graph.statements.verdict.data.any()
    tell(kind, a="kim", b="lee")
    assert (graph.find("kim") == graph.find("lee")) is together
    assert not (graph.statements.verdict.data == HELD).any(), "nothing waits any more"
    with pytest.raises(InputError, match="held back"):
        tell("release", a="kim", b="lee")


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("split", {"identifiers": ["kim", "lee"]}, "several_people"),
        ("split", {"identifiers": ["max@example.com", "max"]}, "nothing_left"),
        ("split", {"identifiers": []}, "no_identifiers"),
        ("move", {"a": "kim@example.com", "b": "kim"}, "same_person"),
        ("confirm", {"a": "kim", "b": "kim@example.com"}, "nothing_held"),
    ],
)
def test_what_cannot_be_done_is_refused(shop: Any, tell: Any, kind: str, body: dict[str, object], code: str) -> None:
    _quarantined(shop)
    with pytest.raises(InputError) as refused:
        tell(kind, **body)
    assert refused.value.code == code
    assert not shop.store.audit.list()


def test_nobody_unknown_is_moved(tell: Any) -> None:
    with pytest.raises(NotFoundError):
        tell("move", a="nobody", b="no one")
