"""How a person feels lately: scores of their texts, weighted by confidence, fading with age.

The state is a commutative monoid like that of a trait (``lift``, ``combine``, ``present``): texts may come in any order, the
states of two devices of one person are joined by ``combine``, and taking one out again is building the sum without it.
Forward decay after Cormode, Shkapenyuk, Srivastava & Xu, "Forward Decay" (ICDE 2009), kept as of the newest text so that
numbers stay small.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DAY_MS = 86_400_000
PRIOR = 0.5
"""Weight of "says nothing": one text of full confidence moves the trend two thirds of the way."""
TURN = 0.15
"""A difference between the short and the long trend that counts as a turn."""

Direction = Literal["improving", "steady", "worsening"]


class HalfLives(msgspec.Struct, frozen=True, kw_only=True):
    """After how long a text counts half.

    Args:
        long_ms: For the trend.
        short_ms: For what is compared with it: which way it goes.
    """

    long_ms: int = 30 * DAY_MS
    short_ms: int = 3 * DAY_MS


class Feelings(msgspec.Struct, frozen=True, kw_only=True):
    """What was said so far, as of ``at_ms``.

    Args:
        at_ms: Of the newest text; 0 when nothing was said.
        total: Polarities times weights, with the long half-life.
        weight: Weights.
        recent_total: With the short half-life.
        recent_weight: With the short half-life.
        texts: How many texts.
    """

    at_ms: int = 0
    total: float = 0.0
    weight: float = 0.0
    recent_total: float = 0.0
    recent_weight: float = 0.0
    texts: int = 0


NOTHING = Feelings()
"""The neutral element."""


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody feels at an instant.

    Args:
        polarity: From -1 to 1; near 0 also when little was said or long ago.
        confidence: How much of it is evidence, 0 to 1.
        direction: Which way it goes.
        texts: How many texts it rests on.
    """

    polarity: float
    confidence: float
    direction: Direction
    texts: int


def lift(polarity: float, confidence: float, at_ms: int) -> Feelings:
    """One text.

    Args:
        polarity: -1 to 1.
        confidence: 0 to 1; at 0.5 and below a text says nothing and weighs nothing.
        at_ms: When it was written.
    """
    weight = max(0.0, 2 * confidence - 1)
    total = polarity * weight
    return Feelings(at_ms=at_ms, total=total, weight=weight, recent_total=total, recent_weight=weight, texts=1)


def combine(a: Feelings, b: Feelings, lives: HalfLives) -> Feelings:
    """Both together: commutative, associative (to 1e-9), ``NOTHING`` changes nothing.

    Args:
        a: Some texts.
        b: Others.
        lives: The same for all.
    """
    if a.texts == 0 or b.texts == 0:
        return b if a.texts == 0 else a
    at_ms = max(a.at_ms, b.at_ms)
    long_a, short_a = _faded(a, at_ms, lives)
    long_b, short_b = _faded(b, at_ms, lives)
    return Feelings(
        at_ms=at_ms,
        total=a.total * long_a + b.total * long_b,
        weight=a.weight * long_a + b.weight * long_b,
        recent_total=a.recent_total * short_a + b.recent_total * short_b,
        recent_weight=a.recent_weight * short_a + b.recent_weight * short_b,
        texts=a.texts + b.texts,
    )


def present(of: Feelings, now_ms: int, lives: HalfLives) -> Trend:
    """The trend at an instant.

    Args:
        of: What was said.
        now_ms: The instant; before the newest text counts as at it.
        lives: As for ``combine``.
    """
    long, short = _faded(of, max(now_ms, of.at_ms), lives)
    weight, recent = of.weight * long, of.recent_weight * short
    polarity = of.total * long / (weight + PRIOR)
    # What faded is no turn: the less recent texts weigh, the less their mean may differ from that of all.
    change = 0.0
    if of.weight > 0 and of.recent_weight > 0:
        change = (of.recent_total / of.recent_weight - of.total / of.weight) * recent / (recent + PRIOR)
    direction: Direction = "improving" if change > TURN else "worsening" if change < -TURN else "steady"
    return Trend(polarity=round(polarity, 4), confidence=round(weight / (weight + PRIOR), 4), direction=direction, texts=of.texts)


def _faded(of: Feelings, at_ms: int, lives: HalfLives) -> tuple[float, float]:
    age = at_ms - of.at_ms
    return 0.5 ** (age / lives.long_ms), 0.5 ** (age / lives.short_ms)
