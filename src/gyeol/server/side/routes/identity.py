"""Who is who: what waits for somebody's judgement, the commands that judge, and the audit trail."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from gyeol.app.core_api import Submitted
from gyeol.app.identity_answers import AuditAnswer, QuarantineAnswer, SharedAnswer
from gyeol.server.side.routes.people import BY, Asked, Limit, Pair


class Apart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Identifiers of one person that are another's; and why, for the audit trail."""

    identifiers: list[str]
    why: str = ""


@get("/v1/identity/quarantine", sync_to_thread=True)
def quarantine(desk: Asked, limit: Limit = 50, cursor: FromQuery[str | None] = None) -> QuarantineAnswer:
    """Evidence that the rules hold back, of everybody, newest first."""
    return desk.quarantine(limit, cursor or None)


@post("/v1/identity/quarantine/release", status_code=200, sync_to_thread=True)
def release(desk: Asked, data: JSONBody[Pair]) -> Submitted:
    """Believe what is held back between two identifiers or people, in spite of the limit."""
    return desk.release(data.a, data.b, BY, data.why)


@post("/v1/identity/quarantine/confirm", status_code=200, sync_to_thread=True)
def confirm(desk: Asked, data: JSONBody[Pair]) -> Submitted:
    """Leave out for good what is held back between two identifiers or people."""
    return desk.confirm(data.a, data.b, BY, data.why)


@get("/v1/identity/shared", sync_to_thread=True)
def shared(desk: Asked, limit: Limit = 50, cursor: FromQuery[str | None] = None) -> SharedAnswer:
    """Identifiers of several people with their fan-out, newest first."""
    return desk.shared(limit, cursor or None)


@post("/v1/people/move", status_code=200, sync_to_thread=True)
def move(desk: Asked, data: JSONBody[Pair]) -> Submitted:
    """Take an identifier (``a``) from its person and give it to another (``b``)."""
    return desk.move(data.a, data.b, BY, data.why)


@post("/v1/people/split", status_code=200, sync_to_thread=True)
def split(desk: Asked, data: JSONBody[Apart]) -> Submitted:
    """Cut some identifiers of a person off the others."""
    return desk.split(data.identifiers, BY, data.why)


@get("/v1/audit", sync_to_thread=True)
def audit(
    desk: Asked,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
    cursor: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
) -> AuditAnswer:
    """Commands, newest first: who, when, why; ``kind``: one kind, or ``identity`` for those on people."""
    return desk.audit(limit, cursor or None, kind or None)


ROUTES = [quarantine, release, confirm, shared, move, split, audit]
