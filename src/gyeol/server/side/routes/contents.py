"""Contents: what can be said, how it would look, and the way from draft to approved."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gyeol.app.content_answers import ContentAnswer, ContentsAnswer, CoverageAnswer, DiffAnswer, PreviewAnswer
from gyeol.app.content_desk import PreviewRequest
from gyeol.app.content_saving import SavedAnswer, SaveRequest
from gyeol.app.core_api import Submitted
from gyeol.server.side.routes.people import BY, Asked


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step on the way: who takes it and in which role, why, and of which version (refused when it has changed meanwhile).

    The admin token opens the door for everybody; the name is recorded as it is told, until people sign in.
    """

    by: str
    role: str
    why: str = ""
    version: str | None = None


@get("/v1/contents", sync_to_thread=True)
def contents(desk: Asked) -> ContentsAnswer:
    """All contents, with where each stands, where it is used and why it is stale."""
    return desk.contents()


@get("/v1/contents/coverage", sync_to_thread=True)
def coverage(desk: Asked, content: FromQuery[str | None] = None) -> CoverageAnswer:
    """Stage × channel × persona × tone: what is said in each case, holes, and contents that are to be looked at again."""
    return desk.content_coverage(content or None)


@post("/v1/contents/preview", status_code=200, sync_to_thread=True)
def preview(desk: Asked, data: JSONBody[PreviewRequest]) -> PreviewAnswer:
    """What a content would say, saved or not, to a person or to nobody in particular; with everything that is wrong with it."""
    return desk.content_preview(data)


@get("/v1/contents/{name:str}", sync_to_thread=True)
def content(desk: Asked, name: FromPath[str], definitions: FromQuery[str | None] = None) -> ContentAnswer:
    """One content with its facts and variants; ``definitions``: as it stood when a decision was taken."""
    return desk.content(name, definitions or None)


@get("/v1/contents/{name:str}/diff", sync_to_thread=True)
def diff(desk: Asked, name: FromPath[str]) -> DiffAnswer:
    """What changed since the version that was approved last."""
    return desk.content_diff(name)


@post("/v1/contents/{name:str}/save", status_code=200, sync_to_thread=True)
def save(desk: Asked, name: FromPath[str], data: JSONBody[SaveRequest]) -> SavedAnswer:
    """Write other words for a variant into the workspace's files and put them in force: a draft again."""
    return desk.content_save(name, data, BY)


@post("/v1/contents/{name:str}/submit", status_code=200, sync_to_thread=True)
def submit(desk: Asked, name: FromPath[str], data: JSONBody[Step]) -> Submitted:
    """Give it to the reviewers."""
    return desk.content_submit(name, data.by, data.role, data.why, data.version)


@post("/v1/contents/{name:str}/approve", status_code=200, sync_to_thread=True)
def approve(desk: Asked, name: FromPath[str], data: JSONBody[Step]) -> Submitted:
    """Approve what somebody else submitted."""
    return desk.content_approve(name, data.by, data.role, data.why, data.version)


@post("/v1/contents/{name:str}/return", status_code=200, sync_to_thread=True)
def give_back(desk: Asked, name: FromPath[str], data: JSONBody[Step]) -> Submitted:
    """Give it back to its author, also after it was approved."""
    return desk.content_return(name, data.by, data.role, data.why, data.version)


ROUTES = [contents, coverage, preview, content, diff, save, submit, approve, give_back]
