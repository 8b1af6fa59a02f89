"""Coupons in the engine: one ledger, its records, its events, and what a new process finds of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.unit.engine.conftest import DEFINITIONS, KEY, START_MS, Shop, consent, identify, order

from gyeol.app.coupon_counter import Counter
from gyeol.app.verifying import state_digest
from gyeol.content.coupons.codes import ref_of, well_formed
from gyeol.content.coupons.model import CouponPool
from gyeol.content.coupons.signed import verify
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.engine.acts import gate_again
from gyeol.engine.coupons import CouponAsk, CouponJob, CouponSaid
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Apply, Decide, Decided, Tell
from gyeol.engine.state import EngineState
from gyeol.events.frames import decode_frame
from gyeol.events.sections import Command, Commands, EventRows
from gyeol.kernel.instants import instant_text
from gyeol.profiles.model import TraitDefinition

DAY_MS = 86_400_000

POOLS = [
    CouponPool(name="welcome", amount=1_000, days=7, per_person=2, label={"ko": "환영 쿠폰", "en": "Welcome"}),
    CouponPool(name="partner", percent=10, most=2_000, codes="imported", min_basket=5_000, combinable=True),
    CouponPool(name="printed", amount=500, bearer=True, size=3),
]
WITH_COUPONS: Definitions = msgspec.structs.replace(
    DEFINITIONS,
    coupons=POOLS,
    traits=[*DEFINITIONS.traits, TraitDefinition(name="redeemed", kind="count", event="Coupon Redeemed"),
            TraitDefinition(name="reversed", kind="count", event="Coupon Reversed")],
    placements=[*DEFINITIONS.placements, PlacementDefinition(name="till_screen", channel="till")],
    offers=[
        *DEFINITIONS.offers,
        OfferDefinition(
            name="come_in", placements=["till_screen"], coupon="welcome", score="5",
            content={"ko": {"title": "쿠폰 {{ coupon.code }}, {{ coupon.expires }}까지"}, "en": {"title": "Code {{ coupon.code }}"}},
        ),
    ],
)  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    shop = Shop(WITH_COUPONS)
    shop.collect(identify("u1"), order("u1"), order("u2"))
    return shop


def ask(shop: Shop, *asks: CouponAsk, source: str = "server") -> list[CouponSaid]:
    answer: list[CouponSaid] = shop.run(CouponJob(asks, source, "till"))
    return answer


def issue(shop: Shop, person: str = "user_id:u1", pool: str = "welcome", **more: Any) -> CouponSaid:
    return ask(shop, CouponAsk(kind="issue", pool=pool, person=person, **more))[0]


def redeem(shop: Shop, ref: str, **more: Any) -> CouponSaid:
    return ask(shop, CouponAsk(kind="redeem", refs=[ref], **more))[0]


def ref(said: CouponSaid) -> str:
    assert said.coupon is not None, said.verdict
    return said.coupon.ref


def same_after_replay(shop: Shop) -> EngineState:
    state = shop.recovered().state
    assert state_digest(state) == state_digest(shop.state)
    return state


def test_a_code_is_issued_once_for_a_request_and_redeemed_once_for_all(shop: Shop) -> None:
    first = issue(shop, key="r1")
    assert first.good and first.coupon is not None and well_formed(first.coupon.code) and len(first.coupon.code) == 10
    again = issue(shop, key="r1")
    assert ref(again) == ref(first) and again.verdict.code == "issued"
    assert issue(shop, "user_id:u2", key="r1").verdict.code == "key_reused"
    used = redeem(shop, ref(first), key="k1", store="gangnam", till="1", order="A1", basket=9_000)
    assert used.verdict.code == "redeemed" and used.coupon is not None and used.coupon.redeemed is not None
    assert used.coupon.redeemed.discount == 1_000
    shop.clock.advance(60_000)
    repeated = redeem(shop, ref(first), key="k1", store="gangnam", till="1", order="A1", basket=9_000)
    assert (repeated.good, repeated.verdict, repeated.coupon) == (used.good, used.verdict, used.coupon)
    other = redeem(shop, ref(first), key="k2", store="mapo")
    assert other.verdict.code == "already_redeemed"
    assert other.verdict.params == {"at_ms": START_MS, "store": "gangnam", "till": "1", "order": "A1"}
    same_after_replay(shop)


def test_a_redemption_and_its_event_stand_in_one_frame_and_the_event_is_of_the_same_node(shop: Shop) -> None:
    given = issue(shop)
    offset = shop.state.offset
    redeem(shop, ref(given), order="A1", store="gangnam", basket=9_000)
    (data,) = list(shop.log.read(offset))
    frame = decode_frame(data)
    commands, rows = frame.sections
    assert isinstance(commands, Commands) and [c.kind for c in commands.items] == ["coupon_redeem"]
    assert isinstance(rows, EventRows)
    event = msgspec.json.decode(rows.raw[0])
    assert event["event"] == "Coupon Redeemed" and event["userId"] == "u1" and event["messageId"] == f"coupon:{ref(given)}"
    assert event["properties"]["discount_minor"] == 1_000 and event["properties"]["pool"] == "welcome"
    assert given.coupon is not None and given.coupon.code not in rows.raw[0].decode(), "the lake keeps properties: no code may be in them"
    assert shop.trait("user_id:u1", "redeemed") == 1
    again = {"type": "track", "event": "Coupon Redeemed", "messageId": event["messageId"], "userId": "u1"}
    assert shop.collect(again)[0].status != "accepted", "its id is taken"
    same_after_replay(shop)


def reverse(shop: Shop, ref: str, source: str = "server", **more: Any) -> CouponSaid:
    return ask(shop, CouponAsk(kind="reverse", refs=[ref], **more), source=source)[0]


def test_a_returned_order_gives_its_coupon_back_and_late_requests_change_nothing(shop: Shop) -> None:
    code = ref(issue(shop))
    bought: dict[str, Any] = {"key": "k1", "store": "gangnam", "till": "1", "order": "A1", "basket": 9_000}
    returned: dict[str, Any] = {"key": "b1", "store": "gangnam", "till": "2", "order": "A1"}
    assert reverse(shop, code, **returned).verdict.code == "not_redeemed"
    assert redeem(shop, code, **bought).good
    assert reverse(shop, code, store="mapo", order="A1").verdict.code == "not_redeemed_here"
    refused = reverse(shop, code, store="gangnam")
    assert refused.verdict.code == "not_redeemed_here" and refused.verdict.params["order"] == "A1", "which order it was must be known"
    shop.clock.advance(60_000)
    undone = reverse(shop, code, **returned)
    assert undone.verdict.code == "reversed" and undone.coupon is not None and undone.coupon.standing(shop.state.now_ms) == "issued"
    assert (shop.state.coupons.counts("welcome").redeemed, shop.state.coupons.in_order("gangnam", "A1")) == (0, [])
    shop.clock.advance(60_000)
    assert reverse(shop, code, **returned) == msgspec.structs.replace(undone, now_ms=shop.state.now_ms), "asked again: the same answer"
    late = redeem(shop, code, **bought)
    assert (late.verdict.code, late.verdict.params) == ("reversed_before", {"reversed_ms": START_MS + 60_000})
    assert redeem(shop, code, key="k2", store="mapo", order="B1").good, "it can be used again"
    assert reverse(shop, code, **returned).verdict.code == "reversed" and shop.state.coupons.counts("welcome").redeemed == 1
    assert (shop.trait("user_id:u1", "redeemed"), shop.trait("user_id:u1", "reversed")) == (2, 1)
    assert reverse(shop, code, source="").good, "who works here need not name the order"
    state = same_after_replay(shop)
    assert type(state.coupons).load(state.coupons.dump()).asked("server", "redeem", "k1") == state.coupons.get(code)


def test_a_printed_code_that_is_given_back_is_its_bearers_and_goes_to_nobody_else(shop: Shop) -> None:
    added = ask(shop, CouponAsk(kind="add", pool="printed", count=1))[0].record
    (code,) = added.refs  # type: ignore[union-attr]  # it is an Added
    assert redeem(shop, code, order="A1", person="user_id:u2").good
    assert reverse(shop, code, order="A1").good
    taken = issue(shop, "user_id:u1", pool="printed")
    assert taken.good and ref(taken) != code
    assert redeem(shop, code, order="A2").good
    u2 = shop.state.graph.find("user_id:u2")
    state = same_after_replay(shop)
    assert u2 is not None and [each.ref for each in type(state.coupons).load(state.coupons.dump()).of_nodes([u2])] == [code]


def test_what_a_till_accepted_offline_keeps_its_answer_when_it_is_given_back(shop: Shop) -> None:
    code = ref(issue(shop))
    offline = CouponAsk(kind="accept", refs=[code], till="7", store="mapo", order="A1", sequence=1, accepted_ms=START_MS)
    assert ask(shop, offline)[0].verdict.code == "redeemed"
    assert reverse(shop, code, store="mapo", order="A1").good
    assert ask(shop, offline)[0].verdict.code == "redeemed", "the journal sent again is answered as before"
    assert shop.state.coupons.counts("welcome").redeemed == 0
    again = msgspec.structs.replace(offline, sequence=2)
    assert ask(shop, again)[0].verdict.code == "redeemed" and shop.trait("user_id:u1", "redeemed") == 2
    same_after_replay(shop)


def test_limits_count_over_all_nodes_of_a_person_and_go_back_with_a_cut(shop: Shop) -> None:
    assert issue(shop).good and issue(shop, "user_id:u2").good and issue(shop, "user_id:u2").good
    assert issue(shop, "user_id:u2").verdict.code == "coupon_limit"
    merge: dict[str, object] = {"a": "user_id:u1", "b": "user_id:u2"}
    shop.run(Tell([Command("merge", "me", START_MS, "", merge)]))
    refused = issue(shop, "user_id:u1")
    assert refused.verdict.code == "coupon_limit" and refused.verdict.params["issued"] == 3
    assert len(list(shop.state.coupons.of_nodes(shop.state.graph.members(shop.state.graph.find("user_id:u1") or 0)))) == 3
    shop.run(Tell([Command("cut", "me", START_MS, "", merge)]))
    assert issue(shop, "user_id:u1").good
    assert issue(shop, "user_id:u2").verdict.code == "coupon_limit"
    same_after_replay(shop)


def test_somebody_who_was_never_seen_gets_a_number_with_the_record_and_nobody_gets_one_for_a_refusal(shop: Shop) -> None:
    size = shop.state.graph.size
    assert issue(shop, "email:new@example.com", pool="partner").verdict.code == "coupon_unavailable"
    assert issue(shop, "nobody").verdict.code == "unknown_person"
    assert shop.state.graph.size == size
    assert issue(shop, "email:New@Example.com").good and shop.state.graph.size == size + 1
    shop.collect(identify("u9"))
    state = same_after_replay(shop)
    assert state.graph.find("email:new@example.com") is not None


def test_a_hold_keeps_others_out_until_it_lapses(shop: Shop) -> None:
    code = ref(issue(shop))
    hold = CouponAsk(kind="hold", refs=[code], store="gangnam", till="1", minutes=5)
    assert ask(shop, hold)[0].verdict.params == {"until_ms": START_MS + 300_000}
    assert redeem(shop, code, store="mapo", till="2").verdict.code == "held_elsewhere"
    assert ask(shop, CouponAsk(kind="release", refs=[code], store="mapo", till="2"))[0].verdict.code == "not_held"
    assert ask(shop, CouponAsk(kind="release", refs=[code], store="gangnam", till="1"))[0].good
    assert ask(shop, hold)[0].good
    shop.clock.advance(300_000)
    assert redeem(shop, code, store="mapo", till="2").good
    assert ask(shop, hold)[0].verdict.code == "already_redeemed"
    same_after_replay(shop)


def test_codes_of_a_file_go_out_in_their_order_and_printed_ones_belong_to_who_brings_them(shop: Shop) -> None:
    codes = ["PART-NER-1", "partner 2", "PARTNER1"]
    refs = [ref_of(KEY, code) for code in codes]
    added = ask(shop, CouponAsk(kind="add", pool="partner", codes=codes))[0]
    assert added.verdict.params["count"] == 2, "two of them are the same code"
    assert ref(issue(shop, pool="partner")) == refs[0] and ref(issue(shop, "user_id:u2", pool="partner")) == refs[1]
    assert issue(shop, "user_id:u3", pool="partner").verdict.code == "coupon_unavailable"
    assert redeem(shop, refs[0], basket=4_999).verdict.code == "basket_too_small"
    used = redeem(shop, refs[0], basket=30_000, order="A1")
    assert used.coupon is not None and used.coupon.redeemed is not None and used.coupon.redeemed.discount == 2_000
    assert ask(shop, CouponAsk(kind="add", pool="printed", count=4))[0].verdict.code == "coupon_unavailable"
    printed = ask(shop, CouponAsk(kind="add", pool="printed", count=2))[0].record
    brought = printed.refs  # type: ignore[union-attr]  # it is an Added
    assert redeem(shop, brought[0], order="A1").verdict.code == "not_combinable"
    assert redeem(shop, brought[0], order="A2", person="user_id:u2").good
    assert shop.trait("user_id:u2", "redeemed") == 1
    assert redeem(shop, brought[1]).good, "who brings it need not be known"
    same_after_replay(shop)


def test_a_code_ends_with_the_day_and_a_revoked_one_at_once(shop: Shop) -> None:
    first, second = ref(issue(shop)), ref(issue(shop))
    coupon = shop.state.coupons.get(first)
    assert coupon is not None and coupon.expires_ms == START_MS + 7 * DAY_MS + 12 * 3_600_000, "the midnight after the seventh day"
    assert ask(shop, CouponAsk(kind="revoke", refs=[second]), source="")[0].good
    assert redeem(shop, second).verdict.code == "revoked_before"
    assert issue(shop).good, "what was revoked does not count"
    shop.clock.advance(coupon.expires_ms - START_MS - 1)
    assert redeem(shop, first).good
    third = shop.state.coupons.live(shop.state.graph.members(shop.state.graph.find("user_id:u1") or 0), "welcome", shop.clock.now_ms())
    assert third is not None
    shop.clock.advance(1)
    assert redeem(shop, third.ref).verdict.code == "expired"
    same_after_replay(shop)


def decide(shop: Shop, person: str = "u1", alone: bool = False, key: str = "k") -> Decided:
    answer: list[Decided] = shop.run(Decide(lambda state: ("user_id", person), ["till_screen"], {}, key, alone=alone))
    return answer[0]


def test_an_offer_issues_its_code_with_the_decision_and_shows_it_again(shop: Shop) -> None:
    told = decide(shop)
    assert told.coupon is not None and told.issued is not None
    assert told.content["title"] == f"쿠폰 {told.coupon.code}, 2026-01-08까지"
    again = decide(shop, key="k2")
    assert again.coupon == told.coupon and again.issued is None and again.content == told.content
    held = shop.state.coupons.get(told.coupon.ref)
    assert held is not None and held.decision == told.decision.id and held.offer == "come_in"
    redeem(shop, held.ref)
    other = decide(shop, key="k3")
    assert other.coupon is not None and other.coupon.code != told.coupon.code, "two for one person"
    redeem(shop, other.coupon.ref)
    spent = decide(shop, key="k4")
    assert spent.decision.chosen is None and spent.decision.refusals[0].reason.code == "coupon_limit"
    same_after_replay(shop)


def test_a_browser_is_not_shown_the_code_of_the_person_that_it_may_belong_to(shop: Shop) -> None:
    given = issue(shop)
    shop.collect({"type": "identify", "userId": "u1", "anonymousId": "a1", "messageId": "x"})
    answer = shop.run(Decide(lambda state: ("anonymous_id", "a1"), ["till_screen"], {}, "k", alone=True))[0]
    assert given.coupon is not None and answer.coupon is not None and answer.coupon.code != given.coupon.code
    assert issue(shop).verdict.code == "coupon_limit", "but it counts for them"


def test_a_snapshot_and_other_definitions_keep_the_ledger(shop: Shop) -> None:
    for key in "abc":
        issue(shop, f"user_id:{key}", key=key)
    redeem(shop, ref(issue(shop)), key="k", order="o", store="s")
    ask(shop, CouponAsk(kind="add", pool="partner", codes=["x1", "x2"]), CouponAsk(kind="add", pool="printed", count=1))
    ask(shop, CouponAsk(kind="accept", refs=["cp_nobody"], till="t", sequence=1, accepted_ms=START_MS))
    loaded = EngineState(WITH_COUPONS, KEY)
    loaded.load(dict(shop.state.parts()))
    assert loaded.coupons.dump() == shop.state.coupons.dump()
    assert loaded.coupons.counts("welcome") == shop.state.coupons.counts("welcome")
    assert loaded.coupons.asked("server", "redeem", "k") == shop.state.coupons.asked("server", "redeem", "k")
    assert [c.ref for c in loaded.coupons.in_order("s", "o")] == [c.ref for c in shop.state.coupons.in_order("s", "o")]
    assert loaded.coupons.next_free("partner") == shop.state.coupons.next_free("partner")
    more = msgspec.structs.replace(WITH_COUPONS, coupons=[msgspec.structs.replace(POOLS[0], per_person=9), *POOLS[1:]])
    before = shop.state.coupons.dump()
    shop.run(Apply(more, "me", ""))
    assert shop.state.coupons.dump() == before and shop.state.pools["welcome"].definition.per_person == 9


def test_a_journey_issues_the_code_of_its_message(shop: Shop) -> None:
    offers = [msgspec.structs.replace(o, coupon="welcome", content={"ko": {"title": "{{ coupon.code }}"}}) if o.name == "thanks" else o
              for o in WITH_COUPONS.offers]  # fmt: skip
    other = Shop(msgspec.structs.replace(WITH_COUPONS, offers=offers))
    other.collect(identify("u1"), consent("u1"))
    other.collect(order("u1"), order("u1"))
    (entry,) = other.store.outbox.list().entries
    (coupon,) = other.state.coupons.coupons.values()
    assert coupon.offer == "thanks" and coupon.state == "issued" and coupon.decision == entry.message.decision
    assert str(entry.message.content["title"]).endswith(coupon.code)
    ready, held = gate_again(other.state, [entry.message])
    assert ready and not held, "its own code does not stand against it when it leaves"
    same_after_replay(other)


def test_what_people_do_is_audited_without_codes_and_what_tills_do_is_not(shop: Shop) -> None:
    before = len(shop.store.audit.list())
    given = shop.run(CouponJob([CouponAsk(kind="issue", pool="welcome", person="user_id:u1")], "", "cli", "he asked"))[0]
    shop.run(CouponJob([CouponAsk(kind="redeem", refs=[ref(given)])], "server", "source:server"))
    shop.run(CouponJob([CouponAsk(kind="add", pool="partner", codes=["x1", "x2"])], "", "cli"))
    found = shop.store.audit.list()
    assert len(found) == before + 2
    assert [entry.kind for entry in found[:2]] == ["coupon_add", "coupon_issue"]
    assert found[0].body == {"pool": "partner", "codes": 2} and found[1].body == {"pool": "welcome", "ref": ref(given)}


def test_one_key_at_two_tills_uses_a_code_once(shop: Shop) -> None:
    given = ref(issue(shop))
    assert redeem(shop, given, key="17", store="gangnam", till="1", order="17").good
    for elsewhere in ({"store": "mapo", "till": "1"}, {"store": "gangnam", "till": "2"}):
        other = redeem(shop, given, key="17", order="17", **elsewhere)
        assert not other.good and other.verdict.code == "already_redeemed" and other.verdict.params["store"] == "gangnam"
    assert redeem(shop, given, key="17", store="gangnam", till="1", order="17").good, "the same request is answered as before"


def test_a_printed_code_that_a_till_took_after_its_pool_had_ended_is_doubted() -> None:
    ends_ms = START_MS + 3_600_000
    pool = CouponPool(name="leaflet", amount=500, bearer=True, valid_until=instant_text(ends_ms))
    shop = Shop(msgspec.structs.replace(WITH_COUPONS, coupons=[pool]))
    added = ask(shop, CouponAsk(kind="add", pool="leaflet", count=2))[0].record
    refs = added.refs  # type: ignore[union-attr]  # it is an Added
    shop.clock.advance(7_200_000)
    late, early = (
        ask(shop, CouponAsk(kind="accept", refs=[one], till="t", sequence=n, accepted_ms=at_ms))[0]
        for n, one, at_ms in ((1, refs[0], ends_ms), (2, refs[1], ends_ms - 1))
    )
    assert not late.good and late.verdict.code == "expired_then" and late.verdict.params == {"expires_ms": ends_ms}
    assert early.good
    counter = Counter(KEY, lambda: shop.state.pools)
    free = shop.state.coupons.get(refs[0])
    assert free is not None
    qr = counter.shown(free, START_MS).qr
    assert qr is not None
    told = verify(qr, counter.signer.public_key)
    assert told is not None and told.expires_s == ends_ms // 1000, "so the till says no by itself"
