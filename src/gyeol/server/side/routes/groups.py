"""Groups of people: kinds, lists, one."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath, FromQuery

from gyeol.app.core_groups import GroupReply, GroupsReply
from gyeol.server.side.routes.people import Asked, Limit


@get("/v1/groups", sync_to_thread=True)
def groups(
    desk: Asked, kind: FromQuery[str | None] = None, audience: FromQuery[str | None] = None, limit: Limit = 50,
    cursor: FromQuery[str | None] = None,
) -> GroupsReply:  # fmt: skip
    """Kinds of groups with their audiences; with ``kind`` its groups, newest first, or those in an audience."""
    return desk.groups(kind or None, audience or None, limit, cursor or None)


@get("/v1/groups/{kind:str}/{id:str}", sync_to_thread=True)
def group(desk: Asked, kind: FromPath[str], id: FromPath[str]) -> GroupReply:
    """One group by id or by what names it: its traits, its audiences, its people."""
    return desk.group(kind, id)


ROUTES = [groups, group]
