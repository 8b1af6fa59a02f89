"""The public port's application: which path is answered by whom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from gyeol.app.intake import Intake
from gyeol.app.till_desk import Till
from gyeol.events.ingest import Incoming
from gyeol.events.wire import decode_pixel
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import InputError
from gyeol.server.core.collector import BATCH_PATHS, SINGLE_PATHS, Collector
from gyeol.server.core.coupons import PATHS as COUPONS
from gyeol.server.core.coupons import RECONCILE, CouponDoor, TillDoor
from gyeol.server.core.decide import Decider
from gyeol.server.core.facts import FactTaker
from gyeol.server.core.http import Request
from gyeol.server.core.instore import PATH as INSTORE
from gyeol.server.core.instore import InstoreDoor
from gyeol.server.core.ofrep import BULK, SINGLE, Ofrep
from gyeol.server.core.page_script import PATH as HELPER
from gyeol.server.core.page_script import Helper
from gyeol.server.core.settings import browser_settings, rudder_settings
from gyeol.server.core.stream import PATH as STREAM
from gyeol.server.core.stream import Streams
from gyeol.server.core.unsubscribe import PATH, UnsubscribePages

Handler = Callable[[Request], Awaitable[None]]
_log = logging.getLogger("gyeol.core")
_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
_CACHE = (b"cache-control", b"private, max-age=300")  # settings repeat the request's Host: a shared cache would pass them on
_NO_STORE = (b"cache-control", b"no-store")


class PublicApp:
    """Answers requests: events and decisions, which come by the thousand, without a task each; everything else in one of its own.

    Args:
        intake: The core.
        clock: The machine's clock.
        max_body_bytes: See ``Settings``.
        unsubscribe: The pages of links in messages.
        metrics: Answers ``/metrics``; None: nothing is served there.
        streams: Answers ``/v1/stream``; None: nothing is served there.
        till: Answers tills and kiosks; None: nothing is served to them.
    """

    def __init__(
        self,
        intake: Intake,
        clock: Clock,
        max_body_bytes: int,
        unsubscribe: UnsubscribePages,
        metrics: Handler | None = None,
        streams: Streams | None = None,
        till: Till | None = None,
    ) -> None:
        self._intake, self._clock, self._unsubscribe = intake, clock, unsubscribe
        self._collector = Collector(intake, clock, max_body_bytes)
        decider = Decider(intake, self._collector)
        self._quick: dict[str, Callable[[Request], None]] = dict.fromkeys((*BATCH_PATHS, *SINGLE_PATHS), self._collector.post)
        self._quick["/v1/decide"] = decider.post
        self._posts: dict[str, Handler] = {"/v1/m": self._metrics, "/v1/facts": FactTaker(intake, self._collector).post}
        self._ofrep = Ofrep(intake)
        self._posts[BULK] = self._ofrep.post
        self._tasks: set[asyncio.Task[None]] = set()
        self._gets: dict[str, Handler] = {
            "/healthz": self._health,
            "/readyz": self._ready,
            "/sourceConfig": self._rudder,
            "/sourceConfig/": self._rudder,
            HELPER: Helper().get,
        }
        if metrics is not None:
            self._gets["/metrics"] = metrics
        if streams is not None:
            self._gets[STREAM] = streams.get
        if till is not None:
            shared = TillDoor(intake, self._collector)
            coupons = CouponDoor(shared, till)
            self._posts |= dict.fromkeys(COUPONS, coupons.post)
            self._posts |= {RECONCILE: coupons.reconcile, INSTORE: InstoreDoor(shared, till).post}

    def __call__(self, request: Request) -> None:
        """Answer a request, now or later."""
        quick = self._quick.get(request.path)
        if quick is None or request.method != "POST":
            task = asyncio.get_running_loop().create_task(self._alone(request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        try:
            quick(request)
        except Exception as error:
            request.failed(error)

    async def _alone(self, request: Request) -> None:
        try:
            await self._answer(request)
        except Exception as error:
            request.failed(error)

    async def _answer(self, request: Request) -> None:
        if request.method == "POST":
            handler = self._posts.get(request.path) or self._post_by_prefix(request.path)
            if handler is not None:
                await handler(request)
                return
        elif request.method == "OPTIONS":
            request.preflight()
            return
        elif request.method in ("GET", "HEAD"):
            handler = self._gets.get(request.path) or self._by_prefix(request.path)
            if handler is not None:
                await handler(request)
                return
        known = request.path in self._quick or request.path in self._posts or request.path in self._gets
        if known:
            request.turn_away(405, "method_not_allowed", f"{request.path} does not take {request.method}.")
        else:
            request.turn_away(404, "unknown_path", f"Nothing is served at {request.path}. Events go to /v1/batch, decisions to /v1/decide.")

    def _post_by_prefix(self, path: str) -> Handler | None:
        if path.startswith(SINGLE):
            return self._ofrep.post
        return self._unsubscribe.post if path.startswith(PATH) else None

    def _by_prefix(self, path: str) -> Handler | None:
        if path.startswith("/v1/projects/") and path.endswith("/settings"):
            return self._browser
        if path.startswith(("/v1/pixel/", "/pixel/v1/")):
            return self._pixel
        if path.startswith(PATH):
            return self._unsubscribe.get
        return None

    async def _browser(self, request: Request) -> None:
        key = request.path.split("/")[3]
        if self._intake.source(key) is None:
            request.turn_away(404, "unknown_write_key", "No enabled source has this write key.")
            return
        request.answer_json(200, browser_settings(key, request), _CACHE)

    async def _rudder(self, request: Request) -> None:
        found = self._collector.source(request, None)
        if found is None:
            request.turn_away(401, "unknown_write_key", "No enabled source has this write key.")
            return
        request.answer_json(200, rudder_settings(found[1]), _CACHE)

    async def _pixel(self, request: Request) -> None:
        """An image whatever happens: a broken picture in a mail helps nobody. Events go the common way."""
        try:
            body = decode_pixel(parse_qsl(request.query.decode("latin-1")), request.path.rsplit("/", 1)[1])
            found = self._collector.source(request, body.write_key)
            if found is not None and self._intake.busy() is None:
                index, source = found
                await self._intake.collect(
                    Incoming(
                        source=source,
                        source_index=index,
                        events=body.events,
                        received_ms=self._clock.now_ms(),
                        ip=request.client_ip if source.trust == "client" else None,
                        path_type=body.path_type,
                    )
                )
        except Exception as error:
            # A picture in a mail is shown whatever happens; what went wrong with a body of ours is worth a line.
            if not isinstance(error, InputError):
                _log.exception("a pixel's event could not be taken", extra={"code": getattr(error, "code", "internal")})
        request.answer(200, _GIF, _NO_STORE, kind=(b"content-type", b"image/gif"))

    async def _metrics(self, request: Request) -> None:
        """SDKs' figures about themselves: taken and forgotten."""
        request.answer(200, b'{"success":true}')

    async def _health(self, request: Request) -> None:
        request.answer(200, b'{"status":"alive"}', _NO_STORE)

    async def _ready(self, request: Request) -> None:
        good, figures = self._intake.ready()
        request.answer_json(200 if good else 503, {"status": "ready" if good else "not ready", **figures}, _NO_STORE)
