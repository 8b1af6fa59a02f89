"""What the engine's state says of people and audiences, in the words of ``core_api``. Read on the engine's thread; changes nothing."""

from __future__ import annotations

import re

import msgspec
import numpy as np

from gyeol.app.core_api import (
    AudienceReply,
    AudienceRequest,
    AudienceSize,
    Membership,
    PeopleReply,
    PeopleRequest,
    PersonLine,
    PersonReply,
    ShownIdentifier,
    ShownTrait,
    Stage,
)
from gyeol.engine.columns import RowColumns
from gyeol.engine.state import EngineState
from gyeol.expressions.condition import Condition
from gyeol.identity.description import mask
from gyeol.kernel.errors import NotFoundError
from gyeol.kernel.instants import Int64
from gyeol.profiles.model import TraitDefinition

SCAN_LIMIT = 200_000
"""Up to so many identifiers a search looks inside values; beyond, a value must be given whole. One pass takes about 0.1 s then."""
LINE_TRAITS = 4
LEAST_DIGITS = 4
"""So many digits of a telephone number are looked for in whatever way they are written; fewer are in too many."""
_BETWEEN_DIGITS = re.compile(r"[\s().\-\u2010-\u2013]+")


def find_person(state: EngineState, text: str) -> int:
    """The person index behind a person id, ``type:value`` or a bare value.

    Raises:
        NotFoundError: Nobody is known by it.
    """
    person = state.graph.find(text)
    if person is None or state.people.row(person) < 0:
        raise NotFoundError(
            "unknown_person", f"nobody is known as {text!r}: give a person id, `type:value` or the value of an identifier", person=text
        )
    return person


def shown_trait(state: EngineState, definition: TraitDefinition, value: object, estimate: bool = False) -> ShownTrait:
    """A trait's value as screens show it; money with its currency."""
    unit = state.schema[definition.name].unit
    if isinstance(value, str) and _is_personal(state, definition):
        value = mask(value)
    if unit is not None and len(unit) == 3 and unit.isupper() and isinstance(value, int | float):
        value = {"minor": round(value), "currency": unit}
    return ShownTrait(
        name=definition.name,
        label=definition.label,
        kind=definition.kind,
        type="money" if isinstance(value, dict) else state.schema[definition.name].type,
        value=value,
        unit=unit,
        simulated=definition.simulated,
        description=definition.description,
        estimate=estimate,
        source=list(dict.fromkeys(name for name in (definition.event, definition.then, definition.then_no) if name is not None)),
    )


def _is_personal(state: EngineState, definition: TraitDefinition) -> bool:
    """Whether the tracking plan marks the trait's property as PII, for its own event or for all."""
    rules = (state.definitions.plan.rules.get(name) for name in (definition.event, "$any"))
    found = (rule.properties.get(definition.property or "") for rule in rules if rule is not None)
    return any(rule is not None and rule.pii for rule in found)


def person_reply(state: EngineState, text: str) -> PersonReply:
    """Everything known of a person."""
    person = find_person(state, text)
    row = state.people.row(person)
    told = state.graph.describe(person)
    traits = []
    for definition in state.definitions.traits:
        described = state.traits.describe(definition.name, row, state.now_ms)
        traits.append(shown_trait(state, definition, described.value, described.estimate))
    nodes = state.graph.members(person)
    columns = state.columns(np.array([row], np.int64))
    return PersonReply(
        id=told.person_id,
        nodes=nodes,
        name=_said_name(state, np.array([row], np.int64)),
        simulated=bool(state.definitions.workspace.simulated),
        stage=_stage(state, row),
        first_seen_ms=int(state.people.first_ms[row]),
        last_seen_ms=int(state.people.last_ms[row]),
        events=int(state.people.events[row]),
        identifiers=[ShownIdentifier(type=i.type, value=i.value, label=i.label, id=i.id) for i in told.identifiers],
        evidence=[_plain(each) for each in told.evidence],
        quarantined=[_plain(each) for each in told.quarantined],
        withdrawn=[_plain(each) for each in told.withdrawn],
        shared=[_plain(each) for each in told.shared],
        traits=traits,
        audiences=[membership(state, row, name, columns) for name in state.memberships.names],
        moment=state.moment_of(nodes[0]).as_json(),
        consents=[_plain(each) for each in state.consent.all_of(nodes, state.now_ms)],
    )


