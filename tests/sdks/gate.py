"""A gate before the collector: bytes go through unread, until the test says that the network or the server has trouble."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import Literal, NamedTuple

Mode = Literal["open", "cut", "lost"]
_HEAD = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n(.*?)\r\n\r\n", re.DOTALL)


class Seen(NamedTuple):
    """One request as it passed the gate; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Gate:
    """A TCP relay on a port of its own.

    ``open`` lets everything through; ``cut`` breaks off each line as soon as it is made; ``lost`` hands the request on and cuts the line
    when the answer to a POST begins: the collector has the events, the SDK does not know it.

    Args:
        upstream: Port of the collector on 127.0.0.1.
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._mode: Mode = "open"
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._sent: list[bytearray] = []
        self._lost = self._cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """What SDKs are told instead of the collector's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def lost(self) -> int:
        """How many answers were cut off."""
        return self._lost

    @property
    def cut(self) -> int:
        """How many lines were broken off at once."""
        return self._cut

    def turn(self, mode: Mode, upstream: int | None = None) -> None:
        """Change what happens from now on; lines that stand open are cut."""
        with self._lock:
            self._mode = mode
            self._upstream = self._upstream if upstream is None else upstream
        self._break()

    def seen(self) -> list[Seen]:
        """Every whole request that came so far."""
        with self._lock:
            sent = [bytes(part) for part in self._sent]
        return [request for part in sent for request in _requests(part)]

    def close(self) -> None:
        """Stop."""
        _close(self._listener)
        self._break()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                closed = self._mode == "cut"
                self._cut += closed
            if closed:
                _close(client)
                continue
            with self._lock:
                upstream, sent = self._upstream, bytearray()
                self._sent.append(sent)
            try:
                server = socket.create_connection(("127.0.0.1", upstream), timeout=60)
            except OSError:
                _close(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._lines |= {client, server}
            threading.Thread(target=self._there, args=(client, server, sent), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client, sent), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket, sent: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                with self._lock:
                    sent += data
                server.sendall(data)
        self._end(client, server)

    def _back(self, server: socket.socket, client: socket.socket, sent: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                with self._lock:
                    asked = _requests(bytes(sent))
                    cut = self._mode == "lost" and bool(asked) and asked[-1].method == "POST"
                    self._lost += cut
                if cut:
                    break
                client.sendall(data)
        self._end(client, server)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            _close(end)
        with self._lock:
            self._lines.difference_update(ends)

    def _break(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            _close(line)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def _requests(sent: bytes) -> list[Seen]:
    """The whole requests in what a client sent on one line; bodies have a Content-Length in every SDK that is tested."""
    found: list[Seen] = []
    at = 0
    while head := _HEAD.match(sent, at):
        fields = (line.partition(b":") for line in head[3].split(b"\r\n"))
        headers = {name.decode().strip().lower(): value.decode("latin-1").strip() for name, _, value in fields}
        at = head.end() + int(headers.get("content-length", 0))
        if at > len(sent):
            break
        found.append(Seen(head[1].decode(), head[2].decode(), headers, sent[head.end() : at]))
    return found
