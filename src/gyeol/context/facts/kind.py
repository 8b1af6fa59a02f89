"""What a kind of fact is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Protocol

import msgspec

from gyeol.context.fact import Fact
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Zone


class Situation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What facts are made of.

    Args:
        now_ms: ``engine_now``.
        zone: Whose wall clock dayparts are read from.
        country: ISO 3166 code, for holidays.
        request: What the caller of decide said of the situation.
    """

    now_ms: int
    zone: Zone
    country: str
    request: Mapping[str, object]

    @cached_property
    def local(self) -> datetime:
        """The instant on the wall clock."""
        return self.zone.local(self.now_ms)


class FactKind(Protocol):
    """One kind of fact: which names it gives, and their values in a situation."""

    @property
    def names(self) -> Mapping[str, NameInfo]:
        """The names, without ``moment.``, with types and labels."""
        ...

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """The facts that are known; a name may be missing."""
        ...


def words(**of_values: tuple[str, str]) -> dict[str, dict[str, str]]:
    """What people call values: ``morning=("아침", "morning")``."""
    return {value: {"ko": ko, "en": en} for value, (ko, en) in of_values.items()}
