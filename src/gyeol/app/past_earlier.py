"""What earlier actions and answers tell of events, from the log: where the lake leaves out what they are read from.

It is folded as the stream folds it: in waves, so that each event that asks finds what the log held before it and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gyeol.context.behaviour.recorded import traits_of
from gyeol.context.clock import Clock
from gyeol.context.joined_in_sql import filled
from gyeol.context.lake_ledger import LakeLedger
from gyeol.context.lately import Asking
from gyeol.context.ledger import FactLedger
from gyeol.context.subject import Subject
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriching import EventJoins
from gyeol.engine.waves import in_waves, remember
from gyeol.events.batch import EventBatch, Vocabularies
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.table import TraitTable

if TYPE_CHECKING:
    import pyarrow as pa

    from gyeol.context.fact import Fact


class EarlierInLog:
    """Takes the log in, batch by batch, from its beginning.

    Args:
        definitions: In force.
        asking: Which events ask for what.
        vocabularies: Of the batches.
        ledger: What was told of articles; None: nobody asks for it.
    """

    def __init__(self, definitions: Definitions, asking: Asking, vocabularies: Vocabularies, ledger: LakeLedger | None) -> None:
        workspace, zone = definitions.workspace, Zone(definitions.workspace.zone)
        kept = [*(traits_of(workspace.moment) if asking.lately.acts else []), *asking.lately.kept]
        self._traits = TraitTable(kept, vocabularies, zone, definitions.plan, workspace.currency)
        self._joins = EventJoins(definitions, {*asking.kinds, *self._traits.paths()}, asking.events)
        self._clock = Clock(zone, workspace.country)
        self._asking, self._ledger = asking, ledger

    def table(self, batch: EventBatch, nodes: Int64, now_ms: int) -> pa.Table:
        """What the events of the next batch that ask were joined with; see ``context.behaviour.in_sql.lately_of``.

        Args:
            batch: The events.
            nodes: (n,) of each; -1: nobody's.
            now_ms: ``engine_now`` of their frame.
        """

        def find(offset: int, at_ms: int, about: Subject, name: str) -> Fact | None:
            return None if self._ledger is None else self._ledger.before(offset, about, name, at_ms, now_ms - self._joins.memory_ms)

        joins, traits = self._joins, self._traits
        joined = joins.enriched(batch, nodes, FactLedger(), self._clock, now_ms)
        assert joined is not None
        events = np.flatnonzero(nodes >= 0)
        rows = traits.rows_of_nodes(nodes[events])
        asked: list[int] = []
        for asking, mine in in_waves(joins, batch, nodes, events):
            remember(joins, joined, asking, nodes[asking], traits, now_ms, find)
            asked += asking.tolist()
            now = slice(None) if mine is None else mine[events]
            traits.fold(joined, events[now], rows[now], now_ms)
        values = {name: joined.column(name) for name in self._asking.kinds}
        columns: dict[str, list[object]] = {name: [column.item(i) for i in asked] for name, column in values.items()}
        return filled(self._asking.kinds, [batch.offset(i) for i in asked], columns)
