"""Running a mapping: its inputs as views, its tables, and all events of its queries in one ordered table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.kernel.errors import InputError, Problem, in_order
from gyeol.workspace.formats import nearest, suggestion
from gyeol.workspace.imports.columns import SOURCE, TEXT_COLUMNS, TIME, PathColumn
from gyeol.workspace.imports.inputs import file_format
from gyeol.workspace.imports.mapping import EventQuery, ReadMapping
from gyeol.workspace.imports.plain import reader_call
from gyeol.workspace.imports.sql import SqlFault, quoted, run, select_columns, time_columns
from gyeol.workspace.yaml_source import Path_

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from duckdb.sqltypes import DuckDBPyType

_ROOTS = ("properties", "traits", "context")
_KNOWN = (*TEXT_COLUMNS, "timestamp")
_SIMULATED = "context.simulated"
_EVENTS = "$events"
_BATCH_ROWS = 20_000


class Mapped:
    """One mapping on one connection.

    Args:
        connection: A fresh one; its tables and views are this mapping's.
        read: The mapping with its places.
        sources: Names in the order of ``Definitions.sources``.

    Attributes:
        columns: Paths of the united events, once ``make`` has run.
        total: How many events there are.
        warnings: What looks wrong but stops nothing.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, read: ReadMapping, sources: list[str]) -> None:
        self._connection = connection
        self._mapping = read.mapping
        self._document = read.document
        self._sources = sources
        self._problems: list[Problem] = []
        self._kinds: dict[str, tuple[PathColumn, str]] = {}
        self.columns: list[PathColumn] = []
        self.warnings: list[str] = []
        self.total = 0

    def make(self, files: Mapping[str, Path]) -> None:
        """Make the events, in order.

        Raises:
            InputError: With every problem found before the first event was made.
        """
        for name, path in files.items():
            call = reader_call(path, file_format(path) or "parquet")
            self._run(("inputs", name), f"CREATE VIEW {quoted(name)} AS SELECT * FROM {call}", 0)
        for name, sql in self._mapping.tables.items():
            self._run(("tables", name), f"CREATE TABLE {quoted(name)} AS\n{_bare(sql)}\n", 1)
        self._stop()
        selects = [self._select(i, query) for i, query in enumerate(self._mapping.events)]
        self._stop()
        self.columns = [self._kinds[path][0] for path in sorted(self._kinds)]
        united = "\nUNION ALL BY NAME\n".join(selects)
        order = f'{quoted(TIME)}, "messageId" NULLS LAST, {quoted(SOURCE)}'
        try:
            run(self._connection, f"CREATE TABLE {quoted(_EVENTS)} AS SELECT * FROM ({united}) ORDER BY {order}")
        except SqlFault as fault:
            mend = "a value met while running does not fit: mend the cast, or use TRY_CAST"
            self._problems.append(self._document.problem(("events",), "bad_sql", fault.what, mend))
        self._stop()
        self.total = sum(self.by_source().values())
        self._warn_of_twins()

    def by_source(self) -> dict[str, int]:
        """How many events each source has."""
        sql = f"SELECT {quoted(SOURCE)}, count(*) FROM {quoted(_EVENTS)} GROUP BY 1 ORDER BY 1"
        return {self._sources[int(index)]: int(count) for index, count in run(self._connection, sql).fetchall()}

    def batches(self, from_row: int) -> Iterator[pa.RecordBatch]:
        """The events from one on, in the packer's form."""
        sql = f"SELECT * FROM {quoted(_EVENTS)} OFFSET {from_row}"
        yield from run(self._connection.cursor(), sql).to_arrow_reader(_BATCH_ROWS)

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()

    def _select(self, index: int, query: EventQuery) -> str:
        at: Path_ = ("events", index, "sql")
        described = self._run(at, f"DESCRIBE SELECT * FROM (\n{_bare(query.sql)}\n)", 1)
        if described is None:
            return ""
        types = dict(zip(*self._types(query), strict=True))
        expressions = [f"{self._sources.index(query.source)}::SMALLINT AS {quoted(SOURCE)}"]
        if query.simulated:
            types.pop(_SIMULATED, None)
            expressions.append(f"true AS {quoted(_SIMULATED)}")
            self._kinds[_SIMULATED] = (PathColumn(_SIMULATED, "flag"), query.name)
        self._require(at, list(types))
        for name, kind in types.items():
            try:
                if name == "timestamp":
                    expressions.extend(time_columns(name, kind, texts_allowed=False))
                elif self._is_path(at, name):
                    expressions.extend(self._paths(at, query, name, kind))
            except SqlFault as fault:
                self._problems.append(self._document.problem(at, "wrong_type", f"query {query.name!r}: {fault.what}", fault.mend))
        return f"SELECT {', '.join(expressions)} FROM (\n{_bare(query.sql)}\n)"

    def _paths(self, at: Path_, query: EventQuery, name: str, kind: DuckDBPyType) -> list[str]:
        found: list[str] = []
        for column, expression in select_columns(name, kind):
            before = self._kinds.setdefault(column.path, (column, query.name))
            if before[0].kind != column.kind:
                what = f"query {query.name!r}: {column.path} is {column.kind}, but {before[0].kind} in query {before[1]!r}"
                self._problems.append(self._document.problem(at, "wrong_type", what, "cast it to one type in both"))
            found.append(f"{expression} AS {quoted(column.path)}")
        return found

    def _types(self, query: EventQuery) -> tuple[list[str], list[DuckDBPyType]]:
        relation = self._connection.sql(f"SELECT * FROM (\n{_bare(query.sql)}\n)")
        return list(relation.columns), list(relation.types)

    def _require(self, at: Path_, names: list[str]) -> None:
        for wanted in ("type", "timestamp", "messageId"):
            if wanted not in names:
                mend = suggestion(wanted, [n for n in names if n not in _KNOWN and "." not in n], f'add … AS "{wanted}"')
                self._problems.append(self._document.problem(at, "missing_column", f"the query has no column {wanted!r}", mend))
        if "userId" not in names and "anonymousId" not in names:
            mend = suggestion("userId", [n for n in names if n not in _KNOWN and "." not in n], 'add … AS "userId"')
            self._problems.append(self._document.problem(at, "missing_column", "the query has neither 'userId' nor 'anonymousId'", mend))

    def _is_path(self, at: Path_, name: str) -> bool:
        root, dot, rest = name.partition(".")
        if name in _KNOWN or (root in _ROOTS and dot and rest):
            return True
        close = nearest(name, _KNOWN, cutoff=0.8) or f"properties.{rest or name}"
        mend = f"did you mean {close!r}? Paths begin with {'., '.join(_ROOTS)}."
        self._problems.append(self._document.problem(at, "unknown_column", f"column {name!r} is no path of an event", mend))
        return False

    def _run(self, at: Path_, sql: str, lines_before: int) -> duckdb.DuckDBPyConnection | None:
        try:
            return run(self._connection, sql, lines_before)
        except SqlFault as fault:
            line, _ = self._document.place(at)
            text = self._text(at).rstrip()
            inside = min(fault.line or 0, text.count("\n") + 1)
            # A block ("sql: |") begins on the line after its key; other texts stand on its line.
            if "\n" not in text and inside:
                inside -= 1
            noun = ".".join(str(part) for part in at)
            problem = Problem(path=self._document.file, line=line + inside, code="bad_sql", what=f"{noun}: {fault.what}", mend=fault.mend)
            self._problems.append(problem)
            return None

    def _text(self, at: Path_) -> str:
        value: object = self._document.value
        for key in at:
            value = value[key] if isinstance(value, dict) and isinstance(key, str) else value[int(key)] if isinstance(value, list) else ""
        return str(value)

    def _warn_of_twins(self) -> None:
        sql = (
            f'SELECT {quoted(SOURCE)}, count(*) - count(DISTINCT "messageId") FROM {quoted(_EVENTS)} GROUP BY 1 '
            f'HAVING count(*) > count(DISTINCT "messageId") ORDER BY 1'
        )
        for index, twins in run(self._connection, sql).fetchall():
            source = self._sources[int(index)]
            self.warnings.append(
                f"{twins:,} event(s) of source {source!r} have no messageId of their own; of equal ones only the first counts"
            )

    def _stop(self) -> None:
        if self._problems:
            raise InputError("bad_mapping", in_order(self._problems))


def _bare(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip() if sql.strip().endswith(";") else sql.rstrip()
