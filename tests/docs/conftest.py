"""Where the documents are, and one page's text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Page = Callable[[str], str]


@pytest.fixture(scope="session")
def page() -> Page:
    """The text of a page of ``docs/``."""

    def text(name: str) -> str:
        return (ROOT / "docs" / name).read_text(encoding="utf-8")

    return text
