"""The side's figures: what the lake and the log in sum say. The core is asked with little patience: a stuck one must not hide them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from gyeol import __version__
from gyeol.app.answers import ActedAnswer
from gyeol.app.book import Book, Sums
from gyeol.app.core_api import Core, StatusReply, StatusRequest
from gyeol.app.problems import OF_THE_SIDE, Signs
from gyeol.engine.state_store import StateStore
from gyeol.kernel.errors import GyeolError
from gyeol.server.metrics.core import problem_values, refused_values
from gyeol.server.metrics.exposition import Labels, Value, Values

MESSAGES_S = 60.0
"""Counting messages by channel reads all of the lake's: once a minute is enough."""
_HOUR_MINUTES = 60


class EndOfLog(Protocol):
    """The part of the log that is read here."""

    def end_offset(self) -> int:
        """See ``Log``."""
        ...


class SideFigures:
    """Reads the figures.

    Args:
        core: With a short time-out.
        state: State.db.
        log: For its end.
        book: The log in sum.
        lake_offset, lake_problem: How far the lake is, and why it does not move on.
        acted: Messages by channel and state, as of the lake's offset.
        refused: Requests that the API answered with an error, by status and code.
        clock_s: ``time.monotonic``, unless a test gives another.
        fact_problem: Why a provider of facts gives none.
    """

    def __init__(
        self,
        core: Core,
        state: StateStore,
        log: EndOfLog,
        book: Book,
        lake_offset: Callable[[], int],
        lake_problem: Callable[[], str],
        acted: Callable[[], ActedAnswer],
        refused: Counter[tuple[int, str]],
        clock_s: Callable[[], float] = time.monotonic,
        fact_problem: Callable[[], str] = lambda: "",
    ) -> None:
        self._core, self._state, self._log, self._book = core, state, log, book
        self._lake_offset, self._lake_problem, self._acted = lake_offset, lake_problem, acted
        self.refused, self._clock_s, self._fact_problem = refused, clock_s, fact_problem
        self._messages: dict[Labels, float] = {}
        self._messages_s = -MESSAGES_S

    def ready(self) -> tuple[bool, str]:
        """Whether the API can answer, and why not."""
        try:
            self._core.status(StatusRequest())
        except GyeolError as error:
            return False, error.code
        return True, ""

    def values(self) -> Values:
        """What the side's ``/metrics`` shows now."""
        sums, lake_offset = self._book.sums(), self._lake_offset()
        signs = Signs(lake_problem=self._lake_problem(), fact_problem=self._fact_problem(), rejected=_rejected_in_the_last_hour(sums))
        values: dict[str, Value] = {
            "gyeol_build_info": {(__version__, "side"): 1},
            "gyeol_problem": problem_values(signs, OF_THE_SIDE),
            "gyeol_refused_requests_total": refused_values(self.refused),
            "gyeol_lake_offset": lake_offset,
            "gyeol_events_rejected_total": _rejected(sums),
            "gyeol_decisions_total": _decisions(sums),
            "gyeol_refusals_total": {_pair(key): count for key, count in sorted(sums.decisions.refusals.items())},
        }
        status = self._status()
        values["gyeol_core_answers"] = status is not None
        if status is not None:
            values["gyeol_identified_people"] = status.identified
            values["gyeol_doubtful_sequences"] = status.doubtful
            values["gyeol_unready_traits"] = len(status.unready)
        reads: dict[str, Callable[[], Value]] = {
            "gyeol_lake_behind_records": lambda: max(0, self._log.end_offset() - lake_offset),
            "gyeol_dead_letters": lambda: {(code,): float(count) for code, count in self._state.dead_letters.counts().items()},
            "gyeol_messages": self._by_channel,
        }
        for name, read in reads.items():
            with suppress(GyeolError):  # a file that cannot be read shows as a problem; the rest is still told
                values[name] = read()
        return values

    def _status(self) -> StatusReply | None:
        try:
            return self._core.status(StatusRequest())
        except GyeolError:
            return None

    def _by_channel(self) -> Mapping[Labels, float]:
        if self._clock_s() - self._messages_s >= MESSAGES_S:
            found: Counter[Labels] = Counter()
            for row in self._acted().messages:
                found[row.channel, row.state] += row.messages
            self._messages, self._messages_s = {labels: float(count) for labels, count in sorted(found.items())}, self._clock_s()
        return self._messages


def _rejected(sums: Sums) -> dict[Labels, float]:
    found: Counter[str] = Counter()
    for source in sums.sources.values():
        for code, counted in source.rejected.items():
            found[code] += counted.count
    return {(code,): float(count) for code, count in sorted(found.items())}


def _rejected_in_the_last_hour(sums: Sums) -> int:
    now = int(time.time() // 60)
    return sum(counts[1] for minute, counts in sums.minutes.items() if minute > now - _HOUR_MINUTES)


def _decisions(sums: Sums) -> dict[Labels, float]:
    outcomes = ("chosen", "fallback", "nothing")
    return {
        (placement, outcome): float(count)
        for placement, counts in sorted(sums.decisions.placements.items())
        for outcome, count in zip(outcomes, counts, strict=True)
    }


def _pair(key: str) -> Labels:
    """Gate and code of a refusal's key in the sums."""
    gate, code = key.split(" ", 1)
    return gate, code
