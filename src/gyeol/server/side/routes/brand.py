"""The brand guide: the guide itself, texts held against it as somebody types, the score of one voice, composing."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gyeol.app.brand_desk import ComposeAnswer, ComposeRequest, ConsistencyAnswer, LintAnswer, LintRequest, SavedLintAnswer
from gyeol.content.brand.guide import Guide
from gyeol.server.side.routes.people import Asked


@get("/v1/brand", sync_to_thread=True)
def brand(desk: Asked) -> Guide:
    """The guide in force: the workspace's own over the shipped one."""
    return desk.brand()


@post("/v1/lint", status_code=200, sync_to_thread=True)
def lint(desk: Asked, data: JSONBody[LintRequest]) -> LintAnswer:
    """Hold a text against the guide; places count UTF-16 code units, as editors in browsers do."""
    return desk.lint(data)


@get("/v1/lint", sync_to_thread=True)
def saved_lint(desk: Asked, content: FromQuery[str | None] = None) -> SavedLintAnswer:
    """Saved texts that break the guide: of one content, or of all contents and offers."""
    return desk.saved_lint(content or None)


@get("/v1/consistency/{name:str}", sync_to_thread=True)
def consistency(desk: Asked, name: FromPath[str]) -> ConsistencyAnswer:
    """How much a content's variants, or a campaign's contents, speak with one voice."""
    return desk.consistency(name)


@post("/v1/compose", status_code=200, sync_to_thread=True)
def compose(desk: Asked, data: JSONBody[ComposeRequest]) -> ComposeAnswer:
    """Write a variant from approved blocks, or have the guide's writer write one; nothing is saved."""
    return desk.compose(data)


ROUTES = [brand, lint, saved_lint, consistency, compose]
