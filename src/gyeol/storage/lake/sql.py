"""Other people's SQL: what may be asked, what is answered, and errors that say where and what was meant."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from gyeol.kernel.errors import GyeolError, InputError, Problem
from gyeol.storage.lake.schema import PUBLIC_TABLES

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
"""The only table functions a query may call; others open files (sqlite_scan does so even without external access)."""

_EXACT = 2**53
"""JSON numbers are exact below this in every client; larger whole numbers are sent as text."""


class SqlColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One column of an answer. ``type``: DuckDB's name (BIGINT, VARCHAR, TIMESTAMP WITH TIME ZONE, …)."""

    name: str
    type: str


class SqlResult(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a query as JSON values. ``truncated``: there were more than the limit."""

    columns: list[SqlColumn]
    rows: list[list[object]]
    truncated: bool

    @classmethod
    def of(cls, kinds: list[tuple[str, str]], rows: list[list[object]], truncated: bool) -> SqlResult:
        """From (name, type) pairs and rows."""
        return cls(columns=[SqlColumn(name=name, type=kind) for name, kind in kinds], rows=rows, truncated=truncated)


def check_statement(cursor: duckdb.DuckDBPyConnection, text: str) -> None:
    """Refuse whatever is not one SELECT over the lake's tables. The text is parsed by DuckDB itself, so nothing can be hidden in quoting.

    Raises:
        InputError: With position and how to mend it.
    """
    found = cursor.execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchone()
    tree = json.loads(found[0]) if found is not None else {}
    if tree.get("error"):
        if tree.get("error_type") == "not implemented":
            raise _refused(
                text,
                None,
                "only_select",
                "Only one SELECT can be run here",
                "the lake is written by Gyeol alone; begin with SELECT, FROM or WITH",
            )
        raise _refused(text, _position(tree), "syntax", _first_line(tree.get("error_message")), "look at the place named")
    statements = tree.get("statements", [])
    if len(statements) != 1:
        raise _refused(
            text, None, "only_select", f"{len(statements)} statements were given", "give one SELECT without a second one after ';'"
        )
    _check_tree(text, statements[0])


def _check_tree(text: str, tree: object) -> None:
    """Walk DuckDB's parse tree: tables must be the lake's (or names of WITH), table functions must be harmless."""
    local: set[str] = set()  # only asked, never iterated unsorted
    nodes: list[dict[str, Any]] = []
    waiting: list[object] = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
            nodes.append(item)
            entries = item.get("cte_map")
            if isinstance(entries, dict):
                # A name with a dot or slash could also be read as a file where the WITH does not reach.
                local |= {key for entry in entries.get("map", []) if (key := str(entry.get("key")).lower()).isidentifier()}
    for node in nodes:
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node.get("function", {}).get("function_name", "")).lower()
            if name not in TABLE_FUNCTIONS:
                raise _refused(
                    text,
                    _location(node),
                    "function_not_allowed",
                    f"{name}() may not be used here",
                    f"table functions are: {', '.join(sorted(TABLE_FUNCTIONS))}",
                )
        elif node.get("type") == "BASE_TABLE":
            _check_table(text, node, local)


def _check_table(text: str, node: dict[str, Any], local: set[str]) -> None:
    name = str(node.get("table_name", ""))
    spaces = {str(node.get("catalog_name") or "").lower(), str(node.get("schema_name") or "").lower()} - {"", "lake", "main"}
    if spaces or name.lower() not in {*PUBLIC_TABLES, *local}:
        near = _nearest(name, [*PUBLIC_TABLES, *sorted(local)])
        raise _refused(
            text,
            _location(node),
            "unknown_table",
            f"There is no table {name!r}",
            f"did you mean {near!r}?" if near else f"tables are: {', '.join(PUBLIC_TABLES)}",
        )


def _nearest(name: str, known: list[str]) -> str | None:
    import difflib

    found = difflib.get_close_matches(name.lower(), known, 1, 0.6)
    return found[0] if found else None


def plain_rows(reader: pa.RecordBatchReader, limit: int) -> tuple[list[list[object]], bool]:
    """At most ``limit`` rows as JSON values, and whether there were more."""
    rows: list[list[object]] = []
    for batch in reader:
        columns = [[plain(v) for v in column.to_pylist()] for column in batch.columns]
        rows += [list(row) for row in zip(*columns, strict=True)]
        if len(rows) > limit:
            return rows[:limit], True
    return rows, False


def plain(value: object) -> object:
    """A value as JSON can carry it without loss: instants as ISO text, large whole numbers as text, bytes as hex."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return plain(int(value))
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, int):
        return value if -_EXACT < value < _EXACT else str(value)
    if isinstance(value, float):
        # NaN and infinities have no JSON form.
        return value if value - value == 0 else None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    iso = getattr(value, "isoformat", None)
    return iso() if iso is not None else str(value)


def sql_error(text: str, error: Exception) -> GyeolError:
    """DuckDB's error as ours: what, where (line and column), and the name that was probably meant."""
    message = str(error)
    start = message.find("{")
    try:
        facts = json.loads(message[start:]) if start >= 0 else {}
    except json.JSONDecodeError:
        facts = {}
    what = _first_line(facts.get("exception_message") or message)
    code = str(facts.get("error_subtype") or facts.get("exception_type") or "failed").lower()
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return _refused(text, None, "too_large", what, "ask for less: filter by name and time, or group before you sort")
    candidates = [c for c in str(facts.get("candidates") or "").split(",") if c]
    near = _nearest(str(facts.get("name", "")), candidates) or (candidates[0] if len(candidates) == 1 else None)
    if near is not None:
        mend = f"did you mean {near!r}?"
    elif candidates:
        mend = f"known names: {', '.join(candidates)}"
    else:
        mend = (
            "cast with ::BIGINT or ::VARCHAR where types differ"
            if "cast" in message.lower() or "convert" in message.lower()
            else "look at the place named"
        )
    return _refused(text, _position(facts), code, what, mend)


def _refused(text: str, position: int | None, code: str, what: str, mend: str) -> InputError:
    line = column = None
    if position is not None:
        before = text.encode()[:position].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return InputError("bad_sql", [Problem(path="sql", code=code, what=what, mend=mend, line=line, column=column)])


def _position(facts: dict[str, Any]) -> int | None:
    value = str(facts.get("position", ""))
    return int(value) if value.isdigit() else None


def _location(node: dict[str, Any]) -> int | None:
    value = node.get("query_location")
    # DuckDB writes the largest uint64 for "unknown".
    return value if isinstance(value, int) and value < 2**63 else None


def _first_line(message: object) -> str:
    lines = str(message or "").strip().splitlines()
    return lines[0] if lines else "DuckDB refused the text"
