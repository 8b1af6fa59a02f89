"""Imported events, as a batch: columns stay arrays from the file to the fold."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EventBatch, Wanted
from gyeol.events.model import EVENT_TYPES
from gyeol.events.paths import PathBatch
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import NO_TIME, EventColumns, EventRows, Frame, PackedColumn, section_count
from gyeol.events.values import Present, as_text, nfc, numbers_of, present, text_column
from gyeol.expressions.column import Column, Mask, Vocabulary
from gyeol.kernel.instants import instant_text


def pack(column: Column) -> PackedColumn:
    """A column as a frame keeps it. Texts keep only the words that occur, in order of their codes."""
    known = b"" if column.known.all() else np.packbits(column.known, bitorder="little").tobytes()
    if column.kind == "list":
        values = [v if k else None for v, k in zip(column.values.tolist(), column.known.tolist(), strict=True)]
        return PackedColumn(kind="list", dtype="json", values=msgspec.json.encode(values), known=known)
    if column.kind == "text":
        assert column.vocabulary is not None
        used, codes = np.unique(np.where(column.known, column.values, -1), return_inverse=True)
        codes = codes.astype("<i4") - (len(used) > 0 and used[0] == -1)
        words = [nfc(column.vocabulary.words[c]) for c in used.tolist() if c >= 0]
        return PackedColumn(kind="text", dtype="<i4", values=codes.astype("<i4").tobytes(), known=known, words=words)
    dtype = "|b1" if column.kind == "flag" else "<i8" if column.values.dtype.kind in "iu" else "<f8"
    return PackedColumn(kind=column.kind, dtype=dtype, values=column.values.astype(dtype).tobytes(), known=known)


def known_of(packed: PackedColumn, n: int) -> Mask:
    """Which of the n events have a value."""
    if not packed.known:
        return np.ones(n, np.bool_)
    return np.unpackbits(np.frombuffer(packed.known, np.uint8), count=n, bitorder="little").astype(np.bool_)


class ColumnsBatch(PathBatch):
    """An ``EventBatch`` over ``EventColumns``.

    Args:
        section: What the frame holds.
        first_offset: Offset of its first event.
        reading: Types and vocabularies; its paths do not matter.
    """

    def __init__(self, section: EventColumns, first_offset: int, reading: Reading) -> None:
        super().__init__(section, section.count, first_offset, reading)
        self._held = section.columns

    def part(self, events: npt.NDArray[np.int64]) -> ColumnsPart:
        """See ``EventBatch``."""
        return ColumnsPart(self, events)

    def each(self) -> None:
        """See ``EventColumnsByPath``."""

    def _present(self, path: str) -> Present:
        packed = self._held.get(path)
        if packed is None:
            return present(self._below(path))
        known = known_of(packed, self.n)
        if packed.kind == "list":
            return present(msgspec.json.decode(packed.values))
        values = np.frombuffer(packed.values, packed.dtype)[known].tolist()
        return Present([packed.words[c] for c in values] if packed.kind == "text" else values, known)

    def _below(self, path: str) -> list[object]:
        """A path that is no column: an object made of the columns below it, or nothing."""
        inner = [name for name in self._held if name.startswith(f"{path}.")]
        if not inner:
            return [None] * self.n
        return [_nested({name[len(path) + 1 :]: v for name, v in row.items()}) or None for row in self._rows(inner)]

    def _rows(self, paths: list[str]) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = [{} for _ in range(self.n)]
        for path in paths:
            found = self._present(path)
            for i, value in zip(np.flatnonzero(found.known).tolist(), found.values, strict=True):
                rows[i][path] = value
        return rows

    def _text(self, path: str, vocabulary: Vocabulary) -> Column:
        packed = self._held.get(path)
        if packed is None or packed.kind != "text":
            return text_column(self._present(path), vocabulary)
        known = known_of(packed, self.n)
        # A last -1 makes code -1 (unknown) stay -1.
        shared = np.array([vocabulary.code(w) for w in packed.words] + [-1], np.int32)
        return Column(kind="text", values=shared[np.frombuffer(packed.values, "<i4")], known=known, vocabulary=vocabulary)

    def _numbers(self, path: str) -> tuple[npt.NDArray[np.float64], Mask] | None:
        packed = self._held.get(path)
        if packed is None or packed.kind != "number":
            return None
        known = known_of(packed, self.n)
        numbers = np.frombuffer(packed.values, packed.dtype).astype(np.float64)
        numbers[~known] = 0.0
        return numbers, known

    def _as(self, path: str, kind: Wanted | None) -> Column:
        packed = self._held.get(path)
        if packed is not None and packed.kind == "flag" and kind in (None, "flag"):
            return Column(kind="flag", values=np.frombuffer(packed.values, np.bool_), known=known_of(packed, self.n))
        numbers = self._numbers(path) if kind in (None, "number", "time") else None
        if numbers is not None:
            return Column(kind="number", values=numbers[0], known=numbers[1])
        if kind is None and packed is not None and packed.kind == "text":
            return self._text(path, self._reading.vocabularies.of(path))
        return super()._as(path, kind)

    def _amounts(self, path: str) -> tuple[npt.NDArray[np.float64], Mask]:
        return self._numbers(path) or numbers_of(self._present(path))

    def texts(self, path: str) -> list[str | None]:
        """See ``EventBatch``."""
        found = self._present(path)
        texts: list[str | None] = [None] * self.n
        for i, value in zip(np.flatnonzero(found.known).tolist(), found.values, strict=True):
            texts[i] = value if isinstance(value, str) else as_text(value)
        return texts

    def coded(self, path: str) -> tuple[npt.NDArray[np.int32], list[str]] | None:
        """See ``EventBatch``."""
        packed = self._held.get(path)
        if packed is None or packed.kind != "text":
            return None
        codes = np.frombuffer(packed.values, "<i4")
        return (np.where(known_of(packed, self.n), codes, np.int32(-1)) if packed.known else codes), packed.words

    def raw(self, i: int) -> bytes:
        """See ``EventBatch``."""
        flat: dict[str, object] = {"type": EVENT_TYPES[int(self.type_code[i])]}
        for path, packed in self._held.items():
            if path != "type" and known_of(packed, self.n)[i]:
                flat[path] = _item(packed, i)
        for path, data in self._times.items():
            at_ms = int(np.frombuffer(data, "<i8")[i])
            if at_ms != NO_TIME:
                flat[path] = instant_text(at_ms)
        return msgspec.json.encode(_nested(flat))


class ColumnsPart:
    """Some events of a ``ColumnsBatch``.

    Args:
        whole: The batch.
        events: Indices into it.
    """

    def __init__(self, whole: ColumnsBatch, events: npt.NDArray[np.int64]) -> None:
        self._whole, self._events = whole, events

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        return self._whole.column(path, kind).take(self._events)

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        return self._whole.currency(path).take(self._events)

    def each(self) -> None:
        """See ``EventColumnsByPath``."""


def _item(packed: PackedColumn, i: int) -> object:
    if packed.kind == "list":
        listed: list[object] = msgspec.json.decode(packed.values)
        return listed[i]
    value = np.frombuffer(packed.values, packed.dtype)[i].item()
    return packed.words[value] if packed.kind == "text" else value


def _nested(flat: dict[str, object]) -> dict[str, object]:
    """Dotted keys as nested objects."""
    nested: dict[str, object] = {}
    for path, value in flat.items():
        at = nested
        *parents, leaf = path.split(".")
        for key in parents:
            below = at.setdefault(key, {})
            if not isinstance(below, dict):
                below = at[key] = {}
            at = below
        at[leaf] = value
    return nested


def batches_of(frame: Frame, reading: Reading) -> list[EventBatch]:
    """The batches of a frame's events, in order, each with its first offset."""
    batches: list[EventBatch] = []
    offset = frame.header.first_offset
    for section in frame.sections:
        if isinstance(section, EventRows):
            batches.append(RowsBatch(section, offset, reading))
        elif isinstance(section, EventColumns):
            batches.append(ColumnsBatch(section, offset, reading))
        offset += section_count(section)
    return batches
