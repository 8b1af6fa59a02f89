"""Sequences in a trait table: when time alone makes one true, and which of them late events have made doubtful."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.profiles.kinds.timed import NEVER, Moments, TimedStack
from gyeol.profiles.runs import places
from gyeol.profiles.slots import Int64
from gyeol.profiles.table import TraitTable

_SECOND_MS = 1_000
"""Who becomes due is looked at when a whole second ends: at most one look a second, however many wait."""


def next_due_ms(table: TraitTable, now_ms: int) -> int | None:
    """The next whole second after now at which time alone makes somebody's sequence true, or an earlier one; None: nobody waits."""
    start = now_ms // _SECOND_MS * _SECOND_MS
    soonest = min((stack.next_due_ms(start) for group in table.groups for stack in group.missed), default=NEVER)
    return None if soonest == NEVER else -(-soonest // _SECOND_MS) * _SECOND_MS


def due_rows(table: TraitTable, now_ms: int, until_ms: int) -> list[tuple[int, Int64]]:
    """(second, rows) of those whose sequence time alone makes true at whole seconds after now, up to and including another instant."""
    start, end = (at // _SECOND_MS * _SECOND_MS for at in (now_ms, until_ms))
    found: list[tuple[Int64, Int64]] = []
    for group in table.groups:
        for stack in group.missed:
            slots, instants = stack.due(start, end)
            rows = group.row_of_slots()[slots] if len(slots) else slots
            found.append((-(-instants[rows >= 0] // _SECOND_MS) * _SECOND_MS, rows[rows >= 0]))
    if not found:
        return []
    seconds, rows = (np.concatenate(part) for part in zip(*found, strict=True))
    return [(second, np.unique(rows[seconds == second])) for second in np.unique(seconds).tolist()]


def is_due(table: TraitTable, now_ms: int, until_ms: int) -> bool:
    """Whether time alone changes any value after now, up to and including another instant."""
    edge = table.next_edge_ms(now_ms)
    if edge is not None and edge <= until_ms:
        return True
    due = next_due_ms(table, now_ms)
    return due is not None and due <= until_ms and bool(due_rows(table, now_ms, until_ms))


def marked(table: TraitTable) -> list[tuple[str, Int64]]:
    """Sequences that late events made doubtful, each with the rows that are to be folded anew."""
    found: list[tuple[str, Int64]] = []
    for group in table.groups:
        for stack in group.timed:
            for index, trait in enumerate(stack.traits):
                slots = places(stack.marked[:, index])
                rows = group.row_of_slots()[slots] if len(slots) else slots
                if table.group_of.get(trait.name) is group and len(rows := rows[rows >= 0]):
                    found.append((trait.name, np.sort(rows)))
    return found


def refold(table: TraitTable, name: str, row: int, moments: Moments, until: int) -> None:
    """Put the history of a sequence in the place of what a row holds, and join what has come since.

    Args:
        table: Changed in place.
        name: The trait.
        row: Whose.
        moments: All its events before ``until``, by (time, id); their slots do not matter.
        until: An offset of the log.
    """
    group = table.group_of[name]
    stack, index = group.place[name]
    assert isinstance(stack, TimedStack)
    slots = group.slots_for(np.array([row], np.int64))
    stack.refold(index, msgspec.structs.replace(moments, slots=np.repeat(slots, len(moments))), slots, until)
