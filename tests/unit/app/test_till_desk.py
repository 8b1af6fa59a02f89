"""The till's desk over an engine in memory: the café's till screen, guesses, and what a kiosk is told of whom."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.unit.engine.conftest import KEY, START_MS, Shop

from gyeol.app.coupon_api import CouponAnswer, CouponRequest, OfflineEntry, ReconcileRequest
from gyeol.app.guesses import MOST_KEPT, WINDOW_MS, Guesses
from gyeol.app.instore import InstoreAnswer, InstoreRequest
from gyeol.app.till_desk import TillDesk
from gyeol.app.verifying import state_digest
from gyeol.content.coupons.rules import over
from gyeol.engine.jobs import Job
from gyeol.events.model import SourceDefinition
from gyeol.kernel.errors import InputError, LimitError, NotFoundError
from gyeol.workspace.load import load

CAFE = Path(__file__).parents[3] / "src/gyeol/workspace/examples/cafe"
TILL = SourceDefinition(name="pos", trust="server", write_key="t")


class Counter:
    """A till of the café."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.desk = TillDesk(KEY, lambda: shop.state.pools, lambda: shop.state.placements.names, shop.clock, self._run)

    async def _run(self, job: Job) -> object:
        answer: object = self.shop.run(job)
        return answer

    def coupon(self, **body: Any) -> CouponAnswer:
        return asyncio.run(self.desk.coupon(CouponRequest(**body), TILL))

    def instore(self, **body: Any) -> InstoreAnswer:
        return asyncio.run(self.desk.instore(InstoreRequest(**body), TILL))


@pytest.fixture(scope="module")
def counter() -> Counter:
    definitions = load(CAFE).definitions
    shop = Shop(definitions)
    server = next(i for i, source in enumerate(definitions.sources) if source.trust == "server")
    shop.clock.advance(1_800_000_000_000 - START_MS)
    traits = {"phone": "010-1234-5678", "name": "김결"}
    shop.collect({"type": "identify", "userId": "m1", "messageId": "i1", "traits": traits}, source=server)
    return Counter(shop)


def test_the_cafes_till_screen_greets_recommends_and_shows_coupons(counter: Counter) -> None:
    given = counter.coupon(kind="issue", pool="come_back", person="user_id:m1", key="k")
    assert given.coupon is not None and given.coupon.qr is not None and given.coupon.code is not None
    before = counter.shop.state.totals.decisions
    told = counter.instore(phone="01012345678", store="gangnam", till="1")
    assert told.known and told.person is not None and told.greeting.language == "ko"
    (said,) = told.recommendations
    assert said.placement == "till_screen" and said.offer is not None and said.content
    assert [coupon.code for coupon in told.coupons] == [given.coupon.code] and told.coupons[0].amount == 1_900
    assert counter.shop.state.totals.decisions == before + 1, "the decision is recorded as ever"
    for same in ({"membership": "m1"}, {"qr": given.coupon.qr}, {"code": given.coupon.code.lower()}, {"person": told.person}):
        assert counter.instore(**same).person == told.person


def test_a_coupon_that_is_over_says_when_and_where_and_not_who(counter: Counter) -> None:
    given = counter.coupon(kind="issue", pool="come_back", person="user_id:m7", key="over").coupon
    assert given is not None and given.code is not None and given.qr is not None
    named = counter.instore(code=given.code)
    assert named.known and named.brought is None, "as long as it can be used it says whose it is"
    used = counter.coupon(kind="redeem", code=given.code, store="gangnam", till="1", order="A-7")
    assert used.success
    for brought in ({"code": given.code}, {"qr": given.qr}):
        told = counter.instore(**brought, store="mapo", lang="en")
        assert not told.known and told.person is None and told.greeting.name is None and told.cart == {}
        assert all(coupon.ref != given.ref and coupon.person is None for coupon in told.coupons)
        assert told.brought is not None and told.brought.status == "already_redeemed" and not told.brought.success
        assert told.brought.params["store"] == "gangnam" and "gangnam" in told.brought.text and told.brought.coupon is None
        assert str(named.person) not in str(told) and "m7" not in str(told.brought)
    assert counter.instore(code=given.code).brought != counter.instore(code="5555555555").brought
    assert "사용한 쿠폰" in str(counter.instore(code=given.code, lang="ko").brought)


def test_a_coupon_that_expired_or_was_taken_back_names_nobody_either(counter: Counter) -> None:
    given = counter.coupon(kind="issue", pool="come_back", person="user_id:m8").coupon
    assert given is not None and given.expires_at is not None and given.code is not None
    coupon = counter.shop.state.coupons.get(given.ref)
    assert coupon is not None and over(coupon, given.expires_at - 1) is None
    late = over(coupon, given.expires_at)
    assert late is not None and late.code == "expired"
    taken = counter.coupon(kind="revoke", code=given.code)
    assert taken.success
    told = counter.instore(code=given.code)
    assert not told.known and told.brought is not None and told.brought.status == "revoked_before"


