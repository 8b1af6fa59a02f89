"""Facts: something observed of the world or a person, with source, age and confidence; and the Moment that they make."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.kernel.instants import instant_text

Origin = Literal["live", "history"]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One observation.

    Args:
        name: Without ``moment.``: ``weather``, ``daypart``.
        value: Number, text or flag.
        source: Who observed it: ``clock``, ``calendar``, ``request``, the name of a provider.
        observed_at_ms: When it was so.
        ttl_ms: For how long it counts; None: for as long as the Moment itself.
        confidence: 0 to 1.
        origin: ``live``, or ``history`` for what was put in afterwards.
    """

    name: str
    value: int | float | str | bool
    source: str
    observed_at_ms: int
    ttl_ms: int | None = None
    confidence: float = 1.0
    origin: Origin = "live"

    def fresh(self, now_ms: int) -> bool:
        """Whether it still counts."""
        return self.ttl_ms is None or now_ms < self.observed_at_ms + self.ttl_ms


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What is true now: facts by name, as of one instant. An aged fact is kept, but stale: its value is unknown."""

    at_ms: int
    facts: dict[str, Fact]

    def value(self, name: str) -> int | float | str | bool | None:
        """The value of a fact; None when there is none or it has aged."""
        fact = self.facts.get(name)
        return fact.value if fact is not None and fact.fresh(self.at_ms) else None

    def stale(self, name: str) -> bool:
        """Whether there is a fact that has aged."""
        fact = self.facts.get(name)
        return fact is not None and not fact.fresh(self.at_ms)

    def as_json(self) -> dict[str, object]:
        """The Moment as decisions keep it and screens show it: name → value, source, when observed, whether stale."""
        return {
            name: {"value": fact.value, "source": fact.source, "observed_at": instant_text(fact.observed_at_ms), "stale": self.stale(name)}
            for name, fact in sorted(self.facts.items())
        }
