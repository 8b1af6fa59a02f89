"""Millions of pieces of evidence, some of which would break a limit, resolved at once."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import numpy as np

from gyeol.identity.bulk import Ints, Resolved, Stated, resolve
from gyeol.identity.model import IdentityRules
from gyeol.identity.policy import CLIENT, SERVER, Policy

VIOLATING = 0.001
"""Share of the evidence that joins two people who have an account each."""
_NODES_A_PERSON = 6


class Made(msgspec.Struct, frozen=True):
    """Evidence, and who is who. People have an account, an e-mail address, a telephone number and three browsers.

    Args:
        types: By node. owner: True person by node.
        stated: (evidence,) as events state it, many of them more than once.
        violating: How many pieces join two people.
    """

    types: Any
    owner: Ints
    stated: Stated
    violating: int


def evidence(rules: IdentityRules, count: int, seed: int) -> Made:
    """Made-up evidence: nine pieces a person, and ``VIOLATING`` of all between strangers (an address or a browser of another's account)."""
    chance = np.random.default_rng(seed)
    people = count // 9
    names = [kind.name for kind in rules.types]
    kinds = [names.index(name) for name in ("user_id", "email", "phone", "anonymous_id", "anonymous_id", "anonymous_id")]
    types = np.tile(np.array(kinds, np.uint8), people)
    owner = np.repeat(np.arange(people), _NODES_A_PERSON)
    person = chance.integers(0, people, count)
    other = chance.integers(1, _NODES_A_PERSON, count)
    a, b = person * _NODES_A_PERSON, person * _NODES_A_PERSON + other
    violating = round(VIOLATING * count)
    chosen = chance.choice(count, violating, replace=False)
    # Half of them name somebody else's account, which is held back; half an address or a browser of another's, which then is shared.
    which = np.where(np.arange(violating) % 2, other[chosen], 0)
    b[chosen] = (person[chosen] + 1 + chance.integers(0, people - 1, violating)) % people * _NODES_A_PERSON + which
    trust = np.where(types[b] == kinds[-1], CLIENT, SERVER).astype(np.uint8)
    return Made(types, owner, Stated(a, b, trust, chance.integers(0, 10**9, count)), violating)


class Measured(msgspec.Struct, frozen=True):
    """Seconds with limits and, by connected components, without; people wrongly merged a thousand by each."""

    seconds: float
    scipy_seconds: float
    merged_per_1000: float
    scipy_merged_per_1000: float
    held: int
    shared: int


def measure_bulk(rules: IdentityRules, made: Made) -> Measured:
    """Resolve with limits, and beside it without."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    nodes, stated = len(made.types), made.stated
    begun = time.perf_counter()
    resolved: Resolved = resolve(made.types, stated, Policy(rules, []), lambda node: node)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    edges = coo_matrix((np.ones(len(stated.a), np.int8), (stated.a.astype(np.int32), stated.b.astype(np.int32))), shape=(nodes, nodes))
    labels = connected_components(edges, directed=False)[1]
    scipy_seconds = time.perf_counter() - begun
    return Measured(
        seconds,
        scipy_seconds,
        _merged(resolved.person, made.owner),
        _merged(np.asarray(labels, np.int64), made.owner),
        int(resolved.held.sum()),
        int((resolved.level > 0).sum()),
    )


def _merged(person: Ints, owner: Ints) -> float:
    """True people that share a person with another, a thousand."""
    pairs = np.unique(np.stack([person, owner]), axis=1)
    several = np.bincount(pairs[0])[pairs[0]] > 1
    return 1_000 * len(np.unique(pairs[1][several])) / len(np.unique(owner))
