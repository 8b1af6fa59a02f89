"""What the engine's state says of facts and Moments. Read on the engine's thread; changes nothing."""

from __future__ import annotations

import heapq

from gyeol.app.fact_answers import FactAbout, FactsAnswer, MomentAnswer, RecordedFact, ShownFact
from gyeol.app.views import find_person
from gyeol.context.fact import Fact
from gyeol.context.moment import PREFIX, moment_schema
from gyeol.context.subject import Subject
from gyeol.engine.state import EngineState

MOST_SHOWN = 1_000


def moment_view(state: EngineState, person: str, at_ms: int | None = None) -> MomentAnswer:
    """What is true of a person.

    Args:
        state: Not changed.
        person: Person id, ``type:value`` or bare value. Raises NotFoundError.
        at_ms: As of when facts are looked at; None: now. Traits (where the person is, the birthday) are always those of now.
    """
    index = find_person(state, person)
    nodes = state.graph.members(index)
    moment = state.moment_of(nodes[0], at_ms=at_ms)
    facts = [_shown(state, moment.facts[name], moment.at_ms) for name in sorted(moment.facts)]
    zone = moment.facts.get("zone")
    return MomentAnswer(
        id=state.graph.person_id(index),
        at=moment.at_ms,
        zone=str(zone.value) if zone is not None else state.zone.name,
        facts=facts,
        warnings=list(moment.warnings),
    )


def _shown(state: EngineState, fact: Fact, at_ms: int) -> ShownFact:
    info = moment_schema()[PREFIX + fact.name]
    stale = not fact.fresh(at_ms)
    return ShownFact(
        name=PREFIX + fact.name,
        label=info.label,
        value=None if stale else fact.value,
        last=fact.value,
        said=info.values.get(str(fact.value), {}),
        source=fact.source,
        observed_at=fact.observed_at_ms,
        received_at=fact.observed_at_ms if fact.received_at_ms is None else fact.received_at_ms,
        age_s=(at_ms - fact.observed_at_ms) / 1000,
        ttl_s=None if fact.ttl_ms is None else fact.ttl_ms / 1000,
        until=fact.until_ms,
        confidence=fact.confidence,
        stale=stale,
        origin=fact.origin,
        about=None if fact.about is None else _about(state, fact.about),
    )


def _about(state: EngineState, subject: Subject) -> FactAbout:
    if subject.kind != "person":
        return FactAbout(kind=subject.kind, id=subject.id)
    person = int(state.graph.person[int(subject.id)])
    strongest = state.graph.describe(person, at_most=1).identifiers[0]
    return FactAbout(kind="person", id=f"{strongest.type}:{strongest.value}")


def facts_view(state: EngineState, name: str | None, about: Subject | None, limit: int) -> FactsAnswer:
    """Facts that are held, those observed last first.

    Args:
        state: Not changed.
        name: Only of this name, without ``moment.``.
        about: Only about this; of a person the id is what names the person. Raises NotFoundError.
        limit: At most so many, and never more than ``MOST_SHOWN``.
    """
    ledger = state.moments.facts
    if about is None:
        held = ledger.all()
    elif about.kind == "person":
        nodes = state.graph.members(find_person(state, about.id))
        held = iter([fact for node in nodes for fact in ledger.about(Subject("person", str(node)))])
    else:
        held = ledger.about(about)
    wanted = (fact for fact in held if name in (None, fact.name))
    latest = heapq.nlargest(min(limit, MOST_SHOWN), wanted, key=lambda fact: fact.observed_at_ms)
    return FactsAnswer(facts=[_recorded(state, fact) for fact in latest], total=ledger.count)


def _recorded(state: EngineState, fact: Fact) -> RecordedFact:
    assert fact.about is not None
    return RecordedFact(
        name=fact.name,
        value=fact.value,
        about=_about(state, fact.about),
        source=fact.source,
        observed_at=fact.observed_at_ms,
        received_at=fact.observed_at_ms if fact.received_at_ms is None else fact.received_at_ms,
        until=fact.observed_at_ms if fact.until_ms is None else fact.until_ms,
        confidence=fact.confidence,
        origin=fact.origin,
        stale=not fact.fresh(state.now_ms),
    )


def subjects_in_use(state: EngineState, kinds: list[str]) -> list[Subject]:
    """The subjects of some kinds under which somebody is now, sorted; those that only facts speak of are not among them."""
    rows = state.people.all_rows()
    return sorted(subject for kind in kinds for subject in state.moments.in_use(kind, rows, state.now_ms))
