"""Tables of what was worked out of events, which the lake joins with them by their offset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gyeol.expressions.schema import NameInfo

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_SQL = {"number": "float64", "time": "float64", "text": "string", "flag": "boolean"}


def unbound(name: str, kinds: Mapping[str, NameInfo]) -> ir.Table:
    """A table by its name, which whoever runs the expression brings: ``log_offset`` and a column a fact.

    Args:
        name: Of the table.
        kinds: Name of the fact with ``moment.`` → its type.
    """
    import ibis

    return ibis.table({"log_offset": "int64", **{each: _SQL[info.type] for each, info in kinds.items()}}, name=name)


def filled(kinds: Mapping[str, NameInfo], offsets: Sequence[int], columns: Mapping[str, Sequence[object]]) -> pa.Table:
    """The rows of such a table.

    Args:
        kinds: As for ``unbound``.
        offsets: Of the events in the log.
        columns: Values by name with ``moment.``, of each event one.
    """
    import pyarrow as pa

    types = {"float64": pa.float64(), "string": pa.string(), "boolean": pa.bool_()}
    made = {name: pa.array(columns[name], types[_SQL[info.type]]) for name, info in kinds.items()}
    return pa.table({"log_offset": pa.array(offsets, pa.int64()), **made})
