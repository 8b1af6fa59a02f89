"""The values of smallest hash: whatever the order and the batches, those and their counts are kept."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gyeol.events.batch import Vocabularies
from gyeol.profiles.kinds import kept
from gyeol.profiles.kinds.kept import KeptValues
from gyeol.profiles.slots import Slots
from gyeol.profiles.words import Words

MOST = 16


def made(counted: bool) -> KeptValues:
    words = Words(Vocabularies())
    for i in range(400):
        words.of("p").code(f"w{i}")
    slots = Slots()
    slots.allocate(9)
    return KeptValues(slots, "kept", words.keys("p"), MOST, counted=counted)


def held(values: KeptValues, slot: int) -> dict[int, int]:
    _, cell = values.lists.spans(np.array([slot]))
    codes = values.lists.cells["code"][cell].tolist()
    counts = values.lists.cells["count"][cell].tolist() if "count" in values.lists.cells else [1] * len(codes)
    assert len(set(codes)) == len(codes)
    return dict(zip(codes, counts, strict=True))


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("batch", [3, 60, 2_000])
def test_the_smallest_are_kept_with_their_counts(counted: bool, batch: int) -> None:
    random, values = np.random.default_rng(batch), made(counted)
    slots = random.integers(1, 8, 2_000)
    codes = random.integers(0, 400, 2_000).astype(np.int32) % (20 * slots.astype(np.int32))  # few for one slot, many for another
    codes[slots == 1] %= MOST
    for start in range(0, len(slots), batch):
        values.add(slots[start : start + batch], codes[start : start + batch])
    for slot in range(1, 9):
        seen = Counter(codes[slots == slot].tolist())
        smallest = sorted(seen, key=lambda code: int(values.keys.hashes.of(np.array([code]))[0]))[:MOST]
        assert held(values, slot) == {code: seen[code] if counted else 1 for code in smallest}
        assert bool(values.over[slot]) == (len(seen) > MOST)


def test_equal_hashes_are_told_apart_by_their_code() -> None:
    owner = np.array([1, 0, 1, 0, 1])
    hashes = np.array([7, 2**63, 7, 5, 3], np.uint64)
    codes = np.array([9, 1, 4, 2, 6])
    assert kept._by_hash(owner, 2, hashes, codes).tolist() == [3, 1, 4, 2, 0]
    assert kept._by_hash(owner[1:], 2, hashes[1:], codes[1:]).tolist() == [2, 0, 3, 1]
