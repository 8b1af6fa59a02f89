"""What a beginning with history is worth: regret over a policy's first decisions on the café's truth, with none and with several.

Histories are of the summer before: other people, other days, the same truth. Three kinds of logs: every offer at random; a marketer's
rules (cart, complaint, absence, weather, hour) with the floor of a policy that only learns, so one decision in eleven is at random; the
same rules with no chance in them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from gyeol.bench.decide_regret import POLICY, Floats, Ints, World, ours, world
from gyeol.decisions.ranking.fitting import Rows, fitted
from gyeol.decisions.ranking.learner import Learner
from gyeol.expressions.schema import NameInfo
from gyeol.workspace.cafe.offers import FEATURES, OFFERS, checksum

ROUNDS, HISTORY = 2_000, 5_000
FIRST_SEED = 23
"""Of those that are reported: what inverse propensities weigh at most was chosen on seeds 3 to 8."""
BEFORE = 1_000
"""The summer before a seed is that of the seed and this."""
FLOOR = 0.01
"""Of each offer, while a policy only learns: the default."""
_RULES = (
    ("cart", "cart_reminder"), ("upset", "apology_coupon"), ("lapsed", "come_back"), ("morning", "morning_set"),
    ("hot", "iced_second_half"), ("wet", "warm_menu"), ("cold", "warm_menu"), ("sweet_tooth", "dessert_pairing"),
    ("regular", "double_stamps"),
)  # fmt: skip
"""The first of these that is above a half; else the new menu."""
_CALLS: dict[str, tuple[str, float, int]] = {
    "cold": ("", 1.0, 0),
    "random": ("random", 1.0, HISTORY),
    "random_third": ("random", 0.3, HISTORY),
    "random_1000": ("random", 1.0, 1_000),
    "waiting": ("waiting", 1.0, HISTORY),
    "rules": ("rules", 1.0, HISTORY),
}
"""Name → (log, weight, decisions)."""


def by_rules(contexts: Floats) -> Ints:
    """(n,) the offer of a marketer's rules."""
    names = [offer.id for offer in OFFERS]
    found = np.full(len(contexts), names.index("new_menu"))
    for feature, offer in reversed(_RULES):
        found[contexts[:, FEATURES.index(feature)] > 0.5] = names.index(offer)
    return found


def history(of: World, log: str, seed: int) -> Rows:
    """What a log holds of a summer's decisions."""
    n, arms = len(of.luck), len(OFFERS)
    random = np.random.default_rng((seed, 55))
    drawn, first = random.integers(0, arms, n), by_rules(of.contexts)
    if log == "random":
        arm, propensity = drawn, np.full(n, 1 / arms)
    elif log == "waiting":
        arm = np.where(random.random(n) < arms * FLOOR, drawn, first)
        propensity = np.where(arm == first, 1 - (arms - 1) * FLOOR, FLOOR)
    else:
        arm, propensity = first, np.ones(n)
    reached = (of.luck < of.chance[np.arange(n), arm]).astype(np.float64)
    return Rows(arm, reached, propensity, of.contexts)


def measure(seeds: int = 5, say: Callable[[str], object] = print) -> dict[str, float | str]:
    """Regret over the first 2,000 decisions in won, mean over seeds.

    Args:
        seeds: How many summers.
        say: Told of progress.

    Returns:
        ``warm.<history>``; ``warm.rules_go_on``: of the rules themselves; ``warm.fit_s``: processor seconds for one history of 5,000
        decisions; ``warm.checksum`` of the truth.
    """
    found: dict[str, list[float]] = {}
    spent: list[float] = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        of, before = world(seed, ROUNDS), world(seed + BEFORE, HISTORY)
        best, at = of.worth.max(axis=1), np.arange(ROUNDS)
        for name, (log, weight, n) in _CALLS.items():
            begun = time.process_time()
            learner = _begun(None if not log else history(before, log, seed).part(0, n), weight)
            spent += [time.process_time() - begun] if n == HISTORY else []
            found.setdefault(name, []).append(float((best - of.worth[at, ours(of, seed, learner=learner)]).sum()))
        found.setdefault("rules_go_on", []).append(float((best - of.worth[at, by_rules(of.contexts)]).sum()))
        say(f"  summer {seed}: " + ", ".join(f"{name} {each[-1]:,.0f}" for name, each in found.items()))
    figures: dict[str, float | str] = {f"warm.{name}": float(np.mean(each)) for name, each in found.items()}
    return {**figures, "warm.fit_s": float(np.mean(spent)), "warm.checksum": checksum()}


def _begun(rows: Rows | None, weight: float) -> Learner:
    learner = Learner(POLICY, {name: NameInfo(type="number") for name in FEATURES})
    if rows is not None:
        order = [FEATURES.index(name) for name in learner.columns]
        ordered = rows._replace(features=rows.features[:, order])
        learner.posterior.gain([offer.id for offer in OFFERS], fitted(learner, len(OFFERS), lambda: [ordered], weight), 0)
    return learner
