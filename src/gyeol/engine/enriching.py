"""Events joined with the facts that were true when they happened: ``moment.*`` as columns of a batch, for the conditions that read them.

An event is joined once, when it is folded, with what the log held before it: of the facts about its own person, article, store, cell
and region and about the workspace, the most specific one that counted at the event's time. ``context/batch.py`` says the same in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from gyeol.context.batch import SqlJoins
from gyeol.context.behaviour.recorded import ACTION, Recorder
from gyeol.context.clock import CLOCK_NAMES, Clock
from gyeol.context.data_files import opened
from gyeol.context.fact import Fact
from gyeol.context.facts.region_of import COUNTRY, Countries
from gyeol.context.ledger import FactLedger
from gyeol.context.moment import PREFIX, fact_column, moment_schema, told_kinds
from gyeol.context.seen import SEEN
from gyeol.context.subject import EVENT_KEYS, SUBJECT_KINDS, WORKSPACE, Subject, cell_of, person_subject
from gyeol.engine.definitions import Definitions
from gyeol.events.batch import EachEvent, EventBatch, EventColumnsByPath, Wanted
from gyeol.events.reading import Reading
from gyeol.expressions.column import Column, Vocabulary
from gyeol.kernel.instants import DAY_MS, Int64
from gyeol.profiles.slices import coded

_SCHEMA = moment_schema()
_IP = "context.ip"
_OWN = frozenset((ACTION, COUNTRY, *SEEN))
"""What is told by an event alone."""


class EventJoins:
    """Which facts the conditions over events read, and what that needs of events.

    Args:
        definitions: The workspace's.
        paths: All paths that conditions over events read.

    Attributes:
        names: Those of them that are facts, with ``moment.``, sorted.
    """

    def __init__(self, definitions: Definitions, paths: Iterable[str]) -> None:
        self.names = sorted(path for path in paths if path.startswith(PREFIX) and (path in _SCHEMA or path in _OWN))
        self.keys = {kind: path for kind, path in definitions.workspace.moment.items() if kind in EVENT_KEYS}
        self.moment = definitions.workspace.moment
        self.zone_path = definitions.workspace.moment.get("zone")
        self.memory_ms = definitions.workspace.facts_days * DAY_MS
        plan = Reading(definitions.plan, definitions.workspace.currency)
        self.geoip = definitions.digest(definitions.workspace.geoip)
        self.recorder = Recorder(definitions.workspace.moment, plan) if ACTION in self.names else None

    def sql(self, clock: Clock, reading: Reading) -> SqlJoins | None:
        """The same joins in SQL; None when no condition over events reads any fact."""
        # The lake holds no IP addresses, so it cannot tell their countries.
        names = tuple(name for name in self.names if name != COUNTRY)
        if not names:
            return None
        return SqlJoins(
            names=names,
            keys=self.keys,
            zone_path=self.zone_path,
            memory_ms=self.memory_ms,
            clock=clock,
            reading=reading,
            recorder=self.recorder,
            moment=self.moment,
        )

    def paths(self, names: Iterable[str] | None = None) -> set[str]:
        """The paths of events that some joins read; of all when ``names`` is None."""
        found: set[str] = set()
        for name in self.names if names is None else names:
            short = name.removeprefix(PREFIX)
            if name == ACTION:
                found |= self.recorder.paths if self.recorder is not None else set()
            elif name == COUNTRY:
                found.add(_IP)
            elif name in SEEN:
                found |= set(SEEN[name].paths(self.moment))
            elif short in CLOCK_NAMES:
                found |= {self.zone_path} if self.zone_path is not None else set()
            elif short in told_kinds():
                kinds = told_kinds()[short].subjects
                for kind, path in self.keys.items():
                    if kind in kinds:
                        found |= {f"{path}.latitude", f"{path}.longitude"} if kind == "cell" else {path}
        return found

    def enriched(self, batch: EventBatch, nodes: Int64, facts: FactLedger, clock: Clock, now_ms: int) -> EventBatch:
        """The batch with its facts; the batch itself when no condition reads any.

        Args:
            batch: The events.
            nodes: (n,) the node of each.
            facts: All that the log held before them.
            clock: Of the workspace.
            now_ms: ``engine_now``.
        """
        return EnrichedBatch(batch, _Joining(self, batch, nodes, facts, clock, now_ms)) if self.names else batch


class Joining(Protocol):
    """Where the facts of a batch come from."""

    @property
    def names(self) -> Sequence[str]:
        """With ``moment.``."""
        ...

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """A name over some events (None: all), of which ``part`` has the columns."""
        ...


class Given:
    """Facts that were joined elsewhere.

    Args:
        columns: (n,) over the whole batch, by name with ``moment.``.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self.names = sorted(columns)

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """See ``Joining``."""
        found = self._columns[name]
        return found if events is None else found.take(events)


