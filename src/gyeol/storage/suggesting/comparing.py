"""How alike pairs of records are: the levels of ``identity.matching`` are conditions in DuckDB's SQL, asked of many pairs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gyeol.identity.matching.plan import Field
from gyeol.identity.suggesting.attributes import ROLES, Attributes, derived, form, roles_of
from gyeol.identity.suggesting.model import UNKNOWN

Pair = tuple[int, int]


def likeness(records: Mapping[int, Attributes], pairs: Sequence[Pair]) -> dict[str, npt.NDArray[np.int8]]:
    """Role → (n,) likeness of n pairs; see ``model``.

    Args:
        records: By node; those of the pairs must be there.
        pairs: Of nodes.
    """
    import duckdb
    import pyarrow as pa

    nodes = sorted({node for pair in pairs for node in pair})
    place = {node: row for row, node in enumerate(nodes)}
    roles = roles_of(records[node] for node in nodes)
    if not pairs or not roles:
        return {role: np.full(len(pairs), UNKNOWN, np.int8) for role in ROLES}
    fields = [Field(role, form(role), (), role) for role in roles]
    columns: dict[str, Any] = {"node": pa.array(range(len(nodes)), pa.int32())}
    for one in fields:
        said = [records[node].stated.get(one.name) for node in nodes]
        rows = [derived(one.name, None if each is None else each.value) for each in said]
        for i, part in enumerate(one.form.parts):
            kind = pa.list_(pa.string()) if part in one.form.lists else pa.string()
            columns[one.column(part)] = pa.array([row[i] for row in rows], kind)
    asked = pa.table(
        {
            "pair": pa.array(range(len(pairs)), pa.int32()),
            "a": pa.array([place[a] for a, _ in pairs], pa.int32()),
            "b": pa.array([place[b] for _, b in pairs], pa.int32()),
        }
    )
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.register("records", pa.table(columns))
        connection.register("asked", asked)
        sides = ", ".join(f'{side}."{name}" AS "{name}_{side}"' for side in "lr" for name in columns if name != "node")
        query = (
            f"SELECT {', '.join(map(_level, fields))} FROM (SELECT pair, {sides} FROM asked "
            "JOIN records l ON l.node = asked.a JOIN records r ON r.node = asked.b) ORDER BY pair"
        )
        found = connection.execute(query).fetchnumpy()
    told = {one.name: np.asarray(found[one.name], np.int8) for one in fields}
    return {role: told.get(role, np.full(len(pairs), UNKNOWN, np.int8)) for role in ROLES}


def _level(one: Field) -> str:
    """The likeness of a field as SQL: the first level that is met, counted from the worst."""
    levels = one.form.levels
    cases = "".join(f" WHEN {one.sql(level.sql)} THEN {len(levels) - i}" for i, level in enumerate(levels))
    return f'CAST(CASE WHEN {one.unknown} THEN {UNKNOWN}{cases} ELSE 0 END AS TINYINT) AS "{one.name}"'
