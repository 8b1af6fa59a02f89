"""Reading the lake: our own queries (figures, timelines) and other people's SQL, which can see the lake's tables and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.kernel.errors import BackendError, BackendTimeoutError, NotFoundError
from gyeol.storage.lake.extensions import connect, quoted
from gyeol.storage.lake.schema import PUBLIC_TABLES
from gyeol.storage.lake.sql import SqlResult, check_statement, plain_rows, sql_error
from gyeol.storage.lake.store import CATALOG_FILE, DATA_FOLDER, SPILL_FOLDER

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import pyarrow as pa


class LakeReader:
    """The lake, attached read-only in a DuckDB that may open no other file. Safe for threads: each query has its own cursor.

    Args:
        folder: Where ``LakeStore`` made the lake.
        threads: How many DuckDB may use.
        memory: Limit of DuckDB's buffers.

    Raises:
        NotFoundError: There is no lake yet.
    """

    def __init__(self, folder: Path, *, threads: int = 2, memory: str = "1GB") -> None:
        import duckdb

        if not (folder / CATALOG_FILE).exists():
            raise NotFoundError("no_lake", f"{folder} holds no lake yet. Run `gyeol up` or `gyeol import` first.", path=str(folder))
        self.folder = folder
        self._connection = connect(threads=threads, memory=memory, spill=folder / SPILL_FOLDER)
        con = self._connection
        try:
            # The catalog names the folder in which it was made; the lake may have been moved or restored elsewhere since.
            data = quoted(str(folder / DATA_FOLDER))
            options = f"READ_ONLY, DATA_PATH '{data}/', OVERRIDE_DATA_PATH true"
            con.execute(f"ATTACH 'ducklake:sqlite:{quoted(str(folder / CATALOG_FILE))}' AS lake ({options})")
            for table in PUBLIC_TABLES:
                con.execute(f"CREATE VIEW {table} AS FROM lake.main.{table}")
            folders = ", ".join(f"'{quoted(str((folder / name).absolute()))}/'" for name in (DATA_FOLDER, SPILL_FOLDER))
            con.execute(f"SET allowed_directories = [{folders}]")
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            con.close()
            raise BackendError("lake_failed", f"The lake in {folder} could not be read: {error}", path=str(folder)) from error

    def offset(self) -> int:
        """The first log offset that the lake does not hold yet."""
        return int(self.query("SELECT log_offset FROM lake.main.lake_offset").column(0)[0].as_py())

    def countries_from(self) -> int:
        """The offset from which on events have ``ip_country``; 0: all of them, for no older release wrote any."""
        return int(self.query("SELECT countries_from FROM lake.main.lake_offset").column(0)[0].as_py())

    def query(
        self, text: str, values: list[object] | None = None, tables: dict[str, pa.Table] | None = None, *, timeout_s: float = 60.0
    ) -> pa.Table:
        """Rows of a query of ours. ``values`` fill ``?``; ``tables`` are Arrow tables that the text may name beside the lake's.

        Raises:
            BackendTimeoutError: It took longer than ``timeout_s``.
            BackendError: The lake failed.
        """
        import duckdb

        try:
            with self._cursor(timeout_s) as cursor:
                for name, table in (tables or {}).items():
                    cursor.register(name, table)
                return cursor.execute(text, values or []).to_arrow_table()
        except duckdb.Error as error:
            raise BackendError(
                "lake_query_failed", f"A query of the lake failed: {error}. Look at `gyeol doctor`.", path=str(self.folder)
            ) from error

    def run(self, expression: ir.Table, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows of an Ibis expression over unbound tables named as the lake's (or as ``tables``), in the expression's own schema."""
        import ibis

        found = self.query(str(ibis.to_sql(expression, dialect="duckdb")), tables=tables)
        # DuckDB adds whole numbers up in 128 bits; the declared type is the expression's.
        return found.cast(expression.schema().to_pyarrow())

    def sql(self, text: str, *, limit: int = 1_000, timeout_s: float = 30.0) -> SqlResult:
        """Somebody's SELECT: at most ``limit`` rows with typed columns.

        Raises:
            InputError: The text is wrong or not allowed: code, position and, where one is near, the name that was meant.
            BackendTimeoutError: It took longer than ``timeout_s``.
        """
        import duckdb

        try:
            with self._cursor(timeout_s) as cursor:
                check_statement(cursor, text)
                cursor.execute(text)
                kinds = [(str(c[0]), str(c[1])) for c in cursor.description or []]
                rows, truncated = plain_rows(cursor.to_arrow_reader(min(limit + 1, 100_000)), limit)
                return SqlResult.of(kinds, rows, truncated)
        except duckdb.Error as error:
            raise sql_error(text, error) from error

    @contextmanager
    def _cursor(self, timeout_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        cursor = self._connection.cursor()
        timer = threading.Timer(timeout_s, cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield cursor
        except duckdb.InterruptException as error:
            raise BackendTimeoutError(
                "query_too_slow",
                f"The query took longer than {timeout_s:g} s and was stopped. Ask for less: filter by name and time, read fewer columns.",
            ) from error
        finally:
            timer.cancel()
            cursor.close()

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()
