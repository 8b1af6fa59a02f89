"""Choosing what to say: candidates → gates → rank → fallback, with a reason for everything that was not chosen. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from gyeol.decisions.bought import bought_trait
from gyeol.decisions.catalogue import CATALOGUE_VERSION
from gyeol.decisions.gates.elsewhere import ElsewhereGate
from gyeol.decisions.gates.gate import Candidate, DecisionRequest, Gate, MessagePlan
from gyeol.decisions.gates.holdout import HoldoutGate, holdout_salt
from gyeol.decisions.gates.order import GATES
from gyeol.decisions.model import Beside, Decision, OfferDefinition, PlacementDefinition, Refusal
from gyeol.decisions.person import PersonView
from gyeol.decisions.ranking.order import Passed as Passed_
from gyeol.decisions.ranking.order import Ranking, arranged, rank
from gyeol.decisions.ranking.policies import Policies
from gyeol.decisions.terms import Limits, Terms
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
CLOSED = "channel"
"""Named as the gate where nothing can leave by a channel, or at an hour."""


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that every gate let pass, with the values each compared, by gate."""

    compared: dict[str, dict[str, object]]


class _Compiled(msgspec.Struct, frozen=True, kw_only=True):
    candidate: Candidate
    gates: tuple[tuple[Gate, ...], ...]
    """By what is asked, see ``_which``."""


ON_SITE, BESIDE, BY_MESSAGE = range(3)


def _which(request: DecisionRequest) -> int:
    """On-site, where most requests have no placement beside this one; on-site beside others; as a message."""
    if request.message is not None:
        return BY_MESSAGE
    return BESIDE if request.beside else ON_SITE


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    placement: PlacementDefinition
    cap_window: Duration
    hold_ms: int
    salt: str
    fallback: OfferDefinition | None
    candidates: tuple[_Compiled, ...]


