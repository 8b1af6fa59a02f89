"""What events say of themselves, in SQL: what ``engine/enriching.py`` does with ``context.seen`` in the stream, asked of the lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gyeol.context.seen import SEEN
from gyeol.events.reading import Reading
from gyeol.profiles.batch.values import Need, Paths
from gyeol.profiles.rules import ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_TEXT = ValueType(wanted="text")


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
