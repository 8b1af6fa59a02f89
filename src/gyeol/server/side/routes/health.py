"""/healthz, /readyz and /metrics of the internal port, for whatever watches it from this machine: without the admin token."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler

from gyeol.accounts.tokens import AdminToken
from gyeol.server.metrics.access import WHAT_TO_DO, may_scrape
from gyeol.server.metrics.exposition import CONTENT_TYPE, exposition
from gyeol.server.metrics.names import SIDE
from gyeol.server.metrics.side import SideFigures

_NO_STORE = {"Cache-Control": "no-store"}


def health_routes(figures: SideFigures, token: AdminToken, *, fronted: bool = False) -> list[HTTPRouteHandler]:
    """The routes.

    Args:
        figures: What is shown.
        token: Whoever holds it may read the metrics from elsewhere, too.
        fronted: See ``may_scrape``.
    """

    @get("/healthz", sync_to_thread=False, include_in_schema=False)
    def healthz() -> Response[dict[str, str]]:
        """200 as long as the process answers at all."""
        return Response({"status": "alive"}, headers=_NO_STORE)

    @get("/readyz", sync_to_thread=True, include_in_schema=False)
    def readyz() -> Response[dict[str, str]]:
        """200 when the API can answer; 503 with the reason while the core does not answer it."""
        good, why = figures.ready()
        body = {"status": "ready"} if good else {"status": "not ready", "why": why}
        return Response(body, status_code=200 if good else 503, headers=_NO_STORE)

    @get("/metrics", sync_to_thread=True, include_in_schema=False)
    def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The figures for Prometheus."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not may_scrape(headers, request.client.host if request.client else None, token, fronted=fronted):
            raise NotAuthorizedException(WHAT_TO_DO)
        return Response(exposition(SIDE, figures.values), media_type=CONTENT_TYPE, headers=_NO_STORE)

    return [healthz, readyz, metrics]
