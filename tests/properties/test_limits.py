"""Caps and budgets against an oracle that remembers everything and counts anew each time: whoever is merged, whatever is shown or not."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gyeol.decisions.engine import Placements
from gyeol.decisions.gates.gate import DecisionRequest
from gyeol.decisions.ledger import LATE_MS, DecisionLedger
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition
from gyeol.decisions.person import LivePerson
from gyeol.decisions.terms import Limits
from gyeol.expressions.column import Column
from gyeol.kernel.instants import DAY_MS, HOUR_MS, Zone
from gyeol.privacy.consent import ConsentLedger
from gyeol.privacy.law import LawTable

SEOUL = Zone("Asia/Seoul")
START = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
HOLD_MS = 30 * 60_000
OFFERS = msgspec.convert(
    [
        {"name": "tea", "placements": ["hero", "foot"], "category": "drinks", "budget": {"cost_minor": 3, "day_minor": 10}, "score": "2"},
        {"name": "cake", "placements": ["hero", "foot"], "budget": {"cost_minor": 5, "total_minor": 35}, "score": "1"},
    ],
    list[OfferDefinition],
)
PLACES = msgspec.convert(
    [{"name": "hero", "channel": "web", "impressions": True}, {"name": "foot", "channel": "web"}], list[PlacementDefinition]
)
LIMITS = msgspec.convert(
    {
        "categories": [{"name": "drinks"}],
        "caps": [{"name": "all", "most": 4, "window": "1d"}, {"name": "drinks", "most": 2, "window": "3h", "category": "drinks"}],
    },
    Limits,
)
COST = {"tea": 3, "cake": 5}


@dataclass
class Oracle:
    """Every decision as it was, and when its impression came."""

    taken: list[Decision] = field(default_factory=list)
    shown: dict[str, int] = field(default_factory=dict)

    def counts(self, decision: Decision, now_ms: int) -> bool:
        until_ms = decision.hold_until_ms
        return not until_ms or now_ms < until_ms or decision.id in self.shown

    def allowed(self, offer: str, nodes: list[int], now_ms: int) -> str:
        """The first limit that is reached, or nothing."""
        alive = [d for d in self.taken if self.counts(d, now_ms)]
        mine = [d for d in alive if d.node in nodes]
        today = [d for d in mine if SEOUL.day(d.at_ms) == SEOUL.day(now_ms)]
        if len(today) >= 4:
            return "frequency"
        if offer == "tea" and sum(d.chosen == "tea" and d.at_ms > now_ms - 3 * HOUR_MS for d in mine) >= 2:
            return "frequency"
        same = [d for d in alive if d.chosen == offer]
        if offer == "tea" and 3 * sum(SEOUL.day(d.at_ms) == SEOUL.day(now_ms) for d in same) + 3 > 10:
            return "budget"
        return "budget" if offer == "cake" and 5 * len(same) + 5 > 35 else ""


def person(node: int, nodes: list[int], ledger: DecisionLedger) -> LivePerson:
    def columns(name: str) -> Column:
        return Column("number", np.zeros(1), np.array([False]))

    return LivePerson(
        node=node, person_id=str(min(nodes)), nodes=nodes, zone=SEOUL, columns=columns, consents=ConsentLedger(), decisions=ledger,
        addresses=lambda medium: None,
    )  # fmt: skip


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.integers(0, 3), st.sampled_from(["hero", "foot"])),
        st.tuples(st.just("decide"), st.integers(0, 3), st.sampled_from(["hero", "foot"])),
        st.tuples(st.just("wait"), st.sampled_from([1, 60_000, HOLD_MS - 1, HOLD_MS, HOUR_MS, LATE_MS, 3 * HOUR_MS, DAY_MS]), st.just("")),
        st.tuples(st.just("show"), st.integers(0, 5), st.just("")),
        st.tuples(st.just("merge"), st.integers(0, 3), st.just("")),
        st.tuples(st.just("restart"), st.just(0), st.just("")),
    ),
    max_size=60,
)


@given(STEPS)
def test_limits_are_exact(steps: list[tuple[str, int, str]]) -> None:
    placements = Placements(PLACES, OFFERS, {}, laws=LawTable([], "KR"), zone=SEOUL, limits=LIMITS)
    ledger, oracle, now_ms = DecisionLedger(SEOUL), Oracle(), START
    people = {node: [node] for node in range(4)}
    for number, (step, which, where) in enumerate(steps):
        if step == "wait":
            now_ms += which
            ledger.lapse(now_ms)
        elif step == "restart":
            ledger = DecisionLedger.load(ledger.dump(), SEOUL)
        elif step == "merge":  # and cut again, the second time
            both = sorted({0, which})
            whole = people[0] == both
            people |= {node: [node] if whole else both for node in both}
        elif step == "show":
            held = [d for d in oracle.taken if d.hold_until_ms and d.id not in oracle.shown]
            if which < len(held):
                ledger.shown(held[which].id)
                if now_ms < held[which].hold_until_ms + LATE_MS:
                    oracle.shown[held[which].id] = now_ms
        else:
            request = DecisionRequest(id=f"d{number}", placement=where, person=person(which, people[which], ledger), now_ms=now_ms)
            decision = placements.decide(request)
            told = {refusal.offer: refusal.gate for refusal in decision.refusals if refusal.gate != "rank"}
            expected = {offer: why for offer in ("tea", "cake") if (why := oracle.allowed(offer, people[which], now_ms))}
            assert told == expected
            ledger.add(decision)
            if decision.chosen is not None:
                oracle.taken.append(decision)
    for offer, cost in COST.items():
        spent = cost * sum(d.chosen == offer and oracle.counts(d, now_ms) for d in oracle.taken)
        assert ledger.spending.taken(f"offer:{offer}", now_ms).total == spent
