"""People: search, profile, timeline, decisions, messages; audiences and why somebody is in one; merge and cut."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from gyeol.app.answers import AudienceOfPerson, AudiencesAnswer, DecisionsAnswer, MessagesAnswer, PeopleAnswer, PersonAnswer, TimelineAnswer
from gyeol.app.core_api import PeopleRequest, Submitted
from gyeol.app.desk import Desk

BY = "admin"
"""Who commands are recorded as given by, until people sign in by name."""

Limit = Annotated[int, Parameter(ge=1, le=500)]


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two identifiers or people: ``type:value``, a person id or a bare value; and why, for the audit trail."""

    a: str
    b: str
    why: str = ""


@get("/v1/people", sync_to_thread=True)
def people(
    desk: Desk, query: str = "", audience: str | None = None, stage: str | None = None, limit: Limit = 50, cursor: str | None = None
) -> PeopleAnswer:
    """Search people by words in their identifiers, by audience or by stage; newest activity first."""
    return desk.people(PeopleRequest(query=query, audience=audience or None, stage=stage or None, limit=limit, cursor=cursor or None))


@get("/v1/people/{id:str}", sync_to_thread=True)
def person(desk: Desk, id: str) -> PersonAnswer:
    """Everything known of one person: by person id (also an old one), ``type:value`` or a bare identifier value."""
    return desk.person(id)


@get("/v1/people/{id:str}/timeline", sync_to_thread=True)
def timeline(desk: Desk, id: str, limit: Limit = 50, before: str | None = None) -> TimelineAnswer:
    """A person's events, newest first."""
    return desk.timeline(id, limit, before)


@get("/v1/people/{id:str}/decisions", sync_to_thread=True)
def decisions(desk: Desk, id: str, limit: Limit = 100) -> DecisionsAnswer:
    """A person's decisions, newest first, with every refusal."""
    return desk.decisions(id, limit)


@get("/v1/people/{id:str}/messages", sync_to_thread=True)
def messages(desk: Desk, id: str, limit: Limit = 100) -> MessagesAnswer:
    """A person's messages, newest first."""
    return desk.messages(id, limit)


@post("/v1/people/merge", status_code=200, sync_to_thread=True)
def merge(desk: Desk, data: Pair) -> Submitted:
    """Say that two people are one."""
    return desk.merge(data.a, data.b, BY, data.why)


@post("/v1/people/cut", status_code=200, sync_to_thread=True)
def cut(desk: Desk, data: Pair) -> Submitted:
    """Say that two identifiers belong to two people."""
    return desk.cut(data.a, data.b, BY, data.why)


@get("/v1/audiences", sync_to_thread=True)
def audiences(desk: Desk) -> AudiencesAnswer:
    """All audiences with their sizes and what they mean."""
    return desk.audiences()


@get("/v1/audiences/{name:str}/people/{id:str}", sync_to_thread=True)
def why(desk: Desk, name: str, id: str) -> AudienceOfPerson:
    """Why a person is in an audience or not."""
    return desk.why(name, id)


ROUTES = [people, person, timeline, decisions, messages, merge, cut, audiences, why]