class _Asked:
    """The question that gates answer (``gates.gate.Question``), with what they share."""

    def __init__(self, request: DecisionRequest, plan: _Plan, laws: LawTable, zone: Zone) -> None:
        self.request, self.placement, self.placement_cap_window = request, plan.placement, plan.cap_window
        self.laws, self.zone = laws, zone
        self.held_out = self.exposed = False
        self.memo: dict[str, int] = {}
        self._which = _which(request)
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
        for gate in compiled.gates[self._which]:
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
        limits: Caps, categories, partners and what else the workspace limits.

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
        limits: Limits | None = None,
    ) -> None:
        self.laws, self.zone, self.definitions = laws, zone, definitions
        self.limits = Limits() if limits is None else limits
        self.largest_cap = max([self.limits.largest, *(p.cap or 0 for p in placements), *(o.cap or 0 for o in offers)])
        self._offers = {o.name: o for o in offers}
        problems: list[Problem] = []
        self.terms = terms = Terms(self.limits, placements, offers, problems)
        compiled = self._compiled = {o.name: _compile(o, schema, terms, problems) for o in offers}
        holds = {p.name: _read(parse_duration, p.hold, f"placements.{p.name}.hold", problems) for p in placements}
        windows = {p.name: _read(parse_duration, p.cap_window, f"placements.{p.name}.cap_window", problems) for p in placements}
        goals = {
            o.name: _read(parse_duration, o.goal.within, f"offers.{o.name}.goal.within", problems) for o in offers if o.goal is not None
        }
        self._goals = {name: window.ms for name, window in goals.items() if window is not None}
        if problems:
            raise InputError("bad_offers", problems)
        self._plans: dict[str, _Plan] = {}
        for p in placements:
            window, hold = windows[p.name], holds[p.name]
            assert window is not None and hold is not None
            here = [c for o in offers if p.name in o.placements and o.name != p.fallback and (c := compiled[o.name]) is not None]
            self._plans[p.name] = _Plan(
                placement=p,
                cap_window=window,
                hold_ms=hold.ms if p.impressions else 0,
                salt=holdout_salt(p),
                fallback=self._offers.get(p.fallback) if p.fallback is not None else None,
                candidates=tuple(_with_gates(c, p, terms) for c in here),
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

    def decide(self, request: DecisionRequest, policies: Policies | None = None) -> Decision:
        """The choice for one placement.

        Every candidate goes through the gates in their order, once for each message that it may leave as; those left are ranked as the
        placement says. When none is left the fallback is shown, if there is one.

        Args:
            request: The question.
            policies: What was learned; None: nothing, so that formulas decide.

        Raises:
            NotFoundError: No such placement.
        """
        plan = self._plan(request.placement)
        messages: tuple[MessagePlan | None, ...] = request.plans or (request.message,)
        passed: list[Passed_] = []
        refused: list[Refusal] = []
        asked = [self._gated(plan, request, number, message, passed, refused) for number, message in enumerate(messages)]
        person = request.person
        ranking = rank(passed, plan.placement, self._offers, messages, request, policies) if passed else None
        held_out = any(each.held_out for each in asked) and ranking is None
        fallback = plan.fallback if ranking is None else None
        chosen = ranking.arm.offer if ranking is not None else None if fallback is None else fallback.name
        goal_ms = self._goals.get(chosen or "", 0) if ranking is not None else 0
        decision = Decision(
            id=request.id,
            placement=request.placement,
            node=person.node,
            person=person.person_id,
            at_ms=request.now_ms,
            chosen=chosen,
            fallback=fallback is not None,
            reasons=[_nobody(plan, held_out)] if ranking is None else ranking.reasons,
            refusals=refused if ranking is None else ranking.refusals + refused,
            moment=request.moment,
            propensity=1.0 if ranking is None else ranking.propensity,
            catalogue=CATALOGUE_VERSION,
            definitions=self.definitions,
            holdout=held_out,
            cause=request.cause,
            holdout_salt=plan.salt if any(each.exposed for each in asked) else "",
            hold_until_ms=request.now_ms + plan.hold_ms if plan.hold_ms and ranking is not None and messages[0] is None else 0,
            charges={} if ranking is None else self._charges(ranking.arm.offer),
            goal_until_ms=_leaves_ms(request, messages, ranking) + goal_ms if goal_ms else 0,
            beside=list(request.beside),
            used={} if ranking is None else self._used(ranking.arm.offer, person),
        )
        return decision if ranking is None else arranged(decision, ranking)

    def _gated(
        self,
        plan: _Plan,
        request: DecisionRequest,
        number: int,
        message: MessagePlan | None,
        passed: list[Passed_],
        refused: list[Refusal],
    ) -> _Asked:
        """Ask the gates about every candidate as one message, or on-site; returns what they shared."""
        one = request if message is request.message else msgspec.structs.replace(request, message=message)
        asked = _Asked(one, plan, self.laws, self.zone)
        values, stale = request.person.values, request.person.stale
        closed = None if message is None or message.closed is None else (CLOSED, message.closed)
        channel, hour = (None, None) if message is None else (message.channel, message.hour)
        for compiled in plan.candidates:
            offer = compiled.candidate.offer
            refusal = closed or asked.first_refusal(compiled)
            if refusal is None:
                score = compiled.candidate.score.value(values, stale)
                passed.append((-(score or 0.0), -offer.priority, offer.name, number))
            else:
                refused.append(Refusal(offer=offer.name, gate=refusal[0], reason=refusal[1], channel=channel, hour=hour))
        return asked

    def _charges(self, offer: str) -> dict[str, int]:
        compiled = self._compiled[offer]
        return {} if compiled is None else compiled.charges

    def _used(self, offer: str, person: PersonView) -> dict[str, object]:
        """What the offer was judged by, as it was read already."""
        compiled = self._compiled[offer]
        values = person.values
        return {} if compiled is None else {name: values(name) for name in compiled.reads}

    def beside(self, decision: Decision) -> tuple[Beside, ...]:
        """What a decision leaves to the placements that were asked together with its own, and come after it."""
        offer = None if decision.chosen is None else self._offers.get(decision.chosen)
        return () if offer is None else (Beside(placement=decision.placement, offer=offer.name, category=offer.category),)

    def value(self, offer: str, person: PersonView) -> float:
        """What a contact with an offer is worth: its ``value``, else its ``score``; 0 where that is not known."""
        compiled = self._compiled.get(offer)
        if compiled is None:
            return 0.0
        return (compiled.value or compiled.score).value(person.values, person.stale) or 0.0

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
        return Passed(compared={gate.name: gate.compared(compiled.candidate, asked) for gate in compiled.gates[_which(request)]})

    def _plan(self, name: str) -> _Plan:
        plan = self._plans.get(name)
        if plan is None:
            known = ", ".join(self._plans) or "none"
            raise NotFoundError("unknown_placement", f"there is no placement {name!r}; the workspace has: {known}", placement=name)
        return plan


def decision_id(node: int, placement: str, cause: str) -> str:
    """The id of a decision: the same for the same node, placement and cause (a log offset, a send key, a request's id)."""
    return "d_" + hashlib.blake2b(f"{node}\n{placement}\n{cause}".encode(), digest_size=12).hexdigest()


def _leaves_ms(request: DecisionRequest, messages: Sequence[MessagePlan | None], ranking: Ranking | None) -> int:
    """When the chosen arm is seen: now, or when its message leaves."""
    arm = None if ranking is None else (ranking.arm.channel, ranking.arm.hour)
    return next((p.send_at_ms for p in messages if p is not None and (p.channel, p.hour) == arm), request.now_ms)


def _nobody(plan: _Plan, held_out: bool) -> Reason:
    if held_out:
        return Reason(code="held_out", params={"share": plan.placement.holdout, "salt": plan.salt})
    if not plan.candidates:
        return Reason(code="no_candidates", params={"placement": plan.placement.name})
    return Reason(code="all_refused", params={"candidates": len(plan.candidates)})


def _with_gates(candidate: Candidate, placement: PlacementDefinition, terms: Terms) -> _Compiled:
    candidate = msgspec.structs.replace(candidate, caps=terms.caps(candidate.offer, placement))
    on_site = tuple(g for g in GATES if g.concerns(placement, candidate, False))
    alone = tuple(g for g in on_site if g.name != ElsewhereGate.name)
    by_message = tuple(g for g in GATES if g.concerns(placement, candidate, True))
    return _Compiled(candidate=candidate, gates=(alone, on_site, by_message))


def _compile(offer: OfferDefinition, schema: Schema, terms: Terms, problems: list[Problem]) -> Candidate | None:
    at = f"offers.{offer.name}"

    def condition(text: str, path: str) -> Condition:
        return parse_condition(text, schema, path=path)

    def formula(text: str, path: str) -> Formula:
        return parse_formula(text, schema, path=path)

    eligibility = None if offer.eligibility is None else _read(condition, offer.eligibility, f"{at}.eligibility", problems)
    score = _read(formula, offer.score, f"{at}.score", problems)
    value = None if offer.value is None else _read(formula, offer.value, f"{at}.value", problems)
    window = _read(parse_duration, offer.cap_window, f"{at}.cap_window", problems)
    dates = {name: _instant(getattr(offer, name), f"{at}.{name}", problems) for name in ("valid_from", "valid_until")}
    if score is None or window is None:
        return None
    accounts = terms.accounts(offer)
    return Candidate(
        offer=offer,
        eligibility=eligibility,
        score=score,
        cap_window=window,
        valid_from_ms=dates["valid_from"],
        valid_until_ms=dates["valid_until"],
        accounts=accounts,
        charges={account.name: account.amount for account in accounts},
        bought=None if offer.bought is None else bought_trait(offer.bought).name,
        value=value,
        weary=terms.weary,
        reads=tuple(
            name for name in dict.fromkeys((*(eligibility.names if eligibility else ()), *score.names)) if not name.startswith("moment.")
        ),
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
