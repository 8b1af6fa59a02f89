"""One decision, and the answer to a request about automated decisions."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from gyeol.app.answers import DecisionAnswer
from gyeol.app.decision_answers import DecisionsExport
from gyeol.app.decision_page import page_of
from gyeol.server.side.routes.people import Asked

Lang = Literal["ko", "en"]


@get("/v1/decisions/{id:str}", sync_to_thread=True)
def decision(desk: Asked, id: FromPath[str]) -> DecisionAnswer:
    """One decision: why it was taken, what it used, what was refused, what came of it."""
    return desk.decision(id)


@get("/v1/people/{id:str}/decisions/export", sync_to_thread=True)
def export(
    desk: Asked,
    id: FromPath[str],
    lang: FromQuery[Lang] = "ko",
    since: FromQuery[str | None] = None,
    form: Annotated[Literal["json", "html"], QueryParameter(name="format")] = "json",
) -> Response[bytes]:
    """All decisions about a person in that person's words: as JSON, or as a page to print (``format=html``)."""
    told: DecisionsExport = desk.decisions_export(id, lang, since or None)
    if form == "html":
        headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(page_of(told).encode(), media_type="text/html; charset=utf-8", headers=headers)
    return Response(msgspec.json.encode(told), media_type="application/json")


ROUTES = [decision, export]
