"""Policies learned on one half of a log, valued on the other: Gyeol's, MABWiser's LinUCB and LinTS, Vowpal Wabbit's ``cb_explore_adf``."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from gyeol.decisions.ranking.drawing import best, floor_of
from gyeol.decisions.ranking.learner import Arm, Learner
from gyeol.decisions.ranking.model import PolicyDefinition, Prior
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64
from gyeol.measures.policy.logged import Floats, Logged

Policy = Callable[[Logged, Logged], Floats]
"""Learned on the first log; (n, actions) probabilities on the rows of the second."""
RATE, EPSILON = 0.005, 0.01
_NOW_MS = 1_600_000_000_000


def halves(logged: Logged) -> tuple[Logged, Logged]:
    """The first half of the rows, to learn from, and the second, to be valued on."""
    middle = logged.n // 2
    return part_of(logged, np.arange(middle)), part_of(logged, np.arange(middle, logged.n))


def part_of(logged: Logged, rows: Int64) -> Logged:
    """Some rows of a log."""
    return Logged(
        actions=logged.actions,
        action=logged.action[rows],
        reward=logged.reward[rows],
        propensity=logged.propensity[rows],
        person=np.unique(logged.person[rows], return_inverse=True)[1].astype(np.int64),
        position=logged.position[rows],
        context=logged.context[rows],
    )


def gyeol(learned: Logged, valued: Logged) -> Floats:
    """Thompson sampling of ``decisions.ranking``: the probabilities with which it draws."""
    names = [f"x{i}" for i in range(learned.context.shape[1])]
    definition = PolicyDefinition(
        name="gyeol", features={name: name for name in names}, prior=Prior(rate=RATE), epsilon=EPSILON, exploration=1.0
    )
    learner = Learner(definition, {name: NameInfo(type="number") for name in names})
    arms = [Arm(name) for name in learned.actions]
    for i in range(learned.n):
        features, arm = dict(zip(names, learned.context[i].tolist(), strict=True)), arms[learned.action[i]]
        part = learner.observe(arm, features, _NOW_MS)
        if learned.reward[i]:
            learner.reach(arm, features, _NOW_MS, _NOW_MS, part)
    floor = floor_of(EPSILON, len(arms))
    # There are some hundred kinds of visitors: each is worked out once.
    kinds, of = np.unique(valued.context, axis=0, return_inverse=True)
    table = np.empty((len(kinds), len(arms)))
    for i, kind in enumerate(kinds):
        field = learner.field(arms, dict(zip(names, kind.tolist(), strict=True)), _NOW_MS)
        likely = np.array([best(field, arm) for arm in range(len(arms))])
        table[i] = floor + (1 - len(arms) * floor) * likely / likely.sum()
    found: Floats = table[np.asarray(of).reshape(-1)]
    return found


def _mabwiser(kind: str) -> Policy:
    def learn(learned: Logged, valued: Logged) -> Floats:
        peer: Any = importlib.import_module("mabwiser.mab")
        policy = peer.LearningPolicy.LinUCB(alpha=1.0) if kind == "linucb" else peer.LearningPolicy.LinTS(alpha=0.5)
        mab = peer.MAB(list(range(len(learned.actions))), policy, seed=7)
        mab.fit(learned.action, learned.reward, learned.context)
        chosen = np.asarray(mab.predict(valued.context), np.int64)
        found = np.zeros((valued.n, len(valued.actions)))
        found[np.arange(valued.n), chosen] = 1.0
        return found

    return learn


def _vw(learned: Logged, valued: Logged) -> Floats:
    peer: Any = importlib.import_module("vowpalwabbit")
    vw = peer.Workspace(f"--cb_explore_adf --epsilon {EPSILON} --cb_type mtr -q CA --random_seed 7 --quiet")
    try:
        for i in range(learned.n):
            vw.learn(_lines(learned, i, int(learned.action[i]), -learned.reward[i], learned.propensity[i]))
        return np.array([_summing(vw.predict(_lines(valued, i))) for i in range(valued.n)])
    finally:
        vw.finish()


def _lines(logged: Logged, row: int, action: int = -1, cost: float = 0.0, propensity: float = 1.0) -> list[str]:
    known = " ".join(f"x{i}:{value}" for i, value in enumerate(logged.context[row].tolist()) if value)
    labels = [f"0:{cost}:{propensity} " if i == action else "" for i in range(len(logged.actions))]
    return [f"shared |C {known}", *(f"{label}|A a{i}" for i, label in enumerate(labels))]


def _summing(chances: list[float]) -> list[float]:
    """VW's are single-precision: they add up to 1 within a millionth only."""
    total = sum(chances)
    return [chance / total for chance in chances]


PEERS: dict[str, tuple[str, Policy]] = {
    "gyeol": ("", gyeol),
    "mabwiser_linucb": ("mabwiser", _mabwiser("linucb")),
    "mabwiser_lints": ("mabwiser", _mabwiser("lints")),
    "vw": ("vowpalwabbit", _vw),
}
"""By name: the package that it needs, and the policy."""


def there(package: str) -> bool:
    """Whether a package is installed; nothing always is."""
    return not package or importlib.util.find_spec(package) is not None
