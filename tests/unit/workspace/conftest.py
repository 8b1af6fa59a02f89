"""Workspaces made of texts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.load import Loaded, load

BASE = """
workspace: {name: Test}
sources:
  - {name: server, trust: server, write_key: test-server-key}
events:
  - name: Order Completed
    properties:
      properties.revenue: {type: money}
      properties.store: {type: text}
traits:
  - {name: orders, kind: count, event: Order Completed}
  - {name: orders_30d, kind: count, event: Order Completed, window: 30d}
  - {name: store, kind: last, event: Order Completed, property: properties.store}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files of a workspace: ``write(base=…, more=…)`` makes base.yaml and more.yaml."""

    def make(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / "ws" / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "ws"

    return make


@pytest.fixture
def load_with(write: Write) -> Callable[[str], Loaded]:
    """Loads the base workspace with one more file."""
    return lambda text: load(write(base=BASE, more=text))


@pytest.fixture
def problems_with(write: Write) -> Callable[[str], list[Problem]]:
    """The problems of the base workspace with one more file; fails if there are none."""

    def find(text: str) -> list[Problem]:
        with pytest.raises(InputError) as caught:
            load(write(base=BASE, more=text))
        return caught.value.problems

    return find


@pytest.fixture(scope="session")
def bench_parquet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """6,000 events of the shared bench generator as Parquet, with their truth; skipped where the shared folder is missing."""
    shared = Path(os.environ.get("GYEOL_SHARED") or Path(__file__).parents[4] / "shared")
    script = shared / "bench" / "generate.py"
    if not script.is_file():
        pytest.skip("the shared bench kit is not here")
    out = tmp_path_factory.mktemp("bench") / "events.parquet"
    arguments = ["--events", "6000", "--people", "600", "--seed", "7", "--format", "parquet", "--out", str(out)]
    subprocess.run([sys.executable, str(script), *arguments], check=True, capture_output=True)
    return out, json.loads(Path(f"{out}.truth.json").read_text())
