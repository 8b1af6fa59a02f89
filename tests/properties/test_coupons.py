"""The ledger of coupons against an oracle as naive as it can be: a list of facts per code, searched anew for every question."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gyeol.content.coupons import rules
from gyeol.content.coupons.codes import ref_of
from gyeol.content.coupons.ledger import CouponLedger
from gyeol.content.coupons.model import CouponPool, Pool, compile_pools
from gyeol.content.coupons.reconcile import Acceptance, settle
from gyeol.content.coupons.records import KIND_OF, Added, Doubted, Issued, Record, Redeemed, Reversed, body_of, record_of
from gyeol.content.coupons.rules import TillRequest
from gyeol.kernel.instants import Zone
from gyeol.kernel.reason import Reason

KEY = b"k" * 32
MINUTE_MS, START_MS = 60_000, 1_767_225_600_000
POOLS = compile_pools(
    [
        CouponPool(name="auto", amount=100, days=0, per_person=2, size=6, hold_minutes=5),
        CouponPool(name="file", percent=10, codes="imported", per_person=3, combinable=True, min_basket=50),
        CouponPool(name="paper", bearer=True),
    ],
    Zone("Asia/Seoul"),
    "KRW",
)
PEOPLE = {0: [0, 1], 1: [0, 1], 2: [2], 3: [3]}
NAMES = [f"X{i}" for i in range(5)]

step = st.tuples(
    st.sampled_from(["add", "issue", "hold", "release", "redeem", "redeem", "reverse", "reverse", "revoke", "accept"]),
    st.sampled_from(sorted(POOLS)),
    st.integers(0, 7),  # which code, which number
    st.integers(0, 3),  # which person, which till
    st.integers(0, 3),  # which key, which order
    st.sampled_from([0, 0, 0, 1, 3, 500]),  # minutes that pass
)

OPENING = [
    ("add", "file", 4, 0, 0, 0), ("add", "paper", 0, 0, 2, 0), ("issue", "auto", 0, 0, 0, 0), ("issue", "file", 0, 2, 0, 0),
    ("issue", "auto", 0, 2, 0, 0),
]  # fmt: skip
"""So that most steps find something to be done with."""


class Oracle:
    """Facts by code."""

    def __init__(self) -> None:
        self.facts: list[dict[str, Any]] = []

    def of(self, ref: str) -> dict[str, Any] | None:
        return next((each for each in self.facts if each["ref"] == ref), None)

    def may_issue(self, pool: Pool, nodes: list[int]) -> str | None:
        theirs = [f for f in self.facts if f["pool"] == pool.name and f["node"] in nodes and f["issued"] and not f["revoked"]]
        if len(theirs) >= pool.definition.per_person:
            return "coupon_limit"
        free = [
            f for f in self.facts if f["pool"] == pool.name and not f["issued"] and not f["revoked"] and not f["used"] and not f["given"]
        ]
        all_ = [f for f in self.facts if f["pool"] == pool.name]
        full = pool.definition.size is not None and len(all_) >= pool.definition.size
        return None if free or (pool.definition.codes == "generated" and not full) else "coupon_unavailable"

    def may_use(self, ref: str, holder: str, basket: int, order: str, now_ms: int) -> str | None:
        fact = self.of(ref)
        if fact is None:
            return "unknown_code"
        if fact["used"]:
            return "already_redeemed"
        if fact["revoked"]:
            return "revoked_before"
        if fact["ends"] and now_ms >= fact["ends"]:
            return "expired"
        if now_ms < fact["held_until"] and fact["holder"] != holder:
            return "held_elsewhere"
        rule = POOLS[fact["pool"]].definition
        if not fact["issued"] and not fact["given"] and not rule.bearer:
            return "not_issued"
        if basket < rule.min_basket:
            return "basket_too_small"
        others = [f for f in self.facts if f["used"] and f["order"] == order]
        if others and not all(POOLS[f["pool"]].definition.combinable for f in [fact, *others]):
            return "not_combinable"
        return None


def known_ref(ledger: CouponLedger, number: int) -> str:
    refs = list(ledger.coupons)
    return refs[number % len(refs)] if refs and number < 7 else ref_of(KEY, "nobody's")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, min_size=25, max_size=60))
def test_the_ledger_says_what_the_oracle_says_and_its_dump_is_its_replay(steps: list[tuple[str, str, int, int, int, int]]) -> None:
    ledger, oracle, now_ms = CouponLedger(), Oracle(), START_MS
    records: list[Record] = []
    told: dict[str, tuple[str, str]] = {}
    undone: dict[str, str] = {}
    answered: dict[str, Reversed] = {}
    for kind, name, number, who, extra, minutes in [*OPENING, *steps]:
        now_ms += minutes * MINUTE_MS
        pool, nodes = POOLS[name], PEOPLE[who]
        ref, basket, order = known_ref(ledger, number), 40 + 20 * extra, f"o{extra}" if extra else ""
        asked = TillRequest(
            ref=ref, source="s", key=f"k{extra}" if extra > 1 else "", store="a", till=f"t{who}", order=order, basket=basket
        )
        where = f"{asked.till} {order}"
        found: Record | Reason
        expected: str | None
        match kind:
            case "add":
                found = rules.add(ledger, KEY, pool, NAMES[: number % 5] if name != "auto" else [], extra if name == "paper" else 0, now_ms)
                expected = None
            case "issue":
                found = rules.issue(ledger, KEY, pool, who, nodes, now_ms)
                expected = oracle.may_issue(pool, nodes)
            case "hold":
                found = rules.hold(ledger, POOLS, asked, now_ms)
                expected = oracle.may_use(ref, asked.holder, basket, order, now_ms)
            case "release":
                found = rules.release(ledger, asked, now_ms)
                fact = oracle.of(ref)
                mine = fact is not None and now_ms < fact["held_until"] and fact["holder"] == asked.holder
                ended = fact is not None and (fact["revoked"] or (fact["ends"] and now_ms >= fact["ends"]))
                expected = (
                    "unknown_code" if fact is None else "already_redeemed" if fact["used"] else None if mine and not ended else "not_held"
                )
            case "redeem":
                found = rules.redeem(ledger, POOLS, asked, now_ms)
                before = told.get(asked.key) if asked.key else None
                expected = oracle.may_use(ref, asked.holder, basket, order, now_ms)
                if before is not None:
                    expected = None if before == (ref, where) else "already_redeemed" if before[0] == ref else "key_reused"
                    expected = "reversed_before" if undone.get(asked.key) == ref else expected
            case "reverse":
                found = rules.reverse(ledger, asked, now_ms)
                fact, then = oracle.of(ref), answered.get(asked.key) if asked.key else None
                elsewhere = "not_redeemed_here" if fact is not None and (fact["order"] or "") != order else None
                expected = "unknown_code" if fact is None else elsewhere if fact["used"] else "not_redeemed"
                if then is not None:
                    assert found == (then if then.ref == ref else Reason(code="key_reused"))
                    continue
            case "revoke":
                found = rules.revoke(ledger, [ref], now_ms)
                fact = oracle.of(ref)
                expected = "unknown_code" if fact is None else "already_redeemed" if fact["used"] else None
                expected = "revoked_before" if fact is not None and fact["revoked"] else expected
            case _:
                accepted = Acceptance(sequence=number + 1, ref=ref, at_ms=now_ms, asked=asked)
                taken = f"t{who}\n{number + 1}" in ledger.acceptances
                found = settle(ledger, POOLS, {}, accepted, now_ms)
                why = oracle.may_use(ref, asked.holder, basket, order, now_ms)
                why = {"already_redeemed": "redeemed_elsewhere", "expired": "expired_then"}.get(why or "", why)
                if taken:
                    continue
                assert (found.reason.code if isinstance(found, Doubted) else None) == why
                expected = None
        if isinstance(found, Reason):
            assert found.code == expected or (kind == "add" and found.code == "coupon_unavailable")
            continue
        assert expected is None, (kind, found, expected)
        if isinstance(found, Redeemed) and kind == "redeem" and asked.key:
            if asked.key in told:
                continue
            told[asked.key] = (ref, where)
        if isinstance(found, Reversed):
            undone |= {found.of.key: ref} if found.of.key else {}
            answered |= {asked.key: found} if asked.key else {}
        ledger.apply(found)
        records.append(found)
        note(oracle, found)
    replayed = CouponLedger()
    for record in records:
        replayed.apply(record_of(KIND_OF[type(record)], body_of(record)))
    assert replayed.dump() == ledger.dump() == CouponLedger.load(ledger.dump()).dump()
    used = [ref for ref, coupon in ledger.coupons.items() if coupon.redeemed is not None]
    assert used == [fact["ref"] for fact in oracle.facts if fact["used"]]
    for name in POOLS:
        assert CouponLedger.load(ledger.dump()).counts(name) == ledger.counts(name)
        assert CouponLedger.load(ledger.dump()).free(name) == ledger.free(name)
    for who in PEOPLE:
        theirs = [sorted(each.ref for each in one.of_nodes([who])) for one in (ledger, CouponLedger.load(ledger.dump()))]
        assert theirs[0] == theirs[1]
    for key in (*told, *answered):
        for of in ("redeem", "reverse"):
            assert CouponLedger.load(ledger.dump()).asked("s", of, key) == ledger.asked("s", of, key)


def note(oracle: Oracle, record: Record) -> None:
    """What a record makes true."""
    blank = {
        "node": -1,
        "issued": False,
        "ends": 0,
        "holder": "",
        "held_until": 0,
        "used": False,
        "order": None,
        "revoked": False,
        "given": False,
    }
    if isinstance(record, Added):
        for ref in record.refs:
            if oracle.of(ref) is None:
                oracle.facts.append({"ref": ref, "pool": record.pool, **blank})
        return
    if isinstance(record, Doubted):
        return
    for ref in getattr(record, "refs", None) or [record.ref]:  # type: ignore[union-attr]  # all others have one
        fact = oracle.of(ref)
        if fact is None:
            fact = {"ref": ref, "pool": record.pool, **blank}
            oracle.facts.append(fact)
        match KIND_OF[type(record)]:
            case "coupon_issue":
                assert isinstance(record, Issued)
                fact |= {"issued": True, "node": record.node, "ends": record.expires_ms}
            case "coupon_hold":
                fact |= {"holder": record.holder, "held_until": record.until_ms}  # type: ignore[union-attr]  # it is a Held
            case "coupon_release":
                fact |= {"holder": "", "held_until": 0}
            case "coupon_redeem":
                fact |= {"used": True, "order": record.order or None}  # type: ignore[union-attr]  # it is a Redeemed
            case "coupon_reverse":
                fact |= {"used": False, "order": None, "given": True}
            case "coupon_revoke":
                fact |= {"revoked": True}
