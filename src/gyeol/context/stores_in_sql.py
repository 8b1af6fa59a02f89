"""What is known of the stores as of an event, asked of the lake: what ``engine/positions.py`` does in the stream.

The same code tells it (``context/near_stores.py``), over the positions of each identifier in the order of the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gyeol.context.fact import FactValue
from gyeol.context.joined_in_sql import filled
from gyeol.context.near_stores import AskingStores
from gyeol.context.place.regions import Floats
from gyeol.context.place.trail import Points, Trail, points_of
from gyeol.events.reading import Reading
from gyeol.expressions.column import Mask
from gyeol.kernel.instants import Int64
from gyeol.profiles.batch.values import Need, Paths
from gyeol.profiles.rules import ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

STORES = "moment_stores_of_events"
"""The name of the table; whoever runs the expression brings it."""
_ANY = "$any"
_TEXT = ValueType(wanted="text")
_DEGREES = ("lat", "lon", "vague")


def stores_of(asking: AskingStores, events: ir.Table, reading: Reading, run: Callable[[ir.Table], pa.Table]) -> pa.Table:
    """What the events that ask were joined with.

    Args:
        asking: Which they are.
        events: All of the lake; columns as ``profiles.batch.events.EVENTS`` and ``person``.
        reading: Types by the tracking plan.
        run: Asks the lake.
    """
    found = run(_rows(asking, events, reading))
    asks = np.asarray(found.column("asks"), np.bool_)
    points = points_of(*(_floats(found, name) for name in _DEGREES))
    told: dict[str, list[FactValue | None]] = {name: [None] * int(asks.sum()) for name in asking.kinds}
    if asking.stores.nearest:
        near = np.flatnonzero(points.said[asks]).tolist()
        where = np.flatnonzero(asks)[near]
        values = asking.stores.of_points(points.lat[where], points.lon[where], np.asarray(found.column("at"), np.int64)[where])
        for name, column in values.items():
            _put(told, name, near, column)
    if asking.stores.along:
        for place, each in enumerate(_along(asking, found, points, asks)):
            for name, value in each.items():
                _put(told, name, [place], [value])
    offsets = cast(Int64, np.asarray(found.column("log_offset"), np.int64))
    return filled(asking.kinds, offsets[asks].tolist(), told)


def _put(told: dict[str, list[FactValue | None]], name: str, places: list[int], values: list[Any]) -> None:
    column = told[f"moment.{name}"]
    for place, value in zip(places, values, strict=True):
        column[place] = value


def _along(asking: AskingStores, found: pa.Table, points: Points, asks: Mask) -> list[dict[str, str]]:
    """What each event that asks was told of where its identifier had been, in the order of the rows."""
    told: list[dict[str, str]] = []
    nodes, times, ids = (cast(Int64, np.asarray(found.column(name))).tolist() for name in ("node", "at", "id"))
    degrees = list(zip(points.lat.tolist(), points.lon.tolist(), strict=True))
    trail, last = Trail(), None
    rows = zip(nodes, times, ids, degrees, points.exact.tolist(), found.column("beacon").to_pylist(), asks.tolist(), strict=True)
    for node, at_ms, id_, point, exact, beacon, asking_ in rows:
        if node != last:
            trail, last = Trail(), node
        mine = point if exact else None
        if asking_:
            told.append(asking.stores.told(trail.seen(at_ms, mine, beacon), at_ms))
        trail.add(at_ms, id_, mine, beacon)
    return told


def _rows(asking: AskingStores, events: ir.Table, reading: Reading) -> ir.Table:
    """Events that ask, and what says where the nodes that ask were, in the order of the log, one node after the other."""
    import ibis

    stores = asking.stores
    needs = [Need(path, "number") for path in stores.degrees] + ([] if stores.beacon is None else [Need(stores.beacon, "text")])
    paths = Paths(events, reading, _ANY, needs, keep=("log_offset", "node"))
    table = paths.table
    nothing = ibis.null("float64")
    said: dict[str, Any] = dict.fromkeys(_DEGREES, nothing)
    said |= {name: paths.column(Need(path, "number")).value.cast("float64") for name, path in zip(_DEGREES, stores.degrees, strict=False)}
    said["beacon"] = ibis.null("string") if stores.beacon is None else paths.coded(stores.beacon, _TEXT)
    asks: Any = ibis.literal(True) if _ANY in asking.events else table["name"].isin(sorted(asking.events))
    rows = table.select("log_offset", "node", "id", at=table.time, asks=asks, **said).filter(lambda t: t.node.notnull())
    if not stores.along:
        return rows.filter(rows.asks & rows.lat.notnull() & rows.lon.notnull())
    rows = rows.semi_join(rows.filter(rows.asks).select("node").distinct(), "node")
    return rows.filter(rows.asks | rows.lat.notnull() | rows.beacon.notnull()).order_by("node", "log_offset")


def _floats(found: pa.Table, name: str) -> Floats:
    """A column of numbers; NaN where there is none."""
    return np.asarray(found.column(name).to_numpy(), np.float64)
