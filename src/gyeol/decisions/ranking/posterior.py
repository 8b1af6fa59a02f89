"""What is believed of the weights: the precision of a shared block and of one block for each arm, exact and in the order of the log.

The joint precision is an arrow: arms touch each other only through the shared weights, so everything is done with small matrices.
``shared`` has no own features but a base, ``per_offer`` no shared block, ``both`` has the two.

Sources: Bayesian linear regression with known noise, Bishop, PRML (2006), eq. 3.50 and 3.51; the arrow by its Schur complement, Li et
al., "A contextual-bandit approach" (2010), algorithm 2; the link ``logit`` by Laplace's approximation at each observation (assumed density
filtering), Bishop §4.5.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FORGETTING_STEPS = 64
"""A half-life is cut into so many steps: between two of them nothing fades, and what follows from the sums is kept."""
LEAST_WEIGHT = 1e-4
"""An observation of which the model was certain still weighs so much (link ``logit``)."""
SUREST = 700.0
"""Log-odds beyond it are as good as it: e to the power of more is no number. Source: IEEE 754, binary64 ends at e^709."""
_NEWTON_STEPS = 12
"""Enough for the last bit: the bracket holds it where one step would leave it."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a posterior is over.

    Args:
        own: Features of an arm's own block; the first is its base.
        shared: Features of the shared block; 0: there is none.
        base: Prior mean of the base, in units of the link.
        sd: Prior standard deviation of every weight.
        logit: Whether the link is ``logit``.
        noise: Standard deviation of an outcome (link ``linear``).
        half_life_ms: None: nothing is forgotten.
    """

    own: int
    shared: int
    base: float
    sd: float
    logit: bool
    noise: float
    half_life_ms: int | None = None


class Part(NamedTuple):
    """What one observation added: ``weight`` × its features' outer product to the precision, ``right`` × its features to the right side."""

    weight: float
    right: float


class Beliefs(NamedTuple):
    """What follows from the sums, for n arms with q own and p shared features.

    Args:
        roots: (n, q, q): inverses of the Cholesky factors of the arms' precisions; ``roots @ w`` has the variance as its square.
        means: (n, q): of the arms' weights where the shared ones are 0.
        gains: (n, q, p): what a shared weight takes from the arms' own.
        shared: (p,): mean of the shared weights.
        shared_root: (p, p): inverse of the Cholesky factor of their precision.
    """

    roots: Floats
    means: Floats
    gains: Floats
    shared: Floats
    shared_root: Floats


class Sums(NamedTuple):
    """What a history adds, for n arms with q own and p shared features.

    Args:
        counts: (n,): as how many decisions of each arm it counts.
        own: (n, q, q): added to the precision of an arm's own weights.
        cross: (n, q, p): to that between its own and the shared ones.
        right: (n, q): to the right side of its own.
        shared: (p, p): to the precision of the shared ones.
        shared_right: (p,): to their right side.
    """

    counts: Floats
    own: Floats
    cross: Floats
    right: Floats
    shared: Floats
    shared_right: Floats

    @staticmethod
    def zeros(n: int, q: int, p: int) -> Sums:
        """The sums of nothing."""
        return Sums(np.zeros(n), np.zeros((n, q, q)), np.zeros((n, q, p)), np.zeros((n, q)), np.zeros((p, p)), np.zeros(p))