class _Joining:
    """What the parts of one batch are joined with."""

    def __init__(self, joins: EventJoins, batch: EventBatch, nodes: Int64, facts: FactLedger, clock: Clock, now_ms: int) -> None:
        self.joins, self.batch, self.nodes, self.facts, self.clock = joins, batch, nodes, facts, clock
        self.names = joins.names
        self.oldest_ms = now_ms - joins.memory_ms

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """A name over some events (None: all), of which ``part`` has the columns."""
        times = self.batch.time_ms if events is None else self.batch.time_ms[events]
        nodes = self.nodes if events is None else self.nodes[events]
        if name == ACTION:
            return self._actions(times, part, events)
        if name == COUNTRY:
            return self._countries(part)
        if name in SEEN:
            return self._seen(name, events)
        short = name.removeprefix(PREFIX)
        facts, place = self._clock(short, part, times) if short in CLOCK_NAMES else self._told(short, part, times, nodes)
        return fact_column(_SCHEMA[name], facts, place, None)

    def _actions(self, times: Int64, part: EventColumnsByPath, events: Int64 | None) -> Column:
        types, names = self.batch.type_code, self.batch.name
        if events is not None:
            types, names = types[events], names[events]
        assert self.joins.recorder is not None

        return self.joins.recorder.column(types, names, self.batch.names.words, times, part, lambda path: self._texts(path, events))

    def _texts(self, path: str, events: Int64 | None) -> Sequence[str | None]:
        """What some events say under a path; into no vocabulary that stays."""
        said = self.batch.texts(path)
        return said if events is None else [said[i] for i in events.tolist()]

    def _seen(self, name: str, events: Int64 | None) -> Column:
        """What events say of themselves."""
        seen = SEEN[name]
        rows = list(zip(*(self._texts(path, events) for path in seen.paths(self.joins.moment)), strict=True))
        told = {row: seen.tell(*row) for row in dict.fromkeys(rows)}
        words = Vocabulary()
        codes = words.encode([told[row] for row in rows])
        return Column("text", codes, codes >= 0, words)

    def _countries(self, part: EventColumnsByPath) -> Column:
        """The country of each event's IP address, by the workspace's own file."""
        said = _texts(part.column(_IP, "text"))
        words = Vocabulary()
        file = None if self.joins.geoip is None else cast(Countries, opened(self.joins.geoip))
        known = {text: None if file is None or text is None else file.country(text) for text in dict.fromkeys(said)}
        codes = words.encode([known[text] for text in said])
        return Column("text", codes, codes >= 0, words)

    def _clock(self, name: str, part: EventColumnsByPath, times: Int64) -> tuple[list[Fact | None], Int64]:
        path = self.joins.zone_path
        if path is None:
            return self.clock.values(name, times, self.clock.zone, assumed=True)
        facts: list[Fact | None] = []
        place = np.zeros(len(times), np.int64)
        said = _texts(part.column(path, "text"))
        of: dict[str | None, list[int]] = {}
        for i, text in enumerate(said):
            of.setdefault(text, []).append(i)
        for text, where in of.items():
            zone, assumed = self.clock.zone_of(text)
            found, mine = self.clock.values(name, times[where], zone, assumed)
            place[where] = mine + len(facts)
            facts += found
        return facts, place

    def _told(self, name: str, part: EventColumnsByPath, times: Int64, nodes: Int64) -> tuple[list[Fact | None], Int64]:
        """From the most specific subject to the least: the first fact that counts at the event's time."""
        facts: list[Fact | None] = [None]
        place = np.zeros(len(times), np.int64)
        seen: dict[tuple[Subject, int], int] = {}
        open_ = np.ones(len(times), np.bool_)
        for kind in SUBJECT_KINDS:
            if kind not in told_kinds()[name].subjects or not self.facts.has(kind, name):
                continue
            subjects = self._subjects(kind, part, nodes)
            for i in np.flatnonzero(open_).tolist():
                subject = subjects[i]
                if subject is None:
                    continue
                key = subject, int(times[i])
                at = seen.get(key)
                if at is None:
                    fact = self.facts.at(subject, name, key[1], self.oldest_ms)
                    at = seen[key] = len(facts) if fact is not None and fact.fresh(key[1]) else 0
                    if at:
                        facts.append(fact)
                if at:
                    place[i], open_[i] = at, False
        return facts, place

    def _subjects(self, kind: str, part: EventColumnsByPath, nodes: Int64) -> Sequence[Subject | None]:
        n = len(nodes)
        if kind == "workspace":
            return [WORKSPACE] * n
        if kind == "person":
            return [person_subject(node) if node >= 0 else None for node in nodes.tolist()]
        path = self.joins.keys.get(kind)
        if path is None:
            return [None] * n
        if kind == "cell":
            latitude, longitude = part.column(f"{path}.latitude", "number"), part.column(f"{path}.longitude", "number")
            known = latitude.known & longitude.known
            pairs = zip(np.asarray(latitude.values).tolist(), np.asarray(longitude.values).tolist(), known.tolist(), strict=True)
            return [
                Subject("cell", cell_of(north, east)) if there and abs(north) <= 90 and abs(east) <= 180 else None
                for north, east, there in pairs
            ]
        texts = _texts(part.column(path, "text"))
        held = {text: Subject(kind, text) for text in dict.fromkeys(texts) if text is not None}  # type: ignore[arg-type]  # a key's kind
        return [None if text is None else held[text] for text in texts]


