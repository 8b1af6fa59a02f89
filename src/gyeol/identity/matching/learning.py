"""How much agreement and difference say in each field, learnt from pairs without labels.

Pairs drawn at random tell how often different records agree. Pairs that agree in two fields, one of which is a person's own, are mostly one
person: they tell how often equal records agree in all other fields. Such groups of pairs are named sessions; each has its own share of
equal records, and says nothing of the fields it was chosen by. A beginning belief counts as a few pairs: small files do not run wild.

Source: Dempster, Laird & Rubin (1977), expectation maximisation; Winkler (1988) for its use in record linkage; Dirichlet priors as in
Larsen & Rubin (2001), "Iterative automated record linkage using mixture models".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

BELIEF = 20.0
"""Pairs that the beginning belief about equal records counts for."""
_UNSEEN, _DIFFERENT = 0.5, 5.0
"""The beginning belief about different records, in pairs: half a one at each level of likeness, five that differ."""
_MOVES = 0.3
"""Correlation from which fields are taken to say the same: a medium one by Cohen (1988), "Statistical power analysis"."""
_STEPS = 40
_LEAST_LOG = 1e-12

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Patterns:
    """Pairs by how they agree.

    Args:
        levels: (patterns, fields) level of likeness: 0 different, the more the liker; -1: cannot be compared.
        counts: (patterns,) how many pairs are so.
        silent: Fields that the pairs were chosen by: by index.
    """

    levels: Ints
    counts: Floats
    silent: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Learnt:
    """What was learnt, by field.

    Args:
        equal: Probability of each level among records that are one, level 0 first.
        other: The same among those that are two.
        counted: Share of its weight that a field counts for (0 to 1): fields that agree together say one thing, not several.
    """

    equal: list[Floats]
    other: list[Floats]
    counted: Floats


def belief(levels: int, differs: float) -> Floats:
    """What is believed of equal records beforehand: they differ with ``differs``, and the better a level the likelier by half.

    Run Example::

        assert belief(2, 0.1).tolist() == [0.1, 0.9]
    """
    shares = np.array([0.5**turn for turn in range(levels - 1)][::-1])
    return np.concatenate([[differs], (1 - differs) * shares / shares.sum()])


def learn(drawn: Patterns, sessions: Sequence[Patterns], beliefs: Sequence[Floats], rare: float, *, candidates: bool = False) -> Learnt:
    """Expectation maximisation over all sessions and the random pairs together.

    Args:
        drawn: Random pairs. A few of them are equal records: in small files that matters.
        sessions: Groups of pairs of which many are equal.
        beliefs: By field, level 0 first.
        rare: Share of random pairs that are equal, to begin with.
        candidates: Whether ``drawn`` are candidates and no random pairs. They agree often enough to tell which fields say the same; random
            pairs of people agree in two fields so seldom that what they have in common would be chance, and all fields count in full.
    """
    equal = [one.copy() for one in beliefs]
    unseen = [np.array([_DIFFERENT] + [_UNSEEN] * (len(one) - 1)) for one in beliefs]
    other = [_shares(np.zeros(len(one)), one) for one in unseen]
    odds = [0.0] * len(sessions)
    by_chance_odds = float(np.log(rare / (1 - rare)))
    for _ in range(_STEPS):
        sure = [_probabilities(one, equal, other, start) for one, start in zip(sessions, odds, strict=True)]
        by_chance = _probabilities(drawn, equal, other, by_chance_odds)
        for field, start in enumerate(beliefs):
            seen = sum(
                (
                    _counted(one, field, len(start), one.counts * p)
                    for one, p in zip(sessions, sure, strict=True)
                    if field not in one.silent
                ),
                np.zeros(len(start)),
            )
            equal[field] = _shares(seen, BELIEF * start)
            other[field] = _shares(_counted(drawn, field, len(start), drawn.counts * (1 - by_chance)), unseen[field])
        odds = [_odds(one, p) for one, p in zip(sessions, sure, strict=True)]
        by_chance_odds = min(_odds(drawn, by_chance), 0.0)
    counted = _once(drawn, drawn.counts * (1 - by_chance), equal, other) if candidates else np.ones(len(beliefs))
    return Learnt(equal, other, counted)


def _once(patterns: Patterns, counts: Floats, equal: list[Floats], other: list[Floats]) -> Floats:
    """The share of its weight that each field counts for: 1 / (1 + the correlations of its weight with those of the others).

    All are taken over pairs of different records, where weights of fields that tell independent things do not move together. Album, artist
    and copyright of two songs do: three that always agree together count as one. Where fewer than some ``BELIEF`` pairs speak in both
    fields for equal records, a correlation is chance, and counts the less.

    Source: the design effect 1 + (m - 1)·rho of Kish (1965), "Survey Sampling", by field.
    """
    weights = [np.log(np.maximum(m, _LEAST_LOG) / np.maximum(u, _LEAST_LOG)) for m, u in zip(equal, other, strict=True)]
    together = np.zeros(len(weights))
    for a, b in combinations(range(len(weights)), 2):
        at = patterns.levels[:, [a, b]]
        known = (at >= 0).all(axis=1)
        share = counts[known]
        if share.sum() <= 0:
            continue
        one, two = weights[a][at[known, 0]], weights[b][at[known, 1]]
        one, two = (said - np.average(said, weights=share) for said in (one, two))
        spread = float(np.sqrt((share * one * one).sum() * (share * two * two).sum()))
        both = float(share[(weights[a][at[known, 0]] > 0) & (weights[b][at[known, 1]] > 0)].sum())
        if spread > 0:
            correlation = float((share * one * two).sum()) / spread
            together[[a, b]] += correlation * both / (both + BELIEF) if correlation >= _MOVES else 0.0
    return np.asarray(1 / (1 + together), np.float64)


def _counted(patterns: Patterns, field: int, levels: int, counts: Floats) -> Floats:
    at = patterns.levels[:, field]
    known = at >= 0
    return np.bincount(at[known], weights=counts[known], minlength=levels).astype(np.float64)


def _shares(seen: Floats, before: Floats) -> Floats:
    return np.asarray((seen + before) / (seen + before).sum(), np.float64)


def _probabilities(patterns: Patterns, equal: list[Floats], other: list[Floats], odds: float) -> Floats:
    logit = np.full(len(patterns.counts), odds)
    for field, (m, u) in enumerate(zip(equal, other, strict=True)):
        if field in patterns.silent:
            continue
        at = patterns.levels[:, field]
        known = at >= 0
        logit[known] += (np.log(np.maximum(m, _LEAST_LOG)) - np.log(np.maximum(u, _LEAST_LOG)))[at[known]]
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -60, 60))), np.float64)


def _odds(patterns: Patterns, probabilities: Floats) -> float:
    total = float(patterns.counts.sum())
    share = (float((patterns.counts * probabilities).sum()) + 0.5) / (total + 1.0)
    return float(np.log(share / (1 - share)))
