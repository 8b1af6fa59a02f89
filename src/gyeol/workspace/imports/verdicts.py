"""Which rows are no events, and why: the same codes as for events that come by HTTP."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.model import EVENT_TYPES
from gyeol.kernel.instants import instant_text, parse_instant
from gyeol.workspace.imports.columns import TIME, TIME_TEXT, PathColumn, whole

if TYPE_CHECKING:
    import pyarrow as pa

Mask = npt.NDArray[np.bool_]

CODES = (
    "no_type", "unknown_type", "alias_without_previous", "no_identity", "track_without_event", "group_without_id", "bad_timestamp",
    "bad_number",
)  # fmt: skip
"""In the order in which they are asked: a row has the first that holds."""

NO_INSTANT = -(2**62)
"""Stands for the milliseconds of a row without an instant."""

_TRACK, _GROUP, _ALIAS = (EVENT_TYPES.index(name) for name in ("track", "group", "alias"))
_ABSENT, _UNKNOWN = -2, -1


def times_of(table: pa.Table) -> npt.NDArray[np.int64]:
    """Milliseconds of every row, ``NO_INSTANT`` where there is none."""
    times: npt.NDArray[np.int64] = whole(table, TIME).fill_null(NO_INSTANT).to_numpy(zero_copy_only=False)
    if TIME_TEXT not in table.column_names:
        return times
    missing = np.flatnonzero(times == NO_INSTANT)
    if len(missing):
        times = times.copy()
        for row, text in zip(missing.tolist(), whole(table, TIME_TEXT).take(missing).to_pylist(), strict=True):
            found = parse_instant(text) if text is not None else None
            times[row] = NO_INSTANT if found is None else found
    return times


def type_codes(table: pa.Table) -> npt.NDArray[np.int8]:
    """Index into ``EVENT_TYPES`` of every row; -1 for a type that is none, -2 for none at all."""
    import pyarrow as pa

    array = whole(table, "type")
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    of_word = np.array([EVENT_TYPES.index(w) if w in EVENT_TYPES else _UNKNOWN for w in words] + [_ABSENT], np.int8)
    return np.asarray(of_word[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)])


def verdicts(
    table: pa.Table, types: npt.NDArray[np.int8], times: npt.NDArray[np.int64], columns: dict[str, PathColumn]
) -> npt.NDArray[np.int8]:
    """Index into ``CODES`` of every row, -1 for events."""
    user, anonymous = _known(table, "userId"), _known(table, "anonymousId")
    alias = types == _ALIAS
    holds = (
        types == _ABSENT,
        types == _UNKNOWN,
        alias & ~_known(table, "previousId"),
        ~(user | (anonymous & ~alias)),
        (types == _TRACK) & ~_known(table, "event"),
        (types == _GROUP) & ~_known(table, "groupId"),
        times == NO_INSTANT,
        _not_finite(table, columns),
    )
    found = np.full(table.num_rows, -1, np.int8)
    for index in range(len(holds) - 1, -1, -1):
        found[holds[index]] = index
    return found


def detail(code: str, values: dict[str, object], columns: dict[str, PathColumn]) -> str:
    """What is wrong with a rejected row, in words."""
    if code == "unknown_type":
        return f"type {values.get('type')!r} is none of {', '.join(EVENT_TYPES)}"
    if code == "bad_timestamp":
        text = values.get(TIME_TEXT)
        return "timestamp is missing" if text is None else f"timestamp {text!r} is no instant"
    if code == "bad_number":
        paths = [path for path in columns if isinstance(values.get(path), float) and not math.isfinite(float(str(values[path])))]
        return f"{', '.join(paths)} is not a finite number"
    return {
        "no_type": "type is missing",
        "alias_without_previous": "an alias call needs previousId",
        "no_identity": "userId and anonymousId are both missing" if values.get("type") != "alias" else "an alias call needs userId",
        "track_without_event": "a track call needs an event name",
        "group_without_id": "a group call needs groupId",
    }[code]


def raw_json(values: dict[str, object], columns: dict[str, PathColumn]) -> bytes:
    """A row as the event that it would have been."""
    event: dict[str, object] = {}
    for path, column in columns.items():
        value = values.get(path)
        if value is None:
            continue
        if column.kind == "json" and isinstance(value, str):
            value = msgspec.json.decode(value)
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        _put(event, path.split("."), value)
    at = values.get(TIME)
    if values.get(TIME_TEXT) is not None:
        event["timestamp"] = values[TIME_TEXT]
    elif isinstance(at, int):
        event["timestamp"] = instant_text(at)
    return msgspec.json.encode(event)


def _put(into: dict[str, object], keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        inner = into.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        into = inner
    into[keys[-1]] = value


def _known(table: pa.Table, path: str) -> Mask:
    if path not in table.column_names:
        return np.zeros(table.num_rows, np.bool_)
    array = whole(table, path)
    if not array.null_count:
        return np.ones(table.num_rows, np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _not_finite(table: pa.Table, columns: dict[str, PathColumn]) -> Mask:
    import pyarrow as pa

    found = np.zeros(table.num_rows, np.bool_)
    for path, column in columns.items():
        if column.kind == "number" and pa.types.is_floating(table.schema.field(path).type):
            array = whole(table, path)
            if array.null_count < len(array):
                found |= ~np.isfinite(array.fill_null(0.0).to_numpy(zero_copy_only=False))
    return found
