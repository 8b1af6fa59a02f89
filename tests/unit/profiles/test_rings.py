"""Lists that keep their newest entries, against a dict of deques."""

from __future__ import annotations

import random
from collections import deque

import numpy as np
import pytest

from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rings import RingLists
from gyeol.profiles.slots import Slots

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


def ints(*values: int) -> Ints:
    return np.array(values, np.int64)


def contents(lists: RingLists, slots: list[int]) -> list[list[int]]:
    owner, cell = lists.spans(ints(*slots))
    values = lists.cells["a"][cell]
    return [values[owner == place].tolist() for place in range(len(slots))]


@pytest.mark.parametrize("seed", range(20))
def test_rings_keep_the_newest(seed: int) -> None:
    chance = random.Random(seed)
    most = chance.choice([1, 2, 3, 5, 8, 40])
    slots = Slots(room=2)
    lists = slots.ring_of("l", {"a": FieldSpec("i8")}, 1, most)
    model: dict[int, deque[int]] = {}
    for _ in range(150):
        action = chance.choice(["new", "push", "push", "push", "one", "replace", "keep", "release", "copy", "adopt"])
        chosen = chance.sample(sorted(model), min(len(model), chance.randint(1, 4)))
        at = ints(*chosen)
        if action == "new":
            model |= {int(s): deque(maxlen=most) for s in slots.allocate(chance.randint(1, 3))}
        elif action in ("push", "replace"):
            fresh = [[chance.randrange(1000) for _ in range(chance.randint(1, most))] for _ in chosen]
            cells = (lists.push if action == "push" else lists.replace)(at, ints(*map(len, fresh)))
            lists.cells["a"][cells] = [value for each in fresh for value in each]
            for slot, each in zip(chosen, fresh, strict=True):
                model[slot] = deque([*(model[slot] if action == "push" else ()), *each], maxlen=most)
        elif action == "one" and chosen:
            lists.cells["a"][lists.append_one(chosen[0])] = 7
            model[chosen[0]].append(7)
        elif action == "keep":
            owner, cell = lists.spans(at)
            lists.keep(at, owner, cell, lists.cells["a"][cell] % 3 > 0)
            model |= {slot: deque([v for v in model[slot] if v % 3], maxlen=most) for slot in chosen}
        elif action == "release":
            slots.release(at)
            for slot in chosen:
                del model[slot]
        elif action == "copy" and chosen:
            target = int(slots.allocate(1)[0])
            slots.copy(ints(target), ints(chosen[0]))
            model[target] = model[chosen[0]].copy()
        elif action == "adopt" and chosen:
            model |= {int(slot): model[each].copy() for slot, each in zip(slots.adopt(slots, at), chosen, strict=True)}
        held = sorted(model)
        assert contents(lists, held) == [list(model[slot]) for slot in held]
        for slot in held:
            cells = lists.span_of(slot)
            assert lists.cells["a"][cells].tolist() == list(model[slot])
            if len(cells):
                assert lists.newest(ints(slot)).tolist() == [cells[-1]]
    assert contents(lists, [0]) == [[]]


def test_what_is_full_moves_nothing_but_its_oldest_entry() -> None:
    slots = Slots()
    lists = slots.ring_of("l", {"a": FieldSpec("i8")}, 1, 3)
    slot = slots.allocate(1)
    lists.cells["a"][lists.push(slot, ints(3))] = [1, 2, 3]
    before = lists.cells["a"].copy()
    cell = lists.push(slot, ints(1))
    lists.cells["a"][cell] = 4
    assert contents(lists, slot.tolist()) == [[2, 3, 4]]
    assert np.flatnonzero(lists.cells["a"] != before).tolist() == cell.tolist()
