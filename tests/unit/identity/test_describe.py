"""Finding people and saying why they are who they are."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gyeol.identity.description import mask

SERVER: dict[str, Any] = {"source": "till"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("hana@example.invalid", "h***@example.invalid"),
        ("+821012345678", "+8210****5678"),
        ("4111111111111111", "****1111"),
        ("short", "s***"),
        ("", "***"),
    ],
)
def test_mask(value: str, shown: str) -> None:
    assert mask(value) == shown


def test_personal_identifiers_are_masked_unless_revealed(collector: Any) -> None:
    collector.take(
        {"userId": "u", "traits.email": "hana@x.invalid", "traits.phone": "010-1234-5678", "anonymousId": "a", "at": 5, **SERVER}
    )
    shown = collector.graph.describe(collector.person("u"))
    assert [(i.type, i.value, i.masked, i.first_ms) for i in shown.identifiers] == [
        ("user_id", "u", False, 5),
        ("email", "h***@x.invalid", True, 5),
        ("phone", "+8210****5678", True, 5),
        ("anonymous_id", "a", False, 5),
    ]
    assert b"hana" not in msgspec.json.encode(shown) and b"1234" not in msgspec.json.encode(shown)
    revealed = collector.graph.describe(collector.person("u"), reveal=True)
    assert [i.value for i in revealed.identifiers] == ["u", "hana@x.invalid", "+821012345678", "a"]
    assert len(revealed.evidence) == 3 and revealed.complete and revealed.person_id == collector.graph.node_id(collector.node("u"))


def test_every_verdict_is_told_with_its_reason(collector: Any) -> None:
    collector.take({"userId": "u", "traits.email": "a@x.invalid", **SERVER}, {"userId": "v", "traits.email": "b@x.invalid", **SERVER})
    collector.take({"traits.email": "a@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.take({"traits.email": "b@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.take({"userId": "u", "anonymousId": "tablet"}, {"userId": "v", "anonymousId": "tablet"}, {"userId": "u", "anonymousId": "pc"})
    collector.cut("u", "pc")
    told = collector.graph.describe(collector.person("u"))
    assert [(s.verdict, s.reason, s.trust, s.source) for s in told.evidence] == [("accepted", "", "server", "till")] * 2
    by_reason = {s.reason: s for s in told.quarantined}
    assert sorted(by_reason) == ["limit", "shared_identifier"]
    held = by_reason["limit"]
    assert (held.type, held.limit, held.values) == ("user_id", 1, ["u", "v"])
    assert held.other_person == collector.graph.person_id(collector.person("v"))
    assert held.a.value == "+8210****2222" and held.b.value == "b***@x.invalid"
    (tablet,) = told.shared
    assert (tablet.value, tablet.shared[0].type, tablet.shared[0].fan_out, tablet.shared[0].limit) == ("tablet", "user_id", 2, 1)
    (cut,) = told.withdrawn
    assert (cut.b.value, cut.verdict, cut.reason) == ("pc", "cut", "cut")


def test_a_statement_that_its_source_may_not_make_is_kept_and_refused(collector: Any) -> None:
    from gyeol.identity.evidence import Evidence

    graph = collector.graph
    (user,), (email,) = graph.nodes("user_id", ["u"], [1]), graph.nodes("email", ["a@x.invalid"], [1])
    graph.observe([Evidence(a=int(user), b=int(email), trust=1, at_ms=1, source="shop")])
    assert not collector.together("u", "a@x.invalid")
    (refused,) = graph.describe(collector.person("u")).quarantined
    assert (refused.verdict, refused.reason, refused.source) == ("refused", "untrusted_source", "shop")


def test_a_long_story_is_cut_short_and_says_so(collector: Any) -> None:
    collector.take(*[{"userId": "u", "anonymousId": f"a{i}"} for i in range(30)])
    told = collector.graph.describe(collector.person("u"), at_most=10)
    assert len(told.identifiers) == len(told.evidence) == 10 and not told.complete
    assert collector.graph.describe(collector.person("u"), at_most=31).complete


def test_people_are_found_by_whatever_is_known_of_them(collector: Any) -> None:
    collector.take(
        {"userId": "U-1", "traits.email": "hana@x.invalid", "traits.phone": "010-1234-5678", "anonymousId": "user_id:odd", **SERVER}
    )
    person = collector.person("U-1")
    identity = collector.graph.person_id(person)
    texts = [
        "U-1",
        " U-1 ",
        "user_id:U-1",
        "HANA@x.invalid",
        "email: hana@X.invalid",
        "010 1234 5678",
        "phone:+821012345678",
        identity,
        identity.upper(),
    ]
    assert {text: collector.graph.find(text) for text in [*texts, "user_id:odd"]} == dict.fromkeys([*texts, "user_id:odd"], person)
    assert [collector.graph.find(text) for text in ["u-1", "email:U-1", "", "null", "0" * 32, "user_id:"]] == [None] * 6
