"""What derived facts may look at beside a person's traits: recorded facts of articles and stores, and where people usually are."""

from __future__ import annotations

from typing import Protocol

from gyeol.context.fact import Fact
from gyeol.context.place.movement import Usual
from gyeol.context.subject import Subject


class Beside(Protocol):
    """As of the instant that is asked for."""

    def fact(self, about: Subject, name: str) -> Fact | None:
        """The recorded fact that counts then; None where there is none, or where it has aged."""
        ...

    @property
    def learned(self) -> bool:
        """Whether anybody's usual places were learned; False spares looking."""
        ...

    def usual(self, place: int) -> Usual:
        """Where one of the people usually is."""
        ...
