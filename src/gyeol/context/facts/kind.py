"""What a kind of fact is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from gyeol.context.fact import Fact
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Zone


class Situation(msgspec.Struct, frozen=True, kw_only=True):
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
    request: dict[str, object]


class FactKind(Protocol):
    """One kind of fact: which names it gives, and their values in a situation."""

    names: dict[str, NameInfo]

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """The facts that are known; a name may be missing."""
        ...
