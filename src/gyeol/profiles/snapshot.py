"""The trait table as arrays and bytes, and back; and the digest that replays are compared by.

Codes of texts mean nothing outside the process, so the words go along, and loading gives each word the code it has here. Only rows
that have a slot are written, in the order of their slots: somebody new stands at the end, and what was there before does not move.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Vocabulary
from gyeol.kernel.cut import Cut
from gyeol.kernel.errors import VersionConflictError
from gyeol.profiles.group import EventGroup
from gyeol.profiles.runs import places
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import Words

Dumped = dict[str, npt.NDArray[Any] | bytes | Cut]
AnyArray = npt.NDArray[Any]
SLOTS_A_BLOCK = 4_096
"""Entries of lists are cut where so many slots end, so that a list that grows moves nothing in other blocks."""
FORM = 3
"""Raised when the layout of a kind changes: a snapshot of another form is refused and refolded, never guessed."""

_words = msgspec.msgpack.Decoder(list[str])


def dump_groups(groups: Sequence[EventGroup], words: Words, rows: int) -> Dumped:
    """All state of rows below ``rows``, and the words of its codes."""
    found: Dumped = {"form": np.array([FORM])}
    for path, vocabulary in sorted(words.used().items()):
        found[f"words/{path}"] = msgspec.msgpack.encode(vocabulary.words)
    for group in groups:
        having = places(group.slot_of[:rows])
        having = having[np.argsort(group.slot_of[having], kind="stable")]
        slots = group.slot_of[having].astype(np.int64)
        found[f"{group.event}/rows"] = having.astype(np.int32)
        for name, values in _state_of(group.slots, slots).items():
            found[f"{group.event}/{name}"] = values
        for name, constant in group.slots.constants.items():
            found[f"{group.event}/{name}"] = constant.copy()
    return found


def _state_of(slots: Slots, chosen: Int64) -> dict[str, AnyArray | Cut]:
    """Arrays of some slots, and their lists one after the other with their lengths."""
    found: dict[str, AnyArray | Cut] = {name: spec.array[chosen] for name, spec in slots.arrays.items() if not spec.derived}
    for name, lists in slots.lists.items():
        _, cell = lists.spans(chosen)
        lengths = lists.length[chosen]
        ends = np.append(np.cumsum(lengths, dtype=np.int64)[SLOTS_A_BLOCK - 1 : -1 : SLOTS_A_BLOCK], len(cell))
        found[f"{name}:length"] = lengths
        found |= {f"{name}:{field}": Cut(cells[cell], ends) for field, cells in lists.cells.items()}
    return found


def check_form(dumped: Mapping[str, AnyArray | bytes | Cut], signature: str) -> None:
    """See that a dump is of these definitions and of this form.

    Raises:
        VersionConflictError: ``trait_snapshot``: other definitions, or another form.
    """
    if "form" not in dumped or int(_array(dumped, "form")[0]) != FORM or dumped.get("signature") != signature.encode():
        raise VersionConflictError(
            "trait_snapshot", "the snapshot's traits were defined otherwise or written by another release: fold the log from its start"
        )


def load_groups(groups: Sequence[EventGroup], words: Words, dumped: Mapping[str, AnyArray | bytes | Cut]) -> None:
    """Fill new groups with what ``dump_groups`` gave."""
    codes = {}
    for path, vocabulary in words.used().items():
        known = dumped[f"words/{path}"]
        assert isinstance(known, bytes)
        codes[id(vocabulary)] = np.append(vocabulary.encode(list(_words.decode(known))), np.int32(-1))
    for group in groups:
        rows = _array(dumped, f"{group.event}/rows")
        group.fit(int(_array(dumped, "rows")[0]))
        slots = group.slots.allocate(len(rows))
        group.slot_of[rows] = slots
        _fill(group, slots, dumped, codes)


def _fill(group: EventGroup, slots: Int64, dumped: Mapping[str, AnyArray | bytes | Cut], codes: Mapping[int, AnyArray]) -> None:
    for name, spec in group.slots.arrays.items():
        if not spec.derived:
            values = _array(dumped, f"{group.event}/{name}")
            if spec.words is not None:
                values = np.stack([values[:, i] if w is None else codes[id(w)][values[:, i]] for i, w in enumerate(spec.words)], axis=1)
            spec.array[slots] = values
    for name, lists in group.slots.lists.items():
        cells = lists.replace(slots, _array(dumped, f"{group.event}/{name}:length").astype(np.int64))
        for field, array in lists.cells.items():
            values = _array(dumped, f"{group.event}/{name}:{field}")
            vocabulary = lists.specs[field].words
            array[cells] = values if vocabulary is None else codes[id(vocabulary)][values]
    for name, constant in group.slots.constants.items():
        constant[:] = _array(dumped, f"{group.event}/{name}")


def _array(dumped: Mapping[str, AnyArray | bytes | Cut], name: str) -> AnyArray:
    found = dumped[name]
    assert not isinstance(found, bytes)
    return found.array if isinstance(found, Cut) else found


def row_digest(groups: Sequence[EventGroup], words: Words, rows: Int64) -> str:
    """32 hex digits over the state of rows; codes count as the hashes of their words, lists as sets."""
    hasher = hashlib.blake2b(digest_size=16)
    hashes = {id(v): words.keys(path).hashes for path, v in words.used().items()}

    def meaning(values: AnyArray, vocabulary: Vocabulary | None) -> AnyArray:
        if vocabulary is None:
            return values.astype(np.uint64)
        meant = np.zeros(values.shape, np.uint64)
        meant[values >= 0] = hashes[id(vocabulary)].of(values[values >= 0])
        return meant

    for group in groups:
        slots = group.slot_of[rows].astype(np.int64)
        for spec in group.slots.arrays.values():
            if not spec.derived:
                values = spec.array[slots]
                if spec.words is not None:
                    values = np.stack([meaning(values[:, i], w) for i, w in enumerate(spec.words)], axis=1)
                hasher.update(values.tobytes())
        for constant in group.slots.constants.values():
            hasher.update(constant.tobytes())
        for lists in group.slots.lists.values():
            owner, cell = lists.spans(slots)
            fields: list[AnyArray] = []
            for field, array in lists.cells.items():
                vocabulary = lists.specs[field].words
                values = array[cell] if vocabulary is None else meaning(array[cell], vocabulary)
                fields += [values] if values.ndim == 1 else list(values.T)
            order = np.lexsort((*fields, owner))
            for values in (owner, *fields):
                hasher.update(np.ascontiguousarray(values[order]).tobytes())
    return hasher.hexdigest()
