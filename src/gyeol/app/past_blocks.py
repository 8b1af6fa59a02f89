"""The past of new traits, folded beside the engine: from the lake, or from the log where the lake leaves out what a trait reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np

from gyeol.app.past_earlier import EarlierInLog
from gyeol.context.batch import SqlJoins
from gyeol.context.behaviour.in_sql import LATELY
from gyeol.context.lake_ledger import articles_told
from gyeol.context.moment import PREFIX, first_known, value_column
from gyeol.engine.backfill import Block
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriched import EnrichedBatch, Given
from gyeol.engine.enriching import EventJoins
from gyeol.engine.positions import StoresOfBatch, Trails
from gyeol.engine.recovery import frames
from gyeol.events.batch import EventBatch, Vocabularies
from gyeol.events.columns import batches_of
from gyeol.events.log import Log
from gyeol.events.model import EVENT_TYPES
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import NO_TIME, EventRows
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64, Zone
from gyeol.kernel.money import exponent
from gyeol.profiles.batch.events import Past, Seen
from gyeol.profiles.batch.traits import unreadable
from gyeol.profiles.growth import BLOCK_NODES, Owed, packed
from gyeol.profiles.table import TraitTable
from gyeol.storage.lake.shaping import ROOTS, Shaping

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

STEP = 200_000
"""Offsets of the log that are read at once."""
_COLUMNS = "log_offset, type, name, node, message_id, id_hash, epoch_ms(time) AS at, epoch_ms(received) AS received, " + ", ".join(ROOTS)
_Batch = tuple[EventBatch, Int64]
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Queried(Protocol):
    """The part of ``storage.lake.lake.Lake`` that is read."""

    def query(self, text: str, values: list[object] | None = None) -> pa.Table:
        """Rows of a query of ours."""
        ...

    def run(self, expression: ir.Table, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows of an expression over the lake's tables."""
        ...


class PastBlocks:
    """Folds the past.

    Args:
        lake: Must hold everything before the offset that is owed.
        log: For traits on personal data, which the lake does not hold; as far as it reaches back.
        definitions: In force.
    """

    def __init__(self, lake: Queried, log: Log, definitions: Definitions) -> None:
        self._lake, self._log, self._definitions = lake, log, definitions
        self._zone, self._currency = Zone(definitions.workspace.zone), definitions.workspace.currency

    def blocks(self, owed: Owed) -> Iterator[Block]:
        """The blocks that have not come yet, in order."""
        vocabularies = Vocabularies()
        missing = [number for number in range(owed.blocks) if number not in owed.done]
        tables = {number: self._table(owed, vocabularies) for number in missing}
        for batch, nodes in self._batches(owed, vocabularies):
            numbers = nodes // BLOCK_NODES
            for number in np.unique(numbers[nodes >= 0]).tolist():
                if number in tables:
                    events = np.flatnonzero(numbers == number)
                    rows = tables[number].rows_of_nodes(nodes[events] - number * BLOCK_NODES)
                    tables[number].fold(batch, events, rows, owed.now_ms)
        for number in missing:
            dumped = packed(tables.pop(number).dump())
            yield Block(until=owed.until, number=number, definitions=self._definitions.hash, table=dumped)

    def _table(self, owed: Owed, vocabularies: Vocabularies) -> TraitTable:
        wanted = [definition for definition in self._definitions.all_traits if definition.name in owed.traits]
        return TraitTable(wanted, vocabularies, self._zone, self._definitions.plan, self._currency)

    def _batches(self, owed: Owed, vocabularies: Vocabularies) -> Iterator[_Batch]:
        table = self._table(owed, vocabularies)
        joins = EventJoins(self._definitions, table.paths())
        paths = {path for path in table.paths() if not path.startswith(PREFIX)} | joins.paths()
        reading = Reading(self._definitions.plan, self._currency, paths, vocabularies)
        facts = joins.sql()
        earlier = {} if facts is None else facts.earlier(self._lake.run, Past.of_lake(facts=True))
        hides = joins.hides(Shaping(self._definitions).hides)
        if unreadable(table.traits, hides, lambda name: sorted(joins.paths_in_lake([name]))):
            of_stores, trails = joins.stores, Trails()
            unseen = any(hides("$any", path) for name in of_stores.stores.names for path in of_stores.stores.paths(name))
            lately = self._lately(facts, hides, joins, vocabularies)
            for batch, nodes, now_ms in self._from_log(owed.until, reading):
                earlier |= {} if lately is None else {LATELY: lately.table(batch, nodes, now_ms)}
                offsets = np.arange(batch.first_offset, batch.first_offset + batch.n)
                said = joins.said(batch) | (StoresOfBatch(of_stores, batch, nodes, trails).columns(batch) if unseen else {})
                yield self._joined(batch, offsets, facts, earlier, said) if joins.names else batch, nodes
            return
        names = sorted({name for trait in table.traits for name in trait.events})
        majors = Majors(reading)
        for start in range(0, owed.until, STEP):
            found = self._rows(start, min(start + STEP, owed.until), names)
            if found.num_rows:
                batch, nodes = batch_of_lake(found, reading, majors), np.asarray(found.column("node"), np.int64)
                offsets = np.asarray(found.column("log_offset"), np.int64)
                yield batch if facts is None else self._joined(batch, offsets, facts, earlier), nodes

    def _lately(
        self, facts: SqlJoins | None, hides: Callable[[str, str], bool], joins: EventJoins, vocabularies: Vocabularies
    ) -> EarlierInLog | None:
        """Reads of the log what earlier actions and answers tell; None where the lake holds all of it, or nobody asks."""
        if facts is None or facts.asking is None or not any(hides("$any", path) for path in joins.earlier_paths(joins.names)):
            return None
        ledger = articles_told(Past.of_lake(facts=True).facts, self._lake.run) if facts.asking.lately.supply else None
        return EarlierInLog(self._definitions, facts.asking, vocabularies, ledger)

    def _joined(
        self,
        batch: EventBatch,
        offsets: Int64,
        facts: SqlJoins | None,
        earlier: dict[str, pa.Table],
        said: Mapping[str, Column] = MappingProxyType({}),
    ) -> EventBatch:
        """A batch with the facts that its events had; they are asked of the lake.

        Args:
            batch: The events.
            offsets: (n,) of each in the log, ascending.
            facts: The joins; None: nothing is asked of the lake.
            earlier: What earlier events tell.
            said: What the events say themselves, which the lake may leave out.
        """
        if facts is None:
            return EnrichedBatch(batch, Given(said))
        past = Past.of_lake(facts=True)
        mine = past.events.filter(past.events.log_offset.between(int(offsets[0]), int(offsets[-1])))
        past = Past(mine, past.moves, past.facts)
        events = mine.mutate(person=mine.node.cast("string"))
        table = facts.joined(events, facts.names, past, Seen()).select("log_offset", *facts.names)
        found = self._lake.run(table, facts.tables(self._lake.run, past, earlier=earlier))
        held = np.asarray(found.column("log_offset"), np.int64)
        order = np.argsort(held)
        place = order[np.clip(np.searchsorted(held, offsets, sorter=order), 0, max(len(held) - 1, 0))]
        columns = {name: value_column(found.column(name).to_pylist(), name).take(place) for name in facts.names}
        own = {name: first_known(column, columns[name]) if name in columns else column for name, column in said.items()}
        return EnrichedBatch(batch, Given({**columns, **own}))

    def _rows(self, start: int, end: int, names: list[str]) -> pa.Table:
        """The events as the log has them: the lake gives the rows of its files in any order unless it is asked for one."""
        text = f"SELECT {_COLUMNS}, fields FROM events WHERE log_offset >= ? AND log_offset < ? AND node IS NOT NULL"
        if "$any" in names:
            return self._lake.query(f"{text} ORDER BY log_offset", [start, end])
        return self._lake.query(f"{text} AND list_contains(?, name) ORDER BY log_offset", [start, end, names])

    def _from_log(self, until: int, reading: Reading) -> Iterator[tuple[EventBatch, Int64, int]]:
        """Batches, the nodes of their events, and ``engine_now`` of their frames."""
        for frame in frames(self._log, 0):
            if frame.header.first_offset >= until:
                return
            batches = batches_of(frame, reading)
            if not batches:
                continue
            start, end = batches[0].first_offset, batches[-1].first_offset + batches[-1].n
            found = self._lake.query(
                "SELECT log_offset, node FROM events WHERE log_offset >= ? AND log_offset < ? AND node IS NOT NULL", [start, end]
            )
            node_at = np.full(end - start, -1, np.int64)
            node_at[np.asarray(found.column("log_offset")) - start] = np.asarray(found.column("node"))
            for batch in batches:
                at = batch.first_offset - start
                yield batch, node_at[at : at + batch.n], frame.header.engine_now_ms


