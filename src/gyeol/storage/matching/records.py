"""Records of a file in DuckDB: every value as text, whatever the file was, what was wrong with it, and what the columns look like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.identity.matching.forms.text import plain
from gyeol.identity.matching.roles import Sample
from gyeol.kernel.errors import InputError, Problem
from gyeol.storage.matching.decoding import text_of
from gyeol.workspace.formats import suggestion

if TYPE_CHECKING:
    import duckdb

ROW, ID = "#row", "#id"
"""Columns of a table of records: number of the row from 0 on, and its name."""
NOTHING = (
    "",
    "null",
    "NULL",
    "(null)",
    "n/a",
    "N/A",
    "#N/A",
    "nan",
    "NaN",
    "none",
    "None",
    "-",
    "--",
    ".",
    "?",
    r"\N",
    "없음",
    "미상",
    "모름",
)
"""What exports write where they know nothing. ``NA`` is not among them: it is a Korean family name."""
SAMPLE_VALUES = 1_000
_SHOWN = 5
_WHOLE = 1e15


@dataclass
class Table:
    """A file that was read.

    Args:
        name: Of the table in DuckDB. headers: Of its columns without the id. rows: How many records.
        left_out: Headers that cannot be compared → why. notes: What had to be understood or was odd.
    """

    name: str
    headers: list[str]
    rows: int
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)


def read(connection: duckdb.DuckDBPyConnection, path: Path, id_column: str, name: str, folder: Path) -> Table:
    """Read a file into a table with ``#row``, ``#id`` and every column as text.

    Args:
        connection: DuckDB.
        path: Text with separators (plain or ``.gz``) or ``.parquet``.
        id_column: The column that names a record.
        name: The table's name in DuckDB.
        folder: For a copy in UTF-8.

    Raises:
        InputError: No such file or column, ids missing or standing twice, lines that do not fit the header: all that can be told.
    """
    import duckdb

    if not path.is_file():
        raise _refused(path, "no_file", "there is no such file", "check the name")
    table = Table(name=name, headers=[], rows=0)
    try:
        if path.suffix == ".parquet":
            problems = _read_parquet(connection, path, id_column, table)
        else:
            problems = _read_text(connection, path, id_column, table, folder)
    except duckdb.Error as error:
        mend = "check that the file is whole, and CSV or Parquet as its name says"
        raise _refused(path, "unreadable", str(error).strip().splitlines()[0], mend) from error
    problems += _check_ids(connection, table, path, id_column)
    if problems:
        raise InputError("bad_records", problems)
    return table


def _read_text(connection: duckdb.DuckDBPyConnection, path: Path, id_column: str, table: Table, folder: Path) -> list[Problem]:
    text = text_of(path, folder, table.name)
    table.notes += text.notes
    headers = _own_headers(text.header, path, id_column, table)
    columns = ", ".join(f"{_literal(f'c{i}')}: 'VARCHAR'" for i in range(len(headers)))
    source = (
        f"read_csv({_literal(str(text.path))}, header = true, delim = {_literal(text.separator)}, quote = '\"', escape = '\"', "
        f"auto_detect = false, null_padding = true, parallel = false, store_rejects = true, columns = {{{columns}}})"
    )
    _create(connection, table, source, {header: f'"c{i}"' for i, header in enumerate(headers)}, id_column)
    rejected = connection.execute("SELECT line, min(error_type) FROM reject_errors GROUP BY line ORDER BY line").fetchall()
    connection.execute("DROP TABLE IF EXISTS reject_errors")
    connection.execute("DROP TABLE IF EXISTS reject_scans")
    if not rejected:
        return []
    lines = ", ".join(str(line) for line, _ in rejected[:_SHOWN]) + (", …" if len(rejected) > _SHOWN else "")
    kinds = ", ".join(sorted({str(kind).lower() for _, kind in rejected}))
    mend = f'put values that hold {text.separator!r}, quotes or line breaks between "…"'
    return [
        Problem(
            path=str(path), code="bad_lines", what=f"{len(rejected):,} records do not fit the header ({kinds}): line {lines}", mend=mend
        )
    ]


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, id_column: str, table: Table) -> list[Problem]:
    """Structures become columns of their own (``address.city``); lists, maps and bytes are left out."""
    source = f"read_parquet({_literal(str(path))})"
    relation = connection.sql(f"SELECT * FROM {source}")
    expressions: list[tuple[str, str]] = []

    def flat(header: str, expression: str, kind: duckdb.sqltypes.DuckDBPyType) -> None:
        if kind.id == "struct":
            for child, inner in kind.children:
                flat(f"{header}.{child}", f"struct_extract({expression}, {_literal(str(child))})", inner)  # type: ignore[arg-type]
        elif kind.id in ("list", "array", "map", "blob", "union"):
            table.left_out[header] = "nested"
        elif kind.id in ("double", "float"):
            # A whole number that a table held as a fraction, for the column had gaps: 1.0 is 1.
            whole = f"{expression} = floor({expression}) AND abs({expression}) < {_WHOLE}"
            number = f"CAST(CAST({expression} AS BIGINT) AS VARCHAR)"
            expressions.append((header, f"CASE WHEN {whole} THEN {number} ELSE CAST({expression} AS VARCHAR) END"))
        else:
            expressions.append((header, expression))

    for header, kind in zip(relation.columns, relation.types, strict=True):
        flat(header, quoted(header), kind)
    if table.left_out:
        what = f"columns with values inside values: {', '.join(table.left_out)}"
        table.notes.append(
            Problem(path=str(path), code="nested", what=what, mend="write them as columns of their own to have them compared")
        )
    headers = _own_headers([header for header, _ in expressions], path, id_column, table)
    _create(connection, table, source, dict(zip(headers, (e for _, e in expressions), strict=True)), id_column)
    return []


def _own_headers(found: list[str], path: Path, id_column: str, table: Table) -> list[str]:
    """Headers each once, whatever their case; nameless columns get a number.

    Raises:
        InputError: The id column is not there, or there twice.
    """
    if found.count(id_column) != 1:
        listed = [header for header in found if header]
        if id_column in found:
            raise _refused(path, "id_column_twice", f"{found.count(id_column)} columns are called {id_column!r}", "rename all but one")
        mend = suggestion(id_column, listed, "name the column that numbers the records")
        raise _refused(path, "no_column", f"there is no column {id_column!r}", mend)
    headers: list[str] = []
    used = {ROW, ID, id_column.lower()}
    renamed: list[str] = []
    nameless = 0
    for place, header in enumerate(found, start=1):
        name = header or f"column_{place}"
        nameless += not header
        if header != id_column:
            turn = 2
            while name.lower() in used:
                name, turn = f"{header or f'column_{place}'}_{turn}", turn + 1
            if header and name != header:
                renamed.append(name)
            used.add(name.lower())
        headers.append(name)
    if renamed:
        what = f"several columns of one name; read as {', '.join(renamed)}"
        table.notes.append(Problem(path=str(path), code="same_headers", what=what, mend="give each column a name of its own"))
    if nameless:
        what = f"{nameless} columns have no name; read as column_N, N their place"
        table.notes.append(Problem(path=str(path), code="no_header", what=what, mend="write names into the first line"))
    return headers


def _create(connection: duckdb.DuckDBPyConnection, table: Table, source: str, columns: dict[str, str], id_column: str) -> None:
    kept = {header: expression for header, expression in columns.items() if header != id_column}
    nothing = ", ".join(_literal(sign) for sign in NOTHING)
    values = "".join(
        f", CASE WHEN trim(CAST({e} AS VARCHAR)) IN ({nothing}) THEN NULL ELSE trim(CAST({e} AS VARCHAR)) END AS {quoted(h)}"
        for h, e in kept.items()
    )
    connection.execute(
        f"CREATE TABLE {table.name} AS SELECT CAST(row_number() OVER () - 1 AS BIGINT) AS {quoted(ROW)}, * FROM "
        f"(SELECT nullif(trim(CAST({columns[id_column]} AS VARCHAR)), '') AS {quoted(ID)}{values} FROM {source}) "
        f"WHERE NOT ({' AND '.join(f'{quoted(h)} IS NULL' for h in (ID, *kept))})"
    )
    table.headers = list(kept)
    table.rows = int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0][0])


def _check_ids(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, id_column: str) -> list[Problem]:
    missing = connection.execute(f'SELECT count(*) FROM {table.name} WHERE "{ID}" IS NULL').fetchall()[0][0]
    twice = connection.execute(
        f'SELECT "{ID}", count(*) AS c, count(*) OVER () FROM {table.name} WHERE "{ID}" IS NOT NULL GROUP BY 1 HAVING count(*) > 1 '
        f"ORDER BY c DESC, 1 LIMIT {_SHOWN}"
    ).fetchall()
    problems = []
    if missing:
        what = f"{missing:,} records have no {id_column!r}"
        problems.append(Problem(path=str(path), code="no_id", what=what, mend="give every record an id of its own"))
    if twice:
        examples = ", ".join(f"{value!r} {count:,} times" for value, count, _ in twice)
        what = f"{twice[0][2]:,} values of {id_column!r} stand more than once: {examples}"
        problems.append(Problem(path=str(path), code="id_twice", what=what, mend="name the column that numbers the records"))
    # 001, 1 and 1.0 are three names here, and one number to whoever wrote them.
    written = connection.execute(
        f'SELECT min("{ID}"), max("{ID}"), count(*) OVER () FROM {table.name} '
        f'WHERE regexp_full_match("{ID}", \'\\d{{1,15}}(?:\\.0+)?\') GROUP BY CAST("{ID}" AS DOUBLE) '
        f'HAVING count(DISTINCT "{ID}") > 1 ORDER BY 1 LIMIT 1'
    ).fetchall()
    if written:
        a, b, count = written[0]
        what = f"{count:,} numbers stand in {id_column!r} in more than one writing, such as {a!r} and {b!r}; taken for different records"
        table.notes.append(Problem(path=str(path), code="id_writings", what=what, mend="write each id in one way if they are one"))
    return problems


def samples(connection: duckdb.DuckDBPyConnection, tables: list[str], headers: list[str]) -> list[Sample]:
    """What the detector of roles looks at; several tables count as one."""
    found = []
    for header in headers:
        column = quoted(header)
        both = " UNION ALL ".join(f"SELECT {column} AS v FROM {table}" for table in tables)
        counts = f"SELECT count(*), count(v), count(DISTINCT v) FROM ({both})"
        rows, filled, different = connection.execute(counts).fetchall()[0]
        distinct = f"SELECT DISTINCT v FROM ({both}) WHERE v IS NOT NULL"
        values = connection.execute(f"SELECT v FROM ({distinct}) ORDER BY hash(v), v LIMIT {SAMPLE_VALUES}").fetchall()
        found.append(Sample(name=header, rows=rows, filled=filled, different=different, values=[value for (value,) in values]))
    return found


def repeated(connection: duckdb.DuckDBPyConnection, tables: list[str], one: str, other: str) -> float:
    """The share of records in which the words of one column are among those of the other; of records that have both."""
    both = " UNION ALL ".join(f"SELECT {quoted(one)} AS a, {quoted(other)} AS b FROM {table}" for table in tables)
    query = f"SELECT DISTINCT a, b FROM ({both}) WHERE a IS NOT NULL AND b IS NOT NULL ORDER BY hash(a, b), 1, 2 LIMIT {SAMPLE_VALUES}"
    pairs = [(set(plain(a).split()), set(plain(b).split())) for a, b in connection.execute(query).fetchall()]
    return sum(a <= b or b <= a for a, b in pairs) / len(pairs) if pairs else 0.0


def columns_of(
    connection: duckdb.DuckDBPyConnection, table: str, headers: tuple[str, ...], begin: int, end: int
) -> list[tuple[str | None, ...]]:
    """Values of some columns of the rows from ``begin`` to before ``end``, in their order; an empty header gives None."""
    chosen = ", ".join(quoted(header) if header else "NULL" for header in headers)
    query = f'SELECT {chosen} FROM {table} WHERE "{ROW}" >= {begin} AND "{ROW}" < {end} ORDER BY "{ROW}"'
    return connection.execute(query).fetchall()


def parts(rows: int, size: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of the parts that so many rows are read in."""
    for begin in range(0, rows, size):
        yield begin, min(begin + size, rows)


