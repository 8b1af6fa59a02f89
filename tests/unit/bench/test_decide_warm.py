"""The bench of beginnings with history: the same seed gives the same figures, and every history is worth something."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.bench import decide_warm
from gyeol.bench.decide_regret import world
from gyeol.workspace.cafe.offers import OFFERS, checksum


@pytest.mark.slow
def test_every_history_spares_regret() -> None:
    first, again = (decide_warm.measure(seeds=1, say=lambda told: None) for _ in range(2))
    stable = {name for name in first if not name.endswith("_s")}
    assert {name: first[name] for name in stable} == {name: again[name] for name in stable}
    assert first["warm.checksum"] == checksum()
    for name in ("random", "random_third", "random_1000", "waiting", "rules"):
        assert float(first[f"warm.{name}"]) < 0.6 * float(first["warm.cold"])
    assert float(first["warm.random"]) < float(first["warm.random_1000"])


def test_logs_say_with_which_probability_each_offer_was_drawn() -> None:
    of = world(decide_warm.FIRST_SEED, 3_000)
    for log in ("random", "waiting", "rules"):
        rows = decide_warm.history(of, log, 1)
        shares = np.bincount(rows.arm, 1 / rows.propensity, len(OFFERS)) / 3_000
        assert ((rows.propensity > 0) & (rows.propensity <= 1)).all()
        if log == "random":
            assert shares == pytest.approx(np.ones(len(OFFERS)), abs=0.2)
    first = decide_warm.by_rules(of.contexts)
    assert (decide_warm.history(of, "rules", 1).arm == first).all()
    assert 0.85 < (decide_warm.history(of, "waiting", 1).arm == first).mean() < 0.97
