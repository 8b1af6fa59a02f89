"""The sender: no message is lost, none is sent twice, whatever channel and core do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gyeol.channels.channel import Outcome
from gyeol.channels.model import Delivery, Message
from gyeol.engine.sender import Sender
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendUnavailableError

NOW = 1_772_420_400_000


def message(key: str, channel: str = "mailer") -> Message:
    return Message(
        send_key=key,
        channel=channel,
        node=1,
        person="p",
        address="a@example.invalid",
        journey="j",
        journey_version="v",
        decision=None,
        content={},
        message_class="advertising",
        purpose="marketing",
        queued_at_ms=NOW,
        expires_at_ms=NOW + 1,
        cause_offset=0,
    )


class CoreOf:
    """The core's outbox in memory; ``fail_claims`` and ``fail_reports`` break so many answers."""

    def __init__(self, *queued: Message, sending: Sequence[Message] = ()) -> None:
        self.queued = list(queued)
        self.sending = {m.send_key: m for m in sending}
        self.reports: list[Delivery] = []
        self.fail_claims = self.fail_reports = 0
        self.claims = 0

    async def claim(self, limit: int, *, interrupted: bool = False) -> Sequence[Message]:
        if interrupted:
            return list(self.sending.values())[:limit]
        self.claims += 1
        taken, self.queued = self.queued[:limit], self.queued[limit:]
        self.sending |= {m.send_key: m for m in taken}
        if self.fail_claims:
            self.fail_claims -= 1
            raise BackendUnavailableError("core_away", "the core is restarting")
        return taken

    async def report(self, deliveries: Sequence[Delivery]) -> None:
        if self.fail_reports:
            self.fail_reports -= 1
            raise ConnectionResetError
        for d in deliveries:
            claimed = self.sending.pop(d.send_key)
            if d.state == "queued":
                self.queued.append(claimed)
        self.reports += deliveries

    def states(self) -> list[tuple[str, str, str]]:
        return [(d.send_key, d.state, d.reason) for d in self.reports]


class ChannelOf:
    """Answers as told; remembers what it got."""

    def __init__(self, *outcomes: Outcome | Exception, told: Outcome | None = None) -> None:
        self.outcomes = list(outcomes)
        self.told = told
        self.sent: list[str] = []
        self.in_flight = self.most_in_flight = 0

    async def send(self, message: Message) -> Outcome:
        self.sent.append(message.send_key)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0.001)
        self.in_flight -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(kind="accepted")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def can_tell(self, send_key: str) -> Outcome | None:
        return self.told

    async def close(self) -> None:
        return None


def sender_of(core: CoreOf, channel: ChannelOf, **options: float) -> Sender:
    return Sender(core, {"mailer": channel}, ManualClock(NOW), concurrency=int(options.get("concurrency", 8)), idle_s=0.001)


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Outcome(kind="accepted", provider_id="x"), "accepted", ""),
        (Outcome(kind="rejected", detail="no such address"), "failed", "provider_rejected"),
        (Outcome(kind="bounced"), "bounced", "recipient_refused"),
        (Outcome(kind="bounced", no_such_address=True), "bounced", "no_such_address"),
        (Outcome(kind="unknown"), "unknown", "provider_silent"),
        (Outcome(kind="throttled", retry_after_s=30), "queued", "provider_wait"),
        (ValueError("a bug in the adapter"), "unknown", "provider_silent"),
    ],
)
async def test_outcomes_become_deliveries(outcome: Outcome | Exception, state: str, reason: str) -> None:
    core, channel = CoreOf(message("a")), ChannelOf(outcome)
    assert await sender_of(core, channel).send_once() == 1
    (delivery,) = core.reports
    assert (delivery.state, delivery.reason, delivery.at_ms) == (state, reason, NOW)
    assert delivery.retry_after_ms == (30_000 if state == "queued" else 0)


