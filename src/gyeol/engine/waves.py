"""Events of a batch in the order in which they must be folded so that each that asks finds what came before it and nothing else.

The traits hold what a node's earlier actions were; a batch may hold some more of the same node. So an event that asks begins a new wave for
its node: all before it is folded by then, and how events were batched leaves no trace. Batches in which nobody asks are one wave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.beside import BesideEvent
from gyeol.context.fact import Fact
from gyeol.context.lately import Reader
from gyeol.context.ledger import FactLedger
from gyeol.context.subject import Subject
from gyeol.engine.enriched import EnrichedBatch
from gyeol.engine.enriching import EventJoins
from gyeol.events.batch import EventBatch, named
from gyeol.expressions.column import Column, Mask
from gyeol.kernel.instants import Int64
from gyeol.profiles.table import TraitTable

Finder = Callable[[int, int, Subject, str], Fact | None]
"""What was told, by the offset and the time of an event, what it is about, and the name (without ``moment.``)."""


def told_by(facts: FactLedger, oldest_ms: int) -> Finder:
    """What is held now, which is all that the log held before the batch that is folded.

    Args:
        facts: What is held.
        oldest_ms: Facts that ended at or before it are forgotten.
    """
    return lambda offset, at_ms, about, name: facts.at(about, name, at_ms, oldest_ms)


def asks(joins: EventJoins, batch: EventBatch) -> Mask | None:
    """(n,) which events ask for what earlier actions tell; None: none does."""
    if not joins.lately:
        return None
    found = named(batch, joins.asking)
    return found if found.any() else None


def wave_of(asking: Mask, nodes: Int64) -> Int64:
    """(n,) the wave of each event: how many events of its node ask, up to it and with it.

    Args:
        asking: (n,) which do.
        nodes: (n,).
    """
    order = np.argsort(nodes, kind="stable")
    sums = np.cumsum(asking[order])
    mine = nodes[order]
    first = np.searchsorted(mine, mine)
    waves = np.empty(len(nodes), np.int64)
    waves[order] = sums - (sums[first] - asking[order][first])
    return waves


def remember(joins: EventJoins, batch: EnrichedBatch, events: Int64, nodes: Int64, traits: TraitTable, now_ms: int, find: Finder) -> None:
    """Join events with what the traits of their nodes tell of earlier actions and answers.

    Args:
        joins: What is asked for.
        batch: Takes it.
        events: (m,) those that ask, by their place in the batch.
        nodes: (m,) of each.
        traits: As they are before these events.
        now_ms: ``engine_now``.
        find: Finds what was told of articles before an event.
    """
    lately, rows = joins.lately, traits.rows_of_nodes(nodes, create=False)

    def column(trait: str, at: Int64 | None) -> Column:
        return traits.column(trait, rows if at is None else rows[at], now_ms)

    histories = Read(column, len(rows)).histories(np.arange(len(rows))) if lately.acts else [[] for _ in rows]
    kept = {trait.name: column(trait.name, None) for trait in lately.kept}
    zones = joins.zones(batch, events) if kept else [None] * len(rows)
    for place, (i, at_ms, history, zone) in enumerate(zip(events.tolist(), batch.time_ms[events].tolist(), histories, zones, strict=True)):
        beside = BesideEvent(partial(find, batch.offset(i), at_ms), at_ms) if lately.supply else None
        batch.remember(i, lately.told(history, at_ms, _of_one(kept, place), zone, beside))


def _of_one(kept: dict[str, Column], place: int) -> Reader:
    at = np.array([place])
    return lambda trait, _: kept[trait].take(at)


def in_waves(joins: EventJoins, batch: EventBatch, nodes: Int64, events: Int64) -> Iterator[tuple[Int64, Mask | None]]:
    """The waves of a batch: the events that ask in it, and which of all events (n,) belong to it; None: all.

    Args:
        joins: What is asked for.
        batch: The events.
        nodes: (n,) of each.
        events: Those that belong to somebody.
    """
    asking = asks(joins, batch)
    if asking is None:
        yield np.empty(0, np.int64), None
        return
    asking &= nodes >= 0
    waves = wave_of(asking, nodes)
    for number in np.unique(waves[events]).tolist():
        mine = waves == number
        yield np.flatnonzero(mine & asking), mine
