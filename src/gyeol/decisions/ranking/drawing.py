"""Drawing an arm from what is believed, and the probability with which that arm was drawn. Randomness comes in as an argument.

With probability n × ε one of the n arms is taken at random; else weights are drawn and the arm with the highest score wins. The
probability of an arm is therefore ε + (1 − n × ε) × P(its score is the highest). That P is found

* by quadrature, where each arm has weights of its own and nothing is shared: ∫ φ(z) Π Φ(…) dz on 129 equidistant points. It is smooth
  unless a rival is known far more surely than the arm: the error is below 1e-6 where the standard deviations differ by less than a
  factor of 8, and at most 0.0187 (half a step times the density) where a rival is known exactly;
* by 512 draws that are the same for all decisions, where arms share weights: the standard error is √(P (1 − P) / 512), at most 0.0221.

The floor ε bounds the probability from below in both.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REACH = 6.0
"""The quadrature looks at so many standard deviations to both sides; 2e-9 of the mass lies beyond."""
POINTS = 129
DRAWS = 512
"""Draws of the estimate where arms share weights."""
_SURE = 6.5
_Z = np.linspace(-REACH, REACH, POINTS)
_DENSITY = np.exp(-0.5 * _Z * _Z)
_DENSITY /= _DENSITY.sum()


class Field(NamedTuple):
    """What is believed of the scores of n arms: ``value × g(m) − cost`` with m normal and g the link.

    Args:
        mean: (n,) of m.
        spread: (n, q): m = mean + spread · z + shared · y, with z of the arm's block and y of all standard normal; q is 1 where each
            block has one arm only.
        shared: (n, p).
        block: (n,) which arms have their own weights in common.
        value: (n,) above 0.
        cost: (n,).
        logit: Whether g is the logistic function; else the identity.
    """

    mean: Floats
    spread: Floats
    shared: Floats
    block: Ints
    value: Floats
    cost: Floats
    logit: bool

    def chances(self, means: Floats) -> Floats:
        """g of any m."""
        return np.asarray(1 / (1 + np.exp(-means))) if self.logit else means

    def scores(self, means: Floats) -> Floats:
        """The scores of m, which may have more axes before the last."""
        return self.value * self.chances(means) - self.cost


class Drawn(NamedTuple):
    """An arm, and how it came to be taken.

    Args:
        arm: Its index.
        explored: Whether the floor took it.
        propensity: The probability with which it was taken.
        scores: (n,) as drawn; as expected where the floor took it.
    """

    arm: int
    explored: bool
    propensity: float
    scores: Floats


def randomness(decision: str, policy: str) -> np.random.Generator:
    """The randomness of one decision of one policy: the same for the same names, on every machine."""
    digest = hashlib.blake2b(f"{len(decision)}:{decision}{policy}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def floor_of(epsilon: float, n: int) -> float:
    """The floor of each of n arms: no more than an equal share."""
    return min(epsilon, 1 / n)


def draw(field: Field, epsilon: float, random: np.random.Generator, *, propensity: bool = True) -> Drawn:
    """Take an arm.

    Args:
        field: At least one arm.
        epsilon: The floor of each arm.
        random: Used for nothing else.
        propensity: Whether it is asked for; else it is NaN.
    """
    n = len(field.mean)
    floor = floor_of(epsilon, n)
    told = float(random.random())
    explored = told < n * floor
    if explored:
        arm = min(n - 1, int(told / floor))
        scores = field.scores(field.mean)
    else:
        scores = field.scores(_means(field, random, 1)[0])
        arm = int(np.argmax(scores))
    chance = floor + (1 - n * floor) * best(field, arm) if propensity else float("nan")
    return Drawn(arm, explored, chance, scores)


def fixed(n: int, best_arm: int, epsilon: float, random: np.random.Generator) -> tuple[int, bool, float]:
    """Take the best arm of a fixed ranking, or another with the floor's probability; returns arm, explored, propensity."""
    floor = floor_of(epsilon, n)
    told = float(random.random())
    arm = min(n - 1, int(told / floor)) if floor and told < n * floor else best_arm
    return arm, arm != best_arm, floor + (1 - n * floor if arm == best_arm else 0.0)


