"""The public port's HTTP: what is read, what is refused, in what order replies go out, how it closes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from gyeol.server.core import door as door_module
from gyeol.server.core.door import Door
from gyeol.server.core.http import Request, Streamed, TooLargeError

LIMIT = 1_000
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Door], Awaitable[None]]


def echo(request: Request) -> None:
    """Tell what was read."""
    try:
        size = len(request.within(LIMIT))
    except TooLargeError:
        request.turn_away(413, "body_too_large", "too large")
        return
    request.answer_json(200, {"method": request.method, "path": request.path, "query": request.query.decode(), "size": size})


def talk(how: Talk, application: Callable[[Request], None] = echo) -> None:
    """Open a door and one connection to it."""

    async def run() -> None:
        door = Door(application, LIMIT)
        await door.open("127.0.0.1", 0)
        assert door._server is not None
        port = door._server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.wait_for(how(reader, writer, door), 10)
        finally:
            writer.close()
            await door.close(0.1)

    asyncio.run(run())


async def reply(reader: asyncio.StreamReader) -> tuple[int, dict[bytes, bytes], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head[1:] if line)
    return int(head[0][9:12]), headers, await reader.readexactly(int(headers.get(b"content-length", b"0")))


async def gone(door: Door) -> None:
    """Wait until the connection is closed."""
    while door.connections:
        await asyncio.sleep(0.001)


def test_requests_on_one_connection_are_answered_in_their_order() -> None:
    held: list[Request] = []

    def later(request: Request) -> None:
        held.append(request)
        asyncio.get_running_loop().call_later(0.02 if len(held) == 1 else 0.0, echo, request)

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"".join(b"POST /%d HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi" % i for i in range(40)))
        paths = [(await reply(reader))[2] for _ in range(40)]
        assert [b'"/%d"' % i in body for i, body in enumerate(paths)] == [True] * 40

    talk(how, later)


def test_bodies_may_come_in_pieces_and_chunks() -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        for piece in (b"POS", b"T /a%20b?x=1 HT", b"TP/1.1\r\nHo", b"st: x\r\nContent-Length: 5\r\n", b"\r\nhe", b"llo"):
            writer.write(piece)
            await asyncio.sleep(0.005)
        status, headers, body = await reply(reader)
        assert (status, body) == (200, b'{"method":"POST","path":"/a b","query":"x=1","size":5}')
        assert b"gmt" in headers[b"date"] and b"connection" not in headers
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        assert b'"size":7' in (await reply(reader))[2]
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        assert b'"size":3' in (await reply(reader))[2]

    talk(how)


def test_too_much_is_told_and_the_connection_goes_on() -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n" + b"x" * 5_000)
        assert (await reply(reader))[0] == 413
        writer.write(b"HEAD /h HTTP/1.1\r\nhost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK") and b"content-length: 49" in head
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 12_000)
        with contextlib.suppress(ConnectionError):  # what we still send may meet a closed door before we have read its answer
            assert b"413" in await reader.read()
        await gone(door)

    talk(how)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 40_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"header-%d: 1\r\n" % i for i in range(2_000)) + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n", 400),
    ],
    ids=["no request", "endless header", "many headers", "two lengths"],
)
def test_what_is_no_http_is_refused_once(sent: bytes, status: int) -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(sent)
        found, headers, _ = await reply(reader)
        assert (found, headers[b"connection"]) == (status, b"close")
        await gone(door)

    talk(how)


def test_who_wants_to_close_is_answered_first() -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET /old HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
        assert (await reply(reader))[1][b"connection"] == b"keep-alive"
        writer.write(b"GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        status, headers, _ = await reply(reader)
        assert (status, headers[b"connection"]) == (200, b"close")
        assert await reader.read() == b""
        await gone(door)

    talk(how)


def test_a_door_that_closes_answers_what_is_under_way() -> None:
    held: list[Request] = []

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        while not held:
            await asyncio.sleep(0.001)
        asyncio.get_running_loop().call_later(0.02, echo, held[0])
        await door.close(5.0)
        status, headers, _ = await reply(reader)
        assert (status, headers[b"connection"]) == (200, b"close")

    talk(how, held.append)


def test_idle_and_slow_connections_are_dropped() -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhe")
        while not (door.connections and next(iter(door.connections))._in_message):
            await asyncio.sleep(0.001)
        (connection,) = door.connections
        now = connection._since
        assert not connection.overdue(now + door_module.SLOW_S - 1) and connection.overdue(now + door_module.SLOW_S + 1)
        writer.write(b"llo")
        await reply(reader)
        now = connection._since
        assert not connection.overdue(now + door_module.IDLE_S - 1) and connection.overdue(now + door_module.IDLE_S + 1)

    talk(how)


def test_hundreds_of_requests_in_one_piece_are_all_answered() -> None:
    def first_later(request: Request) -> None:
        if request.path == "/first":
            asyncio.get_running_loop().call_later(0.01, echo, request)
        else:
            echo(request)

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET /first HTTP/1.1\r\nhost: x\r\n\r\n" + b"GET /n HTTP/1.1\r\nhost: x\r\n\r\n" * 1_000)
        for _ in range(1_001):
            assert (await reply(reader))[0] == 200

    talk(how, first_later)


def test_a_long_request_before_half_a_head_is_no_long_head() -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 50000\r\n\r\n" + b"x" * 50_000 + b"GET /b HT")
        assert (await reply(reader))[0] == 413
        writer.write(b"TP/1.1\r\nhost: x\r\n\r\n")
        assert b'"/b"' in (await reply(reader))[2]

    talk(how)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n", 200),
        (b"POST /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nhi", 501),
        (b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n", 501),
    ],
    ids=["without a body", "with a body", "connect"],
)
def test_who_wants_another_protocol_gets_one_answer(sent: bytes, status: int) -> None:
    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(sent)
        found, headers, _ = await reply(reader)
        assert (found, headers[b"connection"]) == (status, b"close")
        assert await reader.read() == b""

    talk(how)


def test_a_trailer_replaces_no_header() -> None:
    seen: list[dict[bytes, bytes]] = []

    def keep(request: Request) -> None:
        seen.append(request.headers)
        echo(request)

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nhost: localhost\r\n\r\n")
        await reply(reader)
        assert seen == [{b"host": b"x", b"transfer-encoding": b"chunked"}]

    talk(how, keep)


def test_who_has_gone_is_answered_without_harm() -> None:
    held: list[Request] = []

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        while not held:
            await asyncio.sleep(0.001)
        (connection,) = door.connections
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
        writer.transport.abort()
        await gone(door)
        echo(held[0])
        assert not connection.busy

    talk(how, held.append)


def test_bodies_that_pile_up_over_all_connections_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "MOST_ARRIVING", 1_500)
    head = b"POST /%s HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n"

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        assert door._server is not None
        port = door._server.sockets[0].getsockname()[1]
        writer.write(head % b"first" + b"a" * 800)
        while door.arriving < 800:
            await asyncio.sleep(0.001)
        other_reader, other = await asyncio.open_connection("127.0.0.1", port)
        other.write(head % b"second" + b"b" * 800)
        status, headers, _ = await reply(other_reader)
        assert (status, headers[b"retry-after"]) == (503, b"1")
        other.close()
        while door.arriving > 800:
            await asyncio.sleep(0.001)
        writer.write(b"a" * 100)
        assert (await reply(reader))[0] == 200
        assert door.arriving == 0
        assert door.refused[503, "too_many_bytes"] == 1

    talk(how)


def test_a_body_may_come_in_pieces_and_ends_with_the_connection() -> None:
    gone: list[str] = []
    open_: list[Streamed] = []

    def stream(request: Request) -> None:
        taken = request.stream(lambda: gone.append(request.path), kind=(b"content-type", b"text/event-stream"))
        assert taken.more(b"one\n\n")
        open_.append(taken)

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET /live HTTP/1.1\r\nhost: x\r\n\r\nGET /after HTTP/1.1\r\nhost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"connection: close\r\n" in head and b"content-length" not in head
        assert await reader.readuntil(b"\n\n") == b"one\n\n"
        assert open_[0].more(b"two\n\n") and await reader.readuntil(b"\n\n") == b"two\n\n"
        (connection,) = door.connections
        assert not connection.overdue(1e12), "a stream is not idle"
        began = asyncio.get_running_loop().time()
        await door.close(5.0)
        assert await reader.read() == b"" and asyncio.get_running_loop().time() - began < 1
        assert gone == ["/live"] and not open_[0].more(b"three")

    talk(how, stream)


def test_who_leaves_a_stream_is_noticed_and_who_does_not_read_is_cut_off() -> None:
    gone: list[str] = []
    open_: list[Streamed] = []

    def stream(request: Request) -> None:
        open_.append(request.stream(lambda: gone.append(request.path), kind=(b"content-type", b"text/event-stream")))

    async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET /left HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write_eof()
        while door.connections:
            await asyncio.sleep(0.001)
        assert gone == ["/left"]

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        writer.write(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        pieces = 0
        while open_[-1].more(b"x" * 8_192):
            pieces += 1
            assert pieces < 100_000
            await asyncio.sleep(0)
        while door.connections:
            await asyncio.sleep(0.001)
        assert gone == ["/left", "/slow"] and door.refused[408, "slow_reader"] == 1

    talk(leaving, stream)
    talk(slow, stream)
