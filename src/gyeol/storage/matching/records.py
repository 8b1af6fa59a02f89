"""Records of a file in DuckDB: every value as text, whatever the encoding, and what the columns look like."""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.identity.matching.roles import Sample
from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.formats import suggestion

if TYPE_CHECKING:
    import duckdb

ENCODINGS = ("utf-8-sig", "cp949", "utf-16")
"""Tried in this order; CP949 is what spreadsheets on Korean machines write."""
SAMPLE_VALUES = 1_000
_CHUNK = 1 << 22


def read(connection: duckdb.DuckDBPyConnection, path: Path, id_column: str, table: str) -> list[str]:
    """Read a CSV or Parquet file into a table with ``row`` (0 on) and every column as text.

    Args:
        connection: DuckDB.
        path: ``.csv``, ``.csv.gz``, ``.tsv`` or ``.parquet``.
        id_column: The column that names a record.
        table: Its name in DuckDB.

    Returns:
        Headers without the id.

    Raises:
        InputError: No such file, no such column, ids that are missing or stand twice, a file that cannot be read: all that can be told.
    """
    import duckdb

    if not path.is_file():
        raise InputError("no_file", [Problem(path=str(path), code="no_file", what="there is no such file", mend="check the name")])
    try:
        if path.suffix == ".parquet":
            relation = connection.read_parquet(str(path))
        else:
            relation = connection.read_csv(_as_utf8(path), header=True, all_varchar=True, null_padding=True)
        headers = list(relation.columns)
        if id_column not in headers:
            mend = suggestion(id_column, headers, f"the columns are: {', '.join(headers)}")
            problem = Problem(path=str(path), code="no_column", what=f"there is no column {id_column!r}", mend=mend)
            raise InputError("bad_records", [problem])
        kept = [header for header in headers if header != id_column]
        chosen = ", ".join(f"nullif(trim(CAST({_quoted(h)} AS VARCHAR)), '') AS {_quoted(h)}" for h in kept)
        connection.execute(
            f'CREATE TABLE {table} AS SELECT CAST(row_number() OVER () - 1 AS BIGINT) AS "#row", '
            f'trim(CAST({_quoted(id_column)} AS VARCHAR)) AS "#id"{", " if chosen else ""}{chosen} FROM relation'
        )
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        mend = "check that the file is whole, and CSV or Parquet as its name says"
        raise InputError("bad_records", [Problem(path=str(path), code="unreadable", what=first, mend=mend)]) from error
    _check_ids(connection, table, path, id_column)
    return kept


def _check_ids(connection: duckdb.DuckDBPyConnection, table: str, path: Path, id_column: str) -> None:
    missing = connection.execute(f'SELECT count(*) FROM {table} WHERE "#id" IS NULL OR "#id" = \'\'').fetchall()[0][0]
    twice = connection.execute(
        f'SELECT "#id", count(*) FROM {table} WHERE "#id" IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1'
    ).fetchall()
    problems = []
    if missing:
        what = f"{missing:,} records have no {id_column!r}"
        problems.append(Problem(path=str(path), code="no_id", what=what, mend="give every record an id of its own"))
    if twice:
        what = f"{len(twice):,} values of {id_column!r} stand more than once, {twice[0][0]!r} {twice[0][1]:,} times"
        problems.append(Problem(path=str(path), code="id_twice", what=what, mend="name the column that numbers the records"))
    if problems:
        raise InputError("bad_records", problems)


def samples(connection: duckdb.DuckDBPyConnection, tables: list[str], headers: list[str]) -> list[Sample]:
    """What the detector of roles looks at; several tables count as one."""
    both = " UNION ALL ".join(f"SELECT {', '.join(_quoted(h) for h in headers)} FROM {t}" for t in tables)
    rows = connection.execute(f"SELECT count(*) FROM ({both})").fetchall()[0][0]
    found = []
    for header in headers:
        column = _quoted(header)
        filled, different = connection.execute(f"SELECT count({column}), count(DISTINCT {column}) FROM ({both})").fetchall()[0]
        distinct = f"SELECT DISTINCT {column} FROM ({both}) WHERE {column} IS NOT NULL"
        values = connection.execute(f"SELECT {column} FROM ({distinct}) ORDER BY hash({column}) LIMIT {SAMPLE_VALUES}").fetchall()
        found.append(Sample(name=header, rows=rows, filled=filled, different=different, values=[value for (value,) in values]))
    return found


def columns_of(connection: duckdb.DuckDBPyConnection, table: str, headers: tuple[str, ...]) -> Iterator[list[tuple[str | None, ...]]]:
    """Values of some columns in the order of the rows, in parts; an empty header gives None."""
    chosen = ", ".join(_quoted(header) if header else "NULL" for header in headers)
    cursor = connection.cursor().execute(f'SELECT {chosen} FROM {table} ORDER BY "#row"')
    while rows := cursor.fetchmany(50_000):
        yield rows


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_utf8(path: Path) -> str:
    """A file DuckDB can read: itself when it is UTF-8, else a copy in UTF-8 that lasts as long as the process."""
    if path.name.endswith(".gz"):
        return str(path)
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig":
            return str(path)
        copy = Path(tempfile.mkdtemp(prefix="gyeol-")) / "records.csv"
        with path.open(encoding=encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
            while text := source.read(_CHUNK):
                target.write(text)
        return str(copy)
    mend, what = "save it as UTF-8; CP949 and UTF-16 are understood as well", "the file is in no encoding that is known"
    raise InputError("bad_records", [Problem(path=str(path), code="bad_encoding", what=what, mend=mend)])
