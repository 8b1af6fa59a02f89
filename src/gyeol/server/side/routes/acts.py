"""Decisions and dead letters, definitions, the reason catalogue, status."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gyeol.app.answers import DeadLetterAnswer, DeadLettersAnswer, DecisionsAnswer, PlanAnswer, StatusAnswer
from gyeol.app.core_api import DecideRequest, Submitted
from gyeol.engine.definitions import Definitions
from gyeol.server.side.routes.people import BY, Asked


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A corrected event; null: the event as it came."""

    event: dict[str, object] | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Definitions as a whole, and why they change."""

    definitions: Definitions
    why: str = ""


@get("/v1/status", sync_to_thread=True)
def status(desk: Asked) -> StatusAnswer:
    """How the pair of processes is."""
    return desk.status()


@post("/v1/decide", status_code=200, sync_to_thread=True)
def decide(desk: Asked, data: JSONBody[DecideRequest]) -> DecisionsAnswer:
    """Decide for a person at placements, record it, tell every refusal."""
    return desk.decide(data)


@get("/v1/dead-letters", sync_to_thread=True)
def dead_letters(
    desk: Asked,
    letters: Annotated[Literal["waiting", "replayed", "all"], QueryParameter(name="status")] = "waiting",
    limit: Annotated[int, QueryParameter(ge=1, le=1_000)] = 100,
    cursor: FromQuery[str | None] = None,
    code: FromQuery[str | None] = None,
    source: FromQuery[str | None] = None,
) -> DeadLettersAnswer:
    """Rejected events, newest first."""
    return desk.dead_letters(None if letters == "all" else letters, limit, cursor or None, code or None, source or None)


@get("/v1/dead-letters/{id:str}", sync_to_thread=True)
def dead_letter(desk: Asked, id: FromPath[str]) -> DeadLetterAnswer:
    """One rejected event."""
    return desk.dead_letter(id)


@post("/v1/dead-letters/{id:str}/replay", status_code=200, sync_to_thread=True)
def replay(desk: Asked, id: FromPath[str], data: JSONBody[Correction | None] = None) -> Submitted:
    """Judge a rejected event again, corrected or as it came; once."""
    return desk.replay_dead_letter(id, data.event if data is not None else None, BY)


@post("/v1/definitions/plan", status_code=200, sync_to_thread=True)
def plan(desk: Asked, data: JSONBody[Change]) -> PlanAnswer:
    """What applying these definitions would do; nothing is changed."""
    return desk.plan(data.definitions)


@post("/v1/definitions/apply", status_code=200, sync_to_thread=True)
def apply(desk: Asked, data: JSONBody[Change]) -> Submitted:
    """Apply these definitions: a record of the log."""
    return desk.apply(data.definitions, BY, data.why)


@get("/v1/catalogue", sync_to_thread=True)
def catalogue(desk: Asked, lang: FromQuery[Literal["ko", "en"]] = "en") -> dict[str, dict[str, object]]:
    """Every reason code with its template."""
    return desk.catalogue(lang)


ROUTES = [status, decide, dead_letters, dead_letter, replay, plan, apply, catalogue]
