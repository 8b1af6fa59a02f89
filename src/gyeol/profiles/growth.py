"""A trait table under other definitions: what is unchanged stays where it is, what is new begins empty and gets its past later.

Traits of one event name that were defined at different times stand in groups of their own, so that nothing that is held has to be
moved. A group goes when none of its traits is defined any more; until then what it holds beside them is folded for nothing. Folding
the log anew makes one group a name again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np

from gyeol.events.batch import Wanted
from gyeol.events.reading import Reading
from gyeol.expressions.column import Column, Vocabulary
from gyeol.kernel.instants import Zone
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.group import EventGroup
from gyeol.profiles.kinds.decay import DecayStack
from gyeol.profiles.rules import Trait
from gyeol.profiles.slots import Int64


class Owed(msgspec.Struct, kw_only=True):
    """The past of traits that were defined together.

    Args:
        until: What happened before this offset of the log is wanted; from there on the stream has folded it.
        traits: Their names.
        nodes: How many nodes there were: the past comes in blocks of ``BLOCK_NODES`` of them.
        now_ms: engine_now when they were defined.
        done: Numbers of the blocks that have come.
    """

    until: int
    traits: list[str]
    nodes: int
    now_ms: int
    done: list[int] = []

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.nodes // BLOCK_NODES)


BLOCK_NODES = 20_000
"""Nodes in one block: joining it takes some milliseconds, and it fits into a frame."""


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """A group as a snapshot keeps it. ``live``: which of its traits are the defined ones of their names."""

    key: str
    traits: list[Trait]
    live: list[str]


def unknown(type_: Wanted, n: int) -> Column:
    """A trait whose past has not come yet: unknown for everybody, as a fact that has aged, so that nobody leaves an audience by it."""
    known, stale = np.zeros(n, np.bool_), np.ones(n, np.bool_)
    if type_ == "text":
        return Column("text", np.full(n, -1, np.int32), known, Vocabulary(), stale)
    if type_ == "list":
        return Column("list", np.empty(n, object), known, None, stale)
    return Column("flag" if type_ == "flag" else "number", np.zeros(n, np.bool_ if type_ == "flag" else np.float64), known, None, stale)


def meaning(trait: Trait, reading: Reading, zone: Zone) -> tuple[object, ...]:
    """What a trait's state depends on: two traits of equal meaning hold the same."""
    shown: dict[str, object] = {"label": {}, "description": {}, "unit": None, "simulated": False}
    paths = {path for text in trait.wheres for path in event_condition(text).paths}
    paths |= {trait.definition.property} if trait.definition.property is not None else set()
    types = [(path, reading.types.get(path), sorted(reading.currencies.get(path, {}).items())) for path in sorted(paths)]
    days = zone.name if trait.window is not None and trait.window.grain == "day" else ""
    return msgspec.structs.replace(trait.definition, **shown), trait.value, trait.window, types, reading.currency, days


def join(group: EventGroup, past: EventGroup, rows: Int64, theirs: Int64) -> None:
    """Add what another group of the same traits holds.

    Args:
        group: Grows.
        past: Made of equal definitions, with the same vocabularies.
        rows: Of ``group``, distinct.
        theirs: The row of ``past`` that each gets.
    """
    held = past.slot_of[theirs].astype(np.int64)
    has = held > 0
    if not np.count_nonzero(has):
        return
    rows, held = rows[has], held[has]
    copies = group.slots.adopt(past.slots, held)
    for stack, other in zip(group.stacks, past.stacks, strict=True):
        if isinstance(stack, DecayStack) and isinstance(other, DecayStack):
            stack.rebase(copies, other)
    mine = group.slot_of[rows].astype(np.int64)
    there = mine > 0
    for stack in group.stacks:
        if np.count_nonzero(there):
            stack.combine(mine[there], copies[there])
    if np.count_nonzero(there):
        group.slots.release(copies[there])
    group.slot_of[rows[~there]] = copies[~there]
    for stack in group.missed:
        stack.look_again()


def grown(
    fresh: list[Trait], kept: list[EventGroup], make: Callable[[str, list[Trait]], EventGroup]
) -> list[EventGroup]:  # fmt: skip
    """The kept groups, and new ones of the other traits, with keys that none has."""
    taken = {group.event for group in kept}
    by_event: dict[str, list[Trait]] = {}
    for trait in fresh:
        by_event.setdefault(" → ".join(trait.events), []).append(trait)
    made = []
    for event, traits in by_event.items():
        number = next(n for n in range(1, len(taken) + 2) if (f"{event} #{n}" if n > 1 else event) not in taken)
        made.append(make(f"{event} #{number}" if number > 1 else event, traits))
    return [*kept, *made]


def packed(dumped: Mapping[str, Any]) -> bytes:
    """What a table's ``dump`` gave, as bytes for the log."""
    found: dict[str, object] = {}
    for name, value in dumped.items():
        array = getattr(value, "array", value)
        found[name] = array if isinstance(array, bytes) else [array.dtype.str, list(array.shape), np.ascontiguousarray(array).tobytes()]
    return msgspec.msgpack.encode(found)


def unpacked(data: bytes) -> dict[str, Any]:
    """What ``packed`` took."""
    found: dict[str, Any] = {}
    for name, value in msgspec.msgpack.decode(data).items():
        found[name] = value if isinstance(value, bytes) else np.frombuffer(value[2], value[0]).reshape(value[1])
    return found
