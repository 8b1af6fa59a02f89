"""Lists by slot against a dict of Python lists."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gyeol.profiles.lists import LARGEST, FieldSpec, FreeList, SlotLists
from gyeol.profiles.runs import distinct, last_of, lengths_of, positions, starts_of
from gyeol.profiles.slots import Slots


def ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


def test_runs() -> None:
    grouped = ints(7, 7, 3, 5, 5, 5)
    starts = starts_of(grouped)
    assert starts.tolist() == [0, 2, 3]
    assert lengths_of(starts, 6).tolist() == [2, 1, 3]
    assert last_of(starts, 6).tolist() == [1, 2, 5]
    assert positions(ints(2, 0, 3)).tolist() == [0, 1, 0, 1, 2]
    assert distinct(grouped).tolist() == [3, 5, 7]
    nothing = ints()
    assert [f(nothing).tolist() for f in (starts_of, positions, distinct)] == [[], [], []]
    assert lengths_of(nothing, 0).tolist() == last_of(nothing, 0).tolist() == []


def made(first: int = 1, most: int = 5) -> tuple[Slots, SlotLists]:
    slots = Slots(room=2)
    lists = slots.list_of("l", {"a": FieldSpec("i8"), "b": FieldSpec("i4", 2)}, first, most)
    return slots, lists


def contents(lists: SlotLists, slot: int) -> list[tuple[int, list[int]]]:
    _, cell = lists.spans(ints(slot))
    return [(int(a), b.tolist()) for a, b in zip(lists.cells["a"][cell], lists.cells["b"][cell], strict=True)]


def write(lists: SlotLists, cells: np.ndarray[tuple[int], np.dtype[np.int64]], values: list[int]) -> None:
    lists.cells["a"][cells] = values
    lists.cells["b"][cells] = np.stack([values, values], axis=1) if values else 0


@pytest.mark.parametrize("seed", range(20))
def test_lists_are_lists(seed: int) -> None:
    chance = random.Random(seed)
    slots, lists = made(chance.choice([1, 2]), chance.choice([1, 3, 5, 8]))
    model: dict[int, list[int]] = {}
    for _ in range(120):
        action = chance.choice(["new", "append", "append", "replace", "keep", "release", "copy"])
        chosen = sorted(chance.sample(sorted(model), min(len(model), chance.randint(1, 4))))
        at = np.array(chosen, np.int64)
        if action == "new":
            model |= {int(s): [] for s in slots.allocate(chance.randint(1, 3))}
        elif action in ("append", "replace"):
            fresh = [[chance.randrange(1000) for _ in range(chance.randint(1, 5))] for _ in chosen]
            cells = (lists.append if action == "append" else lists.replace)(at, np.array([len(f) for f in fresh], np.int64))
            write(lists, cells, [v for f in fresh for v in f])
            model |= {s: (model[s] if action == "append" else []) + f for s, f in zip(chosen, fresh, strict=True)}
        elif action == "keep":
            owner, cell = lists.spans(at)
            kept = lists.cells["a"][cell] % 3 > 0
            lists.keep(at, owner, cell, kept)
            model |= {s: [v for v in model[s] if v % 3] for s in chosen}
        elif action == "release":
            slots.release(at)
            for slot in chosen:
                del model[slot]
        elif chosen:
            target = int(slots.allocate(1)[0])
            slots.copy(ints(target), ints(chosen[0]))
            model[target] = list(model[chosen[0]])
        for slot, values in model.items():
            assert contents(lists, slot) == [(v, [v, v]) for v in values]
    assert contents(lists, 0) == []
    assert len(set(model)) == len(model)


def test_blocks_given_back_are_used_again() -> None:
    slots, lists = made()
    for _ in range(50):
        taken = slots.allocate(20)
        cells = lists.append(taken, np.full(20, 3))
        write(lists, cells, [1] * 60)
        slots.release(taken)
    assert lists.top <= 20 * 5
    assert slots.used == 21


def test_blocks_are_no_larger_than_what_most_lists_need() -> None:
    _, lists = made(first=1, most=5)
    assert lists.sizes[:7].tolist() == [0, 1, 2, 4, 5, 10, 20]
    assert lists.sizes[-1] == LARGEST


def test_a_list_beyond_the_largest_block_is_refused() -> None:
    slots, lists = made()
    with pytest.raises(OverflowError):
        lists.append(slots.allocate(1), ints(LARGEST + 1))


def test_a_free_list_hands_out_what_came_last() -> None:
    free = FreeList()
    free.push(np.arange(100))
    assert len(free) == 100
    assert free.pop(3).tolist() == [97, 98, 99]
    assert free.pop(1000).tolist() == list(range(97))
    assert free.pop(1).tolist() == []
