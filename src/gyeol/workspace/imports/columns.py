"""Arrow arrays as the packed columns of a section."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.sections import PackedColumn

if TYPE_CHECKING:
    import pyarrow as pa

TIME, TIME_TEXT, SOURCE = "$time", "$time_text", "$source"
"""Names of the readers' own columns: milliseconds, the text that gave none, index of the source. No path begins with ``$``."""

TEXT_COLUMNS = ("type", "event", "messageId", "userId", "anonymousId", "groupId", "previousId", "name")
"""Columns of the Segment spec that are text whatever a file's type for them is; an empty text is none."""

Kind = Literal["text", "number", "flag", "json"]


class PathColumn(msgspec.Struct, frozen=True):
    """One column of a reader.

    Args:
        path: Which path of the event it is.
        kind: text (strings, or a dictionary of them) | number (int64 or double) | flag | json (lists and objects: as JSON text, or
            nested Arrow values).
    """

    path: str
    kind: Kind


def packed(array: pa.Array, kind: Kind) -> PackedColumn:
    """The column of an array that has at least one value."""
    return _PACK[kind](array)


def packed_ids(array: pa.Array) -> tuple[PackedColumn, list[bytes]]:
    """A column of texts of which hardly two are equal and none is missing, without looking for equal ones; and the texts as UTF-8."""
    import pyarrow as pa

    raw = array.cast(pa.binary()).to_pylist()
    column = PackedColumn("text", "<i4", np.arange(len(raw), dtype="<i4").tobytes(), b"", _normal(array).to_pylist())
    return column, raw


def whole(table: pa.Table, name: str) -> pa.Array:
    """A column of a table as one array."""
    import pyarrow as pa

    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def _bits(array: pa.Array) -> bytes:
    if not array.null_count:
        return b""
    return np.packbits(array.is_valid().to_numpy(zero_copy_only=False), bitorder="little").tobytes()


def _normal(texts: pa.Array) -> pa.Array:
    """The texts in Unicode normal form C."""
    import pyarrow.compute as pc

    return texts if pc.all(pc.string_is_ascii(texts)).as_py() is not False else pc.utf8_normalize(texts, form="NFC")


def _text(array: pa.Array) -> PackedColumn:
    import pyarrow as pa

    known = _bits(array)
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes: npt.NDArray[np.int32] = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("<i4")
    words = encoded.dictionary
    if len(words) > len(codes):
        # The dictionary is that of a larger part of the file: keep the words that occur here.
        used = np.zeros(len(words) + 1, np.bool_)
        used[codes] = True
        used[-1] = False
        place = np.cumsum(used, dtype="<i4") - 1
        place[-1] = -1
        codes = place[codes]
        words = words.filter(pa.array(used[:-1]))
    return PackedColumn("text", "<i4", codes.tobytes(), known, _normal(words).to_pylist())


def _number(array: pa.Array) -> PackedColumn:
    import pyarrow as pa

    is_whole = pa.types.is_integer(array.type)
    values = array.fill_null(0 if is_whole else 0.0).to_numpy(zero_copy_only=False)
    dtype = "<i8" if is_whole else "<f8"
    return PackedColumn("number", dtype, values.astype(dtype, copy=False).tobytes(), _bits(array))


def _flag(array: pa.Array) -> PackedColumn:
    return PackedColumn("flag", "|b1", array.fill_null(False).to_numpy(zero_copy_only=False).tobytes(), _bits(array))


def _json(array: pa.Array) -> PackedColumn:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(array.type):
        texts = array.fill_null("null")
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts), ",")[0]
        data = b"".join((b"[", joined.as_buffer().to_pybytes(), b"]"))
    else:
        data = msgspec.json.encode(array.to_pylist())
    if not data.isascii():
        data = unicodedata.normalize("NFC", data.decode()).encode()
    return PackedColumn("list", "json", data, _bits(array))


_PACK: dict[Kind, Callable[[pa.Array], PackedColumn]] = {"text": _text, "number": _number, "flag": _flag, "json": _json}
