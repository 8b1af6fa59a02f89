"""What batches of either kind, and parts of them, do alike with a path: its type by plan, reader or values; its currency; the cache."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gyeol.events.batch import Wanted
from gyeol.events.model import EVENT_TYPES
from gyeol.events.reading import Reading, currency_path
from gyeol.events.sections import EventColumns, EventRows
from gyeol.events.values import Present, column_of, infer, money_column, numbers_of, text_column, time_column
from gyeol.expressions.column import Column, Mask, Vocabulary

_TRACK = EVENT_TYPES.index("track")
_NAMES = [f"${name}" for name in EVENT_TYPES]
_TIMES = {"timestamp": "time", "receivedAt": "received", "originalTimestamp": "original", "sentAt": "sent"}


class PathColumns(ABC):
    """Columns by path over some events.

    Args:
        reading: Paths, types and vocabularies.
        n: How many events.
    """

    def __init__(self, reading: Reading, n: int) -> None:
        self._reading = reading
        self._columns: dict[tuple[str, Wanted | None], Column] = {}
        self._currencies_of: dict[str, Column] = {}
        self.n = n
        self.names: Vocabulary = reading.vocabularies.names

    @property
    @abstractmethod
    def name(self) -> npt.NDArray[np.int32]:
        """Codes of the events' names."""

    @abstractmethod
    def _types(self) -> Column:
        """The column ``type``."""

    @abstractmethod
    def instants(self, path: str) -> npt.NDArray[np.int64]:
        """(n,) milliseconds of one of the four timestamps."""

    @abstractmethod
    def _present(self, path: str) -> Present:
        """The path's values as JSON has them."""

    @abstractmethod
    def _text(self, path: str, vocabulary: Vocabulary) -> Column:
        """The path as a text column with codes of a vocabulary."""

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        found = self._columns.get((path, kind))
        if found is None:
            found = self._columns[path, kind] = self._make(path, kind)
        return found

    def _make(self, path: str, kind: Wanted | None) -> Column:
        if path == "type":
            return self._types()
        if path in _TIMES:
            return time_column(self.instants(path))
        declared = self._reading.types.get(path)
        if declared == "money":
            return self._money(path)
        if declared is not None and declared != "any":
            kind = "list" if declared == "object" else declared
        if kind == "text":
            return self._text(path, self._reading.vocabularies.of(path))
        return self._as(path, kind)

    def _as(self, path: str, kind: Wanted | None) -> Column:
        found = self._present(path)
        return column_of(found, kind or infer(found.values), self._reading.vocabularies.of(path))

    def _money(self, path: str) -> Column:
        amounts, known = self._amounts(path)
        if not known.any():
            return Column(kind="number", values=np.zeros(self.n, np.int64), known=known)
        return money_column(amounts, known, self._currencies(path))

    def _amounts(self, path: str) -> tuple[npt.NDArray[np.float64], Mask]:
        return numbers_of(self._present(path))

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        if self._reading.types.get(path) != "money":
            return text_column(Present([], np.zeros(self.n, np.bool_)), self._reading.vocabularies.of(currency_path(path)))
        codes, known = self._currencies(path), self.column(path).known
        return Column(kind="text", values=np.where(known, codes.values, -1), known=known, vocabulary=codes.vocabulary)

    def _currencies(self, path: str) -> Column:
        found = self._currencies_of.get(path)
        if found is None:
            own = self.column(currency_path(path), "text")
            found = self._currencies_of[path] = self._reading.currency_codes(path, own, self.name, self.names)
        return found


def placed(first_offset: int, parts: Sequence[tuple[int, int]], i: int) -> int:
    """The offset of an event, by its place among all events of some parts.

    Args:
        first_offset: Of the first event.
        parts: (first offset, events) of each part; empty: no other records stand between the events.
        i: The place.
    """
    for first_of, events in parts:
        if i < events:
            return first_of + i
        i -= events
    return first_offset + i


class PathBatch(PathColumns):
    """The common part of the two kinds of ``EventBatch``.

    Args:
        section: What the frame holds.
        n: How many events.
        first_offset: Offset of the first one.
        reading: Paths, types and vocabularies.
        parts: (first offset, events) of each part when other records stand between them; empty: none do.
    """

    columnar = False

    def __init__(
        self, section: EventRows | EventColumns, n: int, first_offset: int, reading: Reading, parts: Sequence[tuple[int, int]] = ()
    ) -> None:
        super().__init__(reading, n)
        self._times = {path: getattr(section, field) for path, field in _TIMES.items()}
        self._name: npt.NDArray[np.int32] | None = None
        self.first_offset = first_offset
        self._parts = parts
        self.type_code = np.frombuffer(section.type_code, np.uint8)
        self.source = reading.source_indices(np.frombuffer(section.source, "<i2"), section.sources)
        self.time_ms = np.frombuffer(section.time, "<i8")
        self.received_ms = np.frombuffer(section.received, "<i8")
        self.id_hash = np.frombuffer(section.id_hash, "<u8")
        self.flags = np.frombuffer(section.flags, "<u2")

    def offset(self, i: int) -> int:
        """See ``EventBatch``."""
        return placed(self.first_offset, self._parts, i)

    @property
    def name(self) -> npt.NDArray[np.int32]:
        """See ``EventBatch``."""
        if self._name is None:
            tracked = self.type_code == _TRACK
            names: npt.NDArray[np.int32] = np.empty(self.n, np.int32)
            for code in sorted(set(self.type_code.tolist()) - {_TRACK}):
                names[self.type_code == code] = self.names.code(_NAMES[code])
            if tracked.any():
                names[tracked] = self._text("event", self.names).values[tracked]
            self._name = names
        return self._name

    def _types(self) -> Column:
        vocabulary = self._reading.vocabularies.of("type")
        codes = np.array([vocabulary.code(name) for name in EVENT_TYPES], np.int32)
        return Column(kind="text", values=codes[self.type_code], known=np.ones(self.n, np.bool_), vocabulary=vocabulary)

    def instants(self, path: str) -> npt.NDArray[np.int64]:
        """(n,) milliseconds of one of the four timestamps."""
        return np.frombuffer(self._times[path], "<i8")
