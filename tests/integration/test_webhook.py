"""The webhook channel against a real HTTP server that verifies signatures with the standard's own library."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gyeol.channels.channel import Outcome
from gyeol.channels.model import ChannelDefinition, Message
from gyeol.channels.webhook import WebhookChannel
from gyeol.kernel.clock import ManualClock, WallClock

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="
Behaviour = Callable[["Receiver"], None]


class Receiver(BaseHTTPRequestHandler):
    """Verifies what it gets, then does what the test says."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            self.server.got.append(Webhook(SECRET).verify(body, dict(self.headers.items())))
            self.server.ids.append(self.headers["webhook-id"])
        except WebhookVerificationError as error:
            self.answer(401, str(error).encode())
            return
        self.server.behaviour(self)

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drop(self, said: bytes) -> None:
        """Say something and cut the line."""
        self.wfile.write(said)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        return


class Server(ThreadingHTTPServer):
    """What came, and how to behave."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.got: list[object] = []
        self.ids: list[str] = []
        self.behaviour: Behaviour = lambda receiver: receiver.answer(200, b'{"id": "provider-1"}')

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def message(key: str = "m_1") -> Message:
    return Message(
        send_key=key,
        channel="mailer",
        node=1,
        person="p1",
        address="a@example.invalid",
        journey="welcome",
        journey_version="v",
        decision="d_1",
        content={"title": "(광고) 봄 할인 — 10 %"},
        message_class="advertising",
        purpose="marketing",
        queued_at_ms=0,
        expires_at_ms=1,
        cause_offset=0,
        simulated=True,
    )


@asynccontextmanager
async def channel_to(url: str, timeout_s: float = 2.0, secret: str = SECRET, now_ms: int | None = None) -> AsyncIterator[WebhookChannel]:
    definition = ChannelDefinition(name="mailer", kind="webhook", medium="email", url="env:HOOK", secret=secret, timeout_s=timeout_s)
    clock = WallClock() if now_ms is None else ManualClock(now_ms)
    channel = WebhookChannel(definition, {"HOOK": url}, clock)
    try:
        yield channel
    finally:
        await channel.close()


async def sent(server: Server, behaviour: Behaviour, timeout_s: float = 2.0) -> Outcome:
    server.behaviour = behaviour
    async with channel_to(server.url, timeout_s) as channel:
        return await channel.send(message())


async def test_the_receiver_can_verify_what_it_gets(server: Server) -> None:
    async with channel_to(server.url) as channel:
        outcome = await channel.send(message())
        assert await channel.can_tell("m_1") is None
    assert outcome == Outcome(kind="accepted", provider_id="provider-1", detail="HTTP 200")
    assert server.ids == ["m_1"], "the send key is the idempotency key"
    (body,) = server.got
    assert isinstance(body, dict)
    assert (body["send_key"], body["content"], body["simulated"]) == ("m_1", {"title": "(광고) 봄 할인 — 10 %"}, True)


async def test_another_secret_or_an_old_time_is_refused_by_the_receiver(server: Server) -> None:
    async with channel_to(server.url, secret="whsec_b3RoZXItc2VjcmV0") as channel:
        wrong = await channel.send(message())
    async with channel_to(server.url, now_ms=WallClock().now_ms() - 600_000) as channel:
        old = await channel.send(message())
    assert (wrong.kind, old.kind) == ("rejected", "rejected")
    assert "signature" in wrong.detail
    assert "too old" in old.detail
    assert server.got == []


@pytest.mark.parametrize(
    ("status", "headers", "kind", "retry_after_s"),
    [
        (429, {"retry-after": "7"}, "throttled", 7.0),
        (500, {}, "throttled", None),
        (404, {}, "rejected", None),
        (302, {"location": "http://127.0.0.1:9/"}, "rejected", None),
        (504, {}, "unknown", None),
    ],
)
async def test_answers(server: Server, status: int, headers: dict[str, str], kind: str, retry_after_s: float | None) -> None:
    outcome = await sent(server, lambda receiver: receiver.answer(status, b"words of the provider", headers))
    assert (outcome.kind, outcome.retry_after_s) == (kind, retry_after_s)
    assert len(server.got) == 1, "no answer makes the channel itself try again"


async def test_a_line_that_is_cut_before_the_answer_leaves_it_unknown(server: Server) -> None:
    assert (await sent(server, lambda receiver: receiver.drop(b""))).kind == "unknown"
    assert (await sent(server, lambda receiver: receiver.drop(b"HTTP/1.1 20"))).kind == "unknown"
    assert len(server.got) == 2


async def test_a_line_that_is_cut_after_the_status_is_an_answer(server: Server) -> None:
    cut = await sent(server, lambda receiver: receiver.drop(b'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"id"'))
    assert (cut.kind, cut.provider_id) == ("accepted", "")


async def test_a_slow_receiver_leaves_it_unknown_in_time(server: Server) -> None:
    release = threading.Event()

    def slow(receiver: Receiver) -> None:
        release.wait(60)
        receiver.answer(200)

    outcome = await sent(server, slow, timeout_s=0.2)
    release.set()
    assert outcome.kind == "unknown", "whoever had waited would have been told that it was taken"


async def test_a_receiver_that_is_not_there_was_not_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with channel_to(f"http://127.0.0.1:{port}/hook") as channel:
        outcome = await channel.send(message())
    assert (outcome.kind, outcome.retry_after_s) == ("throttled", None)
    assert "not reached" in outcome.detail


async def test_many_messages_share_connections(server: Server) -> None:
    async with channel_to(server.url) as channel:
        outcomes = await asyncio.gather(*(channel.send(message(f"m_{i}")) for i in range(40)))
    assert {o.kind for o in outcomes} == {"accepted"}
    assert sorted(server.ids) == sorted(f"m_{i}" for i in range(40))
