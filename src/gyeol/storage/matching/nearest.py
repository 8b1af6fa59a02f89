"""Pairs of titles that are each other's nearest: what a file of products or papers is trained by.

Titles of different things share words as well, far more often within a group of candidates than at random: expectation maximisation takes
those for matches and goes wrong. Of two titles that are nearest to each other most are one thing. What the labels get wrong makes
weights smaller on both sides, not their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gyeol.identity.matching.forms.title import COSINE
from gyeol.identity.matching.plan import Field

if TYPE_CHECKING:
    import duckdb

LEAST_LIKE = 0.4
"""Cosine below which nearest titles are not taken for one thing."""


def nearest_pairs(connection: duckdb.DuckDBPyConnection, tables: list[str], title: Field) -> Any:
    """Mutually nearest titles, ties by row.

    Args:
        connection: With the derived tables.
        tables: One, or two whose records are linked.
        title: The field.

    Returns:
        An Arrow table of ``unique_id_l``, ``source_dataset_l``, ``unique_id_r``, ``source_dataset_r``, as Splink wants labels.
    """
    words, norm, rare = (title.column(part) for part in ("words", "norm", "rare"))
    left, right = tables[0], tables[-1]
    one_file = "AND l.unique_id <> r.unique_id" if left == right else ""
    cosine = COSINE.format(words_l=f'l."{words}"', words_r=f'r."{words}"', norm_l=f'l."{norm}"', norm_r=f'r."{norm}"')
    query = f"""
        WITH looked AS (
            SELECT DISTINCT a.unique_id AS a, b.unique_id AS b
            FROM (SELECT unique_id, unnest("{rare}") AS word FROM {left}) a
            JOIN (SELECT unique_id, unnest("{rare}") AS word FROM {right}) b USING (word)
        ),
        measured AS (
            SELECT a, b, {cosine} AS likeness FROM looked
            JOIN {left} l ON l.unique_id = a JOIN {right} r ON r.unique_id = b WHERE true {one_file}
        ),
        placed AS (
            SELECT *, row_number() OVER (PARTITION BY a ORDER BY likeness DESC, b) AS of_a,
                row_number() OVER (PARTITION BY b ORDER BY likeness DESC, a) AS of_b
            FROM measured WHERE likeness >= {LEAST_LIKE}
        )
        SELECT a AS unique_id_l, '{_source(left)}' AS source_dataset_l, b AS unique_id_r, '{_source(right)}' AS source_dataset_r
        FROM placed WHERE of_a = 1 AND of_b = 1 {"AND a < b" if left == right else ""} ORDER BY a, b
    """
    return connection.execute(query).arrow().read_all()


def _source(table: str) -> str:
    return table.replace("derived", "file")
