"""The open-addressing index against a dict."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gyeol.identity.hash_index import HashIndex
from gyeol.identity.statements import pair_key

_random = random.Random(11)
PATTERNS = {
    "random": [_random.getrandbits(64) or 1 for _ in range(5_000)],
    "neighbours": [pair_key(2 * i, 2 * i + 1, 2) for i in range(5_000)],
    "one account, many devices": [pair_key(7, i, 1) for i in range(8, 5_008)],
    "many accounts, one device": [pair_key(i, 50_000, 1) for i in range(5_000)],
    "extremes": [1, 2, 2**64 - 1, 2**63, 2**32, 2**58],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_it_says_what_a_dict_says(pattern: str) -> None:
    index, expected = HashIndex(), {}
    for value, key in enumerate(dict.fromkeys(PATTERNS[pattern])):
        assert index.claim(key, value) == -1
        expected[key] = value
    assert len(index) == len(expected)
    assert all(index.get(key) == value == index.claim(key, 9) for key, value in expected.items())
    assert all(index.get(key ^ 0x5555) == expected.get(key ^ 0x5555, -1) for key in expected if key ^ 0x5555)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_building_at_once_is_putting_one_by_one(pattern: str) -> None:
    keys = list(dict.fromkeys(PATTERNS[pattern]))
    index = HashIndex()
    index.build(np.array(keys, np.uint64), np.arange(len(keys), dtype=np.int32))
    assert [index.get(key) for key in keys] == list(range(len(keys)))
    found, values = index.items()
    assert dict(zip(found.tolist(), values.tolist(), strict=True)) == {key: value for value, key in enumerate(keys)}
    more = {(key * 31 + 7) % 2**64 or 1 for key in keys} - set(keys)
    assert all(index.claim(key, number) == -1 for number, key in enumerate(sorted(more)))
    assert [index.get(key) for key in keys] == list(range(len(keys)))


@pytest.mark.parametrize("pattern", ["random", "neighbours", "one account, many devices", "many accounts, one device"])
def test_keys_spread_over_the_table(pattern: str) -> None:
    index = HashIndex()
    for value, key in enumerate(PATTERNS[pattern]):
        index.claim(key, value)
    longest = max(_longest_run(table != 0) for table, _ in index._arrays)
    assert longest < 100


def _longest_run(full: np.ndarray) -> int:
    edges = np.flatnonzero(~full)
    return int(np.diff(edges).max(initial=0)) if len(edges) > 1 else len(full)
