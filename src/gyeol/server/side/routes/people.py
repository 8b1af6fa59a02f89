"""People: search, profile, timeline, decisions, messages; audiences and why somebody is in one; merge and cut."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gyeol.app.answers import AudienceOfPerson, AudiencesAnswer, DecisionsAnswer, MessagesAnswer, PeopleAnswer, PersonAnswer, TimelineAnswer
from gyeol.app.core_api import PeopleRequest, Submitted
from gyeol.app.desk import Desk

BY = "admin"
"""Who commands are recorded as given by, until people sign in by name."""

Asked = NamedDependency[Desk]
"""The desk that answers; ``app.side_app`` provides it under the name ``desk``."""

Limit = Annotated[int, QueryParameter(ge=1, le=500)]


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two identifiers or people: ``type:value``, a person id or a bare value; and why, for the audit trail."""

    a: str
    b: str
    why: str = ""


@get("/v1/people", sync_to_thread=True)
def people(
    desk: Asked,
    words: Annotated[str, QueryParameter(name="query")] = "",
    audience: FromQuery[str | None] = None,
    stage: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: FromQuery[str | None] = None,
) -> PeopleAnswer:
    """Search people by words in their identifiers, by audience or by stage; newest activity first."""
    return desk.people(PeopleRequest(query=words, audience=audience or None, stage=stage or None, limit=limit, cursor=cursor or None))


@get("/v1/people/{id:str}", sync_to_thread=True)
def person(desk: Asked, id: FromPath[str]) -> PersonAnswer:
    """Everything known of one person: by person id (also an old one), ``type:value`` or a bare identifier value."""
    return desk.person(id)


@get("/v1/people/{id:str}/timeline", sync_to_thread=True)
def timeline(desk: Asked, id: FromPath[str], limit: Limit = 50, before: FromQuery[str | None] = None) -> TimelineAnswer:
    """A person's events, newest first."""
    return desk.timeline(id, limit, before)


@get("/v1/people/{id:str}/decisions", sync_to_thread=True)
def decisions(desk: Asked, id: FromPath[str], limit: Limit = 100) -> DecisionsAnswer:
    """A person's decisions, newest first, with every refusal."""
    return desk.decisions(id, limit)


@get("/v1/people/{id:str}/messages", sync_to_thread=True)
def messages(desk: Asked, id: FromPath[str], limit: Limit = 100) -> MessagesAnswer:
    """A person's messages, newest first."""
    return desk.messages(id, limit)


@post("/v1/people/merge", status_code=200, sync_to_thread=True)
def merge(desk: Asked, data: JSONBody[Pair]) -> Submitted:
    """Say that two people are one."""
    return desk.merge(data.a, data.b, BY, data.why)


@post("/v1/people/cut", status_code=200, sync_to_thread=True)
def cut(desk: Asked, data: JSONBody[Pair]) -> Submitted:
    """Say that two identifiers belong to two people."""
    return desk.cut(data.a, data.b, BY, data.why)


@get("/v1/audiences", sync_to_thread=True)
def audiences(desk: Asked) -> AudiencesAnswer:
    """All audiences with their sizes and what they mean."""
    return desk.audiences()


@get("/v1/audiences/{name:str}/people/{id:str}", sync_to_thread=True)
def why(desk: Asked, name: FromPath[str], id: FromPath[str]) -> AudienceOfPerson:
    """Why a person is in an audience or not."""
    return desk.why(name, id)


ROUTES = [people, person, timeline, decisions, messages, merge, cut, audiences, why]
