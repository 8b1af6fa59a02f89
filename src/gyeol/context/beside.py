"""What derived facts may look at beside a person's traits: recorded facts of articles and stores, and where people usually are."""

from __future__ import annotations

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
