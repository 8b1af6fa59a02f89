"""The Moment: the best fact of each name at one instant, and how conditions read it (``moment.daypart``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from gyeol.context.behaviour.recorded import ACTION
from gyeol.context.clock import CLOCK_NAMES, Clock
from gyeol.context.fact import Fact, Moment
from gyeol.context.facts import COMBINED_NAMES, KINDS, TOLD
from gyeol.context.facts.kind import ToldKind
from gyeol.context.facts.region_of import COUNTRY as SEEN_COUNTRY
from gyeol.context.lately import NAMES as LATELY
from gyeol.context.ledger import best
from gyeol.context.near_stores import NAMES as OF_STORES
from gyeol.context.place.of_events import COUNTRY as IN_COUNTRY
from gyeol.context.place.of_events import LEVELS
from gyeol.context.seen import SEEN
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Zone

PREFIX = "moment."
_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "time": (int, float), "text": (str,), "flag": (bool,)}


@lru_cache(maxsize=1)
def _names() -> dict[str, NameInfo]:
    return {PREFIX + name: info for kind in KINDS for name, info in kind.names.items()}


@lru_cache(maxsize=1)
def _types() -> dict[str, tuple[type, ...]]:
    """Of what types the value of each fact may be that the clock does not tell, by name without ``moment.``."""
    short = ((name.removeprefix(PREFIX), info) for name, info in _names().items())
    return {name: _TYPES[info.type] for name, info in short if name not in CLOCK_NAMES}


@lru_cache(maxsize=1)
def told_kinds() -> dict[str, ToldKind]:
    """The kinds of facts that are told, by name without ``moment.``."""
    return {kind.name: kind for kind in TOLD}


def moment_schema() -> dict[str, NameInfo]:
    """The names that conditions may read, with types and labels."""
    return dict(_names())


def as_of_events() -> frozenset[str]:
    """The names (with ``moment.``) that a condition over events may read: what is joined as of each event."""
    return frozenset(PREFIX + name for name in (*CLOCK_NAMES, *told_kinds(), *LEVELS, IN_COUNTRY, *OF_STORES, *LATELY, *COMBINED_NAMES))


def by_actions() -> frozenset[str]:
    """Those of ``as_of_events`` that a person's earlier actions and answers tell."""
    return frozenset(PREFIX + name for name in (*LATELY, *COMBINED_NAMES))


def moment_at(
    now_ms: int,
    zone: Zone,
    country: str,
    *,
    request: Mapping[str, object] | None = None,
    recorded: Iterable[Fact] = (),
    known_at: bool = False,
    assumed: bool = False,
    clock: Clock | None = None,
) -> Moment:
    """What is true at an instant.

    Of several facts of one name a fresh one wins over an aged one, then what the request says over what was recorded, then the more
    specific (``SUBJECT_KINDS``), then the one observed last, then the more confident, then the one received last, then the first by
    source.

    Args:
        now_ms: The instant, ``engine_now``.
        zone: Whose wall clock counts.
        country: ISO 3166 code.
        request: What the caller says of the situation; None without one.
        recorded: Facts of the log that concern the person (of the person's cell, store, …), any age; and those that follow from traits.
        known_at: Leave out what was not known by then: facts received later, and history put in afterwards.
        assumed: Whether the zone is the workspace's because the person's is not known.
        clock: Keeps what the clock tells; None: it is worked out.

    Returns:
        The Moment; ``refused`` names what of the request is no fact.
    """
    said = request or {}
    clock = Clock(zone, country) if clock is None else clock
    found: dict[str, Fact] = {fact.name: fact for fact in clock.facts(now_ms, zone, assumed)}
    told: dict[str, list[Fact]] = {}
    refused: dict[str, str] = {}
    for name, value in sorted(said.items()):
        kind = told_kinds().get(name)
        if kind is None:
            refused[name] = "unknown_name"
        elif not kind.in_request:
            refused[name] = "not_for_requests"
        elif value is not None and (reason := kind.refusal(value)) is not None:
            refused[name] = reason
        elif isinstance(value, int | float | str):
            told[name] = [Fact(name=name, value=value, source="request", observed_at_ms=now_ms, ttl_ms=kind.ttl_ms)]
    for fact in recorded:
        if _usable(fact, now_ms, known_at):
            told.setdefault(fact.name, []).append(fact)
    for name, facts in told.items():
        counts = facts[0] if len(facts) == 1 else best(facts, now_ms)  # nearly all names have one: nothing to weigh
        if counts is not None:
            found[name] = counts
    return Moment(at_ms=now_ms, facts=found, refused=refused, warnings=("zone_assumed",) if assumed else ())