Roles = Callable[[str, list[str]], dict[str, str]]
"""(table, headers) → what each of them was taken for."""


def shared_headers(connection: duckdb.DuckDBPyConnection, tables: list[Table], roles: Roles) -> tuple[list[str], dict[str, str]]:
    """Columns that every file has: of one header, case and signs aside, or, where headers differ, the only one of its role on either side.

    Returns:
        Their headers in the first file, which the second's columns get too; and headers that only one file has → ``only_one_file``.
    """
    if len(tables) == 1:
        return tables[0].headers, {}
    first, second = tables
    pairs: dict[str, str] = {header: header for header in first.headers if header in second.headers}
    for form in (_bare, None):
        left, right = (_only(table.headers, taken) for table, taken in ((first, pairs), (second, pairs.values())))
        keys = [{h: _bare(h) for h in found} if form else roles(table.name, found) for table, found in ((first, left), (second, right))]
        counted = [Counter(key.values()) for key in keys]
        theirs = {key: header for header, key in keys[1].items() if counted[1][key] == 1}
        pairs |= {header: theirs[key] for header, key in keys[0].items() if counted[0][key] == 1 and key in theirs}
    renamed = {other: header for header, other in pairs.items() if header != other}
    # By way of a third name, for two columns may change names with each other.
    for steps in ({other: f"#{header}" for other, header in renamed.items()}, {f"#{header}": header for header in renamed.values()}):
        for old, new in steps.items():
            connection.execute(f"ALTER TABLE {second.name} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
    alone = _only(first.headers, pairs) + _only(second.headers, pairs.values())
    return [header for header in first.headers if header in pairs], dict.fromkeys(sorted(alone), "only_one_file")


def _only(headers: list[str], taken: Collection[str]) -> list[str]:
    return [header for header in headers if header not in taken]


def _bare(header: str) -> str:
    return "".join(sign for sign in header.lower() if sign.isalnum())


def _refused(path: Path, code: str, what: str, mend: str) -> InputError:
    return InputError("bad_records", [Problem(path=str(path), code=code, what=what, mend=mend)])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'
