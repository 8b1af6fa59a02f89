"""A section of columns without some of its events, or cut into parts."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.columns import known_of
from gyeol.events.sections import EventColumns, PackedColumn
from gyeol.expressions.column import Mask

_ARRAYS = {
    "source": "<i2",
    "time": "<i8",
    "received": "<i8",
    "original": "<i8",
    "sent": "<i8",
    "flags": "<u2",
    "type_code": "|u1",
    "id_hash": "<u8",
}


def keep_rows(section: EventColumns, keep: Mask) -> EventColumns:
    """The section with only some of its events, in their order.

    Args:
        section: Any; itself if all are kept.
        keep: (count,) bool.
    """
    if keep.all():
        return section
    kept = np.flatnonzero(keep)
    changes: dict[str, object] = {
        name: np.frombuffer(getattr(section, name), dtype).take(kept).tobytes() for name, dtype in _ARRAYS.items()
    }
    changes["columns"] = {path: _kept(packed, section.count, kept) for path, packed in section.columns.items()}
    return msgspec.structs.replace(section, count=len(kept), **changes)


def _kept(packed: PackedColumn, n: int, kept: npt.NDArray[np.int64]) -> PackedColumn:
    """One column; words that no event is left with stay: codes need not be dense."""
    bits = b""
    if packed.known:
        known = known_of(packed, n).take(kept)
        bits = b"" if known.all() else np.packbits(known, bitorder="little").tobytes()
    if packed.kind == "list":
        raws = msgspec.json.decode(packed.values, type=list[msgspec.Raw])
        values = msgspec.json.encode([raws[i] for i in kept.tolist()])
    else:
        values = np.frombuffer(packed.values, packed.dtype).take(kept).tobytes()
    return msgspec.structs.replace(packed, values=values, known=bits)


def cut_rows(section: EventColumns, rows: int) -> list[EventColumns]:
    """The section in parts of so many events at most, in their order; each with its own words only, and all with the same origin."""
    if section.count <= rows:
        return [section]
    cuts = {path: _cut(packed, section.count, rows) for path, packed in section.columns.items()}
    parts = []
    for index, start in enumerate(range(0, section.count, rows)):
        end = min(start + rows, section.count)
        changes: dict[str, object] = {
            name: getattr(section, name)[start * np.dtype(dtype).itemsize : end * np.dtype(dtype).itemsize]
            for name, dtype in _ARRAYS.items()
        }
        changes["columns"] = {path: parts_of[index] for path, parts_of in cuts.items()}
        parts.append(msgspec.structs.replace(section, count=end - start, **changes))
    return parts


def _cut(packed: PackedColumn, n: int, rows: int) -> list[PackedColumn]:
    known = known_of(packed, n)
    raws = msgspec.json.decode(packed.values, type=list[msgspec.Raw]) if packed.kind == "list" else []
    values = None if packed.kind == "list" else np.frombuffer(packed.values, packed.dtype)
    parts = []
    for start in range(0, n, rows):
        mine = known[start : start + rows]
        bits = b"" if mine.all() else np.packbits(mine, bitorder="little").tobytes()
        if values is None:
            parts.append(msgspec.structs.replace(packed, values=msgspec.json.encode(raws[start : start + rows]), known=bits))
            continue
        part, words = values[start : start + rows], packed.words
        if packed.kind == "text":
            used, codes = np.unique(np.where(mine, part, -1), return_inverse=True)
            absent = len(used) > 0 and used[0] == -1
            words = [packed.words[code] for code in used.tolist() if code >= 0]
            part = codes.astype("<i4") - np.int32(absent)
        parts.append(msgspec.structs.replace(packed, values=part.astype(packed.dtype).tobytes(), known=bits, words=words))
    return parts
