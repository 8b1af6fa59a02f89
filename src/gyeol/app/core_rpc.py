"""The unix socket between core and side: length-prefixed msgpack frames ``[id, method, params]`` → ``[id, ok, result]``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from gyeol.kernel import errors
from gyeol.kernel.errors import GyeolError, InputError, InternalError

LENGTH = struct.Struct("<I")
MAX_FRAME_BYTES = 256 * 1024 * 1024
Handler = Callable[[str, object], Awaitable[object]]

_encoder = msgspec.msgpack.Encoder()


def encode_error(error: Exception) -> dict[str, object]:
    """An error as it crosses the socket; anything but a GyeolError is a bug of ours and says so."""
    if not isinstance(error, GyeolError):
        error = InternalError(
            "internal", f"{type(error).__name__}: {error}. This is a bug: please report it with the log of the core process."
        )
    return {"family": type(error).__name__, **error.as_json()}


class RpcServer:
    """Serves calls from the side process on a unix socket that only this user may open.

    Args:
        path: Where the socket stands; an old one is replaced (the folder's lock says that nobody listens there).
        handler: Answers (method, params); errors are sent back as values.
    """

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path, self._handler = path, handler
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, path=str(self._path), limit=2**20)
        finally:
            os.umask(before)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        for call in list(self._calls):
            call.cancel()
        # Closing a server leaves its connections open; a client must see at once that nobody answers any more.
        for writer in list(self._writers):
            writer.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        # Cancelled when the core stops: asyncio would otherwise report the half-read frame as an error.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                if length > MAX_FRAME_BYTES:
                    break
                call = asyncio.ensure_future(self._answer(await reader.readexactly(length), writer))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)
        self._writers.discard(writer)
        writer.close()

    async def _answer(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        number, method, params = msgspec.msgpack.decode(data)
        try:
            reply = _encoder.encode([number, True, await self._handler(method, params)])
        except Exception as error:
            reply = _encoder.encode([number, False, encode_error(error)])
        with contextlib.suppress(ConnectionError):
            writer.write(LENGTH.pack(len(reply)) + reply)
            await writer.drain()


def decode_error(value: dict[str, object]) -> GyeolError:
    """The error that ``encode_error`` wrote, of the same family."""
    facts = value.get("facts")
    facts = facts if isinstance(facts, dict) else {}
    code, message = str(value.get("code")), str(value.get("message"))
    family = getattr(errors, str(value.get("family")), InternalError)
    if family is InputError:
        problems = msgspec.convert(facts.get("problems", []), list[errors.Problem])
        return InputError(code, problems, message)
    return family(code, message, **facts) if issubclass(family, GyeolError) else InternalError(code, message)
