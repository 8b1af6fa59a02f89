"""``where`` of traits: conditions over one event's paths."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from gyeol.events.batch import Wanted
from gyeol.expressions.column import Column, Mask
from gyeol.expressions.condition import parse_condition
from gyeol.expressions.nodes import Name, walk


class EventCondition:
    """A condition over dotted paths of an event, with the kind that each path is to be read as.

    A path is read as what it is compared with, so that a batch's other events have no say in it; a path that is only tested for
    NULL is read as text, which every value can be. Where the tracking plan gives the path a type, that type is read.

    Args:
        text: As in the definition.

    Raises:
        InputError: The text is no condition.
    """

    def __init__(self, text: str) -> None:
        self._condition = parse_condition(text, None)
        self._kinds: dict[str, Wanted] = {}
        for part in walk(self._condition.tree):
            if isinstance(part, Name) and part.type != "any":
                self._kinds.setdefault(part.name, part.type)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that it reads, sorted."""
        return self._condition.names

    def kind(self, path: str) -> Wanted:
        """The kind that a path is to be read as where the tracking plan is silent."""
        return self._kinds.get(path, "text")

    def holds(self, value: Callable[[str], object]) -> bool:
        """Whether it is true (not unknown) of one event, given the value of each path as a column of its kind has it."""
        return self._condition.holds(value) is True

    def of(self, column: Callable[[str, Wanted | None], Column], n: int) -> Mask:
        """The events, of n, for which it is true (not unknown)."""
        return self._condition.evaluate(lambda path: column(path, self.kind(path)), n)[0]


@lru_cache(maxsize=1024)
def event_condition(text: str) -> EventCondition:
    """The condition of a text, compiled once: checking a definition and using it ask for the same. Raises as ``EventCondition``."""
    return EventCondition(text)