def _usable(fact: Fact, now_ms: int, known_at: bool) -> bool:
    types = _types().get(fact.name)
    if types is None or type(fact.value) not in types:
        return False
    return fact.known_by(now_ms) if known_at else fact.observed_at_ms <= now_ms


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
    fact = moment.facts.get(name.removeprefix(PREFIX))
    return fact_column(info, [fact], np.zeros(n, np.int64), moment.at_ms)


def fact_column(info: NameInfo, facts: list[Fact | None], place: np.ndarray[tuple[int], np.dtype[np.int64]], at_ms: int | None) -> Column:
    """Facts of one name as a column.

    Args:
        info: Of the name.
        facts: The different ones.
        place: (n,) which of them each row has.
        at_ms: The instant at which they are fresh or stale; None: every one that is given counts.
    """
    fresh = [fact is not None and (at_ms is None or fact.fresh(at_ms)) for fact in facts]
    stale = [fact is not None and not good for fact, good in zip(facts, fresh, strict=True)]
    known = np.array(fresh, np.bool_)[place]
    aged = np.array(stale, np.bool_)[place] if any(stale) else None
    if info.type == "text":
        # A vocabulary of its own: what callers say must not pile up in the process.
        words = Vocabulary()
        codes = [words.code(str(fact.value)) if fact is not None and good else -1 for fact, good in zip(facts, fresh, strict=True)]
        return Column("text", np.array(codes, np.int32)[place], known, words, aged)
    if info.type == "flag":
        return Column("flag", np.array([fact is not None and fact.value is True for fact in facts], np.bool_)[place], known, None, aged)
    numbers = [float(fact.value) if fact is not None and isinstance(fact.value, int | float) else 0.0 for fact in facts]
    return Column("number", np.array(numbers, np.float64)[place], known, None, aged)


def first_known(one: Column, other: Column) -> Column:
    """(n,) values: those of the first column, and where they are unknown those of the other one, of the same kind."""
    if one.kind != "text":
        return Column(one.kind, np.where(one.known, one.values, other.values), one.known | other.known)
    words, codes = Vocabulary(), np.full(len(one), -1, np.int32)
    for column in (other, one):
        held = [] if column.vocabulary is None else column.vocabulary.words
        distinct, place = np.unique(np.where(column.known, column.values, -1), return_inverse=True)
        new = words.encode([None if code < 0 else held[code] for code in distinct.tolist()])
        codes = np.where(column.known, new[place], codes)
    known = codes >= 0
    aged = [column.stale & ~known for column in (one, other) if column.stale is not None]
    return Column("text", codes, known, words, np.logical_or.reduce(aged) if aged else None)


def value_column(values: Sequence[object], name: str) -> Column:
    """Values as JSON has them (None: unknown) as a column of a name; at least one row, so that it can be taken from."""
    if name == ACTION:
        numbers = [float(value) if isinstance(value, int | float) else 0.0 for value in values]
        return Column("number", np.array([*numbers, 0.0]), np.array([*(value is not None for value in values), False]))
    rows = [*values, None]
    facts = [
        Fact(name=name, value=value, source="", observed_at_ms=0) if isinstance(value, int | float | str) else None
        for value in dict.fromkeys(rows)
    ]
    info = NameInfo(type="text") if name in SEEN or name == SEEN_COUNTRY else _names()[name]
    places = {value: i for i, value in enumerate(dict.fromkeys(rows))}
    return fact_column(info, facts, np.array([places[value] for value in rows], np.int64), None)


def columns_of(moment: Moment, n: int = 1) -> Callable[[str], Column]:
    """All names of the Moment as columns of ``n`` rows, for ``Condition.evaluate``."""
    return lambda name: column_of(moment, name, n)
