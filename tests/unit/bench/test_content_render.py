"""The bench of contents renders what it says, and its figures are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.bench.bench import Setting
from gyeol.bench.content import PARTS
from gyeol.bench.content_render import CATALOGUE, KINDS, VALUES, contents_of, measure
from gyeol.bench.report import Figures
from gyeol.content.equality import differing
from gyeol.content.library import Chosen, rendered
from gyeol.content.variants import Reader


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_says_the_facts(kind: str) -> None:
    contents = contents_of(kind)
    chosen = contents.choose(kind, Reader(medium="email", language="ko", tone="warm"))
    assert isinstance(chosen, Chosen) and chosen.variant.tone == "warm"
    said = " ".join(rendered(chosen, VALUES.__getitem__, {}).values())
    assert kind == "plain" or "2,250원" in said
    definition = contents.get(kind)
    assert definition is not None
    assert {found.code for found in differing(definition, CATALOGUE)} <= {"undeclared_number", "undeclared_link"}


def test_figures(tmp_path: Path) -> None:
    figures = Figures()
    measure(Setting(folder=tmp_path, streams=tmp_path, runs=1, quick=True, end=""), figures)
    assert set(figures.all()) == {f"content.{what}" for kind in KINDS for what in (f"render.{kind}_per_s", f"facts.{kind}_us")}
    assert list(PARTS) == ["render", "lint", "coupons"]
