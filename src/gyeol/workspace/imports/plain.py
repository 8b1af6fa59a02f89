"""Files whose columns already are event paths (``userId``, ``properties.revenue``, …): what they must have; CSV and ndjson by DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.kernel.errors import Problem
from gyeol.workspace.formats import suggestion
from gyeol.workspace.imports.columns import SOURCE, TEXT_COLUMNS, PathColumn
from gyeol.workspace.imports.plan import ImportSettings
from gyeol.workspace.imports.sql import SqlFault, children, connect, first_line, literal, quoted, run, select_columns, time_columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from duckdb.sqltypes import DuckDBPyType

OWN_COLUMNS = ("timestamp", "source")
"""Columns of a plain file that are not kept as paths."""

_ROOTS = ("properties", "traits", "context")
_DATES = {"date", "time", "timestamp", "timestamp with time zone", "timestamp_s", "timestamp_ms", "timestamp_ns", "uuid"}
_BATCH_ROWS = 20_000


def reader_call(path: Path, form: str) -> str:
    """The table function that reads a file, with every CSV column as text: a reader that guesses would turn the id 00123 into 123."""
    name = literal(str(path))
    if form == "parquet":
        return f"read_parquet({name})"
    if form == "csv":
        return f"read_csv({name}, header = true, all_varchar = true, nullstr = '')"
    return (
        f"read_json({name}, format = 'newline_delimited', sample_size = -1, maximum_depth = -1, map_inference_threshold = -1, "
        "field_appearance_threshold = 0, maximum_object_size = 16777216)"
    )


def column_problems(path: str, names: list[str], settings: ImportSettings) -> list[Problem]:
    """Columns that every event needs and that the file does not have."""
    found: list[Problem] = []
    spare = [n for n in names if n not in (*TEXT_COLUMNS, *OWN_COLUMNS) and "." not in n]
    otherwise = "rename the column, or use a mapping (--map)"
    for wanted in ("type", "timestamp"):
        if wanted not in names:
            what = f"there is no column {wanted!r}"
            found.append(Problem(path=path, code="missing_column", what=what, mend=suggestion(wanted, spare, otherwise)))
    if "userId" not in names and "anonymousId" not in names:
        what = "there is neither a column 'userId' nor 'anonymousId'"
        found.append(Problem(path=path, code="missing_column", what=what, mend=suggestion("userId", spare, otherwise)))
    if settings.source is None and "source" not in names:
        mend = f"give --source ({', '.join(settings.sources)}), or the file a column 'source'"
        found.append(Problem(path=path, code="missing_column", what="nothing says which source the events are from", mend=mend))
    return found


def column_warnings(columns: list[PathColumn]) -> list[str]:
    """Columns that no definition will look for."""
    odd = [c.path for c in columns if c.path not in TEXT_COLUMNS and c.path.partition(".")[0] not in _ROOTS]
    return [f"column {name!r} is no path of an event; it is kept under that name" for name in odd]


def source_problems(path: str, names: Iterable[str], settings: ImportSettings) -> list[Problem]:
    """Names in a column ``source`` that are no sources."""
    return [
        Problem(
            path=path,
            code="unknown_source",
            what=f"column 'source' names {name!r}, which is no source",
            mend=suggestion(name, settings.sources, "declare it under 'sources:' in the workspace"),
        )
        for name in sorted(names)
        if name not in settings.sources
    ]


class TextReader:
    """One CSV or ndjson file.

    Args:
        path: The file.
        form: ``csv`` or ``ndjson``.
        settings: Sources.

    Raises:
        SqlFault: The file cannot be read, or a column's type has no meaning in an event.
    """

    def __init__(self, path: Path, form: str, settings: ImportSettings) -> None:
        self._connection = connect(None)
        self._settings = settings
        self._call, self._types = _relation(self._connection, path, form)
        self.names = list(self._types)
        self.total = int(run(self._connection, f"SELECT count(*) FROM {self._call}").fetchall()[0][0])
        selected = [pair for name, kind in self._types.items() if name not in OWN_COLUMNS for pair in select_columns(name, kind)]
        self.columns = sorted((column for column, _ in selected), key=lambda c: c.path)
        self._expressions = [f"{expression} AS {quoted(column.path)}" for column, expression in selected]
        if "timestamp" in self._types:
            self._expressions.extend(time_columns("timestamp", self._types["timestamp"], texts_allowed=True))

    def source_names(self) -> set[str]:
        """Every name in the column ``source``."""
        rows = run(self._connection, f"SELECT DISTINCT CAST({quoted('source')} AS VARCHAR) FROM {self._call}").fetchall()
        return {str(row[0]) for row in rows}

    def batches(self, from_row: int) -> Iterator[pa.RecordBatch]:
        """The rows from one on, in the packer's form."""
        sql = f"SELECT {', '.join([*self._expressions, self._source()])} FROM {self._call} OFFSET {from_row}"
        yield from run(self._connection.cursor(), sql).to_arrow_reader(_BATCH_ROWS)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _source(self) -> str:
        sources, source = self._settings.sources, self._settings.source
        if source is not None:
            return f"{sources.index(source)}::SMALLINT AS {quoted(SOURCE)}"
        listed = "[" + ", ".join(map(literal, sources)) + "]"
        return f"(list_position({listed}, CAST({quoted('source')} AS VARCHAR)) - 1)::SMALLINT AS {quoted(SOURCE)}"


def _relation(connection: duckdb.DuckDBPyConnection, path: Path, form: str) -> tuple[str, dict[str, DuckDBPyType]]:
    import duckdb

    call = reader_call(path, form)
    try:
        types = _types(connection, call)
        if form == "ndjson":
            # Texts that look like dates or ids stay the texts that were sent.
            told = ", ".join(f"{literal(name)}: {literal(_as_sent(kind))}" for name, kind in types.items())
            call = f"read_json({literal(str(path))}, format = 'newline_delimited', maximum_object_size = 16777216, columns = {{{told}}})"
            types = _types(connection, call)
    except duckdb.Error as error:
        raise SqlFault(f"{path.name} cannot be read: {first_line(str(error))}", "", None) from error
    return call, types


def _types(connection: duckdb.DuckDBPyConnection, call: str) -> dict[str, DuckDBPyType]:
    relation = connection.sql(f"SELECT * FROM {call}")
    return dict(zip(relation.columns, relation.types, strict=True))


def _as_sent(kind: DuckDBPyType) -> str:
    if kind.id in _DATES:
        return "VARCHAR"
    if kind.id == "struct":
        return "STRUCT(" + ", ".join(f"{quoted(name)} {_as_sent(inner)}" for name, inner in children(kind)) + ")"
    if kind.id == "list":
        return _as_sent(dict(children(kind))["child"]) + "[]"
    return str(kind)
