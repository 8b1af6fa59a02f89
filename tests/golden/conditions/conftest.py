from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gyeol.expressions.schema import NameInfo

HERE = Path(__file__).parent
Golden = Callable[[str, Callable[[dict[str, str]], dict[str, str]]], None]


@pytest.fixture(scope="session")
def schema() -> dict[str, NameInfo]:
    return msgspec.json.decode((HERE / "schema.json").read_bytes(), type=dict[str, NameInfo])


@pytest.fixture(scope="session")
def golden() -> Golden:
    """Compares what a function makes of each case with the file; GYEOL_UPDATE_GOLDEN=1 rewrites the file to be read by a person."""

    def compare(file: str, make: Callable[[dict[str, str]], dict[str, str]]) -> None:
        path = HERE / file
        cases: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        made = [{"condition": case["condition"], **make(case)} for case in cases]
        if os.environ.get("GYEOL_UPDATE_GOLDEN") == "1":
            path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        assert made == json.loads(path.read_text(encoding="utf-8"))

    return compare
