"""An import that another process reads is the same import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gyeol.kernel.errors import InputError, InternalError
from gyeol.workspace.imports import ImportSettings, open_import
from gyeol.workspace.imports.apart import open_apart
from gyeol.workspace.imports.opening import input_bytes


def settings(base: Path) -> ImportSettings:
    return ImportSettings(sources=["web"], source="web", received_ms=1_800_000_000_000, group_rows=40, base=str(base))


@pytest.fixture
def file(tmp_path: Path) -> str:
    n = 100
    columns = {
        "type": ["track"] * (n - 1) + ["purchase"],
        "event": ["Order"] * n,
        "messageId": [f"m{i}" for i in range(n)],
        "userId": [f"u{i % 7}" for i in range(n)],
        "timestamp": [f"2026-01-01T00:00:{i % 60:02d}Z" for i in range(n)],
        "properties.odd": [float(i) for i in range(n)],
    }
    pq.write_table(pa.table(columns), tmp_path / "e.parquet")
    return "e.parquet"


def test_the_groups_are_the_same(file: str, tmp_path: Path) -> None:
    with open_import(file, None, settings(tmp_path)) as here, open_apart(file, None, settings(tmp_path)) as there:
        for name in ("label", "total", "by_source", "files", "content_hash", "file_hash", "groups", "warnings"):
            assert getattr(there, name) == getattr(here, name), name
        assert list(there.sections(1)) == list(here.sections(1))


def test_problems_are_told_as_here(tmp_path: Path) -> None:
    pq.write_table(pa.table({"kind": ["x"]}), tmp_path / "bad.parquet")
    with pytest.raises(InputError) as here:
        open_import("bad.parquet", None, settings(tmp_path))
    with pytest.raises(InputError) as there:
        open_apart("bad.parquet", None, settings(tmp_path))
    assert (there.value.code, there.value.problems, str(there.value)) == (here.value.code, here.value.problems, str(here.value))


def test_leaving_early_ends_the_process(file: str, tmp_path: Path) -> None:
    with open_apart(file, None, settings(tmp_path)) as plan:
        groups = plan.sections()
        assert next(groups).rows == 40
    with pytest.raises((InternalError, ValueError)):
        list(groups)


def test_the_size_decides_before_anything_is_opened(file: str, tmp_path: Path) -> None:
    assert input_bytes(file, None, settings(tmp_path)) == (tmp_path / file).stat().st_size
    assert input_bytes("none.parquet", None, settings(tmp_path)) == 0
    assert input_bytes(None, tmp_path / "none.yaml", settings(tmp_path)) == 0


def test_an_import_asks_for_no_pandas(file: str, tmp_path: Path) -> None:
    code = f"""
import sys
from gyeol.workspace.imports import ImportSettings, open_import
settings = ImportSettings(sources=["web"], source="web", received_ms=1_800_000_000_000, base={str(tmp_path)!r})
with open_import({file!r}, None, settings) as plan:
    assert sum(group.rows for group in plan) == 100
print("pandas" in sys.modules)
import pyarrow
print(len(pyarrow.table({{"a": [1]}}).to_pandas()))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "1"]
