"""The main job on a company's data, from files to figures, with a summary that can be checked against the files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec

from gyeol.app.answers import Money
from gyeol.app.core_api import StatusRequest
from gyeol.app.delivering import Deliverer
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.importing import ImportSummary, run_import
from gyeol.app.mailbox import Mailbox
from gyeol.app.settings import Settings, data_folder
from gyeol.app.weather_provider import tell_recording
from gyeol.engine.definitions import Definitions
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import InputError, NotFoundError, Problem
from gyeol.kernel.instants import Zone, parse_instant
from gyeol.workspace.cafe.company import simulate
from gyeol.workspace.cafe.company import write as write_company


class Company(msgspec.Struct, frozen=True):
    """A company that is shown.

    Args:
        mapping: Its mapping file.
        cut: From which day on its data is sent live: the last week.
        customers: Of a made-up company, how many are drawn; 0: its data is real and comes from a package.
        events: How many events are drawn of them, about.
    """

    mapping: str
    cut: str
    customers: int = 0
    events: int = 0


COMPANIES = {
    "retailer": Company("retailer.yaml", "2017-12-25"),
    "cafe": Company("cafe.yaml", "2026-08-25", customers=5_000, events=100_000),
}
"""By name."""
DEFAULT = "cafe"
FULL_CUSTOMERS, FULL_EVENTS = 50_000, 1_000_000
"""The coffee chain as a whole; what is shown by default is a tenth of it, so that it is there within a minute."""

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


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """What an import left for the live day.

    Args:
        mapping: The mapping file.
        first_group: Of the import's groups, the first that is left.
        cut_ms: Events before it are not worth waiting for.
        definitions: In force.
    """

    mapping: Path
    first_group: int
    cut_ms: int
    definitions: Definitions


def cut_of(text: str, zone: str) -> int:
    """The instant of ``--cut``: a date means its first instant in the zone.

    Raises:
        InputError: It is neither a date nor an instant.
    """
    try:
        return Zone(zone).day_start_ms((date.fromisoformat(text) - date(1970, 1, 1)).days)
    except ValueError:
        at_ms = parse_instant(text)
    if at_ms is None:
        problem = Problem(path="--cut", code="bad_instant", what=f"{text!r} is neither a date nor an instant", mend="write 2017-12-25")
        raise InputError("bad_cut", [problem])
    return at_ms


def run_demo(company: str, workspace: Path, settings: Settings, tell: Stage) -> Summary:
    """The whole year: see ``import_until``."""
    return import_until(company, workspace, settings, tell, None)[0]


def import_until(company: str, workspace: Path, settings: Settings, tell: Stage, cut: str | None) -> tuple[Summary, Rest | None]:
    """Import the company's year with acting on, up to a cut, send what it causes, bring it into the lake, read the figures.

    A run that was broken off goes on where it stopped; a finished one only reads the figures again.

    Args:
        company: One of ``COMPANIES``.
        workspace: Its workspace folder, made from the example.
        settings: See ``Settings``.
        tell: Told how far it is.
        cut: Date or instant; None: the whole year.

    Returns:
        The figures, and what is left; None when nothing is.

    Raises:
        NotFoundError: No such company.
        InputError: ``cut`` is no instant.
    """
    if company not in COMPANIES:
        raise NotFoundError("unknown_company", f"there is no company {company!r}; there are: {', '.join(COMPANIES)}", company=company)
    timer = Timer()
    with timer.stage("draw"):
        draw(company, workspace, tell)
    with Mailbox(mailbox_of(workspace)) as mailbox:
        environment = {**os.environ, **mailbox.environment}
        with timer.stage("open"):
            session = EmbeddedSession(workspace, settings, progress=lambda done, total: tell("open", done, total))
        try:
            definitions = session.parts.engine.definitions
            deliverer = Deliverer(session.core, definitions.channels, environment, WallClock())

            def send() -> None:
                with timer.stage("send"):
                    session.engine.flush()
                    deliverer.send()

            with timer.stage("facts"):
                tell_recording(session.core, definitions, workspace)
            until_ms = None if cut is None else cut_of(cut, definitions.workspace.zone)
            with timer.stage("import"):
                imported = _import(session, workspace, company, send, tell, until_ms)
            timer.seconds["import"] = round(timer.seconds["import"] - timer.seconds.get("send", 0.0), 3)
            send()
            deliverer.close()
            with timer.stage("lake"):
                tell("lake", 0, 0)
                session.settle()
            with timer.stage("measure"):
                tell("measure", 0, 0)
                summary = summarise(session, company, timer)
            if imported.groups_done >= imported.groups:
                return summary, None
            mapping = workspace / "maps" / COMPANIES[company].mapping
            return summary, Rest(mapping=mapping, first_group=imported.groups_done, cut_ms=until_ms or 0, definitions=definitions)
        finally:
            session.close()


def draw(company: str, workspace: Path, tell: Stage, *, full: bool = False) -> None:
    """Draw a made-up company's data, once: a run that was broken off finds them. ``full``: all of its customers."""
    known = COMPANIES[company]
    if known.customers and not (workspace / "data" / "events.parquet").exists():
        tell("draw", 0, 0)
        customers, events = (FULL_CUSTOMERS, FULL_EVENTS) if full else (known.customers, known.events)
        write_company(simulate(customers=customers, events=events), workspace / "data")


def mailbox_of(workspace: Path) -> Path:
    """Where the demo's mails can be read."""
    return data_folder(workspace) / "mailbox"


def _import(
    session: EmbeddedSession, workspace: Path, company: str, send: Callable[[], None], tell: Stage, until_ms: int | None
) -> ImportSummary:
    tell("import", 0, 0)
    return run_import(
        session,
        session.parts.engine.definitions,
        None,
        workspace / "maps" / COMPANIES[company].mapping,
        act=True,
        base=workspace,
        after_group=send,
        progress=lambda done, total: tell("import", done, total),
        until_ms=until_ms,
    )


def summarise(session: EmbeddedSession, company: str, timer: Timer) -> Summary:
    """The figures, from the core and the lake."""
    status = session.core.status(StatusRequest())
    audiences = {each.name: each.size for each in session.desk.audiences().audiences}
    kpis = {kpi.name: kpi.value for kpi in session.desk.kpis().kpis}
    sent = session.parts.store.outbox.counts()

    def whole(name: str) -> int:
        value = kpis.get(name)
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
