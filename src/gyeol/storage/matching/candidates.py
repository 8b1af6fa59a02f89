"""Which pairs are looked at: keys counted, rules chosen, candidates written down rule by rule and handed out in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import TYPE_CHECKING

from gyeol.identity.matching.plan import TRIMMED, Field, Key, Rule, blocking, budget_of, coarse
from gyeol.kernel.errors import Problem

if TYPE_CHECKING:
    import duckdb

CHUNK = "candidates_now"
"""The table with the candidates that are weighed next, as Splink wants them."""
_PAIRS_A_PART = 4_000_000
_FREE_PAIRS, _PAIRS_A_RECORD = 8_000_000, 20
"""So many candidates are weighed in any case, and so many a record: time is linear in the records of a large file."""


class Candidates:
    """Pairs of records that agree in a key.

    Args:
        connection: With the derived tables.
        tables: One, or two whose records are linked.
        records: How many there are in all.
        tell: Told how far it is.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, tables: list[str], records: int, tell: Callable[[str, int, int], None]
    ) -> None:
        self.tables = tables
        self.notes: list[Problem] = []
        self._connection = connection
        self._records = records
        self._tell = tell

    def rules(self, fields: list[Field]) -> list[Rule]:
        """How candidates are found: the rules with the fewest pairs, as many as may be looked at."""
        keys = []
        todo = [(one, part) for one in fields for part in one.form.keys]
        for done, (one, part) in enumerate(todo):
            self._tell("counting candidates", done, len(todo))
            keys.append(self._key(one, part))
        together: dict[tuple[str, ...], int] = {}
        for a, b in coarse(keys, self._records):
            query = self._counted((a.column, b.column), spread=False)
            together[a.column, b.column] = int(self._connection.execute(f"SELECT coalesce(sum(p), 0) FROM ({query})").fetchall()[0][0])
        left = max(_FREE_PAIRS, _PAIRS_A_RECORD * self._records)
        chosen: list[Rule] = []
        for rule in blocking(keys, together, self._records):
            left -= rule.pairs
            if left >= 0 or not chosen:
                chosen.append(rule)
        return chosen

    def collect(self, rules: list[Rule]) -> None:
        """Write the candidates of all rules down: a table ``candidates`` of ``l`` and ``r``, a pair as often as rules find it."""
        self._connection.execute("CREATE OR REPLACE TABLE candidates (l BIGINT, r BIGINT)")
        for done, rule in enumerate(rules):
            self._tell("finding candidates", done, len(rules))
            self._connection.execute(f"INSERT INTO candidates {self._found(rule)}")

    def handed_out(self, rules: list[Rule]) -> Iterator[tuple[int, int]]:
        """Hand the candidates out in ``CHUNK``, each pair once: (number of the part, parts)."""
        total = max(1, ceil(sum(rule.pairs for rule in rules) / _PAIRS_A_PART))
        one, other = ("l", "r") if len(self.tables) == 1 else ("'file0-__-' || l", "'file1-__-' || r")
        for part in range(total):
            self._connection.execute(
                f"CREATE OR REPLACE TABLE {CHUNK} AS SELECT '0' AS match_key, {one} AS join_key_l, {other} AS join_key_r "
                f"FROM (SELECT DISTINCT l, r FROM candidates WHERE hash(l) % {total} = {part})"
            )
            yield part, total
        self._connection.execute("DROP TABLE candidates")

    def _found(self, rule: Rule) -> str:
        columns = ", ".join(f'"{column}"' for column in rule.columns)
        sides = (self.tables[0], self.tables[-1])
        if rule.spread:
            left, right = (f"(SELECT DISTINCT unique_id, unnest({columns}) AS k FROM {table})" for table in sides)
            columns = "k"
        else:
            left, right = (f"(SELECT unique_id, {columns} FROM {table})" for table in sides)
        once = " WHERE l.unique_id < r.unique_id" if len(self.tables) == 1 else ""
        return f"SELECT l.unique_id, r.unique_id FROM {left} l JOIN {right} r USING ({columns}){once}"

    def _counted(self, columns: tuple[str, ...], *, spread: bool) -> str:
        """SQL for the candidates that each value of a key finds."""
        quoted = ", ".join(f'"{column}"' for column in columns)
        known = " AND ".join(f'"{column}" IS NOT NULL' for column in columns)
        chosen = f'unnest("{columns[0]}")' if spread else f"hash({quoted})" if len(columns) > 1 else f'"{columns[0]}"'
        counts = [f"SELECT k, count(*)::DOUBLE AS c FROM (SELECT {chosen} AS k FROM {t} WHERE {known}) GROUP BY k" for t in self.tables]
        if len(self.tables) == 1:
            return f"SELECT k, c * (c - 1) / 2 AS p FROM ({counts[0]})"
        return f"SELECT k, a.c * b.c AS p FROM ({counts[0]}) a JOIN ({counts[1]}) b USING (k)"

    def _key(self, one: Field, part: str) -> Key:
        column, spread = one.column(part), part in one.form.lists
        budget = budget_of(self._records, spread=spread)
        query = self._counted((column,), spread=spread)
        # Values that find equally many stay or go together, so that nothing hangs on an order among them.
        total, kept, dropped, different = self._connection.execute(
            f"SELECT coalesce(sum(p), 0), coalesce(sum(p) FILTER (so_far <= {budget}), 0), count(*) FILTER (so_far > {budget}), count(*) "
            f"FROM (SELECT p, sum(p) OVER (ORDER BY p) AS so_far FROM ({query}))"
        ).fetchall()[0]
        key = Key(column, one.name, int(total), int(kept), int(dropped), int(different), spread)
        if key.trimmed:
            self._trim(key, one.label, query, budget)
        return key

    def _trim(self, key: Key, label: str, query: str, budget: int) -> None:
        often = f"SELECT k, p FROM (SELECT k, p, sum(p) OVER (ORDER BY p) AS so_far FROM ({query})) WHERE so_far > {budget}"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE often AS {often}")
        for table in self.tables:
            self._connection.execute(
                f'CREATE OR REPLACE TABLE {table} AS SELECT d.*, CASE WHEN k IS NULL THEN d."{key.column}" END '
                f'AS "{TRIMMED.format(key.column)}" FROM {table} d LEFT JOIN often ON k = d."{key.column}" ORDER BY unique_id'
            )
        shown = self._connection.execute("SELECT k FROM often ORDER BY p DESC, k LIMIT 3").fetchall()
        examples = ", ".join(repr(value) for (value,) in shown)
        what = f"{key.dropped:,} values of {label} stand in very many records ({examples}): nobody is looked for by them alone"
        self.notes.append(Problem(path=label, code="frequent_value", what=what, mend="leave them empty if they are no real values"))
