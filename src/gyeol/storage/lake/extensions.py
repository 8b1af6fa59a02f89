"""DuckDB connections whose extensions come from installed wheels: nothing is ever fetched from a network."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.kernel.errors import CapabilityMissingError

if TYPE_CHECKING:
    import duckdb

EXTENSIONS = ("sqlite_scanner", "ducklake")
"""In the order in which they must be loaded: the lake's catalog is a SQLite file."""


def extension_path(name: str, version: str) -> Path:
    """Where the wheel ``duckdb-extension-<name>`` keeps the extension for one DuckDB version (``1.5.5``).

    Raises:
        CapabilityMissingError: The wheel is not installed, or was made for another DuckDB.
    """
    wheel = "duckdb-extension-" + name.replace("_", "-")
    spec = importlib.util.find_spec("duckdb_extension_" + name)
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    for folder in folders:
        path = Path(folder) / "extensions" / f"v{version}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    found = "is not installed" if not folders else f"holds no extension for DuckDB {version}"
    raise CapabilityMissingError(
        "no_lake_extension",
        f"{wheel} {found}, so the lake cannot be opened. Run: pip install 'duckdb=={version}' '{wheel}=={version}'",
        wheel=wheel,
    )


def connect(*, threads: int, memory: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with the lake's extensions, the zone UTC and errors as JSON (``sql.py`` reads them).

    Args:
        threads: How many a query may use.
        memory: Limit of DuckDB's buffers, e.g. ``1GB``; beyond it queries spill or fail, the process lives.
        spill: Folder for what does not fit; made and emptied by DuckDB.

    Raises:
        CapabilityMissingError: An extension's wheel is missing.
    """
    import duckdb

    paths = [extension_path(name, duckdb.__version__) for name in EXTENSIONS]
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": str(spill),
        # Python variables must not become tables: a query sees the lake and nothing else.
        "python_enable_replacements": False,
        "errors_as_json": True,
    }
    connection = duckdb.connect(":memory:", config=config)
    for path in paths:
        connection.execute(f"LOAD '{quoted(str(path))}'")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


def quoted(text: str) -> str:
    """Text for use between single quotes in SQL."""
    return text.replace("'", "''")
