"""Columns of an import as the JSON objects that the lake keeps: the same text as if each event had come alone."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from gyeol.events.model import EVENT_TYPES
from gyeol.events.sections import EventColumns, PackedColumn
from gyeol.storage.lake.shaping import FIELDS, ROOTS, Shaping

_TRACK = EVENT_TYPES.index("track")
_ABSENT = object()
_decode_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_list = msgspec.json.Decoder(list[object]).decode


class ColumnEvents(msgspec.Struct, frozen=True):
    """Names, messageIds and root objects of a section's events."""

    names: list[str]
    message_ids: list[str | None]
    roots: dict[str, list[bytes | None]]
    fields: list[bytes | None]


def column_events(section: EventColumns, shaping: Shaping, kinds: list[int]) -> ColumnEvents:
    """The lake's texts of an import's events.

    Args:
        section: What the frame holds.
        shaping: What may lie in the lake.
        kinds: Type code of each event.
    """
    events = packed_values(section.columns.get("event"), section.count, raw_lists=False)
    names = [str(event) if kind == _TRACK else f"${EVENT_TYPES[kind]}" for kind, event in zip(kinds, events, strict=True)]
    ids = packed_values(section.columns.get("messageId"), section.count, raw_lists=False)
    roots = {root: _root_texts(section, shaping, root, names) for root in ROOTS}
    return ColumnEvents(names, [str(i) if isinstance(i, str) else None for i in ids], roots, _fields(section, shaping))


def _fields(section: EventColumns, shaping: Shaping) -> list[bytes | None]:
    held = {key: packed_values(section.columns[key], section.count, raw_lists=False) for key in FIELDS if key in section.columns}
    if not held:
        return [None] * section.count
    rows = zip(*held.values(), strict=True)
    return [shaping.encoded_fields({key: value for key, value in zip(held, row, strict=True) if value is not _ABSENT}) for row in rows]


def _root_texts(section: EventColumns, shaping: Shaping, root: str, names: list[str]) -> list[bytes | None]:
    """One root object of every event. Lists that no rule touches are copied as the bytes they are."""
    paths = sorted(path for path in section.columns if path.startswith(root + "."))
    if not paths:
        return [None] * section.count
    shapes = {name: shaping.shape(name, root) for name in sorted(set(names))}
    touched = {key for shape in shapes.values() for key in shape.touched}
    keys = [path.split(".")[1:] for path in paths]
    values = [packed_values(section.columns[path], section.count, raw_lists=True) for path in paths]
    # Lists are decoded one event at a time: a million live dicts would cost a second of garbage collection.
    decoded = [section.columns[path].kind == "list" and key[0] in touched for path, key in zip(paths, keys, strict=True)]
    makers = list(zip(keys, decoded, strict=True))
    return [shaping.encode(shapes[name], _object(makers, row)) for name, row in zip(names, zip(*values, strict=True), strict=True)]


def _object(makers: list[tuple[list[str], bool]], row: tuple[object, ...]) -> dict[str, object]:
    """One event's root object of the values of its columns."""
    made: dict[str, object] = {}
    for (keys, decode), value in zip(makers, row, strict=True):
        if value is _ABSENT:
            continue
        held = _decode_list(value) if decode and isinstance(value, msgspec.Raw) else value
        if len(keys) == 1:
            made[keys[0]] = held
        else:
            _put(made, keys, held)
    return made


def _put(made: dict[str, object], keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        below = made.setdefault(key, {})
        if not isinstance(below, dict):
            return
        made = below
    made[keys[-1]] = value


def packed_values(column: PackedColumn | None, count: int, *, raw_lists: bool) -> list[object]:
    """The Python values of a packed column; a mark of our own where nothing is known.

    Args:
        column: None: nothing is known of any event.
        count: How many events.
        raw_lists: Leave each list as its JSON, to be copied.
    """
    if column is None:
        return [_ABSENT] * count
    values: list[object]
    if column.kind == "list":
        values = list(_decode_raws(column.values)) if raw_lists else list(_decode_list(column.values))
    elif column.kind == "text":
        # Code -1 (unknown) reads the last word; the mask below takes it out again.
        words = np.array([*column.words, ""], object)
        values = words[np.frombuffer(column.values, column.dtype)].tolist()
    elif column.kind == "flag":
        values = np.frombuffer(column.values, column.dtype).astype(np.bool_).tolist()
    else:
        values = _numbers(np.frombuffer(column.values, column.dtype))
    if not column.known:
        return values
    known = np.unpackbits(np.frombuffer(column.known, np.uint8), count=count, bitorder="little").tolist()
    return [value if there else _ABSENT for value, there in zip(values, known, strict=True)]


def _numbers(values: np.ndarray[tuple[int], np.dtype[Any]]) -> list[object]:
    """Numbers as JSON would have them: a whole float (7.0) is written 7."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [int(v) if v.is_integer() and abs(v) < 2**53 else v for v in values.tolist()]
