"""How many values of each type a person may have, ever or within a length of time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import msgspec

Values = dict[int, set[int]]
"""Type code → what stands for each value."""
Times = Mapping[int, int]
"""Value → when it was first stated, in ms; only those of types whose limit is of a length of time are looked up."""
NO_TIMES: Times = {}


class Limits(msgspec.Struct, frozen=True, dict=True):
    """The limits of a policy.

    With ``per_ms``, more than ``most`` values break the limit only if so many were first stated within less than that time: the limit
    ``5`` per 30 days forgives a sixth device in a year, not in a month. More values break no fewer limits, as without a time.

    Args:
        most: Limit by type code; None: no limit.
        per_ms: Length of time by type code; 0: ever.
    """

    most: Sequence[int | None]
    per_ms: Sequence[int]

    @cached_property
    def timed(self) -> frozenset[int]:
        """The type codes whose limit is of a length of time."""
        return frozenset(kind for kind, per_ms in enumerate(self.per_ms) if per_ms)

    def allows(self, kind: int, values: Collection[int], times: Times) -> bool:
        """Whether a person may have all these values of a type."""
        most, per_ms = self.most[kind], self.per_ms[kind]
        if most is None or len(values) <= most:
            return True
        return per_ms > 0 and not crowded([times[value] for value in values], most, per_ms)

    def within(self, values: Values, times: Times = NO_TIMES) -> bool:
        """Whether no limit is broken by these values."""
        return all(self.allows(kind, held, times) for kind, held in values.items())

    def exceeds(self, mine: Values, theirs: Values, times: Times = NO_TIMES) -> bool:
        """Whether two groups, each within the limits, would break one together."""
        for kind, held in theirs.items():
            most, own = self.most[kind], mine.get(kind)
            if own is not None and most is not None and len(own) + len(held) > most and not self.allows(kind, own | held, times):
                return True
        return False


def crowded(times_ms: Collection[int], most: int, per_ms: int) -> bool:
    """Whether more than ``most`` of these instants lie within less than ``per_ms`` of each other."""
    ordered = sorted(times_ms)
    return any(last - first < per_ms for first, last in zip(ordered, ordered[most:], strict=False))


def absorb(mine: Values, theirs: Values) -> None:
    """Add the values of another group, which is not used any more, to this one's."""
    for kind, held in theirs.items():
        own = mine.get(kind)
        if own is None:
            mine[kind] = held
        else:
            own |= held
