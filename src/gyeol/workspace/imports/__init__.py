"""History from files: Parquet, CSV and ndjson become sections of events, by a mapping of SQL or by column names that are event paths.

``open_import`` checks everything that can be checked before the first event; reading is then a matter of streaming. DuckDB and PyArrow
are imported when an import is opened, never by the core process.
"""

from __future__ import annotations

from gyeol.workspace.imports.inputs import find_mapping
from gyeol.workspace.imports.mapping import EventQuery, ImportMapping, read_mapping
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import ImportGroup, ImportPlan, ImportSettings

__all__ = ["EventQuery", "ImportGroup", "ImportMapping", "ImportPlan", "ImportSettings", "find_mapping", "open_import", "read_mapping"]
