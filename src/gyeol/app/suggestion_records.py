"""From frames of the log to what identify calls say of people: name, date of birth, telephone number, e-mail and postal address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
import numpy as np

from gyeol.engine.definitions import Definitions
from gyeol.events.batch import EventBatch, Vocabularies
from gyeol.events.columns import ColumnsBatch
from gyeol.events.model import EVENT_TYPES
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import Commands, EventColumns, EventRows, Frame, section_count
from gyeol.identity.suggesting.attributes import Stated, usable
from gyeol.kernel.instants import Int64

_IDENTIFY = EVENT_TYPES.index("identify")
PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "name": (
        ("traits.name",),
        ("traits.fullName",),
        ("traits.full_name",),
        ("traits.lastName", "traits.firstName"),
        ("traits.last_name", "traits.first_name"),
    ),
    "birth": (("traits.birthday",), ("traits.birth_date",), ("traits.birthDate",), ("traits.birthdate",), ("traits.date_of_birth",)),
    "phone": (("traits.phone",), ("traits.mobile",), ("traits.phone_number",)),
    "email": (("traits.email",),),
    "address": (
        ("traits.address.state", "traits.address.city", "traits.address.street", "traits.address.postalCode"),
        ("traits.address",),
    ),
}
"""Where a role stands in an identify call: the first that is there; of several paths the values together.

Source: Segment, "Spec: Identify", reserved traits; and the spellings that warehouses use."""


class Statement(msgspec.Struct, frozen=True):
    """What one event says of one node."""

    node: int
    role: str
    said: Stated


class Judgement(msgspec.Struct, frozen=True):
    """What a command says of two nodes: ``accept``, ``reject``, or ``cut``: they were separated."""

    kind: str
    a: int
    b: int
    at_ms: int


class FrameRecords:
    """Reads frames under the definitions that were in force.

    Args:
        definitions: The definitions of a hash.
        nodes: The node of each event of a frame (first offset, end); None while it is not known yet.
    """

    def __init__(self, definitions: Callable[[str], Definitions], nodes: Callable[[int, int], Int64 | None]) -> None:
        self._definitions, self._nodes = definitions, nodes

    def read(self, frame: Frame) -> list[Statement | Judgement] | None:
        """Everything that a frame says; None while its nodes are not known."""
        header = frame.header
        found: list[Statement | Judgement] = []
        batches: list[EventBatch] = []
        offset = header.first_offset
        for section in frame.sections:
            if isinstance(section, EventRows | EventColumns) and section_count(section):
                reading, trusted = self._reading(header.definitions)
                if isinstance(section, EventRows):
                    batches.append(RowsBatch(section, offset, reading))
                else:
                    batches.append(ColumnsBatch(section, offset, reading))
            elif isinstance(section, Commands):
                found += [each for command in section.items for each in judgements(command.kind, command.body, command.at_ms)]
            offset += section_count(section)
        if not any(_identifies(batch) for batch in batches):
            return found
        nodes = self._nodes(header.first_offset, header.first_offset + header.count)
        if nodes is None:
            return None
        if len(nodes) != sum(batch.n for batch in batches):
            return found  # rows of it were erased since
        first = 0
        for batch in batches:
            found += _statements(batch, nodes[first : first + batch.n], trusted)
            first += batch.n
        return found

    def _reading(self, hash_: str) -> tuple[Reading, list[bool]]:
        definitions = self._definitions(hash_)
        paths = {path for ways in PATHS.values() for way in ways for path in way}
        sources = [*(source.name for source in definitions.sources), ""]
        trusted = [*(source.trust == "server" for source in definitions.sources), False]
        return Reading(definitions.plan, definitions.workspace.currency, paths, Vocabularies(), sources), trusted


def _identifies(batch: EventBatch) -> bool:
    return bool(np.any(batch.type_code == _IDENTIFY))


def _statements(batch: EventBatch, nodes: Int64, trusted: list[bool]) -> Iterator[Statement]:
    events = np.flatnonzero((batch.type_code == _IDENTIFY) & (nodes >= 0)).tolist()
    if not events:
        return
    for role, ways in PATHS.items():
        columns = [[batch.texts(path) for path in way] for way in ways]
        for event in events:
            for way in columns:
                value = " ".join(text for texts in way if (text := texts[event]))
                if value and not value.startswith("{") and usable(role, value):
                    said = Stated(value.strip(), int(batch.time_ms[event]), trusted[int(batch.source[event])])
                    yield Statement(int(nodes[event]), role, said)
                    break


def judgements(kind: str, body: Mapping[str, object], at_ms: int) -> Iterator[Judgement]:
    """What a command of the log says of who is one with whom."""
    if kind in ("accept", "reject", "cut"):
        pairs: list[object] = [(body.get("a"), body.get("b"))]
    else:
        cuts = body.get("cuts") if kind in ("move", "split") else []
        pairs, kind = cuts if isinstance(cuts, list) else [], "cut"
    for a, b in (pair for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2):
        if isinstance(a, int) and isinstance(b, int):
            yield Judgement(kind, min(a, b), max(a, b), at_ms)
