"""Figures and SQL over the lake."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from gyeol.app.answers import ActedAnswer, CampaignsAnswer, FunnelAnswer, FunnelsAnswer, KpisAnswer, StagesAnswer
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import parse_instant
from gyeol.measures.tables import Period
from gyeol.server.side.routes.people import Asked
from gyeol.storage.lake.sql import SqlResult

From = Annotated[str | None, QueryParameter(name="from", description="First instant of event time, ISO-8601 or milliseconds.")]
Until = Annotated[str | None, QueryParameter(name="until", description="Instant before which events count, ISO-8601 or milliseconds.")]


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One SELECT over events, person_events, person_of, node_person, decisions, messages, deliveries."""

    sql: str
    limit: int = 1_000


def period(start: str | None, end: str | None) -> Period:
    """The period of two parameters.

    Raises:
        InputError: One is no instant.
    """
    problems = [
        Problem(
            path=name, code="bad_instant", what=f"{text!r} is no instant", mend="write 2026-01-31T00:00:00+09:00 or milliseconds since 1970"
        )
        for name, text in (("from", start), ("until", end))
        if text and _instant(text) is None
    ]
    if problems:
        raise InputError("bad_period", problems)
    return Period(start_ms=_instant(start), end_ms=_instant(end))


def _instant(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if text.lstrip("-").isdigit() and len(text) > 8 else parse_instant(text)


@get("/v1/measures/kpis", sync_to_thread=True)
def kpis(desk: Asked, start: From = None, end: Until = None) -> KpisAnswer:
    """KPIs of the workspace."""
    return desk.kpis(period(start, end))


@get("/v1/measures/funnels", sync_to_thread=True)
def funnels(desk: Asked) -> FunnelsAnswer:
    """The funnels there are."""
    return desk.funnels()


@get("/v1/measures/funnels/{name:str}", sync_to_thread=True)
def funnel(desk: Asked, name: FromPath[str], start: From = None, end: Until = None) -> FunnelAnswer:
    """People by step."""
    return desk.funnel(name, period(start, end))


@get("/v1/measures/stages", sync_to_thread=True)
def stages(desk: Asked, start: From = None, end: Until = None) -> StagesAnswer:
    """People by journey stage, with their orders and money."""
    return desk.stages(period(start, end))


@get("/v1/measures/campaigns", sync_to_thread=True)
def campaigns(desk: Asked) -> CampaignsAnswer:
    """What happened around campaigns; not their effect."""
    return desk.campaigns()


@get("/v1/measures/acted", sync_to_thread=True)
def acted(desk: Asked, start: From = None, end: Until = None) -> ActedAnswer:
    """What was decided and sent."""
    return desk.acted(period(start, end))


@post("/v1/sql", status_code=200, sync_to_thread=True)
def sql(desk: Asked, data: JSONBody[Query]) -> SqlResult:
    """Rows of a SELECT; whole numbers beyond 2^53 come as text."""
    return desk.sql(data.sql, data.limit)


ROUTES = [kpis, funnels, funnel, stages, campaigns, acted, sql]