def best(field: Field, arm: int) -> float:
    """The probability that an arm's score is the highest."""
    if len(field.mean) == 1:
        return 1.0
    if not field.spread.any() and not field.shared.any():
        return float(int(np.argmax(field.scores(field.mean))) == arm)  # nothing is left to chance: as it is drawn, the first of equals
    alone = not field.shared.shape[1] and field.spread.shape[1] == 1
    return _by_quadrature(field, arm) if alone else _by_draws(field, arm)


def _means(field: Field, random: np.random.Generator, draws: int) -> Floats:
    """Draws of m, (draws, n)."""
    blocks, q, p = int(field.block.max()) + 1, field.spread.shape[1], field.shared.shape[1]
    return _placed(field, random.standard_normal((draws, blocks, q)), random.standard_normal((draws, p)))


def _placed(field: Field, own: Floats, shared: Floats) -> Floats:
    if field.spread.shape[1] == 1:
        found = field.mean + own[:, field.block, 0] * field.spread[:, 0]
    else:
        found = field.mean + np.einsum("dnq,nq->dn", own[:, field.block], field.spread)
    return np.asarray(found + shared @ field.shared.T if field.shared.shape[1] else found)


@lru_cache(maxsize=16)
def _kept(blocks: int, q: int, p: int) -> tuple[Floats, Floats]:
    """Normals that are the same in every process; each draw stands beside its opposite, which halves what is odd of the error."""
    random = np.random.Generator(np.random.Philox(key=blocks * 1_000_003 + q * 1_009 + p))
    own, shared = random.standard_normal((DRAWS // 2, blocks, q)), random.standard_normal((DRAWS // 2, p))
    return np.concatenate([own, -own]), np.concatenate([shared, -shared])


def _by_draws(field: Field, arm: int) -> float:
    sds = np.sqrt((field.spread**2).sum(axis=1) + (field.shared**2).sum(axis=1))
    sure = float(field.scores(field.mean - _SURE * sds).max())
    near = np.flatnonzero(field.scores(field.mean + _SURE * sds) >= sure)
    if arm not in near:
        return 0.0
    q, p = field.spread.shape[1], field.shared.shape[1]
    own, shared = _kept(int(field.block.max()) + 1, q, p)
    # Arms that share nothing but a few weights: sums over those, for a product of matrices would wake threads of its own.
    means = np.broadcast_to(field.mean[near], (DRAWS, len(near))).copy()
    for i in range(q):
        means += own[:, field.block[near], i] * field.spread[near, i]
    for i in range(p):
        means += shared[:, i, None] * field.shared[near, i]
    scores = field.value[near] * field.chances(means) - field.cost[near]
    return float((near[scores.argmax(axis=1)] == arm).mean())


def _by_quadrature(field: Field, arm: int) -> float:
    means, sds = field.mean, np.abs(field.spread[:, 0])
    scores = field.value[arm] * field.chances(means[arm] + sds[arm] * _Z) - field.cost[arm]
    # Below what some arm is sure to reach nothing wins; and who cannot come above that takes nothing from it.
    sure = float(field.scores(means - _SURE * sds).max())
    rivals = np.flatnonzero(field.scores(means + _SURE * sds) > max(sure, scores[0]))
    rivals = rivals[rivals != arm]
    if not len(rivals):
        return 1.0
    counts = scores >= sure
    value, cost = field.value[rivals], field.cost[rivals]
    if (value == value[0]).all() and (cost == cost[0]).all():
        value, cost = value[:1], cost[:1]  # one column does for all
    wanted = (scores[counts, None] + cost) / value
    if field.logit:
        inside = np.clip(wanted, 1e-300, 1 - 1e-16)
        below = np.log(inside / (1 - inside))
        below[wanted <= 0], below[wanted >= 1] = -np.inf, np.inf
    else:
        below = wanted
    z = (below - means[rivals]) / np.maximum(sds[rivals], 1e-12)
    return float(min(1.0, _DENSITY[counts] @ np.prod(normal_below(z), axis=1)))


def normal_below(z: Floats) -> Floats:
    """P(a standard normal is below z), within 7.5e-8. Source: Abramowitz and Stegun, Handbook (1964), 26.2.17."""
    size = np.minimum(np.abs(z), 40.0)
    t = 1 / (1 + 0.2316419 * size)
    tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail *= np.exp(-0.5 * size * size) / np.sqrt(2 * np.pi)
    return np.where(z < 0, tail, 1 - tail)
