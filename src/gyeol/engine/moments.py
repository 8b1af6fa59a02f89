"""The Moment of people: the facts that the clock tells in their zone, those recorded of them and of where they are, and derived ones.

One person's facts are a ``Moment``; many people's are columns. Both find the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gyeol.audiences.membership import Memberships
from gyeol.context.behaviour.recorded import Read
from gyeol.context.beside import Beside
from gyeol.context.clock import CLOCK_NAMES, Clock
from gyeol.context.fact import Fact, Moment
from gyeol.context.facts import BY_MINUTE, COMBINED_NAMES, DERIVED
from gyeol.context.facts.kind import DerivedKind, ToldKind
from gyeol.context.implied import ZONE, since_of, trait_of, whereabouts
from gyeol.context.ledger import FactLedger, best
from gyeol.context.moment import PREFIX, fact_column, first_known, moment_at, moment_schema, told_kinds
from gyeol.context.place.haunts import Haunts
from gyeol.context.place.whereabouts import LONGITUDE
from gyeol.context.subject import (
    CELLS_PER_DEGREE,
    COUNTS_FOR_MS,
    EVENT_KEYS,
    SUBJECT_KINDS,
    WORKSPACE,
    Subject,
    person_subject,
)
from gyeol.engine.beside import BesideOne, BesidePeople
from gyeol.engine.combining import combined, combined_column
from gyeol.engine.derived import DerivedFacts
from gyeol.engine.people import PeopleRows
from gyeol.expressions.column import Column
from gyeol.identity.graph import IdentityGraph
from gyeol.kernel.instants import DAY_MS, Int64, Zone
from gyeol.profiles.table import TraitTable

_SCHEMA = moment_schema()
_DERIVED = frozenset(name for kind in DERIVED for name in kind.names)
_BY_MINUTE = frozenset(name for kind in BY_MINUTE for name in kind.names)
_TOLD_OF = {kind: [name for name, told in told_kinds().items() if kind in told.subjects] for kind in SUBJECT_KINDS}
MINUTE_MS = 60_000
_NEVER = np.iinfo(np.int64).max
Nodes = Sequence[int]


class PeopleMoments:
    """What is true of people.

    Args:
        paths: ``moment`` of the workspace: what of events is remembered.
        facts_days: For how long facts that have ended are kept.
        clock: Of the workspace's zone and country.
        traits, people, graph: Of the state.
        kinds: Of derived facts, as the workspace has them.

    Attributes:
        facts: All that is recorded.
        derived: The facts that follow from traits.
        haunts: Where people were, of those who agreed to it.
        agreed: Whether the person of some nodes agrees to that now.
        reads: The names (without ``moment.``) whose change moves audiences; set once these are compiled.
        memberships: Who stands on which stage; set once there are any.
    """

    def __init__(
        self,
        paths: Mapping[str, str],
        facts_days: int,
        clock: Clock,
        traits: TraitTable,
        people: PeopleRows,
        graph: IdentityGraph,
        kinds: Sequence[DerivedKind] = DERIVED,
    ) -> None:
        self.paths, self.clock, self.traits, self.people, self.graph = paths, clock, traits, people, graph
        self.memory_ms = facts_days * DAY_MS
        self.facts, self.haunts = FactLedger(), Haunts()
        self.agreed: Callable[[Nodes], bool] = lambda nodes: False
        self.reads: frozenset[str] = frozenset()
        self.memberships: Memberships | None = None
        self._keys = [kind for kind in EVENT_KEYS if kind in paths]
        self.derived = DerivedFacts([kind for kind in kinds if kind.traits(paths)], clock.zone)
        self._located = "region" not in paths and "sigungu" in self.derived
        self._keys += ["region"] if self._located else []
        self._edge: tuple[int, int | None, int] = (0, None, -1)

    def follow(self, people: PeopleRows, graph: IdentityGraph, before: PeopleMoments) -> None:
        """Go on with the people of the state before, and with what it recorded and learned."""
        self.people, self.graph, self.facts, self.haunts = people, graph, before.facts, before.haunts

    @property
    def personal(self) -> bool:
        """Whether anything differs from person to person."""
        staged = self.memberships is not None and bool(self.memberships.stages)
        return bool(self.facts.count or "zone" in self.paths or self.derived or staged)

    # -- one person
    def one(self, now_ms: int, nodes: Nodes = (), row: int = -1, request: Mapping[str, object] | None = None) -> Moment:
        """The Moment of one person.

        Args:
            now_ms: The instant; events and traits are those of now, whatever it is.
            nodes: The person's; none: nobody's in particular.
            row: The row that serves the person; -1: nothing is known.
            request: What the caller of decide says.
        """
        rows, recorded = np.array([row], np.int64), list[Fact]()
        read = self.reading(rows, now_ms, BesideOne(self, rows, now_ms, recorded))
        zone, assumed = self.zone_of(row, read)
        if self.facts.count:
            oldest_ms = now_ms - self.memory_ms
            subjects = [*map(person_subject, nodes), *self.subjects(row, now_ms, read), WORKSPACE]
            for subject in subjects:
                held = (self.facts.at(subject, name, now_ms, oldest_ms) for name in _TOLD_OF[subject.kind])
                recorded += [fact for fact in held if fact is not None]
        if self.derived and row >= 0:
            recorded += self.derived.of_one(read, now_ms, zone.day(now_ms))
        found = moment_at(now_ms, zone, self.clock.country, request=request, recorded=recorded, assumed=assumed, clock=self.clock)
        return combined(found, row, self.memberships)

    def zone_of(self, row: int, read: Read | None = None) -> tuple[Zone, bool]:
        """The zone of a row's person, and whether the workspace's had to be assumed; ``read``: who reads the person's traits already."""
        if row < 0 or "zone" not in self.paths:
            return self.clock.zone, True
        read = self.reading(np.array([row], np.int64), 0) if read is None else read
        said = read(ZONE).item(0)
        return self.clock.zone_of(said if isinstance(said, str) else None)

    def subjects(self, row: int, now_ms: int, read: Read | None = None) -> list[Subject]:
        """Where a row's person is, as far as that still counts; ``read``: who reads the person's traits already."""
        found: list[Subject] = []
        if row < 0:
            return found
        rows = np.array([row], np.int64)
        traits = self.reading(rows, now_ms) if read is None else read
        for kind in self._keys:
            if kind == "region" and self._located:
                id = self._region(rows, now_ms)
            else:
                id = whereabouts(kind, lambda trait: traits(trait).item(0), now_ms)
            found += [] if id is None else self._subjects_at(kind, id)
        return found

    def _region(self, rows: Int64, now_ms: int) -> str | None:
        ids, place = self._regions(rows, now_ms)
        return ids[place[0]] if place[0] >= 0 else None

    # -- many people
    def reader(
        self,
        rows: Int64,
        now_ms: int,
        request: Mapping[str, object] | None = None,
        nodes: Nodes | None = None,
        moment: Moment | None = None,
    ) -> Callable[[str], Column] | None:
        """The columns of ``moment.…`` over serving rows; None when they are the same for everybody.

        Args:
            rows: (n,); -1 is somebody of whom nothing is known.
            now_ms: The instant.
            request: Of the caller of decide, who asks for one row.
            nodes: Of the one row; None: those of its person.
            moment: What ``one`` gives for the one row; None: it is asked when a name is read.
        """
        if not self.personal:
            return None
        if len(rows) == 1:
            row = int(rows[0])
            mine = self._nodes(row) if nodes is None else nodes
            held: list[Moment] = [] if moment is None else [moment]

            def column(name: str) -> Column:
                if not held:
                    held.append(self.one(now_ms, mine, row, request))
                fact = held[0].facts.get(name.removeprefix(PREFIX))
                return fact_column(_SCHEMA[name], [fact], np.zeros(1, np.int64), now_ms)

            return column
        return lambda name: self.column(name, rows, now_ms)

    def column(self, name: str, rows: Int64, now_ms: int) -> Column:
        """One name (with ``moment.``) over serving rows."""
        info, short = _SCHEMA[name], name.removeprefix(PREFIX)
        if short in COMBINED_NAMES:
            return combined_column(short, rows, lambda other: self.column(PREFIX + other, rows, now_ms), self.memberships)
        if short in CLOCK_NAMES:
            facts, place = self._clock(short, rows, now_ms)
        elif short in told_kinds():
            facts, place = self._told(told_kinds()[short], rows, now_ms)
            told = fact_column(info, facts, place, now_ms)
            return first_known(self._derived_column(short, rows, now_ms), told) if short in self.derived else told
        else:
            return self._derived_column(short, rows, now_ms)
        return fact_column(info, facts, place, now_ms)

    def _zones(self, rows: Int64) -> tuple[list[tuple[Zone, bool]], Int64]:
        """The different zones, and which each row has."""
        if "zone" not in self.paths:
            return [(self.clock.zone, True)], np.zeros(len(rows), np.int64)
        said = self.traits.column(ZONE, rows, 0)
        words = [] if said.vocabulary is None else said.vocabulary.words
        codes, place = np.unique(np.where(said.known, said.values, -1), return_inverse=True)
        return [self.clock.zone_of(None if code < 0 else words[code]) for code in codes.tolist()], np.asarray(place, np.int64)

    def _clock(self, name: str, rows: Int64, now_ms: int) -> tuple[list[Fact | None], Int64]:
        zones, place = self._zones(rows)
        return [self.clock.span(name, now_ms, zone, assumed).fact for zone, assumed in zones], place

    def _told(self, kind: ToldKind, rows: Int64, now_ms: int) -> tuple[list[Fact | None], Int64]:
        """The best recorded fact of each row: from the least specific subject to the most, a fresh one takes the place of what is there."""
        facts: list[Fact | None] = [None]
        place, fresh = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
        for subject_kind in reversed(SUBJECT_KINDS):
            if subject_kind not in kind.subjects or not self.facts.has(subject_kind, kind.name):
                continue
            found, where = self._of_kind(kind.name, subject_kind, rows, now_ms)
            if not any(fact is not None for fact in found):
                continue
            good = np.array([fact is not None and fact.fresh(now_ms) for fact in found], np.bool_)[where]
            there = np.array([fact is not None for fact in found], np.bool_)[where]
            wins = good | (there & ~fresh)
            place = np.where(wins, where + len(facts), place)
            fresh |= good
            facts += found
        return facts, place

    def _of_kind(self, name: str, kind: str, rows: Int64, now_ms: int) -> tuple[list[Fact | None], Int64]:
        oldest_ms = now_ms - self.memory_ms
        if kind == "workspace":
            return [self.facts.at(WORKSPACE, name, now_ms, oldest_ms)], np.zeros(len(rows), np.int64)
        if kind == "person":
            return self._of_persons(name, rows, now_ms, oldest_ms)
        if kind not in self._keys:
            return [None], np.zeros(len(rows), np.int64)
        ids, place = self._whereabouts(kind, rows, now_ms)
        looked = ((self.facts.at(each, name, now_ms, oldest_ms) for each in self._subjects_at(kind, id)) for id in ids)
        found = [best((fact for fact in facts if fact is not None), now_ms) for facts in looked]
        return [*found, None], np.where(place < 0, len(found), place)

    def _of_persons(self, name: str, rows: Int64, now_ms: int, oldest_ms: int) -> tuple[list[Fact | None], Int64]:
        found: list[Fact | None] = [None]
        place = np.zeros(len(rows), np.int64)
        order = np.argsort(rows, kind="stable")
        few = len(rows) <= self.facts.subjects("person")
        people = {row: self._nodes(row) for row in rows.tolist()} if few else self._people_with_facts()
        for row, nodes in people.items():
            at = int(np.searchsorted(rows, row, sorter=order))
            if at == len(rows) or rows[order[at]] != row:
                continue
            held = [self.facts.at(person_subject(node), name, now_ms, oldest_ms) for node in nodes]
            counts = max(
                (fact for fact in held if fact is not None), key=lambda fact: (fact.fresh(now_ms), fact.observed_at_ms), default=None
            )
            if counts is not None:
                place[order[at]] = len(found)
                found.append(counts)
        return found, place

    def _people_with_facts(self) -> dict[int, list[int]]:
        """Serving row → those nodes of its person of which something is recorded."""
        found: dict[int, list[int]] = {}
        for node in sorted(map(int, self.facts.ids("person"))):
            row = self.people.row(int(self.graph.person[node]))
            if row >= 0:
                found.setdefault(row, []).append(node)
        return found

    def _whereabouts(self, kind: str, rows: Int64, now_ms: int) -> tuple[list[str], Int64]:
        """The different ids of a kind of subject, and (n,) which each row is at; -1: nowhere that counts now."""
        if kind == "region" and self._located:
            return self._regions(rows, now_ms)
        first = self.traits.column(trait_of(kind), rows, now_ms)
        known = first.known
        lasts_ms = COUNTS_FOR_MS[kind]
        if lasts_ms is not None:
            since = self.traits.column(since_of(kind), rows, now_ms)
            at_ms = np.asarray(since.values, np.int64)
            known = known & since.known & (at_ms <= now_ms) & (now_ms < at_ms + lasts_ms)
        if kind == "cell":
            second = self.traits.column(LONGITUDE, rows, now_ms)
            known = known & second.known
            codes = np.floor(np.asarray(first.values) * CELLS_PER_DEGREE).astype(np.int64) * 100_000
            codes += np.floor(np.asarray(second.values) * CELLS_PER_DEGREE).astype(np.int64)
            distinct, place = np.unique(np.where(known, codes, _NEVER), return_inverse=True)
            lows = [(code + 50_000) // 100_000 for code in distinct.tolist()]
            ids = [f"{low}:{code - 100_000 * low}" for low, code in zip(lows, distinct.tolist(), strict=True)]
            gone = distinct[place] == _NEVER
        else:
            words = [] if first.vocabulary is None else first.vocabulary.words
            distinct, place = np.unique(np.where(known, first.values, -1), return_inverse=True)
            ids = ["" if code < 0 else words[code] for code in distinct.tolist()]
            gone = distinct[place] < 0
        return ids, np.where(gone, -1, place).astype(np.int64)

    def _regions(self, rows: Int64, now_ms: int) -> tuple[list[str], Int64]:
        """As ``_whereabouts``: the district or the province in which somebody is; looked up only where a fact is about a region."""
        if not self.facts.subjects("region"):
            return [], np.full(len(rows), -1, np.int64)
        levels = [self._derived_column(name, rows, now_ms) for name in ("sido", "sigungu")]
        names = [" ".join(str(said) for level in levels if (said := level.item(row)) is not None) for row in range(len(rows))]
        ids = sorted({*names} - {""})
        places = {id: place for place, id in enumerate(ids)}
        return ids, np.array([places.get(name, -1) for name in names], np.int64)

    def _subjects_at(self, kind: str, id: str) -> list[Subject]:
        """What somebody is under who is there: of a district (서울특별시 강남구) its province, too."""
        ids = dict.fromkeys((id, id.partition(" ")[0])) if kind == "region" and self._located else (id,)
        return [Subject(kind, each) for each in ids]  # type: ignore[arg-type]  # an event's keys are kinds of subjects

    def reading(self, rows: Int64, now_ms: int, beside: Beside | None = None) -> Read:
        """What derived facts read: the traits of some rows at an instant, and what is known beside them (None: of the rows)."""
        slots: dict[str, Int64] = {}

        def column(trait: str, at: Int64 | None) -> Column:
            of, known = (rows, slots) if at is None else (rows[at], None)
            return self.traits.column(trait, of, now_ms, known)

        return Read(column, len(rows), BesidePeople(self, rows, now_ms) if beside is None else beside)

    def _derived_column(self, name: str, rows: Int64, now_ms: int) -> Column:
        if name not in self.derived:
            return fact_column(_SCHEMA[PREFIX + name], [None], np.zeros(len(rows), np.int64), now_ms)
        zones, place = self._zones(rows)
        days = np.array([zone.day(now_ms) for zone, _ in zones], np.int64)[place]
        return self.derived.column(name, self.reading(rows, now_ms), len(rows), now_ms, days)

    # -- what a change touches
    def rows_under(self, subjects: Sequence[Subject], now_ms: int) -> Int64:
        """The serving rows of the people whom facts of these subjects concern, ascending."""
        everybody = self.people.all_rows()
        if WORKSPACE in subjects:
            return everybody
        found = [np.array([self._row_of(int(each.id)) for each in subjects if each.kind == "person"], np.int64)]
        for kind in self._keys:
            wanted = {each.id for each in subjects if each.kind == kind}
            if wanted:
                ids, place = self._whereabouts(kind, everybody, now_ms)
                mine = np.array([any(each.id in wanted for each in self._subjects_at(kind, id)) for id in ids] + [False], np.bool_)
                found.append(everybody[mine[place]])
        rows = np.unique(np.concatenate(found))
        return rows[rows >= 0]

    def in_use(self, kind: str, rows: Int64, now_ms: int) -> list[Subject]:
        """The subjects of a kind of the event's own keys under which some of these rows are now, sorted."""
        if kind not in self._keys:
            return []
        ids, place = self._whereabouts(kind, rows, now_ms)
        return sorted({each for at in np.unique(place[place >= 0]).tolist() for each in self._subjects_at(kind, ids[at])})

    def next_edge_ms(self, now_ms: int) -> int | None:
        """The next instant at which the clock changes a fact that audiences read, in any zone that anybody has; None without any.

        Where somebody is lapses, and derived facts change, at instants of each person's own: those are looked at every full hour, and
        what a session tells every full minute.
        """
        names = self.reads & CLOCK_NAMES
        if (self._keys and self.reads & told_kinds().keys()) or (self.derived and self.reads & _DERIVED):
            names |= {"hour"}
        if self.derived.by_minute and self.reads & _BY_MINUTE:
            return (now_ms // MINUTE_MS + 1) * MINUTE_MS
        if not names:
            return None
        words = self.traits.words.of(self.paths["zone"]).words if "zone" in self.paths else []
        start, edge, known = self._edge
        if known != len(words) or edge is None or not start <= now_ms < edge:
            zones = [self.clock.zone, *(zone for zone, _ in self._zones(self.people.all_rows())[0])]
            edges = [self.clock.until_ms(now_ms, zone, names) for zone in zones]
            edge = min((each for each in edges if each is not None), default=None)
            self._edge = now_ms, edge, len(words)
        return edge

    def nodes_of(self, row: int) -> list[int]:
        """The nodes of the person whom a row serves; none of a row that serves nobody."""
        return self._nodes(row)

    def _row_of(self, node: int) -> int:
        return self.people.row(int(self.graph.person[node]))

    def _nodes(self, row: int) -> list[int]:
        person = int(self.people.person_of_row[row]) if row >= 0 else -1
        return self.graph.members(person) if person >= 0 else []