class Posterior:
    """Sums over what was observed, by arm; and what follows from them, kept until they change.

    Args:
        shape: What it is over.
    """

    def __init__(self, shape: Shape) -> None:
        q, p = shape.own, shape.shared
        self.shape = shape
        self.step = 0
        self._index: dict[str, int] = {}
        self._own, self._cross, self._right = np.zeros((0, q, q)), np.zeros((0, q, p)), np.zeros((0, q))
        self._counts = np.zeros(0)
        self._shared, self._shared_right = np.zeros((p, p)), np.zeros(p)
        self._made = Beliefs(np.zeros((0, q, q)), np.zeros((0, q)), np.zeros((0, q, p)), np.zeros(p), np.zeros((p, p)))
        self._stale: dict[int, None] = {}
        self._made_step: int | None = None
        self._prior_own = np.eye(q) / shape.sd**2
        self._prior_right = np.zeros(q)
        self._prior_right[0] = shape.base / shape.sd**2
        self._prior_shared = np.eye(p) / shape.sd**2

    def arms(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """The places of arms, made where they are new."""
        fresh = [name for name in names if name not in self._index]
        if fresh:
            n = len(fresh)
            for name in fresh:
                self._stale[len(self._index)] = None
                self._index[name] = len(self._index)
            q, p = self.shape.own, self.shape.shared
            self._own = np.concatenate([self._own, np.zeros((n, q, q))])
            self._cross = np.concatenate([self._cross, np.zeros((n, q, p))])
            self._right = np.concatenate([self._right, np.zeros((n, q))])
            self._counts = np.concatenate([self._counts, np.zeros(n)])
            made = self._made
            self._made = made._replace(
                roots=np.concatenate([made.roots, np.zeros((n, q, q))]),
                means=np.concatenate([made.means, np.zeros((n, q))]),
                gains=np.concatenate([made.gains, np.zeros((n, q, p))]),
            )
        return np.array([self._index[name] for name in names], np.int64)

    def observed(self, arm: str) -> float:
        """How many decisions of an arm count, after forgetting."""
        place = self._index.get(arm)
        return 0.0 if place is None else float(self._counts[place])

    def counts(self) -> dict[str, float]:
        """As ``observed``, of every arm that was, by name."""
        return {name: float(self._counts[i]) for name, i in sorted(self._index.items()) if self._counts[i]}

    def observe(self, arm: str, own: Floats, shared: Floats, at_ms: int, reward: float = 0.0, count: float = 1.0) -> Part:
        """A decision and its outcome; without one it counts as one that reached nothing until ``reach`` says otherwise.

        Args:
            arm: Which.
            own: (q,) its own features.
            shared: (p,) the shared ones.
            at_ms: When; never before an earlier call.
            reward: 1 for a goal that was reached.
            count: As how many decisions it counts.

        Returns:
            What it added, for ``reach``.
        """
        place = int(self.arms([arm])[0])
        self._forget(at_ms)
        if self.shape.logit:
            part = self._newton(place, own, shared, reward, count)
        else:
            part = Part(count / self.shape.noise**2, count * reward / self.shape.noise**2)
        self._add(place, own, shared, part.weight, part.right)
        self._counts[place] += count
        return part

    def withdraw(self, arm: str, own: Floats, shared: Floats, decided_ms: int, at_ms: int, part: Part) -> None:
        """An observed decision is taken out again, as if it had never been; arguments as those of ``reach``."""
        place = int(self.arms([arm])[0])
        self._forget(at_ms)
        faded = self._faded(self._step(decided_ms), self.step)
        self._add(place, own, shared, -faded * part.weight, -faded * part.right)
        self._counts[place] = max(0.0, self._counts[place] - faded)

    def reach(self, arm: str, own: Floats, shared: Floats, decided_ms: int, at_ms: int, part: Part, reward: float = 1.0) -> Part:
        """An outcome of an observed decision: what it added is taken out again, and it is learned with its outcome.

        Args:
            arm: Of the decision.
            own: Its own features, as they were.
            shared: The shared ones.
            decided_ms: When it was observed: what it added has faded since.
            at_ms: When the outcome is learned.
            part: What it added.
            reward: 1 for a goal that was reached.

        Returns:
            What it added when it was observed, as it is now learned: for ``withdraw``.
        """
        place = int(self.arms([arm])[0])
        self._forget(at_ms)
        faded = self._faded(self._step(decided_ms), self.step)
        self._add(place, own, shared, -faded * part.weight, -faded * part.right)
        if self.shape.logit:
            part = self._newton(place, own, shared, reward)
        else:
            part = Part(1 / self.shape.noise**2, reward / self.shape.noise**2)
        self._add(place, own, shared, faded * part.weight, faded * part.right)
        return part

    def gain(self, arms: Sequence[str], sums: Sums, at_ms: int) -> None:
        """A history, added as if it were learned now.

        Args:
            arms: Names of those that the sums are of, each once.
            sums: See ``Sums``.
            at_ms: When; never before an earlier call.
        """
        places = self.arms(arms)
        self._forget(at_ms)
        self._own[places] += sums.own
        self._cross[places] += sums.cross
        self._right[places] += sums.right
        self._counts[places] += sums.counts
        self._shared += sums.shared
        self._shared_right += sums.shared_right
        self._stale |= dict.fromkeys(places.tolist())

    def _newton(self, place: int, own: Floats, shared: Floats, reward: float, count: float = 1.0) -> Part:
        """The Gaussian in one direction that has the mode and the curvature of prior × likelihood there."""
        beliefs = self._beliefs(self.step)
        along = beliefs.roots[place] @ own
        mean, variance = float(beliefs.means[place] @ own), float(along @ along)
        if len(shared):
            left = shared - own @ beliefs.gains[place]
            along = beliefs.shared_root @ left
            mean, variance = mean + float(left @ beliefs.shared), variance + float(along @ along)
        variance *= count
        low, high = sorted((mean - variance * (1 - reward), mean + variance * reward))
        found = mean
        for _ in range(_NEWTON_STEPS):
            chance = _logistic(found)
            slope = 1 + variance * chance * (1 - chance)
            found = min(high, max(low, found - (found - mean - variance * (reward - chance)) / slope))
        chance = _logistic(found)
        weight = max(chance * (1 - chance), LEAST_WEIGHT)
        return Part(count * weight, count * (weight * found + reward - chance))

    def beliefs(self, now_ms: int) -> Beliefs:
        """What follows from everything observed, as of an instant; not to be written to, and valid until the next call of anything."""
        return self._beliefs(max(self._step(now_ms), self.step))

    def moments(self, arm: str, now_ms: int) -> tuple[Floats, Floats]:
        """Mean (q + p,) and covariance (q + p, q + p) of an arm's own and the shared weights together."""
        place, beliefs = int(self.arms([arm])[0]), self.beliefs(now_ms)
        gain, root = beliefs.gains[place], beliefs.roots[place]
        shared = beliefs.shared_root.T @ beliefs.shared_root
        cross = -gain @ shared
        own = root.T @ root + gain @ shared @ gain.T
        mean = np.concatenate([beliefs.means[place] - gain @ beliefs.shared, beliefs.shared])
        return mean, np.block([[own, cross], [cross.T, shared]])

    # -- sums
    def _add(self, place: int, own: Floats, shared: Floats, weight: float, right: float) -> None:
        if weight:
            self._own[place] += weight * np.outer(own, own)
        self._right[place] += right * own
        if len(shared):
            if weight:
                self._cross[place] += weight * np.outer(own, shared)
                self._shared += weight * np.outer(shared, shared)
            self._shared_right += right * shared
        self._stale[place] = None

    def _step(self, at_ms: int) -> int:
        half_life_ms = self.shape.half_life_ms
        return 0 if half_life_ms is None else at_ms * FORGETTING_STEPS // half_life_ms

    @staticmethod
    def _faded(since: int, until: int) -> float:
        return float(2.0 ** (-max(0, until - since) / FORGETTING_STEPS))

    def _forget(self, at_ms: int) -> None:
        step = self._step(at_ms)
        if step <= self.step:
            return
        factor = self._faded(self.step, step)
        for sums in (self._own, self._cross, self._right, self._counts, self._shared, self._shared_right):
            sums *= factor
        self.step = step

    # -- what follows
    def _beliefs(self, step: int) -> Beliefs:
        if step != self._made_step:
            self._stale = dict.fromkeys(range(len(self._index)))
            self._made_step = step
        elif not self._stale:
            return self._made
        fading = self._faded(self.step, step)
        made = self._made
        for place in self._stale:
            root = np.linalg.inv(np.linalg.cholesky(self._prior_own + fading * self._own[place]))
            made.roots[place] = root
            made.means[place] = root.T @ (root @ (self._prior_right + fading * self._right[place]))
            if self.shape.shared:
                made.gains[place] = root.T @ (root @ (fading * self._cross[place]))
        self._stale = {}
        if self.shape.shared:
            self._made = self._with_shared(fading)
        return self._made

    def _with_shared(self, fading: float) -> Beliefs:
        # By name, for the last bits of a sum depend on its order, and a restart meets the arms in another one.
        order = [self._index[name] for name in sorted(self._index)]
        gains, means = self._made.gains[order], self._made.means[order]
        # Accumulated, not summed: arms that nothing is known of then change no bit.
        taken = np.add.accumulate(np.einsum("nqp,nqr->npr", fading * self._cross[order], gains))[-1]
        right = np.add.accumulate(np.einsum("nqp,nq->np", fading * self._cross[order], means))[-1]
        root = np.linalg.inv(np.linalg.cholesky(self._prior_shared + fading * self._shared - taken))
        return self._made._replace(shared=root.T @ (root @ (fading * self._shared_right - right)), shared_root=root)

    # -- snapshots
    def dump(self) -> tuple[int, bytes, bytes, list[tuple[str, float, bytes, bytes, bytes]]]:
        """All sums, arms by name; equal sums give equal bytes."""
        arms = [
            (name, float(self._counts[i]), self._own[i].tobytes(), self._cross[i].tobytes(), self._right[i].tobytes())
            for name, i in sorted(self._index.items())
            # What was taken out again may leave a rest of rounding, and what is learned next goes on from it.
            if self._counts[i] or self._own[i].any() or self._cross[i].any() or self._right[i].any()
        ]
        return self.step, self._shared.tobytes(), self._shared_right.tobytes(), arms

    def load(self, dumped: tuple[int, bytes, bytes, list[tuple[str, float, bytes, bytes, bytes]]]) -> None:
        """Take back what ``dump`` gave; the posterior must be new and of equal shape."""
        self.step, shared, shared_right, arms = dumped
        q, p = self.shape.own, self.shape.shared
        self._shared, self._shared_right = np.frombuffer(shared).reshape(p, p).copy(), np.frombuffer(shared_right).copy()
        places = self.arms([name for name, *_ in arms])
        for place, (_, count, own, cross, right) in zip(places.tolist(), arms, strict=True):
            self._counts[place] = count
            self._own[place] = np.frombuffer(own).reshape(q, q)
            self._cross[place] = np.frombuffer(cross).reshape(q, p)
            self._right[place] = np.frombuffer(right)
            self._stale[place] = None


def _logistic(mean: float) -> float:
    return 1 / (1 + math.exp(min(-mean, SUREST)))
