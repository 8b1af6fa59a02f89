"""DuckDB for imports: a connection that reads only the import's folder, types of columns, and errors with their place."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.kernel.errors import CapabilityMissingError
from gyeol.workspace.imports.columns import TEXT_COLUMNS, TIME, TIME_TEXT, Kind, PathColumn

if TYPE_CHECKING:
    import duckdb
    from duckdb.sqltypes import DuckDBPyType

_NUMBERS = {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"}
_WIDE_NUMBERS = {"ubigint", "hugeint", "uhugeint", "bignum", "float", "double", "decimal"}
_INSTANTS = {"timestamp", "timestamp with time zone", "timestamp_s", "timestamp_ms", "timestamp_ns"}
_AS_TEXT = {"varchar", "uuid", "enum", "date", "time", "time with time zone"}
_NESTED = {"list", "array", "map", "union", "variant"}


class SqlFault(Exception):
    """A statement that DuckDB refused: what it said, and where. Turned into a Problem by whoever knows the file."""

    def __init__(self, what: str, mend: str, line: int | None, code: str = "unreadable") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.mend = mend
        self.line = line


def require_libraries() -> None:
    """Make sure that the libraries which imports need are there.

    Raises:
        CapabilityMissingError: DuckDB or PyArrow is not installed.
    """
    for name in ("duckdb", "pyarrow"):
        if find_spec(name) is None:
            told = f"imports need {name}, which is not installed. Install it: pip install 'duckdb==1.5.5' pyarrow"
            raise CapabilityMissingError(f"no_{name}", told)
    _arrow_without_pandas()


class _NoPandas:
    """Says that there is no pandas."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """See ``importlib.abc.MetaPathFinder``."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not asked for", name=name)


def _arrow_without_pandas() -> None:
    """Let PyArrow look for pandas where there is none.

    It looks when first given a Python value, to know its classes; that costs 0.6 s of processor and 40 MB which no import needs.
    It looks once, and again when somebody asks for a data frame, so nothing else is lost.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.scalar("")
    finally:
        sys.meta_path.remove(finder)


def connect(folder: Path | None) -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB in UTC that keeps the order of rows.

    Args:
        folder: The only folder from which SQL may read; None: whatever the caller names.
    """
    import duckdb

    connection = duckdb.connect(config={"errors_as_json": True})
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    if folder is not None:
        connection.execute(f"SET allowed_directories = [{literal(str(folder.resolve()) + '/')}]")
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


def run(connection: duckdb.DuckDBPyConnection, sql: str, lines_before: int = 0) -> duckdb.DuckDBPyConnection:
    """Run a statement; ``lines_before`` lines at its beginning are ours and not the author's.

    Raises:
        SqlFault: DuckDB refused it.
    """
    import duckdb

    try:
        return connection.execute(sql)
    except duckdb.Error as error:
        raise _fault(str(error), sql, lines_before) from error


def _fault(text: str, sql: str, lines_before: int) -> SqlFault:
    start = text.find("{")
    try:
        facts = json.loads(text[start:]) if start >= 0 else {}
    except ValueError:
        facts = {}
    message = str(facts.get("exception_message") or text).split("\nCandidate")[0].split("\nDid you mean")[0].strip()
    position = facts.get("position")
    line = None
    if position is not None:
        line = max(sql[: int(position)].count("\n") + 1 - lines_before, 1)
    candidates = str(facts.get("candidates") or "").split(",")[0].strip()
    return SqlFault(message, f"did you mean {candidates!r}?" if candidates else "mend the SQL (DuckDB's dialect)", line)


def first_line(text: str) -> str:
    """What an error of DuckDB says, without its place."""
    start = text.find("{")
    try:
        told = str(json.loads(text[start:])["exception_message"]) if start >= 0 else text
    except (ValueError, KeyError):
        told = text
    return told.splitlines()[0] if told else "unknown error"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def select_columns(name: str, kind: DuckDBPyType, reference: str | None = None) -> list[tuple[PathColumn, str]]:
    """The paths that a column gives, each with the expression that brings it to one of four types; structs give one path a field.

    Args:
        name: The column's name: a path.
        kind: Its DuckDB type.
        reference: How SQL reaches it, if not by its name.

    Raises:
        SqlFault: The type has no meaning in an event.
    """
    here = reference or quoted(name)
    if name in TEXT_COLUMNS:
        return [(PathColumn(name, "text"), f"nullif(CAST({here} AS VARCHAR), '')")]
    if kind.id == "struct":
        found: list[tuple[PathColumn, str]] = []
        for field, inner in children(kind):
            found.extend(select_columns(f"{name}.{field}", inner, f"struct_extract({here}, {literal(field)})"))
        return found
    as_kind, expression = _expression(name, kind, here)
    return [(PathColumn(name, as_kind), expression)]


def children(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """The types inside a struct (by field) or a list (``child``)."""
    from duckdb.sqltypes import DuckDBPyType

    return [(name, inner) for name, inner in kind.children if isinstance(inner, DuckDBPyType)]


def _expression(name: str, kind: DuckDBPyType, here: str) -> tuple[Kind, str]:
    word = kind.id
    if str(kind) == "JSON":
        return "json", f"CAST({here} AS VARCHAR)"
    if word in _NUMBERS:
        return "number", f"CAST({here} AS BIGINT)"
    if word in _WIDE_NUMBERS:
        return "number", f"CAST({here} AS DOUBLE)"
    if word == "boolean":
        return "flag", here
    if word in _INSTANTS:
        return "text", f"strftime(CAST({here} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ')"
    if word in _AS_TEXT or str(kind) == '"NULL"':
        return "text", f"CAST({here} AS VARCHAR)"
    if word in _NESTED:
        return "json", f"CAST(to_json({here}) AS VARCHAR)"
    raise SqlFault(f"column {name!r} is of type {kind}, which an event cannot hold", "cast it to text or to a number", None, "wrong_type")


def time_columns(name: str, kind: DuckDBPyType, *, texts_allowed: bool) -> list[str]:
    """Expressions for the reader's own columns of time, from the column of the event's instant.

    Raises:
        SqlFault: It is of a type that says no instant.
    """
    here = quoted(name)
    if kind.id in _INSTANTS or kind.id == "date":
        return [f"epoch_ms(CAST({here} AS TIMESTAMPTZ)) AS {quoted(TIME)}"]
    if kind.id == "varchar" and texts_allowed:
        # DuckDB also reads 'epoch' and 'infinity' as instants, Python does not.
        return [
            f"CASE WHEN {here}[1] BETWEEN '0' AND '9' THEN epoch_ms(TRY_CAST({here} AS TIMESTAMPTZ)) END AS {quoted(TIME)}",
            f"{here} AS {quoted(TIME_TEXT)}",
        ]
    mend = f"make it one: CAST({name} AS TIMESTAMP), or epoch_ms({name}) for milliseconds"
    raise SqlFault(f"column {name!r} must be a timestamp, not {kind}", mend, None, "wrong_type")
