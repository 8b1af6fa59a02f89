"""The table of devices' usual clock offsets."""

from __future__ import annotations

import random

from gyeol.events.device_offsets import DeviceOffsets


def test_it_gives_the_least_before() -> None:
    offsets = DeviceOffsets(64)
    assert [offsets.see(7, ms) for ms in (500, 300, 400, -20, 0)] == [None, 500, 300, 300, -20]
    assert offsets.see(8, 1) is None


def test_the_device_seen_longest_ago_goes_first() -> None:
    offsets = DeviceOffsets(8)  # one set of eight
    for device in range(1, 9):
        offsets.see(device, device)
    assert offsets.see(1, 100) == 1  # now 2 is the oldest
    assert offsets.see(9, 9) is None  # evicts 2
    assert offsets.see(1, 100) == 1
    assert offsets.see(3, 100) == 3
    assert offsets.see(2, 50) is None
    assert offsets.see(4, 100) is None  # evicted by 2's return


def test_it_agrees_with_a_dictionary_while_nothing_is_evicted() -> None:
    offsets, least = DeviceOffsets(1 << 12), dict[int, int]()
    draw = random.Random(3)
    devices = [draw.getrandbits(64) | 1 for _ in range(200)]
    for _ in range(5_000):
        device, ms = draw.choice(devices), draw.randrange(-1000, 100_000)
        assert offsets.see(device, ms) == least.get(device)
        least[device] = min(ms, least.get(device, ms))
