"""Partners: what became of their offers."""

from __future__ import annotations

from litestar import get

from gyeol.app.partner_answers import PartnersAnswer
from gyeol.server.side.routes.people import Asked


@get("/v1/partners", sync_to_thread=True)
def partners(desk: Asked) -> PartnersAnswer:
    """Partners' offers: decided, shown, clicked, and what is left of their limits."""
    return desk.partners()


ROUTES = [partners]
