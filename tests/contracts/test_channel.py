"""What every ``Channel`` does with what a provider says or does not say, and what the sender makes of it: never sent twice.

Each provider is a small server of the test that speaks just enough of its protocol to be told how to behave.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, Protocol

import pytest

from gyeol.channels.channel import Channel
from gyeol.channels.email import LAST_WORD_FACTOR
from gyeol.channels.kinds import open_channels
from gyeol.channels.model import ChannelDefinition, Delivery, MailSender, Message, SmtpServer
from gyeol.engine.sender import Sender
from gyeol.kernel.clock import WallClock

Behaviour = Literal["take", "later", "refuse", "vanish", "hang"]
"""``vanish``: take the whole message and cut the line; ``hang``: take it and say nothing."""

PATIENCE_S = 30.0


class Provider(Protocol):
    """The other side. ``keys``: idempotency keys of every whole message that came, in order."""

    keys: list[str]
    behaviours: list[Behaviour]
    port: int

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        ...

    def definition(self, patience_s: float) -> ChannelDefinition:
        """The channel that leads here, and waits about so long for a last word."""
        ...


class WebhookProvider:
    """Speaks HTTP/1.1."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.behaviours: list[Behaviour] = []
        self.port = 0

    def definition(self, patience_s: float) -> ChannelDefinition:
        url = f"http://127.0.0.1:{self.port}/"
        return ChannelDefinition(name="out", kind="webhook", medium="email", url=url, secret="whsec_eA==", timeout_s=patience_s)

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            found = re.search(r"content-length: (\d+)", head)
            assert found is not None
            await reader.readexactly(int(found[1]))
            key = re.search(r"webhook-id: (\S+)", head)
            assert key is not None
            self.keys.append(key[1])
            behaviour = self.behaviours.pop(0) if self.behaviours else "take"
            if behaviour in ("vanish", "hang"):
                await _silent(behaviour)
                return
            status = {"take": "200 OK", "later": "503 Busy", "refuse": "400 No"}[behaviour]
            writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}".encode())


