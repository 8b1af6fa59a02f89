"""``gyeol bench decide``: its parts, five hundred offers, and off-policy estimates that are obp's."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.bench import decide, decide_ope, kit
from gyeol.bench.bench import Setting, parts_of
from gyeol.bench.definitions import workspace_of, write_workspace
from gyeol.bench.ope_obp import small_log
from gyeol.bench.ope_peers import gyeol, halves
from gyeol.bench.report import Figures
from gyeol.kernel.errors import NotFoundError
from gyeol.measures.policy.logged import check_probabilities
from gyeol.workspace.load import load

SHARED = kit.PROJECT.parent / "shared"
needs_kit = pytest.mark.skipif(not (SHARED / "bench" / "generate.py").is_file(), reason="the frozen kit does not lie beside the project")
needs_data = pytest.mark.skipif(not (SHARED / "data" / "bandit").is_dir(), reason="the development data do not lie beside the project")


def setting(folder: Path, *parts: str) -> Setting:
    return Setting(folder=folder, streams=folder, runs=1, quick=True, end="2026-10-31T00:00:00Z", parts=parts)


def test_parts_are_picked_in_their_order(tmp_path: Path) -> None:
    assert parts_of(setting(tmp_path), decide.PARTS) == list(decide.PARTS.values())
    assert parts_of(setting(tmp_path, "ope", "latency"), decide.PARTS) == [decide.PARTS["latency"], decide.PARTS["ope"]]
    with pytest.raises(NotFoundError, match="there are: latency, ope, regret, warm"):
        parts_of(setting(tmp_path, "speed"), decide.PARTS)


@needs_kit
def test_five_hundred_offers_have_names_of_their_own(tmp_path: Path) -> None:
    definitions = load(write_workspace(tmp_path, workspace_of(offers=500))).definitions
    assert len({offer.name for offer in definitions.offers}) == 500
    assert [offer.name for offer in definitions.offers[:49]] == [offer["name"] for offer in workspace_of(offers=50)["offers"][:49]]


@needs_kit
@needs_data
@pytest.mark.slow
def test_the_estimates_are_obps(tmp_path: Path) -> None:
    figures = Figures()
    decide_ope.measure(setting(tmp_path), figures)
    found = figures.all()
    assert found["ope.obp_max_difference"].max < 1e-9
    assert {f"ope.men.bts.{name}" for name in ("ips", "snips", "dm", "dr", "switch_dr", "low", "high", "ess", "on_policy")} <= set(found)
    assert "ope.men.gyeol.dr" in found and any(note.startswith("gyeol: ") for note in figures.notes)


def test_what_we_learn_from_half_a_log_is_a_policy() -> None:
    learned, valued = halves(small_log()[0])
    table = gyeol(learned, valued)
    assert table.shape == (200, 6) and check_probabilities(table) == [] and table.min() >= 0.01 - 1e-9
    assert table[:, 3:].sum() > table[:, :3].sum()  # later actions are worth more in that log
