"""``GET /v1/stream`` on the public port: tells an open page that a decision of its visitor should be asked for again.

Server-Sent Events, so that a browser's ``EventSource`` reads it and comes back by itself. The messages are those that OFREP's providers
understand. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html; OFREP's ADR 0008 (``refetchEvaluation``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec

from gyeol.app.intake import DecideRequest, Intake
from gyeol.app.listening import Listeners
from gyeol.context.moment import told_kinds
from gyeol.kernel.errors import InputError, LimitError
from gyeol.server.core.http import Request, Streamed, retry_after

PATH = "/v1/stream"
HEARTBEAT_S = 15.0
"""Proxies close what is silent for longer (nginx: 60 s); and a peer that has gone is noticed."""
RETRY_MS = 3_000
"""After so long a browser comes back when the stream has ended."""
_KIND = (b"content-type", b"text/event-stream; charset=utf-8")
_HEADERS = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))
_BEAT = b":\n\n"


class Streams:
    """Opens streams and keeps them alive.

    Args:
        intake: Names the source of a key.
        listeners: Knows when something changed.
    """

    def __init__(self, intake: Intake, listeners: Listeners) -> None:
        self._intake, self._listeners = intake, listeners
        self._open: dict[Streamed, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def get(self, request: Request) -> None:
        """Answer one request; the answer ends when the page or the core does."""
        asked = {name: values[0] for name, values in parse_qs(request.query.decode("latin-1")).items()}
        found = self._intake.source(asked.get("writeKey", ""))
        if found is None:
            request.turn_away(401, "unknown_write_key", "An EventSource sends no headers: put the write key in the query, ?writeKey=.")
            return
        if found[1].trust != "client":
            told = "An address with a server key would stand in logs. Streams are for pages: take the key of a client source."
            request.turn_away(403, "client_key_needed", told)
            return
        taken: list[Streamed] = []

        def tell(offset: int, placements: list[str]) -> None:
            if taken:
                data = msgspec.json.encode({"type": "refetchEvaluation", "placements": placements})
                taken[0].more(b"id: %d\ndata: %s\n\n" % (offset, data))

        try:
            close = self._listeners.listen(_request(asked), found[1], tell)
        except InputError as error:
            request.refuse(400, error.code, {"success": False, "error": error.as_json()})
            return
        except LimitError as error:
            request.turn_away(429, error.code, error.message, *retry_after(60))
            return
        if request.method == "HEAD":
            close()
            request.answer(200, b"", *_HEADERS, kind=_KIND)
            return
        # A reader that comes back with Last-Event-ID is looked at anew like any other: what it missed is found, nothing is kept for it.
        stream = request.stream(self._gone(taken, close), *_HEADERS, kind=_KIND)
        if stream.more(b"retry: %d\n\n" % RETRY_MS):
            taken.append(stream)
            self._open[stream] = None
            self._beat_later()
        else:
            close()

    def _gone(self, taken: list[Streamed], close: Callable[[], None]) -> Callable[[], None]:
        def gone() -> None:
            close()
            for stream in taken:
                self._open.pop(stream, None)

        return gone

    def _beat_later(self) -> None:
        if self._timer is None and self._open:
            self._timer = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._beat)

    def _beat(self) -> None:
        self._timer = None
        for stream in list(self._open):
            stream.more(_BEAT)
        self._beat_later()


def _request(asked: dict[str, str]) -> DecideRequest:
    """The query as a request for decisions; facts of the request go by their own names."""
    context: dict[str, object] = {name: asked[name] for name, kind in told_kinds().items() if name in asked and kind.in_request}
    return DecideRequest(
        placements=[name for name in asked.get("placements", "").split(",") if name],
        anonymousId=asked.get("anonymousId"),
        userId=asked.get("userId"),
        userToken=asked.get("userToken"),
        context=context,
        lang=asked.get("lang", "ko"),
    )
