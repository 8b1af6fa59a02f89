"""The Moment: the best fact of each name at one instant, and how conditions read it (``moment.daypart``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import numpy as np

from gyeol.context.fact import Fact, Moment
from gyeol.context.facts import KINDS
from gyeol.context.facts.kind import Situation
from gyeol.context.facts.told import ToldText, refusal
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Zone

PREFIX = "moment."
_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "time": (int, float), "text": (str,), "flag": (bool,)}


@lru_cache(maxsize=1)
def _names() -> dict[str, NameInfo]:
    return {PREFIX + name: info for kind in KINDS for name, info in kind.names.items()}


@lru_cache(maxsize=1)
def _told() -> dict[str, ToldText]:
    return {kind.name: kind for kind in KINDS if isinstance(kind, ToldText)}


def moment_schema() -> dict[str, NameInfo]:
    """The names that conditions may read, with types and labels."""
    return dict(_names())


def moment_at(
    now_ms: int,
    zone: Zone,
    country: str,
    *,
    request: Mapping[str, object] | None = None,
    recorded: Iterable[Fact] = (),
    known_at: bool = False,
) -> Moment:
    """What is true at an instant.

    Of several facts of one name a fresh one wins over an aged one, then the one observed last, then what the request says over
    what was recorded, then the more confident, then the first by source.

    Args:
        now_ms: The instant, ``engine_now``.
        zone: Whose wall clock counts.
        country: ISO 3166 code.
        request: What the caller says of the situation; None without one.
        recorded: Facts of the log that concern the person (of the person's cell, store, …), any age.
        known_at: Leave out what was not known by then: facts received later, and history put in afterwards.

    Returns:
        The Moment; ``refused`` names what of the request is no fact.
    """
    said = request or {}
    situation = Situation(now_ms=now_ms, zone=zone, country=country, request=said)
    best: dict[str, Fact] = {fact.name: fact for kind in KINDS for fact in kind.observe(situation)}
    for fact in recorded:
        if _usable(fact, now_ms, known_at):
            other = best.get(fact.name)
            if other is None or _order(fact, now_ms) > _order(other, now_ms):
                best[fact.name] = fact
    return Moment(at_ms=now_ms, facts=best, refused=_refused(said))


def _usable(fact: Fact, now_ms: int, known_at: bool) -> bool:
    info = _names().get(PREFIX + fact.name)
    if info is None or not isinstance(fact.value, _TYPES[info.type]) or (info.type != "flag" and isinstance(fact.value, bool)):
        return False
    return fact.known_by(now_ms) if known_at else fact.observed_at_ms <= now_ms


def _order(fact: Fact, now_ms: int) -> tuple[bool, int, bool, float, tuple[int, ...]]:
    # Of equals the first by source: the text is turned round, so that "greater" means "before".
    source = tuple(-ord(character) for character in fact.source)
    return fact.fresh(now_ms), fact.observed_at_ms, fact.source == "request", fact.confidence, source


def _refused(said: Mapping[str, object]) -> dict[str, str]:
    told = _told()
    reasons = {name: "unknown_name" if name not in told else refusal(said[name]) for name in sorted(said)}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def column_of(moment: Moment, name: str, n: int = 1) -> Column:
    """A name of the Moment as a column.

    Args:
        moment: The same for all rows.
        name: With ``moment.``.
        n: Rows.

    Raises:
        KeyError: No kind of fact gives that name.
    """
    info = _names()[name]
    value = moment.value(name.removeprefix(PREFIX))
    known = np.full(n, value is not None)
    stale = np.ones(n, np.bool_) if moment.stale(name.removeprefix(PREFIX)) else None
    if info.type == "text":
        # A vocabulary of its own: what callers say must not pile up in the process.
        words = Vocabulary()
        code = -1 if value is None else words.code(str(value))
        return Column("text", np.full(n, code, np.int32), known, words, stale)
    if info.type == "flag":
        return Column("flag", np.full(n, value is True), known, None, stale)
    number = float(value) if isinstance(value, int | float) else 0.0
    return Column("number", np.full(n, number), known, None, stale)


def columns_of(moment: Moment, n: int = 1) -> Callable[[str], Column]:
    """All names of the Moment as columns of ``n`` rows, for ``Condition.evaluate``."""
    return lambda name: column_of(moment, name, n)
