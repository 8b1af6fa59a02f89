"""Requests and replies of raw ASGI: reading a body within a limit, CORS on every reply, JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

_JSON: Header = (b"content-type", b"application/json")
_EXPOSE: Header = (b"access-control-expose-headers", b"Retry-After, X-RateLimit-Reset")
_DEFAULT_ALLOW = b"authorization, content-type, content-encoding, x-retry-count, anonymousid"


class TooLargeError(Exception):
    """The body is larger than the limit."""


class Request(msgspec.Struct):
    """What handlers need of an HTTP request; ``headers`` are lower-case bytes."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    client_ip: str | None
    receive: Any
    send: Any

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> Request:
        """The request of an ASGI scope."""
        client = scope.get("client")
        return cls(
            scope["method"],
            scope["path"],
            scope.get("query_string", b""),
            dict(scope["headers"]),
            client[0] if client else None,
            receive,
            send,
        )

    async def body(self, limit: int) -> bytes:
        """The body as sent; raises TooLargeError past ``limit`` bytes without keeping them."""
        declared = self.headers.get(b"content-length")
        if declared is not None and declared.isdigit() and int(declared) > limit:
            raise TooLargeError
        message = await self.receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts = [body]
            size = len(body)
            while message.get("more_body"):
                message = await self.receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limit:
                    raise TooLargeError
            body = b"".join(parts)
        if len(body) > limit:
            raise TooLargeError
        return body

    def cors(self) -> list[Header]:
        """CORS headers: the origin is echoed, since ``*`` forbids credentials."""
        origin = self.headers.get(b"origin")
        if origin is None:
            return []
        return [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true"), (b"vary", b"Origin"), _EXPOSE]

    async def reply(self, status: int, body: bytes, *headers: Header, kind: Header = _JSON) -> None:
        """Send a whole reply."""
        length = (b"content-length", str(len(body)).encode())
        await self.send({"type": "http.response.start", "status": status, "headers": [kind, length, *self.cors(), *headers]})
        await self.send({"type": "http.response.body", "body": body})

    async def reply_json(self, status: int, value: object, *headers: Header) -> None:
        """Send a value as JSON."""
        await self.reply(status, msgspec.json.encode(value), *headers)

    async def refuse(self, status: int, code: str, message: str, *headers: Header) -> None:
        """Send an error: what happened and how to mend it."""
        await self.reply_json(status, {"success": False, "error": {"code": code, "message": message}}, *headers)

    async def preflight(self) -> None:
        """Answer an OPTIONS request: whatever headers the SDK asks for are allowed (``*`` would not cover Authorization)."""
        asked = self.headers.get(b"access-control-request-headers", _DEFAULT_ALLOW)
        headers = [
            *self.cors(),
            (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
            (b"access-control-allow-headers", asked),
            (b"access-control-max-age", b"7200"),
            (b"content-length", b"0"),
        ]
        await self.send({"type": "http.response.start", "status": 204, "headers": headers})
        await self.send({"type": "http.response.body", "body": b""})


def retry_after(seconds: int) -> tuple[Header, Header]:
    """Both spellings of "come back in so many whole seconds"; old browser SDKs read the second only."""
    text = str(seconds).encode()
    return (b"retry-after", text), (b"x-ratelimit-reset", text)
