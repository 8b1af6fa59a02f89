"""Choosing what to say: candidates → gates → rank → fallback, with a reason for everything that was not chosen. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from gyeol.decisions.catalogue import CATALOGUE_VERSION
from gyeol.decisions.gates.gate import Candidate, DecisionRequest, Gate
from gyeol.decisions.gates.holdout import HoldoutGate, holdout_salt
from gyeol.decisions.gates.order import GATES
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition, Refusal
from gyeol.expressions.condition import Condition, parse_condition
from gyeol.expressions.durations import Duration, parse_duration
from gyeol.expressions.formula import Formula, parse_formula
from gyeol.expressions.schema import Schema
from gyeol.kernel.errors import InputError, NotFoundError, Problem
from gyeol.kernel.instants import Zone, parse_instant
from gyeol.kernel.reason import Reason
from gyeol.privacy.consent import Consent
from gyeol.privacy.law import LawTable

T = TypeVar("T")


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that every gate let pass, with the values each compared, by gate."""

    compared: dict[str, dict[str, object]]


class _Compiled(msgspec.Struct, frozen=True, kw_only=True):
    candidate: Candidate
    on_site: tuple[Gate, ...]
    by_message: tuple[Gate, ...]


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    placement: PlacementDefinition
    cap_window: Duration
    salt: str
    fallback: OfferDefinition | None
    candidates: tuple[_Compiled, ...]


class _Asked:
    """The question that gates answer (``gates.gate.Question``), with what they share."""

    def __init__(self, request: DecisionRequest, plan: _Plan, laws: LawTable, zone: Zone) -> None:
        self.request, self.placement, self.placement_cap_window = request, plan.placement, plan.cap_window
        self.laws, self.zone = laws, zone
        self.held_out = self.exposed = False
        self._consents: dict[tuple[str, str], Consent] = {}
        self._shared: dict[str, Reason | None] = {}

    def consent(self, channel: str, purpose: str) -> Consent:
        """The person's consent, looked up once."""
        found = self._consents.get((channel, purpose))
        if found is None:
            found = self._consents[channel, purpose] = self.request.person.consent(channel, purpose, self.request.now_ms)
        return found

    def first_refusal(self, compiled: _Compiled) -> tuple[str, Reason] | None:
        """The first gate that refuses a candidate, and why."""
        for gate in compiled.on_site if self.request.message is None else compiled.by_message:
            if not gate.shared:
                reason = gate.refuse(compiled.candidate, self)
            elif gate.name in self._shared:
                reason = self._shared[gate.name]
            else:
                reason = self._shared[gate.name] = gate.refuse(compiled.candidate, self)
            if gate.name == HoldoutGate.name:
                self.exposed = True
                self.held_out = reason is not None
            if reason is not None:
                return gate.name, reason
        return None


