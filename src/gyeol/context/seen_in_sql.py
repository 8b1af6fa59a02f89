"""What events say of themselves, in SQL: what ``engine/enriching.py`` does with ``context.seen`` and ``context.place.of_events`` in the
stream, asked of the lake. The same code tells, once for each different thing that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gyeol.context.place.of_events import COUNTRY, LEVELS, EventRegions, Said
from gyeol.context.seen import SEEN
from gyeol.events.reading import Reading
from gyeol.profiles.batch.values import Need, Paths
from gyeol.profiles.rules import ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_TEXT = ValueType(wanted="text")
REGIONS = "moment_regions_of_events"
"""The name of the table of regions; whoever runs the expression brings it."""
_KEYS = {"lat": "float64", "lon": "float64", "address": "string"}
_NAMES = (*LEVELS, COUNTRY)
_NO_DEGREES = 999.0


def table_of(name: str) -> str:
    """What the table of answers is called; whoever runs the expression brings it."""
    return name.replace(".", "_")


def answers(name: str, moment: Mapping[str, str], events: ir.Table, reading: Reading, run: Callable[[ir.Table], pa.Table]) -> pa.Table:
    """The answer to each different thing that events say.

    Args:
        name: Of ``SEEN``.
        moment: Of the workspace.
        events: Columns as ``profiles.batch.events.EVENTS`` and ``person``.
        reading: Types by the tracking plan.
        run: Asks the lake.
    """
    import pyarrow as pa

    seen, columns = SEEN[name], _columns(name)
    found = run(_said(name, moment, events, reading).select(*columns).distinct())
    keys = list(zip(*(found.column(each).to_pylist() for each in columns), strict=True))
    values = [seen.tell(*(text or None for text in key)) for key in keys]
    said = {each: pa.array([key[i] for key in keys], pa.string()) for i, each in enumerate(columns)}
    return pa.table({**said, "value": pa.array(values, pa.string())})


def seen_in_sql(name: str, moment: Mapping[str, str], events: ir.Table, reading: Reading) -> ir.Table:
    """``log_offset`` and the ``value`` of each event that says it; see ``answers``."""
    import ibis

    columns = _columns(name)
    table = ibis.table({**dict.fromkeys(columns, "string"), "value": "string"}, name=table_of(name)).filter(lambda t: t["value"].notnull())
    found = _said(name, moment, events, reading).join(table, columns)
    return found.select(log_offset=found.log_offset, value=found["value"])


def _columns(name: str) -> list[str]:
    return [f"said_{i}" for i in range(len(SEEN[name].leaves))]


def _said(name: str, moment: Mapping[str, str], events: ir.Table, reading: Reading) -> ir.Table:
    wanted = SEEN[name].paths(moment)
    paths = Paths(events, reading, "$any", [Need(path, "text") for path in wanted], keep=("log_offset",))
    texts = {column: paths.coded(path, _TEXT).fill_null("") for column, path in zip(_columns(name), wanted, strict=True)}
    return paths.table.select("log_offset", **texts)


def regions_of(regions: EventRegions, events: ir.Table, reading: Reading, run: Callable[[ir.Table], pa.Table]) -> pa.Table:
    """The regions of each different thing that events say.

    Args:
        regions: How the workspace tells it.
        events: Columns as ``profiles.batch.events.EVENTS`` and ``person``.
        reading: Types by the tracking plan.
        run: Asks the lake.
    """
    import pyarrow as pa

    found = run(_where(regions, events, reading).select(*_KEYS).distinct())
    keys = list(zip(*(found.column(name).to_pylist() for name in _KEYS), strict=True))
    said: list[Said] = [(lat if lat < _NO_DEGREES else None, lon if lon < _NO_DEGREES else None, text or None) for lat, lon, text in keys]
    told = regions.tell(said)
    columns = {name: pa.array([regions.value(name, where) for where in told], pa.string()) for name in _NAMES}
    return pa.table({**{name: found.column(name) for name in _KEYS}, **columns})


def regions_in_sql(regions: EventRegions, events: ir.Table, reading: Reading) -> ir.Table:
    """``log_offset``, ``sido``, ``sigungu``, ``dong`` and ``country`` of the events that lie in a region; see ``regions_of``."""
    import ibis

    table = ibis.table({**_KEYS, **dict.fromkeys(_NAMES, "string")}, name=REGIONS).filter(lambda t: t.sido.notnull())
    found = _where(regions, events, reading).join(table, list(_KEYS))
    return found.select("log_offset", *_NAMES)


def _where(regions: EventRegions, events: ir.Table, reading: Reading) -> ir.Table:
    import ibis

    needs = [Need(path, "number") for path in regions.numbers] + [Need(path, "text") for path in regions.texts]
    paths = Paths(events, reading, "$any", needs, keep=("log_offset",))
    columns: dict[str, Any] = {"lat": ibis.literal(_NO_DEGREES), "lon": ibis.literal(_NO_DEGREES), "address": ibis.literal("")}
    for name, path in zip(("lat", "lon"), regions.numbers, strict=False):
        found = paths.column(Need(path, "number"))
        if found.kind == "number":
            degrees = found.value.cast("float64")
            columns[name] = (degrees.abs() <= 180).ifelse(degrees, _NO_DEGREES).fill_null(_NO_DEGREES)
    for path in regions.texts:
        columns["address"] = paths.coded(path, _TEXT).fill_null("")
    return paths.table.select("log_offset", **columns)
