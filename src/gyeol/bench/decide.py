"""``decide``: how fast offers are chosen, how well a choice can be valued without trying it, and how good what was learned is."""

from __future__ import annotations

from gyeol.bench import decide_latency, decide_ope
from gyeol.bench.bench import Bench, Setting, parts_of
from gyeol.bench.report import SECONDS, SHARE, US, Figures, say

WON = "KRW"
"""Regret is money: what the best choice would have been worth more."""


def regret(setting: Setting, figures: Figures) -> None:
    """Regret on the café, where the truth is known and frozen."""
    # Its peers take seconds to import; who wants latencies only should not wait for them.
    from gyeol.bench import decide_regret

    seeds, rounds = (2, 2_000) if setting.quick else (20, 50_000)
    for key, value in decide_regret.measure(seeds=seeds, rounds=rounds, say=say).items():
        if isinstance(value, str):
            figures.note(f"{key}: {value}")
        else:
            figures.add(key, value, US if key.endswith(".us") else SHARE if "share" in key else WON)


def warm(setting: Setting, figures: Figures) -> None:
    """Regret of the first decisions after a beginning with history."""
    from gyeol.bench import decide_warm

    for key, value in decide_warm.measure(seeds=1 if setting.quick else 5, say=say).items():
        if isinstance(value, str):
            figures.note(f"{key}: {value}")
        else:
            figures.add(key, value, SECONDS if key.endswith("_s") else WON)


PARTS: dict[str, Bench] = {"latency": decide_latency.measure, "ope": decide_ope.measure, "regret": regret, "warm": warm}
"""In the order in which they run; ``--part`` names some of them."""


def measure(setting: Setting, figures: Figures) -> None:
    """All parts that are wanted."""
    for part in parts_of(setting, PARTS):
        part(setting, figures)
