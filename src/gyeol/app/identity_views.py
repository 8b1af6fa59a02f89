"""What the engine's state says of evidence that waits for somebody's judgement, in the words of ``core_people``. Changes nothing."""

from __future__ import annotations

import numpy as np

from gyeol.app.core_people import (
    FanOut,
    GoldenCandidate,
    GoldenValue,
    GoldenWhy,
    HeldEvidence,
    NodeName,
    Party,
    PeopleReply,
    PeopleRequest,
    SharedIdentifier,
    ShownIdentifier,
)
from gyeol.app.views import name_of
from gyeol.engine.state import EngineState
from gyeol.identity.attributes import GoldenAttribute
from gyeol.identity.description import IdentifierView, mask
from gyeol.identity.explain import Show
from gyeol.identity.golden import MOST_OTHERS, Golden, golden_values
from gyeol.identity.queue import Held, quarantined, shared
from gyeol.kernel.errors import InputError, Problem


def waiting_reply(state: EngineState, request: PeopleRequest) -> PeopleReply:
    """A page of what waits. Raises InputError for a cursor that is none."""
    before = _cursor(request.cursor)
    if request.waiting == "shared":
        identifiers, page = shared(state.graph, request.limit, before)
        lines = [_shared(view) for view in identifiers]
        return PeopleReply(people=[], shared=lines, total=page.total, next=None if page.next is None else str(page.next))
    held, page = quarantined(state.graph, request.limit, before)
    following = None if page.next is None else str(page.next)
    return PeopleReply(people=[], quarantined=[_held(state, each) for each in held], total=page.total, next=following)


def named_nodes(state: EngineState, nodes: list[int]) -> list[NodeName]:
    """What some nodes are called; those that are not there are left out."""
    graph, show = state.graph, Show(state.graph, reveal=False)
    known = [node for node in dict.fromkeys(nodes) if 0 <= node < graph.size]
    return [
        NodeName(node=node, identifier=shown(show.identifier(node)), person=graph.person_id(graph.people.person.view[node]))
        for node in known
    ]


def shown(view: IdentifierView) -> ShownIdentifier:
    """An identifier of the graph as screens show it."""
    return ShownIdentifier(type=view.type, value=view.value, label=view.label, id=view.id)


def golden(state: EngineState, person: int) -> list[GoldenValue]:
    """The golden values of a person: of identifiers, then of what was said beside them."""
    nodes = list(state.graph.members(person))
    found = golden_values(state.graph, nodes, Show(state.graph, reveal=False))
    return [*map(_golden_identifier, found), *map(_golden_attribute, state.attributes.golden(nodes))]


def _golden_identifier(each: Golden) -> GoldenValue:
    won = each.won
    candidates = [
        GoldenCandidate(value=c.identifier.value, source=c.source, trust=c.trust, first=c.at, last=None, count=c.count)
        for c in (won, *each.others)
    ]
    return GoldenValue(
        attribute=each.attribute,
        value=won.identifier.value,
        id=won.identifier.id,
        label=won.identifier.label,
        why=GoldenWhy(
            rule=each.rule,
            source=won.source,
            trust=won.trust,
            at=won.at,
            count=won.count,
            others=[shown(other.identifier) for other in each.others],
            reason=each.reason,
            candidates=candidates,
        ),
    )


def _golden_attribute(found: GoldenAttribute) -> GoldenValue:
    definition, said = found.definition, found.ordered[: MOST_OTHERS + 1]
    candidates = [
        GoldenCandidate(
            value=mask(each.value) if definition.pii else each.value,
            source=each.source,
            trust=each.trust,
            first=each.first_ms,
            last=each.last_ms,
            count=each.count,
        )
        for each in said
    ]
    won = candidates[0]
    return GoldenValue(
        attribute=definition.name,
        value=won.value,
        id="",
        label=definition.label,
        why=GoldenWhy(
            rule=definition.rule,
            source=won.source,
            trust=won.trust,
            at=won.first,
            count=won.count,
            others=[ShownIdentifier(type=definition.name, value=other.value, label=definition.label) for other in candidates[1:]],
            reason=found.reason,
            candidates=candidates,
            estimate=found.estimate,
        ),
    )


def _cursor(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal():
        mend = "take it from `next` of the page before"
        raise InputError("bad_cursor", [Problem(path="cursor", code="bad_cursor", what=f"{text!r} is no cursor of this list", mend=mend)])
    return int(text)


def _held(state: EngineState, held: Held) -> HeldEvidence:
    told = held.statement
    return HeldEvidence(
        id=str(held.record),
        a=shown(told.a),
        b=shown(told.b),
        people=[_party(state, person) for person in held.people],
        reason=told.reason,
        type=told.type,
        limit=told.limit,
        fan_out=held.fan_out,
        values=told.values,
        trust=told.trust,
        source=told.source,
        kind=told.kind,
        count=told.count,
        since=told.first_ms,
    )


def _party(state: EngineState, person: int) -> Party:
    described = state.graph.describe(person, at_most=5)
    row = np.array([state.people.row(person)], np.int64)
    return Party(id=described.person_id, name=name_of(state, person, row), identifiers=[shown(each) for each in described.identifiers])


def _shared(view: IdentifierView) -> SharedIdentifier:
    over = [FanOut(type=each.type, fan_out=each.fan_out, limit=each.limit, trust=each.trust) for each in view.shared]
    return SharedIdentifier(identifier=shown(view), since=view.first_ms, fan_out=max((each.fan_out for each in over), default=0), over=over)
