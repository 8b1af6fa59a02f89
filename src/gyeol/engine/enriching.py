"""Events joined with the facts that were true when they happened: ``moment.*`` as columns of a batch, for the conditions that read them.

An event is joined once, when it is folded, with what the log held before it: of the facts about its own person, article, store, cell
and region and about the workspace, the most specific one that counted at the event's time. What an event says itself (its position, its
device) comes before what is told; what earlier actions tell is read off the traits of the event's own node (``engine/waves.py``).
``context/batch.py`` says the same in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from gyeol.context.batch import SqlJoins
from gyeol.context.behaviour.recorded import ACTION, Recorder
from gyeol.context.clock import CLOCK_NAMES, Clock
from gyeol.context.fact import Fact, FactValue
from gyeol.context.facts import COMBINED_OF, with_what_they_rest_on
from gyeol.context.facts.region_of import COUNTRY
from gyeol.context.lately import Asking, Lately
from gyeol.context.ledger import FactLedger
from gyeol.context.moment import PREFIX, fact_column, first_known, moment_schema, told_kinds, value_column
from gyeol.context.near_stores import NAMES as OF_STORES
from gyeol.context.near_stores import AskingStores, StoresOfEvents
from gyeol.context.place.of_events import COUNTRY as IN_COUNTRY
from gyeol.context.place.of_events import LEVELS, EventRegions, Said
from gyeol.context.seen import SAID, SEEN
from gyeol.context.subject import EVENT_KEYS, SUBJECT_KINDS, WORKSPACE, Subject, cell_of, person_subject
from gyeol.engine.countries import IP, countries_of, file_under
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriched import EnrichedBatch
from gyeol.engine.event_conditions import asking_events
from gyeol.engine.positions import StoresOfBatch, Trails
from gyeol.events.batch import EventBatch, EventColumnsByPath
from gyeol.events.reading import Reading
from gyeol.expressions.column import Column, Vocabulary
from gyeol.kernel.instants import DAY_MS, Int64, Zone
from gyeol.profiles.slices import coded
from gyeol.profiles.table import TraitTable

_SCHEMA = moment_schema()
_HIDDEN = frozenset((ACTION, COUNTRY, *SEEN))
"""What an event alone tells, and traits of our own read."""
_IN_REGION = (*LEVELS, IN_COUNTRY)
BY_ADDRESS = frozenset((COUNTRY, PREFIX + IN_COUNTRY))
"""What an IP address tells where nothing else does."""


class EventJoins:
    """Which facts the conditions over events read, and what that needs of events.

    Args:
        definitions: The workspace's.
        paths: All paths that conditions over events read.
        asking: Names of the events whose conditions read what earlier actions tell; None: as the fold's conditions have it.

    Attributes:
        names: Those of them that are facts, and the facts that these rest on, with ``moment.``, sorted.
        moving: Those that follow from what earlier events tell, so that they become known while a batch is folded.
    """

    def __init__(self, definitions: Definitions, paths: Iterable[str], asking: frozenset[str] | None = None) -> None:
        asked = [path.removeprefix(PREFIX) for path in paths if path.startswith(PREFIX) and (path in _SCHEMA or path in _HIDDEN)]
        self.names = sorted(PREFIX + name for name in with_what_they_rest_on(asked))
        self.keys = {kind: path for kind, path in definitions.workspace.moment.items() if kind in EVENT_KEYS}
        self.moment = definitions.workspace.moment
        self.zone_path = definitions.workspace.moment.get("zone")
        self.memory_ms = definitions.workspace.facts_days * DAY_MS
        settings = definitions.workspace
        self._zone, self._country = Zone(settings.zone), settings.country
        plan = self._plan = Reading(definitions.plan, settings.currency)
        self.geoip = definitions.digest(settings.geoip)
        self.regions = EventRegions.of(definitions.digest(settings.regions), settings.country, settings.moment)
        self.lately = Lately((name.removeprefix(PREFIX) for name in self.names), settings.moment, Zone(settings.zone))
        self.moving = frozenset(name for name in self.names if self._moves(name))
        asked = [name for name in asked if PREFIX + name in self.moving]
        self.asking = asking_events(definitions, asked) if asking is None else asking
        near = StoresOfEvents(map(_short, self.names), settings.moment, definitions.places, plan, Zone(settings.zone))
        events = asking_events(definitions, near.names) if asking is None else asking
        self.stores = AskingStores(near, events, {PREFIX + name: _SCHEMA[PREFIX + name] for name in near.names})
        self.recorder = Recorder(settings.moment, plan) if ACTION in self.names or self.lately.acts else None

    def sql(self) -> SqlJoins | None:
        """The same joins in SQL; None when no condition over events reads any fact."""
        names = tuple(self.names)
        if not names:
            return None
        asking = None
        if self.lately:
            kinds = {name: _SCHEMA[name] for name in names if name.removeprefix(PREFIX) in self.lately.names}
            recorder = self.recorder if self.lately.acts else None
            asking = Asking(self.lately, self.asking, recorder, kinds, self.zone_path, self.memory_ms)
        return SqlJoins(
            names=names,
            keys=self.keys,
            zone_path=self.zone_path,
            memory_ms=self.memory_ms,
            clock=Clock(self._zone, self._country),
            reading=self._plan,
            recorder=self.recorder,
            moment=self.moment,
            regions=self.regions,
            stores=self.stores,
            asking=asking,
        )

    def paths(self, names: Iterable[str] | None = None) -> set[str]:
        """The paths of events that some joins read in the stream; of all when ``names`` is None."""
        names = self.names if names is None else [*names]
        return self.paths_in_lake(names) | ({IP} if self.geoip is not None and not BY_ADDRESS.isdisjoint(names) else set())

    def paths_in_lake(self, names: Iterable[str]) -> set[str]:
        """The paths that some joins read in the lake, which holds what an address told beside the event."""
        shorts = with_what_they_rest_on(name.removeprefix(PREFIX) for name in names)
        found = self.earlier_paths(shorts)
        for short in shorts:
            name = PREFIX + short
            found |= {*self._said_of_itself(name), *self.stores.stores.paths(short)}
            if name == ACTION:
                found |= self.recorder.paths if self.recorder is not None else set()
            elif short in CLOCK_NAMES or short in self.lately.names:
                found |= {self.zone_path} if self.zone_path is not None else set()
            elif short in told_kinds():
                kinds = told_kinds()[short].subjects
                for kind, path in self.keys.items():
                    if kind in kinds:
                        found |= {f"{path}.latitude", f"{path}.longitude"} if kind == "cell" else {path}
        return found

    def earlier_paths(self, names: Iterable[str]) -> set[str]:
        """The paths of earlier events, whatever they are called, that tell something of an event; ``names`` with or without ``moment.``."""
        found: set[str] = set()
        for name in with_what_they_rest_on(name.removeprefix(PREFIX) for name in names):
            if name in self.lately.names:
                mine = self.lately.paths(name)
                found |= mine or (self.recorder.paths if self.recorder is not None else set())
        return found

    def hides(self, hidden: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
        """Whether the lake leaves out (event name, path), where what earlier events of any name say counts, too; see ``earlier_paths``."""
        earlier = self.earlier_paths(self.names)
        return lambda event, path: hidden(event, path) or (path in earlier and hidden("$any", path))

    def _moves(self, name: str) -> bool:
        return not with_what_they_rest_on([name.removeprefix(PREFIX)]).isdisjoint(self.lately.names)

    def zones(self, batch: EventBatch, events: Int64) -> list[str | None]:
        """The zone that each of some events says."""
        return [None] * len(events) if self.zone_path is None else _texts(batch.column(self.zone_path, "text").take(events))

    def _said_of_itself(self, name: str) -> list[str]:
        """The paths by which an event alone tells a fact; its IP address is not among them."""
        if name in SEEN:
            return SEEN[name].paths(self.moment)
        short = name.removeprefix(PREFIX)
        if short in SAID:
            return SEEN[SAID[short]].paths(self.moment) if SEEN[SAID[short]].key in self.moment else []
        return [*self.regions.numbers, *self.regions.texts] if short in _IN_REGION else []

    def said(self, batch: EventBatch) -> dict[str, Column]:
        """Of the facts those that each event of a batch tells by itself, without its IP address; by name with ``moment.``."""
        joining = _Joining(self, batch, np.full(batch.n, -1, np.int64), FactLedger(), None, 0, None)
        found = {name: joining.said(name, batch, None) for name in self.names if self._said_of_itself(name)}
        return {name: column for name, column in found.items() if column is not None}

    def enriched(
        self,
        batch: EventBatch,
        nodes: Int64,
        facts: FactLedger,
        clock: Clock,
        now_ms: int,
        definitions: str = "",
        traits: TraitTable | None = None,
    ) -> EnrichedBatch | None:
        """The batch with its facts; None when no condition reads any.

        Args:
            batch: The events.
            nodes: (n,) the node of each.
            facts: All that the log held before them.
            clock: Of the workspace.
            now_ms: ``engine_now``.
            definitions: Hash of those under which the events were written; empty: of these.
            traits: As they are before the batch; None: where somebody had been is unknown.
        """
        if not self.names:
            return None
        file = None if BY_ADDRESS.isdisjoint(self.names) else file_under(definitions, self.geoip)
        joining = _Joining(self, batch, nodes, facts, clock, now_ms, file)
        if traits is not None:
            joining.stores = StoresOfBatch(self.stores, batch, nodes, Trails(traits))
        return EnrichedBatch(batch, joining)


class _Joining:
    """What the parts of one batch are joined with."""

    def __init__(
        self, joins: EventJoins, batch: EventBatch, nodes: Int64, facts: FactLedger, clock: Clock | None, now_ms: int, file: str | None
    ) -> None:
        self.joins, self.batch, self.nodes, self.facts, self.clock = joins, batch, nodes, facts, clock
        self.file = file
        self.stores = StoresOfBatch(joins.stores, batch, nodes, None)
        self.names = joins.names
        self._lately: dict[str, list[FactValue | None]] = {PREFIX + name: [None] * batch.n for name in joins.lately.names}
        self.moving = joins.moving
        self._steady: dict[str, Column] = {}
        self.oldest_ms = now_ms - joins.memory_ms

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """A name over some events (None: all), of which ``part`` has the columns."""
        times = self.batch.time_ms if events is None else self.batch.time_ms[events]
        nodes = self.nodes if events is None else self.nodes[events]
        short = name.removeprefix(PREFIX)
        if name == ACTION:
            return self._actions(times, part, events)
        if short in COMBINED_OF:
            return self._combined(short, events)
        if name in self._lately:
            return value_column(self._lately[name], name).take(np.arange(self.batch.n) if events is None else events)
        if short in OF_STORES:
            return self.stores.column(short, part, events)
        if short in CLOCK_NAMES:
            return fact_column(_SCHEMA[name], *self._clock(short, part, times), None)
        said = self.said(name, part, events)
        if said is not None and short not in SAID:
            return said
        told = fact_column(_SCHEMA[name], *self._told(short, part, times, nodes), None)
        return told if said is None else first_known(said, told)

    def _combined(self, name: str, events: Int64 | None) -> Column:
        """What follows from other facts. Which stage somebody was on is not known of events: audiences are looked at after them."""
        kind, whole = COMBINED_OF[name], np.arange(self.batch.n)
        for each in kind.reads:
            if each not in self._steady and PREFIX + each not in self._lately:
                self._steady[each] = self.column(PREFIX + each, self.batch, None)
        at = whole if events is None else events
        read = {each: self._steady[each] if each in self._steady else self.column(PREFIX + each, self.batch, None) for each in kind.reads}
        return kind.columns({each: column.take(at) for each, column in read.items()}, np.full(len(at), -1, np.int64), ())[name]

    def remember(self, i: int, told: Mapping[str, FactValue]) -> None:
        """What earlier actions told as of an event, by name without ``moment.``."""
        for name, value in told.items():
            self._lately[PREFIX + name][i] = value

    def said(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column | None:
        """A name as some events say it themselves; None: events do not say it."""
        short = name.removeprefix(PREFIX)
        if name == COUNTRY:
            return self._countries(events)
        if name in SEEN:
            return self._seen(name, events)
        if short in SAID and SEEN[SAID[short]].key in self.joins.moment:
            return self._seen(SAID[short], events)
        if short not in _IN_REGION:
            return None
        inside = self._regions(short, part, len(self.nodes) if events is None else len(events))
        return first_known(inside, self._countries(events)) if short == IN_COUNTRY and self.file is not None else inside

    def _regions(self, name: str, part: EventColumnsByPath, n: int) -> Column:
        """Where events happened."""
        regions = self.joins.regions
        degrees = [_numbers(part.column(path, "number")) for path in regions.numbers] or [[None] * n] * 2
        address = [_texts(part.column(path, "text")) for path in regions.texts] or [[None] * n]
        said: list[Said] = list(zip(*degrees, *address, strict=True))
        distinct = list(dict.fromkeys(said))
        told = {each: regions.value(name, where) for each, where in zip(distinct, regions.tell(distinct), strict=True)}
        words = Vocabulary()
        codes = words.encode([told[each] for each in said])
        return Column("text", codes, codes >= 0, words)

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

    def _countries(self, events: Int64 | None) -> Column:
        """The country of each event's IP address."""
        return self._of_addresses if events is None else self._of_addresses.take(events)

    @cached_property
    def _of_addresses(self) -> Column:
        words = Vocabulary()
        codes = words.encode(countries_of(self.batch, self.file))
        return Column("text", codes, codes >= 0, words)

    def _clock(self, name: str, part: EventColumnsByPath, times: Int64) -> tuple[list[Fact | None], Int64]:
        path = self.joins.zone_path
        assert self.clock is not None
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
        told = told_kinds().get(name)
        for kind in SUBJECT_KINDS if told is not None else ():
            if told is None or kind not in told.subjects or not self.facts.has(kind, name):
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


def _short(name: str) -> str:
    return name.removeprefix(PREFIX)


def _texts(column: Column) -> list[str | None]:
    """The values of a column as texts, whatever the tracking plan made of them; see ``profiles.slices.coded``."""
    if column.kind == "list":
        return [None] * len(column)
    vocabulary = column.vocabulary or Vocabulary()
    codes = coded(column, "text", vocabulary)
    words = vocabulary.words
    return [words[code] if known else None for code, known in zip(codes.tolist(), column.known.tolist(), strict=True)]


def _numbers(column: Column) -> list[float | None]:
    """The values of a column of numbers; none of another."""
    if column.kind != "number":
        return [None] * len(column)
    values = np.asarray(column.values, np.float64).tolist()
    return [value if known else None for value, known in zip(values, column.known.tolist(), strict=True)]
