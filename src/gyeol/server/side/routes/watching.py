"""Overview, Live, sources and violations: what the screens that watch ask."""

from __future__ import annotations

import re
from typing import Annotated, get_args

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, HeaderParameter
from litestar.response import Stream

from gyeol.app.desk import Desk
from gyeol.app.watch import Watch
from gyeol.app.watch_answers import ItemKind, OverviewAnswer, SourcesAnswer, ViolationsAnswer
from gyeol.kernel.errors import InputError, Problem
from gyeol.server.side.broadcast import Broadcaster, Filter

Watching = NamedDependency[Watch]
"""Answers about the whole; ``app.side_app`` provides it under the name ``watch``."""

Streams = NamedDependency[Broadcaster]
"""Shows what happens; provided under the name ``live``."""

_ID = re.compile(r"\d{1,18}(\.\d{1,9})?")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get("/v1/overview", sync_to_thread=True)
def overview(watch: Watching) -> OverviewAnswer:
    """Whether all is well: events and lag, people, decisions, deliveries, the lake, and what is wrong."""
    return watch.overview()


@get("/v1/sources", sync_to_thread=True)
def sources(watch: Watching) -> SourcesAnswer:
    """Sources with their keys and what became of their events."""
    return watch.sources()


@get("/v1/violations", sync_to_thread=True)
def violations(watch: Watching) -> ViolationsAnswer:
    """Where events depart from the tracking plan."""
    return watch.violations()


@get("/v1/live", media_type="text/event-stream", sync_to_thread=True)
def live(
    desk: NamedDependency[Desk],
    live: Streams,
    kind: FromQuery[str | None] = None,
    source: FromQuery[str | None] = None,
    person: FromQuery[str | None] = None,
    since: FromQuery[str | None] = None,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> Stream:
    """What people do and what was decided, as it happens (server-sent events): the newest 200 first, then all that comes."""
    after = last_event_id or since or None
    kinds = frozenset(kind.split(",")) if kind else None
    _check(kinds, after)
    nodes = frozenset(desk.nodes(person)) if person else None
    wanted = Filter(kinds=kinds, source=source or None, nodes=nodes)
    return Stream(live.stream(wanted, after), media_type="text/event-stream", headers=_HEADERS)


def _check(kinds: frozenset[str] | None, since: str | None) -> None:
    """Refuse what cannot be asked.

    Raises:
        InputError: A kind that does not exist, an id that is none.
    """
    known = get_args(ItemKind)
    mend = f"there are: {', '.join(known)}"
    problems = [
        Problem(path="kind", code="unknown_kind", what=f"{unknown!r} is no kind", mend=mend)
        for unknown in sorted((kinds or frozenset()) - frozenset(known))
    ]
    if since is not None and not _ID.fullmatch(since):
        problems.append(Problem(path="since", code="bad_id", what=f"{since!r} is no id of an item", mend="give the `id` of the last one"))
    if problems:
        raise InputError("bad_request", problems)


ROUTES = [overview, live, sources, violations]
