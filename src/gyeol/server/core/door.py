"""The public port: HTTP/1.1 read by llhttp, one connection an object, every reply written from the asyncio loop's own thread.

No task and no future stands between a request and its job: a connection calls the application with a whole request, and the
application answers it then or later. What is not asked of this port is not spoken: HTTP/2, TLS and compression of replies are a
reverse proxy's work. Source: ADR 0009, with what it costs beside an ASGI server.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from email.utils import formatdate
from typing import cast
from urllib.parse import unquote

import httptools

from gyeol.server.core.http import Request

MOST_HEAD_BYTES = 16_384
"""Request line and headers. Source: what nginx and Node take (8 and 16 KB)."""
MOST_RAW = 8
"""A body in chunks of single bytes takes six times its size; a request that takes more than this is cut off."""
MOST_WAITING = 32
"""Requests of one connection that wait behind the one that is being answered; beyond, the connection is not read."""
MOST_CONNECTIONS = 8_192
MOST_ARRIVING = 256 * 1024 * 1024
"""Bytes of bodies, over all connections, that the application has not been given yet; whoever sends beyond is cut off with 503."""
SLOW_S = 30.0
"""A request must be whole so long after its first byte: a client that dribbles holds memory of ours."""
MOST_BEHIND = 16_384
"""Bytes of a streamed body that a client may leave unread, beside what its socket takes; whoever is slower is cut off."""
IDLE_S = 75.0
"""A connection without a request is closed after so long. Source: nginx's keepalive_timeout."""
_LOOK_S = 5.0
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n"
_KEEP_OLD, _CLOSE = b"connection: keep-alive\r\n", b"connection: close\r\n"

Application = Callable[[Request], None]


class Door:
    """Listens, and knows the connections that are open.

    Args:
        application: Called with every whole request, in the loop's thread; it answers each once.
        most_body_bytes: A larger body is not kept: the application is told ``too_large``.

    Attributes:
        refused: Requests that were answered with an error, by status and code.
        arriving: Bytes of bodies that the application has not been given yet.
    """

    def __init__(self, application: Application, most_body_bytes: int) -> None:
        self.application, self.most_body_bytes = application, most_body_bytes
        self.connections: set[Connection] = set()
        self.refused: Counter[tuple[int, str]] = Counter()
        self.stopping = False
        self.arriving = 0
        self.date = b""
        self._server: asyncio.Server | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._dating: asyncio.TimerHandle | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=1024, reuse_address=True)
        self._look()
        self._tell_date()

    async def close(self, patience_s: float = 5.0) -> None:
        """Take no new connection, let requests under way be answered, close."""
        self.stopping = True
        for timer in (self._looking, self._dating):
            if timer is not None:
                timer.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.end()
        deadline = time.monotonic() + patience_s
        while any(each.busy for each in self.connections) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.transport.close()

    def _tell_date(self) -> None:
        self.date = b"date: %s\r\n" % formatdate(usegmt=True).encode()
        self._dating = asyncio.get_running_loop().call_later(1.0, self._tell_date)

    def _look(self) -> None:
        """Close connections that are idle, or slow to say what they want."""
        now = time.monotonic()
        for connection in list(self.connections):
            if connection.overdue(now):
                connection.transport.abort()
        self._looking = asyncio.get_running_loop().call_later(_LOOK_S, self._look)


