"""Where the identifiers of a batch's events had been before each of them, for what is known of the stores as of an event.

The traits hold what was said before the batch, the batch the rest; so how events were batched leaves no trace, and nothing has to be folded
in between. ``context/stores_in_sql.py`` says the same in SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gyeol.context.fact import FactValue
from gyeol.context.facts.store_zone import BEACON
from gyeol.context.moment import PREFIX, value_column
from gyeol.context.near_stores import AskingStores, StoresOfEvents
from gyeol.context.place.regions import Floats
from gyeol.context.place.trail import Points, Trail, points_of
from gyeol.context.place.whereabouts import PATH
from gyeol.events.batch import EventBatch, EventColumnsByPath, named
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64
from gyeol.profiles.table import TraitTable

Told = dict[str, list[FactValue | None]]
"""(n,) values by name, without ``moment.``."""


class Trails:
    """Where identifiers were.

    Args:
        traits: As they are before the batch that is asked about; None: everything that was ever said is in the batches that are asked
            about, one after the other.
    """

    def __init__(self, traits: TraitTable | None = None) -> None:
        self._traits = traits
        self._of: dict[int, Trail] = {}

    def told(self, asking: AskingStores, batch: EventBatch, nodes: Int64) -> Told:
        """What earlier positions tell as of the events of a batch that ask.

        Args:
            asking: For what.
            batch: The events.
            nodes: (n,) of each; of nobody's (-1) nothing is told.
        """
        stores = asking.stores
        found: Told = {name: [None] * batch.n for name in stores.along}
        asks = named(batch, asking.events) & (nodes >= 0)
        if not asks.any() and self._traits is not None:
            return found
        points, beacons = _points(stores, batch, batch.n), _beacons(stores, batch)
        speaks = asks | points.exact | np.array([beacon is not None for beacon in beacons], np.bool_)
        mine = nodes >= 0 if self._traits is None else np.isin(nodes, np.unique(nodes[asks]))
        degrees = list(zip(points.lat.tolist(), points.lon.tolist(), strict=True))
        for i in np.flatnonzero(speaks & mine).tolist():
            node, at_ms = int(nodes[i]), int(batch.time_ms[i])
            trail = self._of.get(node)
            if trail is None:
                trail = self._of[node] = self._begun(stores, node)
            point = degrees[i] if points.exact[i] else None
            if asks[i]:
                for name, value in stores.told(trail.seen(at_ms, point, beacons[i]), at_ms).items():
                    found[name][i] = value
            trail.add(at_ms, int(batch.id_hash[i]), point, beacons[i])
        return found

    def _begun(self, stores: StoresOfEvents, node: int) -> Trail:
        """What the traits hold of a node."""
        traits = self._traits
        if traits is None:
            return Trail()
        row = int(traits.rows_of_nodes(np.array([node]), create=False)[0])
        held = [traits.entries(name, row) for name in PATH[:2]] if stores.degrees else []
        positions = [(at, id_, _degrees(lat), _degrees(lon)) for (at, id_, lat), (_, _, lon) in zip(*held, strict=True)] if held else []
        heard = traits.entries(BEACON, row) if stores.beacon is not None else []
        return Trail(positions, (heard[0][0], heard[0][1], str(heard[0][2])) if heard else None)


def near(stores: StoresOfEvents, part: EventColumnsByPath, times: Int64) -> Mapping[str, Sequence[FactValue | None]]:
    """The nearest store of some events, by their own positions.

    Args:
        stores: Which facts.
        part: The columns of the events.
        times: (n,) of each.
    """
    points = _points(stores, part, len(times))
    where = np.flatnonzero(points.said)
    found: Told = {name: [None] * len(times) for name in stores.nearest}
    if len(where):
        for name, values in stores.of_points(points.lat[where], points.lon[where], times[where]).items():
            for i, value in zip(where.tolist(), values, strict=True):
                found[name][i] = value
    return found


def _points(stores: StoresOfEvents, part: EventColumnsByPath, n: int) -> Points:
    """The positions that some events say."""
    if not stores.degrees:
        return points_of(*np.full((3, n), np.nan))
    return points_of(*(_floats(part.column(path, "number")) for path in stores.degrees))


def _floats(column: Column) -> Floats:
    """A column of numbers; NaN where there is none."""
    if column.kind != "number":
        return np.full(len(column), np.nan)
    return np.where(column.known, np.asarray(column.values, np.float64), np.nan)


def _beacons(stores: StoresOfEvents, batch: EventBatch) -> list[str | None]:
    column = None if stores.beacon is None else batch.column(stores.beacon, "text")
    if column is None or column.vocabulary is None:
        return [None] * batch.n
    words = column.vocabulary.words
    return [words[code] if known else None for code, known in zip(column.values.tolist(), column.known.tolist(), strict=True)]


def _degrees(value: object) -> float:
    assert isinstance(value, float)
    return value


class StoresOfBatch:
    """The facts of stores that the events of one batch are joined with.

    Args:
        asking: Which events ask for what.
        batch: The events.
        nodes: (n,) of each.
        trails: Where their identifiers were; None: what follows from that is unknown.
    """

    def __init__(self, asking: AskingStores, batch: EventBatch, nodes: Int64, trails: Trails | None) -> None:
        self._stores, self._times = asking.stores, batch.time_ms
        told = trails.told(asking, batch, nodes) if trails is not None and asking.stores.along else {}
        self._along = {name: value_column(values, PREFIX + name) for name, values in told.items()}
        self._near: dict[bytes | None, Mapping[str, Sequence[FactValue | None]]] = {}

    def columns(self, batch: EventBatch) -> dict[str, Column]:
        """All of them over the whole batch, by name with ``moment.``."""
        return {PREFIX + name: self.column(name, batch, None) for name in self._stores.names}

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """A name (without ``moment.``) over some events (None: all), of which ``part`` has the columns."""
        rows = np.arange(len(self._times)) if events is None else events
        if name in self._along:
            return self._along[name].take(rows)
        values: Sequence[FactValue | None] = [None] * len(rows)
        if name in self._stores.nearest:
            key = None if events is None else events.tobytes()
            if key not in self._near:
                self._near[key] = near(self._stores, part, self._times[rows])
            values = self._near[key][name]
        return value_column(values, PREFIX + name).take(np.arange(len(rows)))
