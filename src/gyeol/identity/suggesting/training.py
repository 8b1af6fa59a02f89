"""Weights learnt from the workspace's own people: expectation maximisation over likenesses of pairs. No labels are needed.

Random pairs are nearly all two people: they say how often each level is met by chance (u). Pairs that share a key hold many that are one:
EM finds how often those meet each level (m). A key says nothing of the roles it is made of, so every kind of key is a session of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from gyeol.identity.suggesting.attributes import BLOCKED_ON, ROLES
from gyeol.identity.suggesting.model import UNKNOWN, Model, Share, normalised

Likeness = Mapping[str, npt.NDArray[np.int8]]
"""Role → (n,) likeness of n pairs."""
LEAST_PAIRS = 200
"""A session with fewer pairs teaches nothing."""
STEPS, SETTLED = 30, 1e-4
MOST_PRIOR, LEAST_PRIOR = -2.0, -16.0


def trained(shipped: Model, random: Likeness, sessions: Sequence[tuple[int, Likeness]]) -> Model:
    """A model of the workspace's own.

    Args:
        shipped: Where EM begins, and what stands for roles that no session could teach.
        random: Pairs taken at random.
        sessions: (kind of key, pairs that share one).

    Returns:
        ``shipped`` itself when no session had ``LEAST_PAIRS`` pairs.
    """
    us = {role: _chance(shipped.shares[role], random.get(role)) for role in ROLES}
    learnt: dict[str, list[npt.NDArray[np.float64]]] = {role: [] for role in ROLES}
    shares_of_matches: list[tuple[float, int]] = []
    for kind, likeness in sessions:
        pairs = len(next(iter(likeness.values()), ()))
        if pairs < LEAST_PAIRS:
            continue
        taught = {role: values for role, values in likeness.items() if role not in BLOCKED_ON[kind] and np.any(values > UNKNOWN)}
        if not taught:
            continue
        matched, ms = _expectation_maximisation(taught, us, {role: _m(shipped.shares[role]) for role in taught})
        shares_of_matches.append((matched, pairs))
        for role, m in ms.items():
            learnt[role].append(m)
    if not shares_of_matches:
        return shipped
    shares = {}
    for role in ROLES:
        m = np.mean(learnt[role], axis=0) if learnt[role] else _m(shipped.shares[role])
        shares[role] = normalised(list(zip(m.tolist(), us[role].tolist(), strict=True)))
    return replace(shipped, trained=True, shares=shares)


def with_prior(model: Model, weights: npt.NDArray[np.float64]) -> Model:
    """The model with a prior that fits its weights: the share of matches that they say is the share that they assume.

    Args:
        model: Its prior is passed over.
        weights: (n,) of candidate pairs, without a prior.
    """
    share = 2.0**model.prior / (1 + 2.0**model.prior)
    for _ in range(STEPS):
        odds = np.log2(share / (1 - share))
        share = float(np.clip(np.mean(1 / (1 + 2.0 ** -np.clip(weights + odds, -60, 60))), 2.0**LEAST_PRIOR, 2.0**MOST_PRIOR))
    prior = float(np.clip(np.log2(share / (1 - share)), LEAST_PRIOR, MOST_PRIOR))
    return replace(model, prior=round(prior, 3))


def _m(shares: Sequence[Share]) -> npt.NDArray[np.float64]:
    return np.array([share.m for share in shares])


def _chance(shares: Sequence[Share], likeness: npt.NDArray[np.int8] | None) -> npt.NDArray[np.float64]:
    """How often levels are met by chance; what is shipped counts as 1,000 pairs more."""
    shipped = np.array([share.u for share in shares])
    if likeness is None:
        return shipped
    counts = np.bincount(likeness[likeness > UNKNOWN].astype(np.int64), minlength=len(shares))
    found: npt.NDArray[np.float64] = (counts + 1_000 * shipped) / (counts.sum() + 1_000)
    return found


def _expectation_maximisation(
    likeness: Likeness, us: Mapping[str, npt.NDArray[np.float64]], begin: dict[str, npt.NDArray[np.float64]]
) -> tuple[float, dict[str, npt.NDArray[np.float64]]]:
    """(share of matches, m by role) of the pairs of one session; u stays as it is."""
    ms, matched = begin, 0.1
    for _ in range(STEPS):
        bits = np.full(len(next(iter(likeness.values()))), np.log2(matched / (1 - matched)))
        for role, values in likeness.items():
            known = values > UNKNOWN
            bits[known] += np.log2(ms[role] / us[role])[values[known]]
        match = 1 / (1 + 2.0 ** -np.clip(bits, -60, 60))
        before, matched = matched, float(np.clip(match.mean(), 1e-4, 0.999))
        for role, values in likeness.items():
            known = values > UNKNOWN
            # What is begun with counts as ten matches: a level that few matches meet is not judged by three of them.
            counts = np.bincount(values[known].astype(np.int64), weights=match[known], minlength=len(begin[role])) + 10 * begin[role]
            ms = {**ms, role: np.maximum(counts / counts.sum(), 1e-3)}
        if abs(matched - before) < SETTLED:
            break
    return matched, ms
