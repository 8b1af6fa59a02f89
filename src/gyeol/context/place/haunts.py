"""Where people usually are, learned of those who agreed to it: on which days somebody was in a square, at night and at work.

Bounded: of a node the last 28 days, of at most 24 squares. A set of days, so late positions leave no trace; who withdraws is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gyeol.context.place.movement import Kind, Square, Usual, usual_of

DAYS = 28
"""Days that are remembered: four weeks, so that a place once a week is found. Our own choice."""
MOST_SQUARES = 24
"""Squares of a node; beyond, the one that was left longest ago is let go."""
_ALL = (1 << DAYS) - 1
_Stay = tuple[Kind, Square]


class Haunts:
    """The stays of nodes."""

    def __init__(self) -> None:
        self._of: dict[int, dict[_Stay, tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(self._of)

    def add(self, node: int, kind: Kind, square: Square, day: int) -> None:
        """Somebody was there on a day (its ordinal)."""
        stays = self._of.setdefault(node, {})
        key = kind, square
        last, days = stays.get(key, (day, 0))
        if day >= last:
            stays[key] = day, ((days << min(day - last, DAYS)) | 1) & _ALL
        elif last - day < DAYS:
            stays[key] = last, days | 1 << (last - day)
        if len(stays) > MOST_SQUARES:
            del stays[min(stays, key=lambda stay: (*stays[stay], stay))]

    def forget(self, nodes: Iterable[int]) -> None:
        """Let go of what was learned of some nodes."""
        for node in nodes:
            self._of.pop(node, None)

    def usual(self, nodes: Iterable[int], today: int) -> Usual:
        """Where the person of some nodes usually is.

        Args:
            nodes: Of the person.
            today: The date's ordinal; days more than 28 before it do not count.
        """
        together: dict[_Stay, int] = {}
        for node in nodes:
            for stay, (last, days) in self._of.get(node, {}).items():
                # Bit 0 is today.
                back = today - last
                together[stay] = together.get(stay, 0) | ((days << back) & _ALL if 0 <= back < DAYS else days >> -back if back < 0 else 0)
        return usual_of({stay: days.bit_count() for stay, days in together.items()})

    def nodes(self) -> list[int]:
        """Those of whom anything is learned, ascending."""
        return sorted(self._of)

    def dump(self) -> bytes:
        """Everything, for a snapshot: the same for the same stays."""
        rows = [(node, kind, square, *self._of[node][kind, square]) for node in sorted(self._of) for kind, square in sorted(self._of[node])]
        return msgspec.msgpack.encode(rows)

    @classmethod
    def load(cls, data: bytes) -> Haunts:
        """Take back what ``dump`` gave."""
        found = cls()
        for node, kind, square, last, days in msgspec.msgpack.decode(data, type=list[tuple[int, Kind, Square, int, int]]):
            found._of.setdefault(node, {})[kind, square] = last, days
        return found
