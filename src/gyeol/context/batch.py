"""The join of events with facts, in SQL: what ``engine/enriching.py`` does in the stream, asked of the lake.

The clock's facts are a table, too: for how long each value is true in each zone, made by the same code as in the stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gyeol.context.behaviour.in_sql import ACTIONS, LATELY, actions_of, lately_of, packed_in_sql
from gyeol.context.behaviour.recorded import ACTION, Recorder
from gyeol.context.clock import CLOCK_NAMES, Clock
from gyeol.context.emotion.tone_in_sql import tones_in_sql
from gyeol.context.facts import COMBINED_NAMES, with_what_they_rest_on
from gyeol.context.facts.region_of import COUNTRY as SEEN_COUNTRY
from gyeol.context.joined_in_sql import unbound
from gyeol.context.lately import NAMES as LATELY_NAMES
from gyeol.context.lately import Asking
from gyeol.context.moment import PREFIX, moment_schema, told_kinds
from gyeol.context.near_stores import NAMES as OF_STORES
from gyeol.context.near_stores import AskingStores
from gyeol.context.place.of_events import COUNTRY, LEVELS, EventRegions
from gyeol.context.seen import SAID, SEEN
from gyeol.context.seen_in_sql import REGIONS, answers, regions_in_sql, regions_of, seen_in_sql, table_of
from gyeol.context.stores_in_sql import STORES, stores_of
from gyeol.context.subject import CELLS_PER_DEGREE, EVERYBODY, SUBJECT_KINDS
from gyeol.events.reading import Reading
from gyeol.events.values import as_text
from gyeol.kernel.instants import DAY_MS
from gyeol.profiles.batch.events import Past, Seen
from gyeol.profiles.batch.values import Need, Paths, functions
from gyeol.profiles.rules import ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

TONES = frozenset(PREFIX + name for name in COMBINED_NAMES)
SPANS = "moment_spans"
"""The name of the table of what the clock tells; whoever runs the expression brings it (``tables``)."""
_SPANS = {"name": "string", "zone": "string", "start": "int64", "end": "int64", "value": "string", "number": "float64"}
_TEXT = ValueType(wanted="text")
_EVENT = ("log_offset", "accepted")
_SCHEMA = moment_schema()
_TYPES = {"number": "float64", "text": "string", "flag": "boolean"}
_IN_REGION = (*LEVELS, COUNTRY)
Run = Callable[..., "pa.Table"]


class SqlJoins(msgspec.Struct, frozen=True, kw_only=True):
    """Joins of the lake's events.

    Args:
        names: All names (with ``moment.``) that conditions over events read, sorted.
        keys: Kind of subject → the path under which events say it.
        zone_path: The path of the zone, or None.
        memory_ms: For how long facts that have ended are kept.
        clock: Of the workspace.
        reading: Types by the tracking plan.
        recorder: Reads actions; None when no trait keeps any.
        moment: Of the workspace: where events say what is read of them.
        regions: How events tell in which region they happened.
        asking: Which events ask for what earlier actions tell; None: none.
        stores: Which events ask for what is known of the stores; None: none.
    """

    names: tuple[str, ...]
    keys: Mapping[str, str]
    zone_path: str | None
    memory_ms: int
    clock: Clock
    reading: Reading
    recorder: Recorder | None = None
    moment: Mapping[str, str] = {}
    regions: EventRegions = EventRegions(None, "", None, None)
    asking: Asking | None = None
    stores: AskingStores | None = None

    @property
    def _seen(self) -> list[str]:
        """What of ``SEEN`` is read, by itself or for what may also be told."""
        said = {SAID[short] for name in self.names if (short := name.removeprefix(PREFIX)) in SAID}
        return [name for name in SEEN if name in self.names or (name in said and SEEN[name].key in self.moment)]

    @property
    def _regional(self) -> list[str]:
        return [name for name in self.names if name.removeprefix(PREFIX) in _IN_REGION]

    @property
    def _of_stores(self) -> list[str]:
        return [] if self.stores is None else [name for name in self.names if name in self.stores.kinds]

    @property
    def _lately(self) -> list[str]:
        return [] if self.asking is None else [name for name in self.names if name in self.asking.kinds]

    def tables(
        self, run: Run, past: Past, brought: dict[str, pa.Table] | None = None, earlier: dict[str, pa.Table] | None = None
    ) -> dict[str, pa.Table]:
        """What expressions with these joins need beside the lake; it asks the lake for the zones and the times of its events.

        Args:
            run: Asks the lake.
            past: Of its events those that are joined.
            brought: What ``run`` needs for ``past``.
            earlier: What ``earlier`` gives, where ``past`` does not hold everything.
        """
        names = [name.removeprefix(PREFIX) for name in self.names if name.removeprefix(PREFIX) in CLOCK_NAMES]
        found = {} if not names else {SPANS: self._spans(names, run, past, brought)}
        events = past.events.mutate(person=past.events.message_id)
        for name in self._seen:
            found[table_of(name)] = answers(name, self.moment, events, self.reading, lambda asked: run(asked, brought))
        if self.recorder is not None:
            found[ACTIONS] = actions_of(self.recorder, events, self.reading, lambda asked: run(asked, brought))
        if self._regional:
            found[REGIONS] = regions_of(self.regions, events, self.reading, lambda asked: run(asked, brought))
        return found | (self.earlier(run, past, brought) if earlier is None else earlier)

    def earlier(self, run: Run, past: Past, brought: dict[str, pa.Table] | None = None) -> dict[str, pa.Table]:
        """What earlier events tell of those that ask; ``past`` must hold everything before them."""
        found = {LATELY: self._told_lately(run, past, brought)} if self._lately else {}
        if self.stores is not None and self._of_stores:
            events = past.events.mutate(person=past.events.message_id)
            found[STORES] = stores_of(self.stores, events, self.reading, lambda asked: run(asked, brought))
        return found

    def _told_lately(self, run: Run, past: Past, brought: dict[str, pa.Table] | None = None) -> pa.Table:
        """What earlier actions tell of the events that ask."""
        assert self.asking is not None
        events, recorder = past.events.mutate(person=past.events.message_id), self.asking.recorder
        tables = {} if recorder is None else {ACTIONS: actions_of(recorder, events, self.reading, lambda asked: run(asked, brought))}
        return lately_of(self.asking, events, past.facts, self.reading, lambda asked: run(asked, {**(brought or {}), **tables}))

    def _spans(self, names: list[str], run: Run, past: Past, brought: dict[str, pa.Table] | None) -> pa.Table:
        import pyarrow as pa

        events = past.events.mutate(person=past.events.message_id)
        paths = Paths(events, self.reading, "$any", self._needs_of_zone(), keep=_EVENT)
        zones = paths.table.select(zone=self._zone(paths), at=paths.table.time)
        found = run(zones.group_by("zone").aggregate(first=zones["at"].min(), last=zones["at"].max()), brought)
        rows: list[tuple[str, str, int, int, str | None, float | None]] = []
        for said, first, last in zip(*(found.column(name).to_pylist() for name in ("zone", "first", "last")), strict=True):
            zone, assumed = self.clock.zone_of(said or None)
            for name in names:
                for span in self.clock.spans(name, int(first), int(last), zone, assumed):
                    value = None if span.fact is None else span.fact.value
                    number = None if value is None or isinstance(value, str) else float(value)
                    rows.append((name, said, span.start_ms, span.end_ms, as_text(value), number))
        kinds = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(_SPANS)
        return pa.table({name: pa.array(list(column), kinds[kind]) for column, (name, kind) in zip(columns, _SPANS.items(), strict=True)})

    def joined(self, events: ir.Table, wanted: Iterable[str], past: Past, seen: Seen) -> ir.Table:
        """Events with a column for each name that is wanted.

        Args:
            events: Columns as ``profiles.batch.events.EVENTS`` and ``person``.
            wanted: With ``moment.``; others are passed over.
            past: Its ``facts``.
            seen: What of them may be looked at.
        """
        asked = [name for name in self.names if name in set(wanted)]
        if not asked:
            return events
        needed = with_what_they_rest_on(name.removeprefix(PREFIX) for name in asked)
        names = [name for name in self.names if name.removeprefix(PREFIX) in needed and name not in TONES]
        told = [short for name in names if (short := name.removeprefix(PREFIX)) in told_kinds()]
        kinds = sorted({kind for name in told for kind in told_kinds()[name].subjects if kind in self.keys})
        needs = [need for kind in kinds for need in self._needs(kind)]
        paths = Paths(events, self.reading, "$any", [*needs, *self._needs_of_zone()], keep=(*_EVENT, "node"))
        table = self._beside(events, names)
        for name in names:
            if name in table.columns:
                continue
            short = name.removeprefix(PREFIX)
            if name == ACTION:
                assert self.recorder is not None
                found = packed_in_sql(self.recorder, events, self.reading).rename({ACTION: "number"})
                table = table.left_join(found, "log_offset").select(*table.columns, ACTION)
                continue
            found = self._clock(paths, short) if short in CLOCK_NAMES else self._told(paths, short, past, seen)
            info = _SCHEMA[name]
            value: Any = found.value if info.type == "text" else found.number == 1 if info.type == "flag" else found.number
            found = found.select(log_offset=found.log_offset, **{name: value})
            table = table.left_join(found, "log_offset").select(*table.columns, name)
            if SAID.get(short) in table.columns:
                table = table.mutate(**{name: table[SAID[short]].coalesce(table[name])})
        tones = [name for name in asked if name in TONES]
        table = table.mutate(**{name: each for name, each in tones_in_sql(table, PREFIX).items() if name in tones}) if tones else table
        return table.select(*events.columns, *asked)

    def _beside(self, events: ir.Table, names: list[str]) -> ir.Table:
        """Events with what they say themselves, and with what earlier actions tell."""
        import ibis

        table = events
        said = {SAID[short] for name in names if (short := name.removeprefix(PREFIX)) in SAID}
        for name in (name for name in self._seen if name in names or name in said):
            found = seen_in_sql(name, self.moment, events, self.reading).rename({name: "value"})
            table = table.left_join(found, "log_offset").select(*table.columns, name)
        regional = [name for name in self._regional if name in names]
        if regional:
            found = regions_in_sql(self.regions, events, self.reading)
            found = found.select("log_offset", **{name: found[name.removeprefix(PREFIX)] for name in regional})
            table = table.left_join(found, "log_offset").select(*table.columns, *regional)
        # What the address told when the event was written; a position or an address of the event's own comes before it.
        if PREFIX + COUNTRY in regional:
            table = table.mutate(**{PREFIX + COUNTRY: table[PREFIX + COUNTRY].coalesce(table.ip_country)})
        if SEEN_COUNTRY in names:
            table = table.mutate(**{SEEN_COUNTRY: table.ip_country})
        lately = [name for name in self._lately if name in names]
        if lately:
            assert self.asking is not None
            found = unbound(LATELY, self.asking.kinds).select("log_offset", *lately)
            table = table.left_join(found, "log_offset").select(*table.columns, *lately)
        # What the workspace does not say where to find is unknown of all events.
        of_stores = [name for name in self._of_stores if name in names]
        if self.stores is not None and of_stores:
            found = unbound(STORES, self.stores.kinds).select("log_offset", *of_stores)
            table = table.left_join(found, "log_offset").select(*table.columns, *of_stores)
        told = {*lately, *of_stores}
        silent = [name for name in names if name.removeprefix(PREFIX) in (*LATELY_NAMES, *OF_STORES) and name not in told]
        return table.mutate(**{name: ibis.null(_TYPES[_SCHEMA[name].type]) for name in silent}) if silent else table

    def _needs(self, kind: str) -> list[Need]:
        path = self.keys[kind]
        if kind == "cell":
            return [Need(f"{path}.latitude", "number"), Need(f"{path}.longitude", "number")]
        return [Need(path, "text")]

    def _needs_of_zone(self) -> list[Need]:
        return [] if self.zone_path is None else [Need(self.zone_path, "text")]

    def _zone(self, paths: Paths) -> Any:
        import ibis

        return ibis.literal("") if self.zone_path is None else paths.coded(self.zone_path, _TEXT).fill_null("")

    def _clock(self, paths: Paths, name: str) -> ir.Table:
        import ibis

        spans = ibis.table(_SPANS, name=SPANS).filter(lambda t: t["name"] == name)
        spans = spans.mutate(day=ibis.range(spans.start // DAY_MS, (spans.end - 1) // DAY_MS + 1).unnest()).drop("name")
        events = paths.table.select("log_offset", at=paths.table.time, zone=self._zone(paths), day=paths.table.time // DAY_MS)
        pairs = events.join(spans, ["zone", "day", events["at"] >= spans.start, events["at"] < spans.end])
        return pairs.select(log_offset=pairs.log_offset, value=pairs["value"], number=pairs.number)

    def _subject(self, paths: Paths, kind: str) -> Any:
        import ibis

        table = paths.table
        if kind == "workspace":
            return ibis.literal(EVERYBODY)
        if kind == "person":
            return table.node.cast("string")
        path = self.keys[kind]
        if kind != "cell":
            return paths.coded(path, _TEXT)
        latitude, longitude = (paths.column(need).value.cast("float64") for need in self._needs("cell"))
        row, column = ((functions().floor(value * CELLS_PER_DEGREE)).cast("int64").cast("string") for value in (latitude, longitude))
        return ((latitude.abs() <= 90) & (longitude.abs() <= 180)).ifelse(row + ":" + column, None)

    def _told(self, paths: Paths, name: str, past: Past, seen: Seen) -> ir.Table:
        import ibis

        assert past.facts is not None
        facts = _facts(past.facts.filter(past.facts["name"] == name), seen)
        table = paths.table
        said = ("person", "workspace", *self.keys)
        kinds = [kind for kind in SUBJECT_KINDS if kind in told_kinds()[name].subjects and kind in said]
        parts = []
        for kind in kinds:
            # Events that say no subject fall out, as no fact is about nothing.
            part = table.select(
                event="log_offset", at=table.time, accepted=functions().epoch_ms(table.accepted).coalesce(table.time),
                day=table.time // DAY_MS, rank=ibis.literal(SUBJECT_KINDS.index(kind)), about=ibis.literal(kind),
                subject=self._subject(paths, kind),
            )  # fmt: skip
            parts.append(part.filter(part.subject.notnull()))
        events = ibis.union(*parts) if len(parts) > 1 else parts[0]
        conditions = [
            "about", "subject", "day", facts.log_offset < events.event, facts.start <= events["at"], facts.end > events["at"],
            facts.end > events.accepted - self.memory_ms,
        ]  # fmt: skip
        pairs = events.join(facts, conditions)
        order = [
            pairs["rank"], pairs.start.desc(), pairs.confidence.desc(), pairs.received.desc(), pairs.source, pairs["value"].desc(),
        ]  # fmt: skip
        ranked = pairs.mutate(place=ibis.row_number().over(group_by=pairs.event, order_by=order))
        return ranked.filter(ranked.place == 0).select(log_offset=ranked.event, value=ranked["value"], number=ranked.number)


def _facts(facts: ir.Table, seen: Seen) -> ir.Table:
    """Facts as often as there are days (UTC) in which they count, so that they are found by day."""
    import ibis

    if seen.known_ms is not None:
        facts = facts.filter((facts.origin == "live") & (functions().epoch_ms(facts.received) <= seen.known_ms))
    plain = facts.select(
        "about", "subject", "value", "number", "source", "confidence", "log_offset", start=functions().epoch_ms(facts.observed),
        end=functions().epoch_ms(facts["until"]), received=functions().epoch_ms(facts.received),
    )  # fmt: skip
    return plain.mutate(day=ibis.range(plain.start // DAY_MS, (plain.end - 1) // DAY_MS + 1).unnest())
