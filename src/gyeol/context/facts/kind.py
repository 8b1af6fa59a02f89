"""What a kind of fact is: one that the clock tells, one that is told, or one that follows from traits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Protocol, runtime_checkable

import msgspec
import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived, first_fact
from gyeol.context.fact import Fact, FactValue
from gyeol.context.place.stores import Stores
from gyeol.context.subject import SubjectKind
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

__all__ = [
    "Asked", "AskedKind", "ClockKind", "CombinedKind", "Derived", "DerivedKind", "FactKind", "PlacedKind", "SingleKind", "Situation",
    "ToldKind", "facts_of_one", "text_column", "with_single", "words",
]  # fmt: skip

_EPOCH = date(1970, 1, 1)
_QUARTER_MS = 900_000
"""Zones change their offset at whole quarters of an hour. Source: the IANA time zone database since 1972."""


class Situation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the clock's facts are made of.

    Args:
        now_ms: ``engine_now``, or the time of an event.
        zone: Whose wall clock dayparts are read from.
        country: ISO 3166 code, for holidays.
        request: What the caller of decide said of the situation.
        assumed: Whether the zone is the workspace's because the person's is not known.
    """

    now_ms: int
    zone: Zone
    country: str
    request: Mapping[str, object] = {}
    assumed: bool = False

    @cached_property
    def local(self) -> datetime:
        """The instant on the wall clock."""
        return self.zone.local(self.now_ms)

    @cached_property
    def today(self) -> date:
        """The date on the wall clock."""
        return self.local.date()

    @cached_property
    def midnight_ms(self) -> int:
        """The first instant of tomorrow."""
        return self.day_ms((self.today - _EPOCH).days + 1)

    def day_ms(self, day: int) -> int:
        """The first instant of a date, counted in days from 1970-01-01; always later than now for tomorrow and after."""
        return self.zone.day_start_ms(day)

    def date_ms(self, on: date) -> int:
        """The first instant of a date."""
        return self.day_ms((on - _EPOCH).days)

    def hour_ms(self, minutes: int) -> int:
        """The first instant at which the wall clock may show another part of the day: so many minutes after midnight, today.

        A change of the zone's offset on the way ends it: what the clock shows then has to be looked at anew.
        """
        wanted = self.local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        at = wanted.replace(hour=minutes // 60, minute=minutes % 60) if minutes < 24 * 60 else None
        edge = self.midnight_ms if at is None else int(at.replace(tzinfo=self.local.tzinfo).timestamp() * 1000)
        return self._before_change(edge)

    def _before_change(self, edge_ms: int) -> int:
        offset = self.zone.offset_ms(self.now_ms)
        for quarter in range(self.now_ms // _QUARTER_MS + 1, self.midnight_ms // _QUARTER_MS + 1):
            at_ms = quarter * _QUARTER_MS
            if at_ms >= edge_ms > self.now_ms:
                return edge_ms
            if self.zone.offset_ms(at_ms) != offset:
                return at_ms
        return edge_ms if edge_ms > self.now_ms else self.midnight_ms

    def fact(self, name: str, value: FactValue, source: str, until_ms: int, confidence: float = 1.0) -> Fact:
        """A fact that is true from now until an instant."""
        ttl_ms = max(until_ms - self.now_ms, 1)
        return Fact(name=name, value=value, source=source, observed_at_ms=self.now_ms, ttl_ms=ttl_ms, confidence=confidence)


class FactKind(Protocol):
    """One kind of fact: which names it gives."""

    @property
    def names(self) -> Mapping[str, NameInfo]:
        """The names, without ``moment.``, with types and labels."""
        ...


class ClockKind(FactKind, Protocol):
    """Facts that follow from the instant, the zone and the country alone; so conditions of events may read them, too."""

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """The facts that are known, each with the TTL after which it must be looked at again; a name may be missing."""
        ...


class ToldKind(FactKind, Protocol):
    """A fact that somebody tells: the request, or a record of the log. It has one name."""

    name: str
    ttl_ms: int
    subjects: tuple[SubjectKind, ...]
    in_request: bool

    def refusal(self, value: object) -> str | None:
        """Why a value cannot be this fact's; None when it can."""
        ...


class DerivedKind(FactKind, Protocol):
    """Facts that follow from traits of the person: behaviour, interest, a birthday. Traits merge, replay and equal SQL by themselves."""

    @property
    def source(self) -> str:
        """Who says so."""
        ...

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The traits that it needs, named ``moment_…``; none when the workspace does not say where to find what it reads.

        Args:
            paths: ``moment`` of the workspace: what is read → dotted path of events.
        """
        ...

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """The facts of n people by name. A value whose ``until_ms`` has come is told as stale.

        Args:
            read: The column of a trait over them, or over those of them at some places.
            n: How many.
            now_ms: The instant.
            local_day: (n,) today's date of each person in days from 1970-01-01.
            zone: The workspace's.
        """
        ...


@runtime_checkable
class SingleKind(Protocol):
    """A derived kind that tells one person's facts without columns, at a fraction of the cost; the same that ``derive`` gives."""

    def one(self, read: Read, now_ms: int, zone: Zone) -> list[Fact]:
        """The facts that are known of the one person that is read; those that have aged among them.

        Args:
            read: Of the one.
            now_ms: The instant.
            zone: The workspace's.
        """
        ...


class CombinedKind(FactKind, Protocol):
    """Facts that follow from other facts of the person and from the journey stage."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it looks at; none of them is combined itself."""
        ...

    def combine(self, facts: Mapping[str, Fact], stage: str | None, now_ms: int) -> Iterable[Fact]:
        """The facts of one person at an instant."""
        ...

    def columns(self, read: Mapping[str, Column], stages: Int64, names: Sequence[str]) -> Mapping[str, Column]:
        """The facts of many people by name.

        Args:
            read: (n,) each of ``reads``; what is stale is unknown.
            stages: (n,) their stages, by place in ``names``; -1: none.
            names: Of stages.
        """
        ...


@runtime_checkable
class PlacedKind(Protocol):
    """A derived kind that needs the workspace's stores."""

    def within(self, stores: Stores) -> DerivedKind:
        """The same kind, for the stores of a workspace."""
        ...


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a workspace asks for beside what ``moment`` reads.

    Args:
        regions, geoip: Digests of its files of borders and of IP addresses; None: it has no such file.
        usual_places: Whether home and work are learned of those who agree.
        country: ISO 3166 code.
    """

    regions: str | None = None
    geoip: str | None = None
    usual_places: bool = False
    country: str = "KR"


@runtime_checkable
class AskedKind(Protocol):
    """A derived kind that tells nothing unless the workspace asks for it."""

    def asked(self, asks: Asked) -> DerivedKind:
        """The same kind, as a workspace asks for it."""
        ...


def words(**of_values: tuple[str, str]) -> dict[str, dict[str, str]]:
    """What people call values: ``morning=("아침", "morning")``."""
    return {value: {"ko": ko, "en": en} for value, (ko, en) in of_values.items()}


def text_column(names: Sequence[str], codes: Int64) -> Column:
    """(n,) texts by their place in ``names``; -1: unknown."""
    vocabulary = Vocabulary()
    if len(codes) < len(names):
        values = vocabulary.encode([None if code < 0 else names[code] for code in codes.tolist()])
        return Column("text", values, codes >= 0, vocabulary)
    places = np.array([*(vocabulary.code(name) for name in names), -1], np.int32)
    return Column("text", places[codes], codes >= 0, vocabulary)


def with_single(kinds: Sequence[DerivedKind]) -> list[tuple[DerivedKind, SingleKind | None]]:
    """Kinds, each beside itself where it tells one person's facts without columns."""
    return [(kind, kind if isinstance(kind, SingleKind) else None) for kind in kinds]


def facts_of_one(kinds: Sequence[tuple[DerivedKind, SingleKind | None]], read: Read, now_ms: int, today: int, zone: Zone) -> list[Fact]:
    """All facts of one person that some kinds tell; those that have aged among them.

    Args:
        kinds: As ``with_single`` gives them.
        read: Of the one.
        now_ms: The instant.
        today: The person's date, in days from 1970-01-01.
        zone: The workspace's.
    """
    found: list[Fact] = []
    for kind, single in kinds:
        if single is not None:
            found += single.one(read, now_ms, zone)
        else:
            derived = kind.derive(read, 1, now_ms, np.array([today]), zone)
            found += [fact for name, each in derived.items() if (fact := first_fact(name, kind.source, each)) is not None]
    return found