async def test_a_channel_that_is_gone_is_a_refusal() -> None:
    core = CoreOf(message("a", channel="pigeon"))
    await sender_of(core, ChannelOf()).send_once()
    assert core.states() == [("a", "refused", "channel_gone")]


async def test_at_most_so_many_are_in_flight() -> None:
    core, channel = CoreOf(*(message(f"m{i}") for i in range(20))), ChannelOf()
    sender = sender_of(core, channel, concurrency=3)
    while await sender.send_once():
        pass
    assert channel.most_in_flight == 3
    assert sorted(channel.sent) == sorted(f"m{i}" for i in range(20))
    assert not core.sending


async def test_waits_double_when_the_provider_names_none() -> None:
    wait = Outcome(kind="throttled")
    core, channel = CoreOf(message("a")), ChannelOf(wait, wait, wait, *[wait] * 8)
    sender = sender_of(core, channel)
    for _ in range(11):
        await sender.send_once()
    waits = [d.retry_after_ms for d in core.reports]
    assert waits[:4] == [5_000, 10_000, 20_000, 40_000]
    assert max(waits) == 900_000


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        (None, "unknown", "interrupted"),
        (Outcome(kind="unknown"), "unknown", "interrupted"),
        (Outcome(kind="accepted"), "accepted", ""),
        (Outcome(kind="rejected"), "failed", "provider_rejected"),
    ],
)
async def test_after_a_crash_only_the_channel_can_tell(told: Outcome | None, state: str, reason: str) -> None:
    core, channel = CoreOf(sending=[message("a")]), ChannelOf(told=told)
    await sender_of(core, channel).send_once()
    assert channel.sent == []
    assert core.states() == [("a", state, reason)]


async def test_what_the_channel_never_got_is_sent_again() -> None:
    core, channel = CoreOf(sending=[message("a")]), ChannelOf(told=Outcome(kind="throttled", retry_after_s=0))
    sender = sender_of(core, channel)
    await sender.send_once()
    assert channel.sent == ["a"]
    assert [state for _, state, _ in core.states()] == ["queued", "accepted"]


async def test_a_claim_whose_answer_is_lost_goes_back_into_the_queue() -> None:
    core, channel = CoreOf(message("a"), message("b")), ChannelOf()
    sender = sender_of(core, channel)
    core.fail_claims = 1
    with pytest.raises(BackendUnavailableError):
        await sender.send_once()
    assert set(core.sending) == {"a", "b"}
    await sender.send_once()
    assert sorted(channel.sent) == ["a", "b"]
    assert [(s, r) for _, s, r in core.states()] == [("queued", "claim_lost")] * 2 + [("accepted", "")] * 2


async def test_a_report_that_fails_is_repeated_before_anything_else() -> None:
    core, channel = CoreOf(message("a")), ChannelOf()
    sender = sender_of(core, channel)
    core.fail_reports = 2
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            await sender.send_once()
    await sender.send_once()
    assert channel.sent == ["a"]
    assert core.states() == [("a", "accepted", "")]


async def test_run_survives_a_core_that_is_away_and_stops_cleanly() -> None:
    core, channel = CoreOf(*(message(f"m{i}") for i in range(5))), ChannelOf()
    core.fail_claims, core.fail_reports = 2, 1
    sender = sender_of(core, channel)
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(5):
        while len([d for d in core.reports if d.state == "accepted"]) < 5:
            await asyncio.sleep(0.002)
        claims = core.claims
        sender.stop()
        await running
    assert sorted(channel.sent) == sorted(f"m{i}" for i in range(5))
    assert core.claims <= claims + 1


async def test_run_ends_with_the_error_of_a_bug() -> None:
    class Broken(CoreOf):
        async def claim(self, limit: int, *, interrupted: bool = False) -> Sequence[Message]:
            raise KeyError("bug")

    with pytest.raises(KeyError):
        await sender_of(Broken(), ChannelOf()).run()
