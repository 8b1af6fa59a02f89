"""Uncertainty by drawing people anew: all rows of a person come and go together, for they are not independent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gyeol.kernel.instants import Int64
from gyeol.measures.policy.estimators import Terms
from gyeol.measures.policy.logged import Floats

RESAMPLES = 1_000
SEED = 20_260_101


def person_sums(columns: Sequence[Floats], person: Int64, people: int) -> Floats:
    """(people, columns) the sums of (n,) columns over each person's rows."""
    return np.stack([np.bincount(person, weights=column, minlength=people) for column in columns], axis=1)


def resampled(
    sums: Floats, resamples: int = RESAMPLES, seed: int = SEED, tell: Callable[[int, int], None] = lambda done, total: None
) -> Floats:
    """(resamples, columns) the totals of as many people as there are, drawn with replacement.

    Args:
        sums: (people, columns), see ``person_sums``.
        resamples: How often.
        seed: The same gives the same.
        tell: Told (done, in all).

    Source: Field & Welsh 2007, Bootstrapping clustered data, JRSS B 69(3) (the randomised cluster bootstrap).
    """
    people = len(sums)
    generator = np.random.default_rng(seed)
    totals = np.empty((resamples, sums.shape[1]))
    for i in range(resamples):
        often = np.bincount(generator.integers(0, people, people), minlength=people)
        totals[i] = often @ sums
        tell(i + 1, resamples)
    return totals


def quotients(totals: Floats, above: int, below: int) -> Floats:
    """(resamples,) one column over another; 0 where the lower one is."""
    over = totals[:, below]
    return np.divide(totals[:, above], over, out=np.zeros(len(totals)), where=over != 0)


def interval(values: Floats, confidence: float) -> tuple[float, float]:
    """The percentile interval of resampled values.

    Args:
        values: (resamples,).
        confidence: Share that it is to hold, below 1.
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def columns_of(terms: Sequence[Terms]) -> list[Floats]:
    """Numerator and denominator of each, one after another: the columns ``2i`` and ``2i + 1``."""
    return [part for pair in terms for part in pair]
