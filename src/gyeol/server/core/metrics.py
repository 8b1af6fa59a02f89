"""``GET /metrics`` on the public port: for this machine and for holders of the admin token, never for the internet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gyeol.accounts.tokens import AdminToken
from gyeol.server.core.http import Request
from gyeol.server.metrics.access import WHAT_TO_DO, may_scrape
from gyeol.server.metrics.exposition import CONTENT_TYPE

_NO_STORE = (b"cache-control", b"no-store")


class MetricsPage:
    """Answers scrapes.

    Args:
        read: The text; called beside the asyncio loop, since it looks at disks.
        token: The admin token.
        fronted: See ``may_scrape``.
    """

    def __init__(self, read: Callable[[], bytes], token: AdminToken, *, fronted: bool) -> None:
        self._read, self._token, self._fronted = read, token, fronted

    async def __call__(self, request: Request) -> None:
        """Answer one scrape."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()}
        if not may_scrape(headers, request.client_ip, self._token, fronted=self._fronted):
            request.turn_away(401, "metrics_not_public", WHAT_TO_DO, (b"www-authenticate", b"Bearer"), _NO_STORE)
            return
        text = await asyncio.to_thread(self._read)
        request.answer(200, text, _NO_STORE, kind=(b"content-type", CONTENT_TYPE.encode()))
