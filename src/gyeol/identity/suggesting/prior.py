"""The weights that ship with Gyeol, for workspaces with too few people to learn from."""

from __future__ import annotations

from gyeol.identity.suggesting.attributes import ROLES, form
from gyeol.identity.suggesting.model import Model, Share, normalised

PRIOR = -8.0
"""log2 odds of a candidate pair. Cautious: what EM fits to the Korean customers, where every third record has a twin, is six bits more."""

# (m, u) of every level, best first, then of "different". Source: what ``training`` found on the Korean customers of ``gyeol bench
# identity`` (5,548 records), rounded; levels that this set hardly has stand between their neighbours.
_SHARES: dict[str, list[tuple[float, float]]] = {
    "name": [
        (0.64, 3e-4),
        (0.02, 1e-4),
        (0.06, 3e-4),
        (0.13, 2e-4),
        (0.02, 2e-4),
        (0.01, 5e-4),
        (0.01, 1e-4),
        (0.05, 8e-3),
        (0.03, 0.07),
        (0.005, 5e-3),
        (0.005, 5e-3),
        (0.005, 4e-3),
        (0.02, 0.9),
    ],
    "birth": [(0.90, 2e-4), (0.03, 1e-3), (0.01, 3e-3), (0.02, 0.02), (0.02, 0.02), (0.02, 0.96)],
    "phone": [(0.66, 1e-4), (0.01, 1e-5), (0.08, 3e-5), (0.01, 2e-4), (0.005, 1e-4), (0.23, 0.9996)],
    "email": [(0.64, 1e-4), (0.03, 2e-5), (0.02, 4e-5), (0.31, 0.9998)],
    "address": [
        (0.30, 4e-5),
        (0.34, 1e-4),
        (0.04, 3e-5),
        (0.02, 3e-5),
        (0.02, 1e-4),
        (0.01, 1e-3),
        (0.02, 2e-4),
        (0.01, 1e-4),
        (0.01, 4e-3),
        (0.01, 4e-3),
        (0.22, 0.99),
    ],
}


def shipped(records: int = 0, counts: dict[str, dict[int, int]] | None = None, counted: int = 0) -> Model:
    """The shipped weights, with the workspace's own frequencies of values.

    Args:
        records: See ``Model``.
        counts: See ``Model``.
        counted: See ``Model``.
    """
    shares = {role: _table(role) for role in ROLES}
    return Model(trained=False, records=records, prior=PRIOR, shares=shares, counts=counts or {}, counted=counted)


def _table(role: str) -> list[Share]:
    table = _SHARES[role]
    if len(table) != len(form(role).levels) + 1:
        raise ValueError(f"{role} has {len(form(role).levels)} levels, the shipped weights {len(table) - 1}")
    return normalised(table[::-1])
