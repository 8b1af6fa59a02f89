"""The main job on a company's data, from files to figures, with a summary that can be checked against the files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gyeol.app.answers import Money
from gyeol.app.core_api import Nothing
from gyeol.app.delivering import Deliverer
from gyeol.app.importing import ImportSummary, run_import
from gyeol.app.receiver import Receiver
from gyeol.app.session import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import NotFoundError

COMPANIES = {"retailer": "retailer.yaml"}
"""Companies and their mapping files."""

Stage = Callable[[str, int, int], None]
"""Told (stage, done, total); total 0: not countable."""


class Summary(msgspec.Struct, kw_only=True):
    """The figures of a run.

    Args:
        events: Accepted events in the log. ``people``: with events.
        items, baskets, redemptions: Counted in the lake. ``revenue``: in minor units of the workspace's currency.
        audiences: Name → size.
        decisions: Taken. ``messages``: put into the outbox; ``sent``: of those, by state.
        seconds: Stage → seconds.
    """

    company: str
    events: int
    people: int
    items: int
    baskets: int
    revenue: int
    redemptions: int
    audiences: dict[str, int]
    decisions: int
    messages: int
    sent: dict[str, int]
    seconds: dict[str, float]


class Timer:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block; several of one name add up."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begun, 3)


def run_demo(company: str, workspace: Path, settings: Settings, tell: Stage) -> Summary:
    """Import the company's year with acting on, send what it causes, bring it into the lake, read the figures.

    A run that was broken off goes on where it stopped; a finished one only reads the figures again.

    Args:
        company: One of ``COMPANIES``.
        workspace: Its workspace folder, made from the example.
        settings: See ``Settings``.
        tell: Told how far it is.

    Raises:
        NotFoundError: No such company.
    """
    if company not in COMPANIES:
        raise NotFoundError("unknown_company", f"there is no company {company!r}; there are: {', '.join(COMPANIES)}", company=company)
    timer = Timer()
    with Receiver() as receiver:
        environment = {**os.environ, **receiver.environment}
        with timer.stage("open"):
            session = EmbeddedSession(workspace, settings, progress=lambda done, total: tell("open", done, total))
        try:
            definitions = session.parts.engine.definitions
            deliverer = Deliverer(session.core, definitions.channels, environment, WallClock())

            def send() -> None:
                with timer.stage("send"):
                    session.engine.flush()
                    deliverer.send()

            with timer.stage("import"):
                _import(session, workspace, company, send, tell)
            timer.seconds["import"] = round(timer.seconds["import"] - timer.seconds.get("send", 0.0), 3)
            send()
            deliverer.close()
            with timer.stage("lake"):
                tell("lake", 0, 0)
                session.settle()
            with timer.stage("measure"):
                tell("measure", 0, 0)
                return summarise(session, company, timer)
        finally:
            session.close()


def _import(session: EmbeddedSession, workspace: Path, company: str, send: Callable[[], None], tell: Stage) -> ImportSummary:
    tell("import", 0, 0)
    return run_import(
        session,
        session.parts.engine.definitions,
        None,
        workspace / "maps" / COMPANIES[company],
        act=True,
        base=workspace,
        after_group=send,
        progress=lambda done, total: tell("import", done, total),
    )


def summarise(session: EmbeddedSession, company: str, timer: Timer) -> Summary:
    """The figures, from the core and the lake."""
    status = session.core.status(Nothing())
    audiences = {each.name: each.size for each in session.desk.audiences().audiences}
    kpis = {kpi.name: kpi.value for kpi in session.desk.kpis().kpis}
    sent = session.parts.store.outbox.counts()

    def whole(name: str) -> int:
        value = kpis[name]
        return value.minor if isinstance(value, Money) else int(value or 0)

    return Summary(
        company=company,
        events=status.events,
        people=status.people,
        items=whole("items"),
        baskets=whole("baskets"),
        revenue=whole("revenue"),
        redemptions=whole("redemptions"),
        audiences=audiences,
        decisions=status.decisions,
        messages=sum(sent.values()),
        sent=sent,
        seconds=timer.seconds,
    )
