"""What enrols whom: journeys compiled, their triggers matched against audience entries and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.channels.model import ChannelDefinition
from gyeol.decisions.person import PersonView
from gyeol.events.batch import EventBatch
from gyeol.expressions.durations import parse_duration
from gyeol.journeys.enrolment import Enrolment, EnrolmentLedger
from gyeol.journeys.model import JourneyDefinition
from gyeol.kernel.canonical import digest
from gyeol.kernel.errors import InputError, Problem
from gyeol.profiles.conditions import EventCondition, event_condition

Int64 = npt.NDArray[np.int64]


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """A journey, compiled.

    Args:
        version: Hash of the definition: the immutable graph that an enrolment is pinned to.
        channel: Where its message leaves.
        where: The condition of an event trigger.
        re_entry_ms: How long after an enrolment the same person may be enrolled again; None = never.
        expires_ms: How long after the enrolment its message may leave.
        channels: All of the workspace, for placements that leave the channel open.
    """

    definition: JourneyDefinition
    version: str
    channel: ChannelDefinition
    where: EventCondition | None
    re_entry_ms: int | None
    expires_ms: int
    channels: Mapping[str, ChannelDefinition] = {}

    @property
    def name(self) -> str:
        """The journey's name."""
        return self.definition.name


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger that fired.

    Args:
        journey: Name of the journey.
        node: For whom.
        entry_key: Names the start of the match.
        cause_offset: Log offset of what set it off.
    """

    journey: str
    node: int
    entry_key: str
    cause_offset: int


class Journeys:
    """The workspace's journeys.

    Args:
        definitions: The journeys.
        channels: The channels that they may name.

    Raises:
        InputError: Every condition, duration or channel that is wrong.
    """

    def __init__(self, definitions: Sequence[JourneyDefinition], channels: Sequence[ChannelDefinition]) -> None:
        known = {c.name: c for c in channels}
        problems: list[Problem] = []
        self._journeys: dict[str, Journey] = {}
        for definition in definitions:
            try:
                self._journeys[definition.name] = _compile(definition, known)
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError("bad_journeys", problems)
        self._by_audience: dict[str, list[Journey]] = {}
        for journey in self._journeys.values():
            if journey.definition.trigger.audience is not None:
                self._by_audience.setdefault(journey.definition.trigger.audience, []).append(journey)
        self._by_event = [j for j in self._journeys.values() if j.definition.trigger.event is not None]

    def get(self, name: str) -> Journey | None:
        """A journey by name."""
        return self._journeys.get(name)

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences whose entries set something off."""
        return frozenset(self._by_audience)

    def paths(self) -> set[str]:
        """The event paths that triggers read."""
        return {path for j in self._by_event if j.where is not None for path in j.where.paths}

    def matching_entry(self, audience: str, node: int, at_ms: int, cause_offset: int) -> list[Match]:
        """The triggers of somebody's entry into an audience; ``at_ms`` is when membership began."""
        key = f"audience:{audience}:{at_ms}"
        return [Match(journey=j.name, node=node, entry_key=key, cause_offset=cause_offset) for j in self._by_audience.get(audience, ())]

    def matching_events(self, batch: EventBatch, event_nodes: Int64, now_ms: int) -> list[Match]:
        """The triggers of a batch's events, in the order of the events.

        An event so old that its message would be too late sets nothing off.

        Args:
            batch: The events.
            event_nodes: (n,) node of each event; -1: nobody's.
            now_ms: ``engine_now``.
        """
        found: list[tuple[int, Match]] = []
        for journey in self._by_event:
            for i in _hits(journey, batch, event_nodes, now_ms).tolist():
                offset = batch.offset(i)
                match = Match(journey=journey.name, node=int(event_nodes[i]), entry_key=f"event:{offset}", cause_offset=offset)
                found.append((i, match))
        return [match for _, match in sorted(found, key=lambda f: f[0])]

    def enrol(self, match: Match, person: PersonView, ledger: EnrolmentLedger, now_ms: int) -> Enrolment | None:
        """The enrolment of a match, or None when the person may not enter (again) yet.

        The whole person is asked: any of its nodes that entered counts.
        """
        journey = self._journeys.get(match.journey)
        if journey is None:
            return None
        last = ledger.last(journey.name, person.nodes)
        if last is not None:
            last_ms, _, last_key = last
            if journey.re_entry_ms is None or now_ms - last_ms < journey.re_entry_ms or last_key == match.entry_key:
                return None
        return Enrolment(
            journey=journey.name,
            version=journey.version,
            node=match.node,
            person=person.person_id,
            entry_key=match.entry_key,
            at_ms=now_ms,
            cause_offset=match.cause_offset,
        )


def _hits(journey: Journey, batch: EventBatch, event_nodes: Int64, now_ms: int) -> Int64:
    event = journey.definition.trigger.event
    hits = event_nodes >= 0
    if event != "$any":
        # Read first: a batch gives its names their codes when they are asked for.
        event_names = batch.name
        code = batch.names.find(event or "")
        if code < 0:
            return np.empty(0, np.int64)
        hits = hits & (event_names == code)
    hits = hits & (batch.time_ms + journey.expires_ms > now_ms)
    if journey.where is not None and hits.any():
        hits = hits & journey.where.of(batch.column, batch.n)
    return np.flatnonzero(hits)


def _compile(definition: JourneyDefinition, channels: dict[str, ChannelDefinition]) -> Journey:
    at = f"journeys.{definition.name}"
    trigger, step = definition.trigger, definition.message
    channel = channels.get(step.channel)
    problems = []
    if (trigger.audience is None) == (trigger.event is None):
        problems.append(_problem(f"{at}.trigger", "a trigger is one audience or one event", "write exactly one of them"))
    if trigger.where is not None and trigger.event is None:
        problems.append(_problem(f"{at}.trigger.where", "where belongs to an event", "put the condition into the audience"))
    if channel is None:
        problems.append(
            _problem(f"{at}.message.channel", f"there is no channel {step.channel!r}", f"there are: {', '.join(channels) or 'none'}")
        )
    if problems or channel is None:
        raise InputError("bad_journey", problems)
    return Journey(
        definition=definition,
        version=digest(definition),
        channel=channel,
        channels=channels,
        where=None if trigger.where is None else _where(trigger.where, f"{at}.trigger.where"),
        re_entry_ms=None if definition.re_entry is None else parse_duration(definition.re_entry, path=f"{at}.re_entry").ms,
        expires_ms=parse_duration(step.expires_after, path=f"{at}.message.expires_after").ms,
    )


def _problem(path: str, what: str, mend: str) -> Problem:
    return Problem(path=path, code="bad_journey", what=what, mend=mend)


def _where(text: str, path: str) -> EventCondition:
    try:
        return event_condition(text)
    except InputError as error:
        raise InputError(error.code, [msgspec.structs.replace(problem, path=path) for problem in error.problems]) from error
