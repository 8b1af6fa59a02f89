"""What the screens that watch ask: is all well (Overview), what do the sources send, where do events depart from the tracking plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache

import msgspec

from gyeol.app.answers import ActedAnswer, StatusAnswer
from gyeol.app.book import MINUTES, Book, Sums, ViolationSums, record_at
from gyeol.app.core_api import Core, StatusRequest
from gyeol.app.desk import Desk
from gyeol.app.problems import LEAST_FREE_BYTES, Signs, problems
from gyeol.app.watch_answers import (
    ChannelFigures,
    DecisionFigures,
    DeliveryFigures,
    Endpoint,
    EventFigures,
    LakeFigures,
    Minute,
    OverviewAnswer,
    PeopleFigures,
    RefusalCount,
    RejectedCount,
    SourceAnswer,
    SourcesAnswer,
    Verdicts,
    ViolationAnswer,
    ViolationExample,
    ViolationsAnswer,
)
from gyeol.app.words import reason_label, rejection_label, violation_text
from gyeol.engine.definitions import Definitions
from gyeol.events.model import PropertyRule, SourceDefinition
from gyeol.events.reading import dig
from gyeol.events.sections import dead_letter_id
from gyeol.kernel.clock import Clock
from gyeol.storage.lake.past import FrameReader
from gyeol.workspace.formats import env_name

_MINUTE_MS = 60_000
_JSON_TYPES = {str: "text", int: "number", float: "number", bool: "flag", list: "list", dict: "object"}
_MOST_SHOWN = 80
"""Characters of an example's value."""