def _plain(value: msgspec.Struct) -> dict[str, object]:
    made: dict[str, object] = msgspec.to_builtins(value)
    return made


def _stage(state: EngineState, row: int) -> Stage | None:
    name = state.memberships.stage(row)
    if name is None:
        return None
    label = next(stage.label for stage in state.definitions.stages if stage.name == name)
    return Stage(name=name, label=label)


def membership(state: EngineState, row: int, name: str, columns: RowColumns) -> Membership:
    """Whether the person of a row is in an audience, and why; ``columns`` are those of that row alone."""
    definition = next(a for a in state.definitions.audiences if a.name == name)
    why = state.memberships.why(name, lambda of: columns(of).item(0), lambda of: _is_stale(columns, of))
    return Membership(
        name=name,
        label=definition.label,
        member=why.member,
        since_ms=state.memberships.since_ms(name, row),
        sentence=why.sentence,
        explained=msgspec.to_builtins(why.explained),
    )


def _is_stale(columns: RowColumns, name: str) -> bool:
    stale = columns(name).stale
    return stale is not None and bool(stale[0])


def audience_reply(state: EngineState, request: AudienceRequest) -> AudienceReply:
    """Audiences and stages with their sizes."""
    rows = state.people.all_rows()
    known = state.memberships.names
    if request.name is not None and request.name not in known:
        raise NotFoundError(
            "unknown_audience",
            f"there is no audience {request.name!r}; the workspace has: {', '.join(known) or 'none'}",
            audience=request.name,
        )
    definitions = [a for a in state.definitions.audiences if request.name in (None, a.name) and a.of is None]
    audiences = [
        AudienceSize(
            name=a.name,
            label=a.label,
            size=state.memberships.size(a.name, rows),
            sentence=_sentence(state, state.memberships.condition(a.name)),
            condition=a.condition,
            description=a.description,
        )
        for a in definitions
    ]
    codes = state.memberships.stage_codes(rows)
    sizes = np.bincount(codes[codes >= 0], minlength=len(state.definitions.stages)).tolist()
    stages = [
        AudienceSize(
            name=s.name,
            label=s.label,
            size=size,
            sentence=_sentence(state, state.memberships.stage_condition(s.name)),
            condition=s.condition,
        )
        for s, size in zip(state.definitions.stages, sizes, strict=True)
    ]
    why = None
    if request.person is not None and request.name is not None:
        row = state.people.row(find_person(state, request.person))
        why = membership(state, row, request.name, state.columns(np.array([row], np.int64)))
    # Everybody's id is a hash each: worked out only for who asks.
    members = _members_by_stage(state, rows) if request.stage_members else {}
    return AudienceReply(audiences=audiences, stages=stages, why=why, stage_members=members)


def _sentence(state: EngineState, condition: Condition) -> dict[str, str]:
    return {"ko": condition.sentence("ko", state.schema), "en": condition.sentence("en", state.schema)}


def _members_by_stage(state: EngineState, rows: Int64) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows.tolist():
        person = int(state.people.person_of_row[row])
        found.setdefault(state.memberships.stage(row) or "", []).append(state.graph.person_id(person))
    return found