def test_nobody_known_is_told_so_and_what_was_typed_is_not_kept(counter: Counter) -> None:
    size = counter.shop.state.graph.size
    told = counter.instore(phone="010-0000-1111", lang="en")
    assert not told.known and told.person is None and told.cart == {} and told.coupons == []
    assert told.greeting.text == "Hello and welcome." and told.recommendations[0].offer is not None
    assert counter.shop.state.graph.size == size + 1 and counter.shop.state.graph.find("phone:01000001111") is None
    recovered = counter.shop.recovered().state
    assert state_digest(recovered) == state_digest(counter.shop.state)


def test_one_name_and_known_placements_are_asked_for(counter: Counter) -> None:
    for bad in ({}, {"phone": "1", "code": "2"}):
        with pytest.raises(InputError):
            counter.instore(**bad)
    with pytest.raises(NotFoundError):
        counter.instore(membership="m1", placement="nowhere")


def test_ten_wrong_codes_a_minute_and_no_more_but_signed_ones_go_on(counter: Counter) -> None:
    given = counter.coupon(kind="issue", pool="come_back", person="user_id:m9")
    assert given.coupon is not None
    for i in range(10):
        assert counter.coupon(kind="redeem", code=f"22222222{i:02}", store="alley").status in ("unknown_code", "bad_code")
    with pytest.raises(LimitError) as refused:
        counter.coupon(kind="redeem", code=given.coupon.code, store="alley")
    assert refused.value.code == "too_many_guesses" and refused.value.facts["wait_s"] == 60
    assert counter.coupon(kind="redeem", code=given.coupon.qr, store="alley").success, "its signature is no guess"
    counter.shop.clock.advance(WINDOW_MS)
    assert counter.coupon(kind="redeem", code="2222222222", store="alley").status in ("unknown_code", "bad_code")


def test_every_field_out_of_bounds_is_told_at_once(counter: Counter) -> None:
    with pytest.raises(InputError) as refused:
        counter.coupon(kind="hold", code="", basket=-1, minutes=0, lang="fr", store="s" * 201)
    assert {problem.path for problem in refused.value.problems} == {"code", "basket", "minutes", "lang", "store"}
    many = ReconcileRequest(till="t", entries=[OfflineEntry(sequence=i, at=1, code="x") for i in range(1, 1_002)])
    with pytest.raises(InputError):
        asyncio.run(counter.desk.reconcile(many, TILL))
    nameless = ReconcileRequest(till="", entries=[OfflineEntry(sequence=0, at=0, code="x")])
    with pytest.raises(InputError):
        asyncio.run(counter.desk.reconcile(nameless, TILL))


def test_guesses_are_forgotten_by_time_and_by_number() -> None:
    guesses = Guesses(most=2)
    guesses.note("s", "a", 0)
    assert guesses.wait_ms("s", "a", 1) == 0
    guesses.note("s", "a", 10)
    assert guesses.wait_ms("s", "a", 20) == WINDOW_MS - 20 and guesses.wait_ms("s", "b", 20) == 0
    assert guesses.wait_ms("s", "a", WINDOW_MS) == 0
    for i in range(MOST_KEPT):
        guesses.note("s", f"store {i}", 20)
    assert guesses.wait_ms("s", "a", 20) == 0, "the table is bounded"


def test_codes_are_not_guessed_by_way_of_the_counter_or_of_a_journal(counter: Counter) -> None:
    for i in range(10):
        assert not counter.instore(**{"code" if i % 2 else "qr": f"33333333{i:02}"}, store="corner").known
    for asked in ({"code": "3333333333"}, {"qr": "3333333333"}):
        with pytest.raises(LimitError):
            counter.instore(**asked, store="corner")
    assert counter.instore(phone="01012345678", store="corner").known
    tried = ReconcileRequest(till="t", store="lane", entries=[OfflineEntry(sequence=i, at=1, code=f"44444444{i:02}") for i in range(1, 11)])
    assert asyncio.run(counter.desk.reconcile(tried, TILL)).doubtful == 10
    with pytest.raises(LimitError):
        asyncio.run(counter.desk.reconcile(tried, TILL))


def test_nobody_can_tell_by_the_clock_what_a_visitor_at_the_till_is_called(counter: Counter) -> None:
    before = counter.shop.state.graph.size
    counter.instore(phone="010-0000-2222")
    type_, name, _ = counter.shop.state.graph.identifier(before)
    assert type_ == "anonymous_id" and str(counter.shop.clock.now_ms()) not in name and len(name) > 40


def test_letters_of_no_qr_are_refused_and_break_nothing(counter: Counter) -> None:
    assert counter.coupon(kind="redeem", code="GYC1:가나다", store="square").status == "bad_signature"
    assert not counter.instore(qr="GYC1:가나다", store="square").known