class Watch:
    """The operations.

    Args:
        desk: For what it answers already.
        core: The core.
        book: The log in sum.
        log: For examples.
        definitions: The definitions of a hash.
        endpoint: Where events go and where the API is.
        clock: The wall clock.
        environment: For write keys given as ``env:NAME``.
    """

    def __init__(
        self,
        desk: Desk,
        core: Core,
        book: Book,
        log: FrameReader,
        definitions: Callable[[str], Definitions],
        endpoint: Callable[[], Endpoint],
        clock: Clock,
        environment: Mapping[str, str],
    ) -> None:
        self._desk, self._core, self._book, self._definitions = desk, core, book, definitions
        self._endpoint, self._clock, self._environment = endpoint, clock, environment
        self._record = lru_cache(maxsize=500)(lambda offset: record_at(log, offset))

    # -- Overview
    def overview(self) -> OverviewAnswer:
        """Whether all is well."""
        status, told, sums = self._desk.status(), self._core.status(StatusRequest()), self._book.sums()
        now_ms = self._clock.now_ms()
        rate = _rate(sums, now_ms)
        lake = LakeFigures(
            offset=status.lake_offset,
            end_offset=status.end_offset,
            behind=max(0, status.end_offset - status.lake_offset),
            problem=status.lake_problem,
        )
        d = sums.decisions
        return OverviewAnswer(
            now=now_ms,
            engine_now=told.engine_now_ms,
            clock=told.clock,
            acting=told.acting,
            simulated=bool(told.simulated),
            events=EventFigures(
                total=told.events,
                rejected=told.rejected,
                duplicates=told.duplicates,
                backlog=told.backlog,
                backlog_age_ms=told.backlog_age_ms,
                rate=rate,
                lag=told.lag,
            ),
            people=PeopleFigures(total=told.people, identified=told.identified),
            decisions=DecisionFigures(
                total=told.decisions,
                chosen=d.chosen,
                fallback=d.fallback,
                holdout=d.holdout,
                nothing=d.nothing,
                p50_ms=told.decide.p50_ms,
                p95_ms=told.decide.p95_ms,
                p99_ms=told.decide.p99_ms,
                refusals=_refusals({(code, gate): n for key, n in d.refusals.items() for gate, code in [key.split(" ", 1)]}),
            ),
            deliveries=_deliveries(status, self._desk.acted(), self._definitions(told.definitions)),
            lake=lake,
            problems=problems(
                Signs(
                    refusing=told.refusing,
                    free_bytes=told.free_bytes if told.free_bytes >= 0 else LEAST_FREE_BYTES,
                    snapshot_problem=told.snapshot_problem,
                    acting=told.acting,
                    backlog_age_ms=told.backlog_age_ms,
                    lake_problem=status.lake_problem,
                    fact_problem=status.fact_problem,
                    rejected=sum(each.rejected for each in rate),
                )
            ),
        )

    # -- Data
    def sources(self) -> SourcesAnswer:
        """All sources, with what became of their events."""
        told, sums = self._core.status(StatusRequest()), self._book.sums()
        found = [self._source(source, sums, told.duplicates_by_source) for source in self._definitions(told.definitions).sources]
        return SourcesAnswer(endpoint=self._endpoint(), sources=found)

    def _source(self, source: SourceDefinition, sums: Sums, duplicates: Mapping[str, int]) -> SourceAnswer:
        mine = sums.sources.get(source.name)
        accepted = mine.accepted if mine is not None else None
        rejected = mine.rejected if mine is not None else {}
        variable = env_name(source.write_key)
        count = accepted.count if accepted is not None else 0
        return SourceAnswer(
            name=source.name,
            label=source.label,
            kind=source.trust,
            channel=source.channel,
            enabled=source.enabled,
            write_key=source.write_key if variable is None else self._environment.get(variable, source.write_key),
            origins=list(getattr(source, "origins", None) or []),
            events=count,
            last_at=accepted.last_ms if accepted is not None and accepted.count else None,
            verdicts=Verdicts(
                accepted=count, duplicate=duplicates.get(source.name, 0), rejected=sum(each.count for each in rejected.values())
            ),
            rejected=[
                RejectedCount(code=code, label=rejection_label(code), count=each.count, last_at=each.last_ms)
                for code, each in sorted(rejected.items(), key=lambda item: (-item[1].count, item[0]))
            ],
        )

    def violations(self) -> ViolationsAnswer:
        """Departures from the tracking plan."""
        definitions, sums = self._definitions(self._core.status(StatusRequest()).definitions), self._book.sums()
        ordered = sorted(sums.violations, key=lambda v: (-v.seen.count, v.event, v.path, v.source, v.fault))
        return ViolationsAnswer(violations=[self._violation(each, definitions) for each in ordered], since=sums.since_ms)

    def _violation(self, each: ViolationSums, definitions: Definitions) -> ViolationAnswer:
        rule = _rule(definitions, each.event, each.path)
        expected = "" if rule is None else ", ".join(rule.one_of or []) if each.fault == "one_of" else rule.type
        value = self._value(each)
        personal = rule is not None and rule.pii
        found = "" if value is None else _JSON_TYPES[type(value)] if each.fault == "type" or personal else _short(value)
        return ViolationAnswer(
            code=each.fault,
            event=each.event,
            path=each.path,
            source=each.source,
            expected=expected,
            found=found,
            count=each.seen.count,
            last_at=each.seen.last_ms or None,
            example=ViolationExample(
                dead_letter=dead_letter_id(each.example) if each.rejects else None,
                value=None if personal or value is None else _short(value),
            ),
            text=violation_text(each.fault, each.path, expected),
            effect="rejected" if each.rejects else "flagged",
        )

    def _value(self, each: ViolationSums) -> object:
        """What stood at the path in the last such event; None when it is missing or the log no longer holds the event."""
        raw = self._record(each.example)
        if raw is None:
            return None
        try:
            return dig(msgspec.json.decode(raw), each.path.split("."))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def _rule(definitions: Definitions, event: str, path: str) -> PropertyRule | None:
    rules = (definitions.plan.rules.get(name) for name in (event, "$any"))
    return next((rule.properties[path] for rule in rules if rule is not None and path in rule.properties), None)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def _rate(sums: Sums, now_ms: int) -> list[Minute]:
    last = now_ms // _MINUTE_MS
    return [Minute(minute * _MINUTE_MS, *sums.minutes.get(minute, (0, 0))) for minute in range(last - MINUTES + 1, last + 1)]


def _refusals(counts: Mapping[tuple[str, str], int]) -> list[RefusalCount]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [RefusalCount(code=code, gate=gate, label=reason_label(code), count=n) for (code, gate), n in ordered]


def _deliveries(status: StatusAnswer, acted: ActedAnswer, definitions: Definitions) -> DeliveryFigures:
    channels: dict[str, Counter[str]] = {channel.name: Counter() for channel in definitions.channels}
    refused: Counter[tuple[str, str]] = Counter()
    for row in acted.messages:
        channels.setdefault(row.channel, Counter())[row.state] += row.messages
        if row.reason and row.state in ("refused", "too_late"):
            refused[row.reason, ""] += row.messages
    labels = {channel.name: channel.label for channel in definitions.channels}
    return DeliveryFigures(
        total=sum(status.messages.values()),
        states=status.messages,
        channels=[ChannelFigures(channel=name, label=labels.get(name, {}), states=dict(states)) for name, states in channels.items()],
        refusals=_refusals(refused),
    )
