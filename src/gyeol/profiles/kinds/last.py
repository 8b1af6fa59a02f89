"""last: the value of the latest event that has one, by (time, id). See ``kinds/dated.py`` for the monoid."""

from __future__ import annotations

from gyeol.profiles.kinds.dated import DatedStack
from gyeol.profiles.rules import Trait
from gyeol.profiles.slots import Slots
from gyeol.profiles.words import Words


class LastStack(DatedStack):
    """See ``DatedStack``."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        super().__init__(traits, slots, name, words, latest=True)