class Placements:
    """The workspace's placements and offers, compiled once and asked many times.

    Args:
        placements: Where something can be said.
        offers: What can be said; a placement's fallback is no candidate there.
        schema: Names that conditions and formulas may use.
        laws: The law table, for messages.
        zone: The workspace's zone, of calendar windows.
        definitions: Hash of the definitions, kept with every decision.

    Raises:
        InputError: Every condition, formula, window or date that is wrong.
    """

    def __init__(
        self,
        placements: Sequence[PlacementDefinition],
        offers: Sequence[OfferDefinition],
        schema: Schema,
        *,
        laws: LawTable,
        zone: Zone,
        definitions: str = "",
    ) -> None:
        self.laws, self.zone, self.definitions = laws, zone, definitions
        self.largest_cap = max([0, *(p.cap or 0 for p in placements), *(o.cap or 0 for o in offers)])
        self._offers = {o.name: o for o in offers}
        problems: list[Problem] = []
        compiled = {o.name: _compile(o, schema, problems) for o in offers}
        windows = {p.name: _read(parse_duration, p.cap_window, f"placements.{p.name}.cap_window", problems) for p in placements}
        if problems:
            raise InputError("bad_offers", problems)
        self._plans: dict[str, _Plan] = {}
        for p in placements:
            window = windows[p.name]
            assert window is not None
            here = [c for o in offers if p.name in o.placements and o.name != p.fallback and (c := compiled[o.name]) is not None]
            self._plans[p.name] = _Plan(
                placement=p,
                cap_window=window,
                salt=holdout_salt(p),
                fallback=self._offers.get(p.fallback) if p.fallback is not None else None,
                candidates=tuple(_with_gates(c, p) for c in here),
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The placements, in the order of the definitions."""
        return tuple(self._plans)

    def offer(self, name: str) -> OfferDefinition | None:
        """An offer by name."""
        return self._offers.get(name)

    def placement(self, name: str) -> PlacementDefinition | None:
        """A placement by name."""
        plan = self._plans.get(name)
        return None if plan is None else plan.placement

    def decide(self, request: DecisionRequest) -> Decision:
        """The choice for one placement.

        Every candidate goes through the gates in their order; those left are ranked by score, then priority, then name. When none is
        left the fallback is shown, if there is one.

        Raises:
            NotFoundError: No such placement.
        """
        plan = self._plan(request.placement)
        asked = _Asked(request, plan, self.laws, self.zone)
        refused: list[Refusal] = []
        ranked: list[tuple[float, int, str]] = []
        person = request.person
        values = person.values
        for compiled in plan.candidates:
            offer = compiled.candidate.offer
            refusal = asked.first_refusal(compiled)
            if refusal is None:
                score = compiled.candidate.score.value(values, person.stale)
                ranked.append((-(score or 0.0), -offer.priority, offer.name))
            else:
                refused.append(Refusal(offer=offer.name, gate=refusal[0], reason=refusal[1]))
        ranked.sort()
        held_out = asked.held_out and not ranked
        fallback = plan.fallback if not ranked else None
        chosen = ranked[0][2] if ranked else None if fallback is None else fallback.name
        return Decision(
            id=request.id,
            placement=request.placement,
            node=person.node,
            person=person.person_id,
            at_ms=request.now_ms,
            chosen=chosen,
            fallback=fallback is not None,
            reasons=[_won(ranked) if ranked else _nobody(plan, held_out)],
            refusals=_outranked(ranked) + refused,
            moment=request.moment,
            propensity=1.0,
            catalogue=CATALOGUE_VERSION,
            definitions=self.definitions,
            holdout=held_out,
            cause=request.cause,
            holdout_salt=plan.salt if asked.exposed else "",
        )

    def check(self, request: DecisionRequest, offer: str) -> Passed | Refusal:
        """Ask the gates about one offer only; for messages, once more before they leave.

        Raises:
            NotFoundError: No such placement.
        """
        plan = self._plan(request.placement)
        compiled = next((c for c in plan.candidates if c.candidate.offer.name == offer), None)
        if compiled is None:
            return Refusal(
                offer=offer, gate="candidate", reason=Reason(code="offer_gone", params={"offer": offer, "placement": request.placement})
            )
        asked = _Asked(request, plan, self.laws, self.zone)
        refusal = asked.first_refusal(compiled)
        if refusal is not None:
            return Refusal(offer=offer, gate=refusal[0], reason=refusal[1])
        gates = compiled.on_site if request.message is None else compiled.by_message
        return Passed(compared={gate.name: gate.compared(compiled.candidate, asked) for gate in gates})

    def _plan(self, name: str) -> _Plan:
        plan = self._plans.get(name)
        if plan is None:
            known = ", ".join(self._plans) or "none"
            raise NotFoundError("unknown_placement", f"there is no placement {name!r}; the workspace has: {known}", placement=name)
        return plan


def decision_id(node: int, placement: str, cause: str) -> str:
    """The id of a decision: the same for the same node, placement and cause (a log offset, a send key, a request's id)."""
    return "d_" + hashlib.blake2b(f"{node}\n{placement}\n{cause}".encode(), digest_size=12).hexdigest()


def _won(ranked: Sequence[tuple[float, int, str]]) -> Reason:
    score, _, offer = ranked[0]
    if len(ranked) == 1:
        return Reason(code="only_candidate", params={"offer": offer, "score": -score})
    runner_score, _, runner = ranked[1]
    code = "highest_score" if score != runner_score else "tie_broken"
    params = {"offer": offer, "score": -score, "runner_up": runner, "runner_up_score": -runner_score, "candidates": len(ranked)}
    return Reason(code=code, params=params)


def _nobody(plan: _Plan, held_out: bool) -> Reason:
    if held_out:
        return Reason(code="held_out", params={"share": plan.placement.holdout, "salt": plan.salt})
    if not plan.candidates:
        return Reason(code="no_candidates", params={"placement": plan.placement.name})
    return Reason(code="all_refused", params={"candidates": len(plan.candidates)})


def _outranked(ranked: Sequence[tuple[float, int, str]]) -> list[Refusal]:
    if len(ranked) < 2:
        return []
    best = ranked[0]
    return [
        Refusal(
            offer=offer,
            gate="rank",
            reason=Reason(code="outranked", params={"score": -score, "winner": best[2], "winner_score": -best[0]}),
            score=-score,
        )
        for score, _, offer in ranked[1:]
    ]


def _with_gates(candidate: Candidate, placement: PlacementDefinition) -> _Compiled:
    offer = candidate.offer
    return _Compiled(
        candidate=candidate,
        on_site=tuple(g for g in GATES if g.concerns(placement, offer, False)),
        by_message=tuple(g for g in GATES if g.concerns(placement, offer, True)),
    )


def _compile(offer: OfferDefinition, schema: Schema, problems: list[Problem]) -> Candidate | None:
    at = f"offers.{offer.name}"

    def condition(text: str, path: str) -> Condition:
        return parse_condition(text, schema, path=path)

    def formula(text: str, path: str) -> Formula:
        return parse_formula(text, schema, path=path)

    eligibility = None if offer.eligibility is None else _read(condition, offer.eligibility, f"{at}.eligibility", problems)
    score = _read(formula, offer.score, f"{at}.score", problems)
    window = _read(parse_duration, offer.cap_window, f"{at}.cap_window", problems)
    dates = {name: _instant(getattr(offer, name), f"{at}.{name}", problems) for name in ("valid_from", "valid_until")}
    if score is None or window is None:
        return None
    return Candidate(
        offer=offer,
        eligibility=eligibility,
        score=score,
        cap_window=window,
        valid_from_ms=dates["valid_from"],
        valid_until_ms=dates["valid_until"],
    )


def _instant(text: str | None, path: str, problems: list[Problem]) -> int | None:
    at_ms = None if text is None else parse_instant(text)
    if text is not None and at_ms is None:
        problems.append(Problem(path=path, code="bad_instant", what=f"{text!r} is no instant", mend="write 2026-03-01T00:00:00+09:00"))
    return at_ms


def _read(read: Callable[..., T], text: str, path: str, problems: list[Problem]) -> T | None:
    try:
        return read(text, path=path)
    except InputError as error:
        problems.extend(error.problems)
        return None
