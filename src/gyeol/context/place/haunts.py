"""Where people usually are, learned of those who agreed to it: on which days somebody was in a square, at night and at work.

Bounded: of a node the last 28 days, of at most 24 squares. A set of days, so late positions leave no trace; who withdraws is forgotten,
and of who stays away nothing older than that is written down.
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
_Row = tuple[int, Kind, Square, int, int]


class Haunts:
    """The stays of nodes."""

    def __init__(self) -> None:
        self._of: dict[int, dict[_Stay, tuple[int, int]]] = {}
        self._newest = 0

    def __len__(self) -> int:
        return len(self._of)

    def add(self, node: int, kind: Kind, square: Square, day: int) -> None:
        """Somebody was there on a day (its ordinal)."""
        self._newest = max(self._newest, day)
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
        """Everything that can still count, for a snapshot: the same for the same stays."""
        rows: list[_Row] = []
        for node in sorted(self._of):
            for (kind, square), (last, days) in sorted(self._of[node].items()):
                left = DAYS - (self._newest - last)
                if left > 0:
                    rows.append((node, kind, square, last, days & ((1 << left) - 1)))
        return msgspec.msgpack.encode((self._newest, rows))

    @classmethod
    def load(cls, data: bytes) -> Haunts:
        """Take back what ``dump`` gave, this release's or the first, which wrote the rows alone."""
        found = cls()
        told = msgspec.msgpack.decode(data)
        if not told or not isinstance(told[0], int):
            told = [max((row[3] for row in told), default=0), told]
        found._newest, rows = msgspec.convert(told, tuple[int, list[_Row]])
        for node, kind, square, last, days in rows:
            found._of.setdefault(node, {})[kind, square] = last, days
        return found