class Majors:
    """The lake holds money as whole minor units; events held it in major ones, as a batch expects it.

    Args:
        reading: Says what is money, and in which currency where the event does not.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._paths = [path for path in reading.paths if reading.types.get(path) == "money"]

    def of(self, name: str, root: str, text: str) -> str:
        """A root object's JSON with its money in major units."""
        paths = [path for path in self._paths if path.startswith(f"{root}.")]
        if not paths:
            return text
        value = _decode(text)
        for path in paths:
            self._major(value, path, name)
        return msgspec.json.encode(value).decode()

    def _major(self, value: dict[str, Any], path: str, name: str) -> None:
        *parents, leaf = path.split(".")[1:]
        for key in parents:
            below = value.get(key)
            if not isinstance(below, dict):
                return
            value = below
        amount = value.get(leaf)
        if isinstance(amount, int) and not isinstance(amount, bool):
            by_name = self._reading.currencies.get(path, {})
            own = value.get("currency")
            currency = own.upper() if isinstance(own, str) and own else by_name.get(name) or by_name.get("$any") or self._reading.currency
            value[leaf] = amount / 10 ** exponent(currency) if exponent(currency) else amount


def batch_of_lake(found: pa.Table, reading: Reading, majors: Majors) -> EventBatch:
    """Rows of the lake as the batch that their events once were, as far as the lake holds them."""
    rows = found.to_pydict()
    raws = []
    for index, name in enumerate(rows["name"]):
        parts = [f'"{root}":{majors.of(name, root, rows[root][index])}' for root in ROOTS if rows[root][index] is not None]
        if rows["type"][index] == "track":
            parts.append(f'"event":{msgspec.json.encode(name).decode()}')
        if rows["message_id"][index] is not None:
            parts.append(f'"messageId":{msgspec.json.encode(rows["message_id"][index]).decode()}')
        if rows["fields"][index] is not None:
            parts.append(rows["fields"][index].strip()[1:-1])
        raws.append(("{" + ",".join(parts) + "}").encode())
    n = len(raws)
    times, received = (np.asarray(rows[column], "<i8").tobytes() for column in ("at", "received"))
    none = np.full(n, NO_TIME, "<i8").tobytes()
    ids = np.asarray(rows["id_hash"], "<u8").tobytes()
    section = EventRows(
        source=bytes(2 * n), time=times, received=received, original=none, sent=none, flags=bytes(2 * n), raw=raws,
        type_code=bytes(EVENT_TYPES.index(kind) for kind in rows["type"]), id_hash=ids, payload_hash=ids,
    )  # fmt: skip
    return RowsBatch(section, 0, reading)
