"""Facts: something observed of the world or a person, with source, age and confidence; and the Moment that they make."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from gyeol.context.subject import Subject
from gyeol.kernel.instants import instant_text

Origin = Literal["live", "history"]
FactValue = int | float | str | bool
_text = lru_cache(maxsize=4_096)(instant_text)


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One observation.

    Args:
        name: Without ``moment.``: ``weather``, ``daypart``.
        value: Number, text or flag.
        source: Who observed it: ``clock``, ``calendar``, ``request``, the name of a provider.
        observed_at_ms: When it was so.
        received_at_ms: When we learned of it; None: at once.
        ttl_ms: For how long it counts from when it was observed, half-open; None: for as long as the Moment itself.
        confidence: 0 to 1.
        origin: ``live``, or ``history`` for what was put in afterwards and so was not known at the time.
        about: What it was recorded of; None: it is not recorded, it is true of the request or of the wall clock.
    """

    name: str
    value: FactValue
    source: str
    observed_at_ms: int
    received_at_ms: int | None = None
    ttl_ms: int | None = None
    confidence: float = 1.0
    origin: Origin = "live"
    about: Subject | None = None

    @property
    def until_ms(self) -> int | None:
        """The first instant at which it no longer counts; None: it always does."""
        return None if self.ttl_ms is None else self.observed_at_ms + self.ttl_ms

    def fresh(self, now_ms: int) -> bool:
        """Whether it still counts."""
        return self.ttl_ms is None or now_ms < self.observed_at_ms + self.ttl_ms

    def known_by(self, at_ms: int) -> bool:
        """Whether it was known at an instant: observed and received by then, and not put in afterwards."""
        received = self.observed_at_ms if self.received_at_ms is None else self.received_at_ms
        return self.origin == "live" and self.observed_at_ms <= at_ms and received <= at_ms


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What is true now: facts by name, as of one instant. An aged fact is kept, but stale: its value is unknown.

    Args:
        at_ms: The instant.
        facts: The best fact of each name.
        refused: What the caller said of the situation that is no fact, name → why; nothing is left out without a word.
        warnings: Codes of what had to be assumed: ``zone_assumed``.
    """

    at_ms: int
    facts: dict[str, Fact]
    refused: dict[str, str] = {}
    warnings: tuple[str, ...] = ()

    def value(self, name: str) -> FactValue | None:
        """The value of a fact; None when there is none or it has aged."""
        fact = self.facts.get(name)
        return fact.value if fact is not None and fact.fresh(self.at_ms) else None

    def stale(self, name: str) -> bool:
        """Whether there is a fact that has aged."""
        fact = self.facts.get(name)
        return fact is not None and not fact.fresh(self.at_ms)

    def as_json(self) -> dict[str, object]:
        """The Moment as decisions keep it and screens show it.

        Name → value, source, when observed, whether stale, TTL in seconds; and what is out of the ordinary: confidence, origin, whose.
        """
        return {name: self._told(name, fact) for name, fact in sorted(self.facts.items())}

    def _told(self, name: str, fact: Fact) -> dict[str, object]:
        told: dict[str, object] = {
            "value": fact.value,
            "source": fact.source,
            "observed_at": _text(fact.observed_at_ms),
            "stale": self.stale(name),
        }
        if fact.confidence != 1.0:
            told["confidence"] = fact.confidence
        if fact.origin != "live":
            told["origin"] = fact.origin
        if fact.ttl_ms is not None:
            told["ttl_s"] = fact.ttl_ms / 1000
        if fact.about is not None:
            told["about"] = fact.about.kind
        return told
