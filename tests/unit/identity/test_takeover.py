"""Attempts to take over, or take apart, a victim's person with nothing but the public key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gyeol.identity.model import IdentityRules

PHONE = "+821012345678"


@pytest.fixture
def victim(collector: Any) -> Any:
    """A customer known to the till and in the shop: account, address, phone, device."""
    collector.take({"userId": "victim", "traits.email": "victim@x.invalid", "traits.phone": PHONE, "source": "till"})
    collector.take({"userId": "victim", "anonymousId": "victims-device"})
    collector.take({"userId": "attacker", "anonymousId": "attackers-device"})
    return collector


def untouched(collector: Any, device: bool = True) -> None:
    """The victim's person holds what is the victim's and nothing of the attacker's."""
    mine = {("user_id", "victim"), ("email", "victim@x.invalid"), ("phone", PHONE)} | (
        {("anonymous_id", "victims-device")} if device else set()
    )
    found = {collector.graph.identifier(node)[:2] for node in collector.graph.members(collector.person("victim"))}
    assert found - {("anonymous_id", "attacker")} == mine, "any anonymous id may be said to be one's own, also one spelled like an account"
    assert not collector.together("victim", "attacker")


def test_an_identify_with_the_victims_address(victim: Any) -> None:
    extracted = victim.take(
        {"type": "identify", "userId": "attacker", "traits.email": "victim@x.invalid", "traits.phone": PHONE},
        {"type": "identify", "userId": "attacker", "context.traits.email": "victim@x.invalid"},
        {"type": "identify", "anonymousId": "attackers-device", "traits.email": "victim@x.invalid"},
    )
    assert extracted.event_node.tolist() == [victim.node("attacker")] * 2 + [victim.node("attackers-device")]
    untouched(victim)


def test_an_address_alone_gives_no_node(victim: Any) -> None:
    extracted = victim.take({"anonymousId": "null", "traits.email": "victim@x.invalid"}, {"traits.email": "new@x.invalid"})
    assert extracted.event_node.tolist() == [-1, -1] and extracted.evidence == []
    assert victim.graph.find("new@x.invalid") is None, "a public key cannot even make the address known"


def test_the_victims_anonymous_id_with_the_attackers_account(victim: Any) -> None:
    victim.take({"type": "identify", "userId": "attacker", "anonymousId": "victims-device"})
    untouched(victim, device=False)
    assert victim.who("victims-device") == [{"victims-device"}], "a device of two accounts is nobody's"


def test_a_device_that_the_till_gave_an_address_to(victim: Any) -> None:
    victim.take({"anonymousId": "kiosk", "traits.email": "victim@x.invalid", "source": "till"})
    assert victim.together("kiosk", "victim")
    victim.take({"userId": "attacker", "anonymousId": "kiosk"})
    assert not victim.together("victim", "attacker")
    (held,) = victim.change.quarantined
    assert held.reason == "client_cannot_join_known" and held.values == ["attacker", "victim"]


@pytest.mark.parametrize(
    ("previous", "user"), [("victim", "attacker"), ("attacker", "victim"), ("victims-device", "attacker"), ("victim@x.invalid", "attacker")]
)
def test_an_alias(victim: Any, previous: str, user: str) -> None:
    victim.take({"type": "alias", "previousId": previous, "userId": user})
    untouched(victim, device=previous != "victims-device")


def test_flooding_the_account_with_devices_and_aliases(collector_of: Callable[[IdentityRules], Any], rules: IdentityRules) -> None:
    """Even where devices are limited, only the devices that clients stated come off; what the till said stays."""
    types = [msgspec.structs.replace(kind, limit=5) if kind.name == "anonymous_id" else kind for kind in rules.types]
    collector = collector_of(IdentityRules(types=types))
    collector.take({"userId": "victim", "traits.email": "victim@x.invalid", "anonymousId": "tills-device", "source": "till"})
    collector.take(*[{"userId": "victim", "anonymousId": f"d{i}"} for i in range(50)])
    collector.take(*[{"type": "alias", "userId": "victim", "previousId": f"p{i}"} for i in range(50)])
    collector.take(*[{"userId": f"p{i}"} for i in range(50)])
    assert collector.who("victim") == [{"victim", "victim@x.invalid", "tills-device"}]


def test_both_accounts_on_one_device_in_either_order(collector_of: Callable[[IdentityRules], Any], rules: IdentityRules) -> None:
    for users in (["victim", "attacker"], ["attacker", "victim"]):
        collector = collector_of(rules)
        for user in users:
            collector.take({"userId": user, "anonymousId": "d"})
        assert collector.who(*users) == [{users[0]}, {users[1]}]