def people_reply(state: EngineState, request: PeopleRequest) -> PeopleReply:
    """A page of people, newest activity first. The cursor is ``<last_ms>:<row>`` of the last one shown."""
    rows = _matching(state, request)
    order = np.lexsort((rows, -state.people.last_ms[rows]))
    rows = rows[order]
    total = len(rows)
    start = 0
    if request.cursor:
        last_ms, row = (int(part) for part in request.cursor.split(":"))
        after = (state.people.last_ms[rows] < last_ms) | ((state.people.last_ms[rows] == last_ms) & (rows > row))
        start = int(np.argmax(after)) if after.any() else total
    page = rows[start : start + request.limit].tolist()
    following = None
    if start + request.limit < total and page:
        following = f"{int(state.people.last_ms[page[-1]])}:{page[-1]}"
    return PeopleReply(people=[_line(state, row) for row in page], next=following, total=total)


def _matching(state: EngineState, request: PeopleRequest) -> Int64:
    rows = state.people.all_rows()
    if request.audience is not None:
        if request.audience not in state.memberships.names:
            raise NotFoundError("unknown_audience", f"there is no audience {request.audience!r}", audience=request.audience)
        rows = rows[state.memberships.members(request.audience, rows)]
    if request.stage is not None:
        rows = np.array([row for row in rows.tolist() if state.memberships.stage(row) == request.stage], np.int64)
    query = request.query.strip()
    if query:
        rows = np.intersect1d(rows, _found(state, query))
    return rows


def _found(state: EngineState, query: str) -> Int64:
    exact = state.graph.find(query)
    if exact is not None:
        return np.array([state.people.row(exact)], np.int64)
    if state.graph.size > SCAN_LIMIT:
        return np.empty(0, np.int64)
    wanted, number = query.casefold(), _number(query)
    people = set()
    for node in range(state.graph.size):
        value = state.graph.identifier(node)[1].casefold()
        if wanted in value or (number and number in value):
            people.add(int(state.graph.person[node]))
    rows = {state.people.row(person) for person in people} - {-1}
    return np.array(sorted(rows | _named(state, wanted)), np.int64)


def _number(query: str) -> str:
    """The digits of a part of a telephone number, without the zero that its international form does not have; else nothing."""
    bare = _BETWEEN_DIGITS.sub("", query)
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) >= LEAST_DIGITS):
        return ""
    return digits[1:] if digits[0] == "0" != digits[1] else digits


def _named(state: EngineState, wanted: str) -> set[int]:
    """Rows of those whose trait ``name`` contains the words."""
    if "name" not in state.schema:
        return set()
    rows = state.people.all_rows()
    names = state.traits.column("name", rows, state.now_ms)
    return {row for i, row in enumerate(rows.tolist()) if (name := names.item(i)) is not None and wanted in str(name).casefold()}


def name_of(state: EngineState, person: int, rows: Int64) -> str:
    """What a list calls a person: the trait ``name``, else the strongest identifier, masked if it is personal.

    Args:
        state: Not changed.
        person: Person index.
        rows: (1,) the row that serves the person.
    """
    return _said_name(state, rows) or state.graph.describe(person, at_most=1).identifiers[0].value


def _said_name(state: EngineState, rows: Int64) -> str | None:
    told = state.traits.column("name", rows, state.now_ms).item(0) if "name" in state.schema and rows[0] >= 0 else None
    return None if told is None else str(told)


def _line(state: EngineState, row: int) -> PersonLine:
    person = int(state.people.person_of_row[row])
    told = state.graph.describe(person, at_most=5)
    shown = [d for d in state.definitions.traits if d.kind in ("count", "sum", "top", "last")][:LINE_TRAITS]
    rows = np.array([row], np.int64)

    def value(name: str) -> object:
        return state.traits.column(name, rows, state.now_ms).item(0)

    return PersonLine(
        id=told.person_id,
        name=name_of(state, person, rows),
        identifiers=[ShownIdentifier(type=i.type, value=i.value, label=i.label) for i in told.identifiers],
        stage=state.memberships.stage(row),
        last_seen_ms=int(state.people.last_ms[row]),
        audiences=[a for a in state.memberships.names if state.memberships.members(a, rows)[0]],
        traits=[shown_trait(state, d, value(d.name)) for d in shown],
    )
