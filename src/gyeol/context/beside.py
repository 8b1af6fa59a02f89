"""What derived facts may look at beside a person's traits: recorded facts of articles and stores, and where people usually are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gyeol.context.fact import Fact
from gyeol.context.place.movement import Usual
from gyeol.context.subject import Subject
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64


class Beside(Protocol):
    """As of the instant that is asked for."""

    def fact(self, about: Subject, name: str) -> Fact | None:
        """The recorded fact that counts then; None where there is none, or where it has aged."""
        ...

    def column(self, name: str, places: Int64) -> Column:
        """A told fact (without ``moment.``) of some of the people, or of where they are; what is stale is unknown."""
        ...

    @property
    def learned(self) -> bool:
        """Whether anybody's usual places were learned; False spares looking."""
        ...

    def usual(self, place: int) -> Usual:
        """Where one of the people usually is."""
        ...


class BesideEvent:
    """What the log held before an event, of the event's own time; of articles and stores alone.

    Args:
        find: The recorded fact of a name (without ``moment.``) about something, fresh or aged.
        at_ms: The time of the event.
    """

    learned = False

    def __init__(self, find: Callable[[Subject, str], Fact | None], at_ms: int) -> None:
        self._find, self._at_ms = find, at_ms

    def fact(self, about: Subject, name: str) -> Fact | None:
        """See ``Beside``."""
        found = self._find(about, name)
        return found if found is not None and found.fresh(self._at_ms) else None

    def column(self, name: str, places: Int64) -> Column:
        """See ``Beside``; no fact of people is known here."""
        raise KeyError(name)

    def usual(self, place: int) -> Usual:
        """See ``Beside``: nothing was learned."""
        return Usual()
