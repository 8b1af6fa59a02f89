"""The core process starts fast and stays small: it never loads a web framework, a query engine or a data-frame library."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"duckdb", "ibis", "litestar", "pandas", "pyarrow", "pydantic"}

LOAD_EVERYTHING = """
import importlib, json, pkgutil, sys
for root in {roots!r}:
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), root + "."):
        importlib.import_module(found.name)
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded_after_importing(*roots: str) -> set[str]:
    """Top-level modules that a fresh Python holds after it has imported the packages with all their modules."""
    done = subprocess.run([sys.executable, "-c", LOAD_EVERYTHING.format(roots=roots)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_core_process_loads_nothing_heavy() -> None:
    loaded = loaded_after_importing("gyeol.server.core", "gyeol.engine")
    assert "gyeol" in loaded
    assert "granian" in loaded or "msgspec" in loaded
    assert not loaded & HEAVY


def test_the_probe_sees_a_heavy_module() -> None:
    """Guards the test above: a probe that saw nothing would pass for ever."""
    assert "pyarrow" in loaded_after_importing("pyarrow.types")
