"""Requests and replies of the public port: a body within its limit, CORS on every reply, JSON."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol, runtime_checkable

import msgspec

from gyeol.app.intake import Busy
from gyeol.kernel.errors import GyeolError

Header = tuple[bytes, bytes]

_log = logging.getLogger("gyeol.core")
_JSON: Header = (b"content-type", b"application/json")
_EXPOSE: Header = (b"access-control-expose-headers", b"Retry-After, X-RateLimit-Reset, ETag")
_DEFAULT_ALLOW = b"authorization, content-type, content-encoding, x-retry-count, anonymousid"
_FIRST_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_NO_BODY = (204, 304)


class TooLargeError(Exception):
    """The body is larger than the limit."""


class Answering(Protocol):
    """The connection that a request came by."""

    def answer(self, head: bytes, body: bytes) -> None:
        """Send a reply: status line and headers without those of the connection, then the body."""
        ...


@runtime_checkable
class Streamed(Protocol):
    """A connection by which the body of a reply goes in pieces."""

    def begin(self, head: bytes, gone: Callable[[], None]) -> None:
        """Send the head of a reply whose body comes in pieces and ends with the connection; ``gone`` is told once when it has ended."""
        ...

    def more(self, piece: bytes) -> bool:
        """Send a piece of the body; False when nobody reads any more, or not fast enough: then the connection is closed."""
        ...

    def end(self) -> None:
        """End the body, and the connection with it."""
        ...


class Request(msgspec.Struct, gc=False):
    """What handlers need of an HTTP request; ``headers`` are lower-case bytes.

    Args:
        content: The whole body; empty when it was ``too_large`` for the port.
        connection: Where the reply goes; a request is answered once.
        refused: Counts the errors that are answered, by status and code.
    """

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    client_ip: str | None
    content: bytes
    too_large: bool
    connection: Answering
    refused: Counter[tuple[int, str]] | None = None

    def within(self, limit: int) -> bytes:
        """The body as sent; raises TooLargeError when it has more than ``limit`` bytes."""
        if self.too_large or len(self.content) > limit:
            raise TooLargeError
        return self.content

    def cors(self) -> list[Header]:
        """CORS headers: the origin is echoed, since ``*`` forbids credentials."""
        origin = self.headers.get(b"origin")
        if origin is None:
            return []
        return [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true"), (b"vary", b"Origin"), _EXPOSE]

    def answer(self, status: int, body: bytes, *headers: Header, kind: Header = _JSON) -> None:
        """Send a whole reply. It does not wait: replies are small, and the connection reads no more while the peer takes none."""
        lines = [kind, *self.cors(), *headers] if status not in _NO_BODY else [*self.cors(), *headers]
        length = b"" if status in _NO_BODY else b"content-length: %d\r\n" % len(body)
        head = b"".join((_FIRST_LINES[status], *(b"%s: %s\r\n" % line for line in lines), length))
        self.connection.answer(head, b"" if self.method == "HEAD" else body)

    def stream(self, gone: Callable[[], None], *headers: Header, kind: Header) -> Streamed:
        """Begin a reply of 200 whose body comes in pieces; returns what takes them. ``gone`` is told once when it has ended."""
        connection = self.connection
        assert isinstance(connection, Streamed), "only the door streams"
        head = b"".join((_FIRST_LINES[200], *(b"%s: %s\r\n" % line for line in (kind, *self.cors(), *headers))))
        connection.begin(head, gone)
        return connection

    def answer_json(self, status: int, value: object, *headers: Header) -> None:
        """Send a value as JSON."""
        self.answer(status, msgspec.json.encode(value), *headers)

    def turn_away(self, status: int, code: str, message: str, *headers: Header) -> None:
        """Send an error: what happened and how to mend it."""
        told = {"code": code, "message": message}
        self.refuse(status, code, {"success": False, **told, "error": told}, *headers)  # the Python SDKs read the outer two

    def turn_away_while(self, busy: Busy) -> None:
        """Send that there is too much to do (429) or that it cannot be done now (503), and when to come back."""
        status = 429 if busy.kind == "overloaded" else 503
        self.turn_away(status, busy.code, busy.message, *retry_after(busy.retry_after_s))

    def refuse(self, status: int, code: str, value: object, *headers: Header) -> None:
        """Send an error of a form of its own."""
        if self.refused is not None:
            self.refused[status, code] += 1
        self.answer_json(status, value, *headers)

    def failed(self, error: Exception) -> None:
        """Say that something went wrong that nobody foresaw; the log has it in full."""
        if isinstance(error, GyeolError):
            self.turn_away(500, error.code, error.message)
            return
        _log.error("%s %s failed", self.method, self.path, exc_info=error, extra={"code": "internal"})
        self.turn_away(500, "internal", "A bug of ours; the core's log has the details. Nothing of this request was kept.")

    def preflight(self) -> None:
        """Answer an OPTIONS request: whatever headers the SDK asks for are allowed (``*`` would not cover Authorization)."""
        asked = self.headers.get(b"access-control-request-headers", _DEFAULT_ALLOW)
        self.answer(
            204,
            b"",
            (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
            (b"access-control-allow-headers", asked),
            (b"access-control-max-age", b"7200"),
        )


def retry_after(seconds: int) -> tuple[Header, Header]:
    """Both spellings of "come back in so many whole seconds"; old browser SDKs read the second only."""
    text = str(seconds).encode()
    return (b"retry-after", text), (b"x-ratelimit-reset", text)