def _texts(column: Column) -> list[str | None]:
    """The values of a column as texts, whatever the tracking plan made of them; see ``profiles.slices.coded``."""
    if column.kind == "list":
        return [None] * len(column)
    vocabulary = column.vocabulary or Vocabulary()
    codes = coded(column, "text", vocabulary)
    words = vocabulary.words
    return [words[code] if known else None for code, known in zip(codes.tolist(), column.known.tolist(), strict=True)]


class _EnrichedPart:
    """Columns over some events of an enriched batch."""

    def __init__(self, part: EventColumnsByPath, joining: Joining, events: Int64) -> None:
        self._part, self._joining, self._events = part, joining, events
        self._made: dict[str, Column] = {}

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        if path not in self._joining.names:
            return self._part.column(path, kind)
        if path not in self._made:
            self._made[path] = self._joining.column(path, self._part, self._events)
        return self._made[path]

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        return self._part.currency(path)

    def each(self) -> EachEvent | None:
        """See ``EventBatch``."""
        return self._part.each()


class EnrichedBatch:
    """An ``EventBatch`` with ``moment.*``; everything else is the batch's own.

    Args:
        batch: The events.
        joining: What they are joined with.
    """

    def __init__(self, batch: EventBatch, joining: Joining) -> None:
        self._batch, self._joining = batch, joining
        self._made: dict[str, Column] = {}
        self.n, self.first_offset, self.type_code, self.names = batch.n, batch.first_offset, batch.type_code, batch.names
        self.source, self.time_ms, self.received_ms = batch.source, batch.time_ms, batch.received_ms
        self.id_hash, self.flags, self.columnar = batch.id_hash, batch.flags, batch.columnar
        self.offset = batch.offset

    @property
    def name(self) -> npt.NDArray[np.int32]:
        """See ``EventBatch``."""
        return self._batch.name

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        if path not in self._joining.names:
            return self._batch.column(path, kind)
        if path not in self._made:
            self._made[path] = self._joining.column(path, self._batch, None)
        return self._made[path]

    def part(self, events: Int64) -> EventColumnsByPath:
        """See ``EventBatch``."""
        return _EnrichedPart(self._batch.part(events), self._joining, events)

    def texts(self, path: str) -> list[str | None]:
        """See ``EventBatch``."""
        return self._batch.texts(path)

    def coded(self, path: str) -> tuple[npt.NDArray[np.int32], Sequence[str]] | None:
        """See ``EventBatch``."""
        return self._batch.coded(path)

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        return self._batch.currency(path)

    def each(self) -> EachEvent | None:
        """See ``EventBatch``."""
        return self._batch.each()

    def raw(self, i: int) -> bytes:
        """See ``EventBatch``."""
        return self._batch.raw(i)