class Connection(asyncio.Protocol):
    """One keep-alive connection: requests are answered one after another, in the order in which they came.

    Attributes:
        busy: Whether a request is being answered; one whose body is streamed is until the connection ends.
    """

    transport: asyncio.Transport

    def __init__(self, door: Door) -> None:
        self._door = door
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bytes | None]] = deque()
        self.busy = False
        self._keep: bytes | None = b""  # the line that says that the connection stays; None: it is closed after the answer
        self._in_message = self._in_head = self._paused = self._muted = self._ended = self._ended_one = self._following = False
        self._ip: str | None = None
        self._since = time.monotonic()
        self._head_bytes = self._body_bytes = self._raw_bytes = self._held_bytes = 0
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        self._gone: Callable[[], None] | None = None  # told when a streamed body has ended

    # -- asyncio
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = transport = cast(asyncio.Transport, transport)  # uvloop's are none by type
        if len(self._door.connections) >= MOST_CONNECTIONS or self._door.stopping:
            self._door.refused[503, "stopping" if self._door.stopping else "too_many_connections"] += 1
            transport.write(_FULL)
            transport.close()
            return
        peer = transport.get_extra_info("peername")
        self._ip = peer[0] if peer else None
        self._door.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """The client has gone; what it asked for is answered to nobody."""
        self._door.connections.discard(self)
        self._waiting.clear()
        self._hold(-self._held_bytes)
        self.busy = False
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, or of several."""
        if self._muted:
            return
        self._ended_one = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._spoil(b"501 Not Implemented")
            return
        except httptools.HttpParserError:
            self._spoil(b"431 Request Header Fields Too Large" if self._head_bytes > MOST_HEAD_BYTES else b"400 Bad Request")
            return
        if self._in_message and not self._ended_one:  # else these bytes are another's, too
            self._raw_bytes += len(data)
        if self._held_bytes and self._door.arriving > MOST_ARRIVING:
            self._spoil(b"503 Service Unavailable", "too_many_bytes")
        elif self._in_head and self._raw_bytes > MOST_HEAD_BYTES:
            self._spoil(b"431 Request Header Fields Too Large")
        elif self._in_message and self._raw_bytes > MOST_RAW * self._door.most_body_bytes + MOST_HEAD_BYTES:
            self._spoil(b"413 Content Too Large")

    def eof_received(self) -> bool:
        """The client sends no more; answers under way are still written."""
        self._ended = True
        return self.busy and self._gone is None  # of a stream nobody reads the rest

    def pause_writing(self) -> None:
        """The client does not read: neither do we."""
        self._paused = True
        if self._gone is None:  # of a streaming client we want to hear that it has gone
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._paused = False
        if len(self._waiting) <= MOST_WAITING:
            self.transport.resume_reading()

    # -- llhttp
    def on_message_begin(self) -> None:
        """See httptools."""
        self._in_message = self._in_head = True
        self._since = time.monotonic()
        self._url, self._headers, self._parts = b"", {}, []
        self._head_bytes = self._body_bytes = self._raw_bytes = 0

    def on_url(self, url: bytes) -> None:
        """See httptools."""
        self._url += url
        self._head_bytes += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools."""
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > MOST_HEAD_BYTES:
            raise ValueError("head")  # the parser stops, and data_received hears of it
        if self._in_head:  # a trailer may not replace what a proxy has read, or written, above the body
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._in_head = False
        expects = self._headers.get(b"expect", b"").lower() == b"100-continue"
        if expects and not self.busy and not self._muted and self._parser.get_http_version() == "1.1":
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        self._body_bytes += len(body)
        if self._body_bytes <= self._door.most_body_bytes:
            self._parts.append(body)
            self._hold(len(body))
        else:
            self._hold(-sum(map(len, self._parts)))
            self._parts = [b""]

    def on_message_complete(self) -> None:
        """A whole request."""
        parts, self._in_message, self._ended_one = self._parts, False, True
        upgrade = self._parser.should_upgrade()
        if self._muted or (upgrade and self._has_body()):
            return  # the parser does not read the body of such a request: data_received says so
        path, _, query = self._url.partition(b"?")
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            path=unquote(path.decode("latin-1")) if b"%" in path else path.decode("latin-1"),
            query=query,
            headers=self._headers,
            client_ip=self._ip,
            content=parts[0] if len(parts) == 1 else b"".join(parts),
            too_large=self._body_bytes > self._door.most_body_bytes,
            connection=self,
            refused=self._door.refused,
        )
        self._parts, self._headers = [], {}
        keeps = self._parser.should_keep_alive() and not upgrade
        keep = (b"" if self._parser.get_http_version() == "1.1" else _KEEP_OLD) if keeps else None
        if self.busy:
            self._waiting.append((request, keep))
            if len(self._waiting) > MOST_WAITING:
                self.transport.pause_reading()
            return
        self._keep = keep
        self._give(request)

    # -- answers
    def answer(self, head: bytes, body: bytes) -> None:
        """See ``Answering``."""
        if not self.busy:
            return
        keep = None if self._door.stopping or self._muted or (self._ended and not self._waiting) else self._keep
        self.transport.write(b"".join((head, self._door.date, _CLOSE if keep is None else keep, b"\r\n", body)))
        self.busy = False
        self._since = time.monotonic()
        if keep is None:
            self._muted = True
            self._waiting.clear()
            self.transport.close()
        elif self._waiting and not self._following:
            self._follow()

    def begin(self, head: bytes, gone: Callable[[], None]) -> None:
        """See ``Answering``. Nothing else is asked of this connection: its body ends where it does."""
        if not self.busy or self._door.stopping:
            gone()
            self.transport.close()
            return
        self._gone, self._muted = gone, True
        self._waiting.clear()
        self.transport.set_write_buffer_limits(MOST_BEHIND)
        self.transport.write(b"".join((head, self._door.date, _CLOSE, b"\r\n")))

    def more(self, piece: bytes) -> bool:
        """See ``Answering``."""
        if self._gone is None or self.transport.is_closing():
            return False
        if self.transport.get_write_buffer_size() > MOST_BEHIND:
            self._door.refused[408, "slow_reader"] += 1
            self.transport.abort()
            return False
        self.transport.write(piece)
        return True

    def end(self) -> None:
        """See ``Answering``."""
        if self._gone is not None:
            self.transport.close()

    def _follow(self) -> None:
        """Have what waits answered. A loop: were each called by the answer before it, a few hundred would exhaust the stack."""
        self._following = True
        try:
            while self._waiting and not self.busy:
                request, self._keep = self._waiting.popleft()
                if len(self._waiting) == MOST_WAITING and not self._paused:
                    self.transport.resume_reading()
                self._give(request)
        finally:
            self._following = False

    def _give(self, request: Request) -> None:
        """Have a request answered."""
        self.busy = True
        self._hold(-len(request.content))
        self._door.application(request)

    def _hold(self, size: int) -> None:
        """Count bytes that wait here, or no longer do."""
        self._held_bytes += size
        self._door.arriving += size

    def _has_body(self) -> bool:
        """Whether more follows the head: a body, or what a CONNECT would send through."""
        headers = self._headers
        return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers or self._parser.get_method() == b"CONNECT"

    def _spoil(self, status: bytes, code: str = "bad_http") -> None:
        """What came is no HTTP, or too much: say so once, and hear no more."""
        if self._muted:
            return  # the last answer has been given
        self._muted = True
        self._door.refused[int(status[:3]), code] += 1
        if self.busy:
            return  # what came before is answered first, and the connection closed with it
        again = b"retry-after: 1\r\n" if status.startswith(b"503") else b""
        self.transport.write(b"HTTP/1.1 " + status + b"\r\n" + _CLOSE + again + b"content-length: 0\r\n\r\n")
        self.transport.close()

    def overdue(self, now: float) -> bool:
        """Whether the connection has been idle, or slow, for too long."""
        if self.busy:
            return False
        return now - self._since > (SLOW_S if self._in_message else IDLE_S)
