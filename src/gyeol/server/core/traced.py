"""The core with spans: its public application, its engine, its log. Used only where the environment names a collector."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gyeol.app.live import LiveCore
from gyeol.app.opening import MakeEngine, OpenCore
from gyeol.app.tracing import open_tracing
from gyeol.engine.jobs import Job
from gyeol.server.core.collector import BATCH_PATHS, SINGLE_PATHS
from gyeol.server.core.http import Answering, Request

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from gyeol.app.traced import Tracing

_TRACED = frozenset((*BATCH_PATHS, *SINGLE_PATHS, "/v1/decide"))
"""Other paths may hold keys, and are no part of the loop."""
_PASSED_ON = (b"traceparent", b"tracestate")
_FAILED = 500


def open_traces(environment: Mapping[str, str]) -> CoreTraces | None:
    """Traces of the core; None where nobody wants any. Raises CapabilityMissingError."""
    tracing = open_tracing(environment, "core")
    return None if tracing is None else CoreTraces(tracing)


class CoreTraces:
    """Puts spans around what the core is made of.

    Args:
        tracing: Makes them.

    Attributes:
        engine: Makes the engine.
    """

    def __init__(self, tracing: Tracing) -> None:
        from gyeol.app.traced import Frames, TracedLog, traced_engine

        self._tracing, self._frames = tracing, Frames(tracing)
        self._traced_log = TracedLog
        self.engine: MakeEngine = traced_engine(self._frames)
        self._now: Span | None = None

    def live(self, parts: OpenCore, loop: asyncio.AbstractEventLoop, environment: Callable[[str], str | None]) -> LiveCore:
        """The running core, whose jobs know the request that brought them."""
        return LiveCore(parts, loop, environment, self._traced_log(parts.log, self._frames), self._mark)

    def _mark(self, job: Job) -> None:
        job.trace = self._now

    def application(self, app: Callable[[Request], None]) -> Callable[[Request], None]:
        """The public port's application, with a span for each request for events or decisions."""

        def traced(request: Request) -> None:
            if request.path not in _TRACED:
                app(request)
                return
            headers = {name.decode(): request.headers[name].decode("latin-1") for name in _PASSED_ON if name in request.headers}
            span = self._tracing.request(f"{request.method} {request.path}", headers)
            if span.is_recording():
                span.set_attribute("http.request.method", request.method)
                span.set_attribute("http.route", request.path)
                span.set_attribute("http.request.body.size", len(request.content))
                request.connection = _Ending(request.connection, span)
                # Jobs are submitted while the request is read, in this thread.
                self._now = span
            try:
                app(request)
            finally:
                self._now = None

        return traced

    def close(self) -> None:
        """Send what is waiting."""
        self._tracing.close()


class _Ending:
    """A connection that ends the request's span with its answer."""

    def __init__(self, connection: Answering, span: Span) -> None:
        self._connection, self._span = connection, span

    def answer(self, head: bytes, body: bytes) -> None:
        """See ``Answering``."""
        status = int(head[9:12])
        self._span.set_attribute("http.response.status_code", status)
        if status >= _FAILED:
            self._span.set_attribute("error.type", str(status))
        self._connection.answer(head, body)
        self._span.end()
