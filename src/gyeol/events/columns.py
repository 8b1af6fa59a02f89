"""Imported events, as a batch: columns stay arrays from the file to the fold."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EventBatch, Wanted
from gyeol.events.model import EVENT_TYPES
from gyeol.events.paths import PathBatch, PathColumns
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import NO_TIME, EventColumns, EventRows, Frame, PackedColumn, section_count
from gyeol.events.values import Present, as_text, nfc, numbers_of, present, text_column
from gyeol.expressions.column import Column, Mask, Vocabulary, everywhere, known_everywhere
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


class PackedPaths(PathColumns):
    """What an import's events and some of them do alike: columns that were packed are read as arrays."""

    @property
    @abstractmethod
    def whole(self) -> ColumnsBatch:
        """The batch that holds the columns."""

    @abstractmethod
    def _chosen(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Of an array over the batch's events what belongs to these."""

    def _known(self, path: str) -> Mask:
        return self._chosen(self.whole.known(path)) if self.whole.held[path].known else everywhere(self.n)

    def _present(self, path: str) -> Present:
        packed = self.whole.held.get(path)
        if packed is None or packed.kind == "list":
            objects = self.whole.objects(path)
            return Present([], np.zeros(self.n, np.bool_)) if objects is None else present(self._chosen(objects).tolist())
        known = self._known(path)
        values = self._chosen(np.frombuffer(packed.values, packed.dtype))[known].tolist()
        return Present([packed.words[c] for c in values] if packed.kind == "text" else values, known)

    def _text(self, path: str, vocabulary: Vocabulary) -> Column:
        packed = self.whole.held.get(path)
        if packed is None or packed.kind != "text":
            return text_column(self._present(path), vocabulary)
        codes = self.whole.shared_codes(path, vocabulary)[self._chosen(np.frombuffer(packed.values, "<i4"))]
        return Column(kind="text", values=codes, known=self._known(path), vocabulary=vocabulary)

    def _numbers(self, path: str) -> tuple[npt.NDArray[np.float64], Mask] | None:
        packed = self.whole.held.get(path)
        if packed is None or packed.kind != "number":
            return None
        known = self._known(path)
        numbers = self._chosen(np.frombuffer(packed.values, packed.dtype)).astype(np.float64)
        if not known_everywhere(known):
            numbers[~known] = 0.0
        return numbers, known

    def _as(self, path: str, kind: Wanted | None) -> Column:
        packed = self.whole.held.get(path)
        if packed is not None and packed.kind == "flag" and kind in (None, "flag"):
            return Column(kind="flag", values=self._chosen(np.frombuffer(packed.values, np.bool_)), known=self._known(path))
        numbers = self._numbers(path) if kind in (None, "number", "time") else None
        if numbers is not None:
            return Column(kind="number", values=numbers[0], known=numbers[1])
        if kind is None and packed is not None and packed.kind == "text":
            return self._text(path, self._reading.vocabularies.of(path))
        return super()._as(path, kind)

    def _amounts(self, path: str) -> tuple[npt.NDArray[np.float64], Mask]:
        return self._numbers(path) or numbers_of(self._present(path))

    def each(self) -> None:
        """See ``EventColumnsByPath``."""


class ColumnsBatch(PackedPaths, PathBatch):
    """An ``EventBatch`` over ``EventColumns``.

    Args:
        section: What the frame holds.
        first_offset: Offset of its first event.
        reading: Types and vocabularies; its paths do not matter.

    Attributes:
        held: The columns as they came.
    """

    columnar = True

    def __init__(self, section: EventColumns, first_offset: int, reading: Reading) -> None:
        super().__init__(section, section.count, first_offset, reading)
        self.held = section.columns
        self._known_of: dict[str, Mask] = {}
        self._objects_of: dict[str, npt.NDArray[Any] | None] = {}
        self._shared: dict[tuple[str, int], npt.NDArray[np.int32]] = {}

    @property
    def whole(self) -> ColumnsBatch:
        """See ``PackedPaths``."""
        return self

    def _chosen(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return array

    def part(self, events: npt.NDArray[np.int64]) -> ColumnsPart:
        """See ``EventBatch``."""
        return ColumnsPart(self, self._reading, events)

    def known(self, path: str) -> Mask:
        """Which events have a value under a path that is a column."""
        found = self._known_of.get(path)
        if found is None:
            packed = self.held[path]
            found = self._known_of[path] = known_of(packed, self.n) if packed.known else everywhere(self.n)
        return found

    def shared_codes(self, path: str, vocabulary: Vocabulary) -> npt.NDArray[np.int32]:
        """The code of each of a text column's words in a vocabulary; the last one, which code -1 finds, is -1."""
        found = self._shared.get((path, id(vocabulary)))
        if found is None:
            words = self.held[path].words
            found = self._shared[path, id(vocabulary)] = np.array([*map(vocabulary.code, words), -1], np.int32)
        return found

    def objects(self, path: str) -> npt.NDArray[Any] | None:
        """The values of a list column; of a path that is no column, objects made of those below it; None where nothing is below."""
        if path not in self._objects_of:
            packed = self.held.get(path)
            values = self._below(path) if packed is None else msgspec.json.decode(packed.values)
            self._objects_of[path] = np.fromiter(values, object, self.n) if values else None
        return self._objects_of[path]

    def _below(self, path: str) -> list[object]:
        inner = [name for name in self.held if name.startswith(f"{path}.")]
        return [_nested({name[len(path) + 1 :]: v for name, v in row.items()}) or None for row in self._rows(inner)] if inner else []

    def _rows(self, paths: list[str]) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = [{} for _ in range(self.n)]
        for path in paths:
            found = self._present(path)
            for i, value in zip(np.flatnonzero(found.known).tolist(), found.values, strict=True):
                rows[i][path] = value
        return rows

    def texts(self, path: str) -> list[str | None]:
        """See ``EventBatch``."""
        found = self._present(path)
        texts: list[str | None] = [None] * self.n
        for i, value in zip(np.flatnonzero(found.known).tolist(), found.values, strict=True):
            texts[i] = value if isinstance(value, str) else as_text(value)
        return texts

    def coded(self, path: str) -> tuple[npt.NDArray[np.int32], list[str]] | None:
        """See ``EventBatch``."""
        packed = self.held.get(path)
        if packed is None or packed.kind != "text":
            return None
        codes = np.frombuffer(packed.values, "<i4")
        return (np.where(self.known(path), codes, np.int32(-1)) if packed.known else codes), packed.words

    def raw(self, i: int) -> bytes:
        """See ``EventBatch``."""
        flat: dict[str, object] = {"type": EVENT_TYPES[int(self.type_code[i])]}
        for path, packed in self.held.items():
            if path != "type" and self.known(path)[i]:
                flat[path] = _item(packed, i)
        for path, data in self._times.items():
            at_ms = int(np.frombuffer(data, "<i8")[i])
            if at_ms != NO_TIME:
                flat[path] = instant_text(at_ms)
        return msgspec.json.encode(_nested(flat))


class ColumnsPart(PackedPaths):
    """Some events of a ``ColumnsBatch``: only their values are converted.

    Args:
        whole: The batch.
        reading: Of the batch.
        events: Indices into it; one may stand more than once.
    """

    def __init__(self, whole: ColumnsBatch, reading: Reading, events: npt.NDArray[np.int64]) -> None:
        super().__init__(reading, len(events))
        self._whole, self._events = whole, events

    @property
    def whole(self) -> ColumnsBatch:
        """See ``PackedPaths``."""
        return self._whole

    @property
    def name(self) -> npt.NDArray[np.int32]:
        """See ``EventBatch``."""
        return self._whole.name.take(self._events)

    def instants(self, path: str) -> npt.NDArray[np.int64]:
        """(n,) milliseconds of one of the four timestamps."""
        return self._whole.instants(path).take(self._events)

    def _chosen(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return array.take(self._events)

    def _types(self) -> Column:
        return self._whole.column("type").take(self._events)


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
