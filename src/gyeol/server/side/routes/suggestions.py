"""People who may be one: the queue, and the commands that judge it; and what a command on people would do."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gyeol.app.core_api import Submitted
from gyeol.app.suggestion_answers import SuggestionsAnswer, SuggestionsRun
from gyeol.server.side.routes.people import BY, Asked, Limit


class Judged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, for the audit trail."""

    why: str = ""


class Intended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A command on people that is not given yet: its kind and body, or the suggestion that would be accepted."""

    kind: str
    a: str = ""
    b: str = ""
    identifiers: list[str] = []
    suggestion: str = ""


@get("/v1/suggestions", sync_to_thread=True)
def suggestions(desk: Asked, limit: Limit = 50, cursor: FromQuery[str | None] = None) -> SuggestionsAnswer:
    """People who may be one and wait for somebody, strongest first, each with its waterfall."""
    return desk.suggestions(limit, cursor or None)


@post("/v1/suggestions/{id:str}/accept", status_code=200, sync_to_thread=True)
def accept(desk: Asked, id: FromPath[str], data: JSONBody[Judged | None] = None) -> Submitted:
    """Take a suggestion as evidence; the limits hold for it, and `facts.held` says why when it is held back."""
    return desk.accept_suggestion(id, BY, data.why if data is not None else "")


@post("/v1/suggestions/{id:str}/reject", status_code=200, sync_to_thread=True)
def reject(desk: Asked, id: FromPath[str], data: JSONBody[Judged | None] = None) -> Submitted:
    """Say that the two are two people; they are not suggested again."""
    return desk.reject_suggestion(id, BY, data.why if data is not None else "")


@post("/v1/suggestions/run", status_code=200, sync_to_thread=True)
def run(desk: Asked) -> SuggestionsRun:
    """Compare what waits to be compared now, for a minute at most."""
    return desk.run_suggestions()


@post("/v1/people/preview", status_code=200, sync_to_thread=True)
def preview(desk: Asked, data: JSONBody[Intended]) -> Submitted:
    """What a command on people would do: who they would be, audiences entered and left, acts that would follow. Nothing is changed."""
    body: dict[str, object] = msgspec.to_builtins(data)
    body.pop("kind")
    return desk.preview(data.kind, body)


ROUTES = [suggestions, accept, reject, run, preview]
