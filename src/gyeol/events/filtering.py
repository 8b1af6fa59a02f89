"""A section of columns without some of its events."""

from __future__ import annotations

import msgspec
import numpy as np

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
    changes: dict[str, object] = {name: np.frombuffer(getattr(section, name), dtype)[keep].tobytes() for name, dtype in _ARRAYS.items()}
    changes["columns"] = {path: _kept(packed, section.count, keep) for path, packed in section.columns.items()}
    return msgspec.structs.replace(section, count=int(np.count_nonzero(keep)), **changes)


def _kept(packed: PackedColumn, n: int, keep: Mask) -> PackedColumn:
    """One column; words that no event is left with stay: codes need not be dense."""
    known = known_of(packed, n)[keep]
    bits = b"" if known.all() else np.packbits(known, bitorder="little").tobytes()
    if packed.kind == "list":
        raws = msgspec.json.decode(packed.values, type=list[msgspec.Raw])
        values = msgspec.json.encode([raw for raw, k in zip(raws, keep.tolist(), strict=True) if k])
    else:
        values = np.frombuffer(packed.values, packed.dtype)[keep].tobytes()
    return msgspec.structs.replace(packed, values=values, known=bits)
