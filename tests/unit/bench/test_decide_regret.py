"""The regret bench on a short summer: the same seed gives the same figures, and what is learned beats what is not."""

from __future__ import annotations

import pytest

from gyeol.bench import decide_regret
from gyeol.workspace.cafe.offers import checksum


@pytest.mark.slow
def test_the_learner_beats_the_best_rule_within_a_few_thousand_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide_regret, "_installed", lambda name: name in ("ours", "rule"))
    first, again = (decide_regret.measure(seeds=2, rounds=3_000, say=lambda told: None) for _ in range(2))
    stable = {name for name in first if not name.endswith(".us")}
    assert {name: first[name] for name in stable} == {name: again[name] for name in stable}
    assert first["regret.checksum"] == checksum()
    assert float(first["regret.ours"]) < 0.8 * float(first["regret.rule"])
    assert float(first["regret.oracle_share_last"]) > float(first["regret.oracle_share"])
    assert float(first["regret.rule.less_ours"]) == pytest.approx(float(first["regret.rule"]) - float(first["regret.ours"]))
