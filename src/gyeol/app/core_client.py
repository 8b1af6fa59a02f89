"""The side's hand to the core: one connection, calls in any thread, reconnecting when the core was restarted."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import msgspec

from gyeol.app.core_rpc import LENGTH, decode_error
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError


class CoreClient:
    """Blocking calls over the unix socket; a pool of idle connections, one call at a time on each.

    Args:
        path: The socket.
        timeout_s: How long one call may take.
        patience_s: How long to wait for a core that is not there (it may be restarting).
    """

    def __init__(self, path: Path, *, timeout_s: float = 60.0, patience_s: float = 5.0) -> None:
        self._path, self._timeout_s, self._patience_s = path, timeout_s, patience_s
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()

    def call(self, method: str, params: object = None) -> object:
        """The result of a method of the core.

        Raises:
            GyeolError: What the core answered; BackendUnavailableError when no core listens, BackendTimeoutError when it is too slow.
        """
        request = msgspec.msgpack.encode([0, method, params])
        connection = self._take()
        try:
            connection.sendall(LENGTH.pack(len(request)) + request)
            (length,) = LENGTH.unpack(_read(connection, LENGTH.size))
            _, good, result = msgspec.msgpack.decode(_read(connection, length))
        except TimeoutError as error:
            connection.close()
            raise BackendTimeoutError(
                "core_slow", f"The core did not answer {method!r} within {self._timeout_s:g} s. Look at `gyeol doctor`."
            ) from error
        except OSError as error:
            connection.close()
            raise BackendUnavailableError(
                "core_gone", f"The core went away during {method!r}: {error}. It may be restarting; try again."
            ) from error
        with self._lock:
            self._idle.append(connection)
        if not good:
            raise decode_error(result)
        return result

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> socket.socket:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if not _closed(connection):
                    connection.settimeout(self._timeout_s)
                    return connection
                connection.close()
        deadline = time.monotonic() + self._patience_s
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._timeout_s)
            try:
                connection.connect(str(self._path))
                return connection
            except OSError as error:
                connection.close()
                if time.monotonic() >= deadline:
                    raise BackendUnavailableError(
                        "core_unreachable", f"No core listens on {self._path}: {error}. Is `gyeol up` running?"
                    ) from error
                time.sleep(0.05)


def _read(connection: socket.socket, size: int) -> bytes:
    """Exactly ``size`` bytes; ConnectionError when the peer closes first."""
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise ConnectionError("closed by the core")
        parts += part
    return bytes(parts)


def _closed(connection: socket.socket) -> bool:
    """Whether an idle connection was closed by the other end."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
