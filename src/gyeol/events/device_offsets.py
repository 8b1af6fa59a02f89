"""How far each device's clock usually is from ours, so that a retry's delay is not taken for the clock's error."""

from __future__ import annotations

from array import array

_WAYS = 8


class DeviceOffsets:
    """The least ``receivedAt - sentAt`` seen of each device, for the devices seen last.

    A set-associative table in flat arrays (16 bytes a device, allocated once): true LRU within a set of eight, so that it never
    pauses to grow. A set evicts its oldest device, so some of the last ``capacity`` devices may be missing: they are then met anew.

    Args:
        capacity: Devices; rounded up to a power of two times eight.
    """

    def __init__(self, capacity: int = 1_000_000) -> None:
        sets = 1
        while sets * _WAYS < capacity:
            sets *= 2
        self._mask = sets - 1
        self._devices = array("Q", bytes(8 * sets * _WAYS))
        self._least_ms = array("q", bytes(8 * sets * _WAYS))

    def see(self, device: int, offset_ms: int) -> int | None:
        """Note one ``receivedAt - sentAt`` and say what was the least before it.

        Args:
            device: 64-bit hash of (source, device), not 0.
            offset_ms: ``receivedAt - sentAt`` in ms; negative if the device's clock is ahead.

        Returns:
            The device's least offset before this one, or None at first sight.
        """
        base = (device & self._mask) * _WAYS
        ways = self._devices[base : base + _WAYS]
        try:
            way = ways.index(device)
        except ValueError:
            way = _WAYS - 1
            least, usual = offset_ms, None
        else:
            usual = self._least_ms[base + way]
            least = min(usual, offset_ms)
        if way:  # move to the front: the last way is the one used longest ago
            self._devices[base + 1 : base + way + 1] = ways[:way]
            self._least_ms[base + 1 : base + way + 1] = self._least_ms[base : base + way]
            self._devices[base] = device
        self._least_ms[base] = least
        return usual