class MailProvider:
    """Speaks SMTP."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.behaviours: list[Behaviour] = []
        self.port = 0

    def definition(self, patience_s: float) -> ChannelDefinition:
        server = SmtpServer(host="127.0.0.1", port=self.port, tls="none")
        sender = MailSender(address="news@shop.example", name={"ko": "우리 가게"})
        return ChannelDefinition(
            name="out", kind="email", medium="email", smtp=server, sender=sender, timeout_s=patience_s / LAST_WORD_FACTOR
        )

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 provider ESMTP\r\n")
        while True:
            command = (await reader.readuntil(b"\r\n"))[:4].upper()
            if command == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            if command != b"DATA":
                writer.write(b"250 ok\r\n")
                continue
            writer.write(b"354 go on\r\n")
            mail = (await reader.readuntil(b"\r\n.\r\n")).decode()
            key = re.search(r"Message-ID: <(\S+)@shop.example>", mail)
            assert key is not None
            self.keys.append(key[1])
            behaviour = self.behaviours.pop(0) if self.behaviours else "take"
            if behaviour in ("vanish", "hang"):
                await _silent(behaviour)
                return
            writer.write({"take": b"250 2.0.0 ok", "later": b"451 4.3.0 busy", "refuse": b"554 5.6.0 no"}[behaviour] + b"\r\n")


async def _silent(behaviour: Behaviour) -> None:
    if behaviour == "hang":
        await asyncio.sleep(30)


@pytest.fixture(params=[WebhookProvider, MailProvider])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    made: Provider = request.param()
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await made.speak(reader, writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def message(key: str) -> Message:
    return Message(
        send_key=key,
        channel="out",
        node=1,
        person="p1",
        address="lee@example.com",
        journey="welcome",
        journey_version="v",
        decision="d_1",
        content={"language": "ko", "subject": "(광고) 봄 할인", "title": "봄 할인", "body": "10 %"},
        message_class="advertising",
        purpose="offers",
        queued_at_ms=0,
        expires_at_ms=1,
        cause_offset=0,
    )


@asynccontextmanager
async def channel_to(provider: Provider, patience_s: float = PATIENCE_S) -> AsyncIterator[Channel]:
    channel = open_channels([provider.definition(patience_s)], {}, WallClock())["out"]
    try:
        yield channel
    finally:
        await channel.close()
        await channel.close()


async def test_the_send_key_is_the_idempotency_key_of_every_attempt(provider: Provider) -> None:
    provider.behaviours = ["later", "take"]
    async with channel_to(provider) as channel:
        first = await channel.send(message("m_1"))
        second = await channel.send(message("m_1"))
    assert (first.kind, second.kind) == ("throttled", "accepted")
    assert provider.keys == ["m_1", "m_1"]


async def test_a_refusal_is_for_good(provider: Provider) -> None:
    provider.behaviours = ["refuse"]
    async with channel_to(provider) as channel:
        outcome = await channel.send(message("m_1"))
    assert outcome.kind == "rejected"
    assert provider.keys == ["m_1"], "the channel itself does not try again"
    assert 0 < len(outcome.detail) <= 500


@pytest.mark.parametrize("behaviour", ["vanish", "hang"])
async def test_silence_after_the_message_is_unknown_in_time(provider: Provider, behaviour: Behaviour) -> None:
    provider.behaviours = [behaviour]
    begun = asyncio.get_running_loop().time()
    async with channel_to(provider, 0.6 if behaviour == "hang" else PATIENCE_S) as channel:
        outcome = await channel.send(message("m_1"))
    assert outcome.kind == "unknown"
    assert provider.keys == ["m_1"], "it may have arrived, so the channel does not send it again"
    assert asyncio.get_running_loop().time() - begun < 5


async def test_a_provider_that_is_not_there_was_not_reached(provider: Provider) -> None:
    provider.port = 1
    async with channel_to(provider) as channel:
        assert (await channel.send(message("m_1"))).kind == "throttled"


async def test_after_silence_the_next_message_goes_its_way(provider: Provider) -> None:
    provider.behaviours = ["take", "vanish", "take"]
    async with channel_to(provider) as channel:
        kinds = [(await channel.send(message(f"m_{n}"))).kind for n in range(3)]
    assert kinds == ["accepted", "unknown", "accepted"]


async def test_many_at_once(provider: Provider) -> None:
    async with channel_to(provider) as channel:
        outcomes = await asyncio.gather(*(channel.send(message(f"m_{n}")) for n in range(40)))
    assert {outcome.kind for outcome in outcomes} == {"accepted"}
    assert sorted(provider.keys) == sorted(f"m_{n}" for n in range(40))


async def test_nobody_can_tell_what_became_of_an_interrupted_message(provider: Provider) -> None:
    async with channel_to(provider) as channel:
        assert await channel.can_tell("m_1") is None
    assert provider.keys == []


class CoreOf:
    """An outbox in memory: what is put back can be claimed again."""

    def __init__(self, *queued: Message, interrupted: Sequence[Message] = ()) -> None:
        self.queued, self.interrupted = list(queued), list(interrupted)
        self.sending: dict[str, Message] = {}
        self.reports: list[Delivery] = []

    async def claim(self, limit: int, *, interrupted: bool = False) -> Sequence[Message]:
        if interrupted:
            taken, self.interrupted = self.interrupted, []
        else:
            taken, self.queued = self.queued[:limit], self.queued[limit:]
        self.sending |= {m.send_key: m for m in taken}
        return taken

    async def report(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            claimed = self.sending.pop(delivery.send_key)
            if delivery.state == "queued":
                self.queued.append(claimed)
        self.reports += deliveries


async def run_sender(core: CoreOf, channel: Channel, rounds: int) -> None:
    sender = Sender(core, {"out": channel}, WallClock(), idle_s=0.001)
    for _ in range(rounds):
        await sender.send_once()


async def test_the_sender_waits_longer_each_time_and_sends_until_it_is_taken(provider: Provider) -> None:
    provider.behaviours = ["later", "later", "take"]
    core = CoreOf(message("m_1"))
    async with channel_to(provider) as channel:
        await run_sender(core, channel, 5)
    assert [(d.state, d.retry_after_ms) for d in core.reports] == [("queued", 5_000), ("queued", 10_000), ("accepted", 0)]
    assert provider.keys == ["m_1"] * 3


@pytest.mark.parametrize(("behaviour", "state"), [("take", "accepted"), ("refuse", "failed"), ("vanish", "unknown"), ("hang", "unknown")])
async def test_the_sender_never_sends_a_settled_message_again(provider: Provider, behaviour: Behaviour, state: str) -> None:
    provider.behaviours = [behaviour]
    core = CoreOf(message("m_1"))
    async with channel_to(provider, 0.6 if behaviour == "hang" else PATIENCE_S) as channel:
        await run_sender(core, channel, 3)
    assert [d.state for d in core.reports] == [state]
    assert provider.keys == ["m_1"]


async def test_after_a_crash_an_unanswered_message_is_unknown_and_not_sent_again(provider: Provider) -> None:
    core = CoreOf(message("m_2"), interrupted=[message("m_1")])
    async with channel_to(provider) as channel:
        await run_sender(core, channel, 2)
    assert {d.send_key: d.state for d in core.reports} == {"m_1": "unknown", "m_2": "accepted"}
    assert provider.keys == ["m_2"]
