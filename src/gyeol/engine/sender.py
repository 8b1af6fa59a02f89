"""The sender: claims messages from the core, hands them to their channels, reports what became of them.

It decides nothing: the core asks the gates again as it hands messages out. A message is ``sending``, durably, before its channel hears
of it; after a crash it is sent again only if the channel can tell that it never arrived, and is ``unknown`` otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from gyeol.channels.channel import Channel, Outcome
from gyeol.channels.model import Delivery, Message, MessageState
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import Retryable

CONCURRENCY = 8
_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 900.0
_IDLE_S = 1.0
_MOST_OPEN = 10_000
"""Messages that can be ``sending`` at once are far fewer: one round of some senders."""


class Core(Protocol):
    """What the sender asks of the core process."""

    async def claim(self, limit: int, *, interrupted: bool = False) -> Sequence[Message]:
        """Messages to send now, gated and ``sending``; or those that were ``sending`` when the last sender stopped."""
        ...

    async def report(self, deliveries: Sequence[Delivery]) -> None:
        """Record what became of messages; returns when it is durable."""
        ...


class Sender:
    """Sends until it is told to stop.

    Args:
        core: Where messages come from and deliveries go.
        channels: By name.
        clock: For the time of deliveries; the core puts its own.
        concurrency: Messages in flight at most.
        idle_s: How long to wait when there is nothing to send.
    """

    def __init__(
        self, core: Core, channels: Mapping[str, Channel], clock: Clock, concurrency: int = CONCURRENCY, idle_s: float = _IDLE_S
    ) -> None:
        self._core, self._channels, self._clock = core, channels, clock
        self._concurrency, self._idle_s = concurrency, idle_s
        self._waits: dict[str, int] = {}
        self._unreported: list[Delivery] = []
        self._open, self._started = True, False
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when what is in flight has been reported."""
        self._stop.set()

    async def run(self) -> None:
        """Settle what an earlier sender left, then send until ``stop``. A core that is away is waited for."""
        while not self._stop.is_set():
            try:
                busy = await self.send_once()
            except Exception as error:
                # The core restarting must not end the sender; a bug must.
                if not isinstance(error, Retryable | ConnectionError | TimeoutError):
                    raise
                busy = 0
            if not busy:
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), self._idle_s)
        except TimeoutError:
            return

    async def send_once(self) -> int:
        """Report what is unreported, settle what is open, claim one round and send it side by side; returns how many were claimed."""
        await self._report([])
        if self._open:
            await self._settle_open()
        handed_over = False
        try:
            messages = await self._core.claim(self._concurrency)
            handed_over = True
        finally:
            # The core may have marked messages as sending and its answer got lost: nobody has sent those.
            self._open = not handed_over
        if messages:
            await self._report(await asyncio.gather(*(self._send(m) for m in messages)))
        return len(messages)

    async def _settle_open(self) -> None:
        """Messages that are ``sending`` although this sender has none in flight.

        At the start they are an earlier sender's, and only the channel can tell whether it got them. Later they are those of a claim
        whose answer was lost: they were never sent and go back into the queue.
        """
        messages = await self._core.claim(_MOST_OPEN, interrupted=True)
        if self._started:
            await self._report([self._delivery(m, "queued", "claim_lost", "") for m in messages])
        else:
            await self._report([await self._settle(m) for m in messages])
        self._open = False
        self._started = True

    async def _report(self, deliveries: Sequence[Delivery]) -> None:
        """Record deliveries, with those that could not be recorded before: what was sent must never be forgotten."""
        self._unreported.extend(deliveries)
        if self._unreported:
            batch = list(self._unreported)
            await self._core.report(batch)
            del self._unreported[: len(batch)]

    async def _send(self, message: Message) -> Delivery:
        channel = self._channels.get(message.channel)
        if channel is None:
            return self._delivery(message, "refused", "channel_gone", message.channel)
        try:
            outcome = await channel.send(message)
        except Exception as error:  # an adapter's bug must not lose track of the message: whether it left is not known
            outcome = Outcome(kind="unknown", detail=f"{type(error).__name__}: {error}"[:500])
        return self._read(message, outcome)

    async def _settle(self, message: Message) -> Delivery:
        channel = self._channels.get(message.channel)
        told = await channel.can_tell(message.send_key) if channel is not None else None
        if told is None or told.kind == "unknown":
            return self._delivery(message, "unknown", "interrupted", told.detail if told is not None else "")
        return self._read(message, told)

    def _read(self, message: Message, outcome: Outcome) -> Delivery:
        match outcome.kind:
            case "accepted":
                delivery = self._delivery(message, "accepted", "", outcome.detail, provider_id=outcome.provider_id)
            case "rejected":
                delivery = self._delivery(message, "failed", "provider_rejected", outcome.detail, provider_id=outcome.provider_id)
            case "bounced":
                reason = "no_such_address" if outcome.no_such_address else "recipient_refused"
                delivery = self._delivery(message, "bounced", reason, outcome.detail, provider_id=outcome.provider_id)
            case "unknown":
                delivery = self._delivery(message, "unknown", "provider_silent", outcome.detail, provider_id=outcome.provider_id)
            case "throttled":
                return self._wait(message, outcome)
        self._waits.pop(message.send_key, None)
        return delivery

    def _wait(self, message: Message, outcome: Outcome) -> Delivery:
        """Back into the queue: for as long as the provider asked, else 5 s, doubled each time up to 15 minutes."""
        waits = self._waits.get(message.send_key, 0)
        self._waits[message.send_key] = waits + 1
        own_s = min(_FIRST_WAIT_S * 2**waits, _LONGEST_WAIT_S)
        wait_s = own_s if outcome.retry_after_s is None else outcome.retry_after_s
        return self._delivery(message, "queued", "provider_wait", outcome.detail, retry_after_ms=round(wait_s * 1000))

    def _delivery(
        self, message: Message, state: MessageState, reason: str, detail: str, *, provider_id: str = "", retry_after_ms: int = 0
    ) -> Delivery:
        return Delivery(
            send_key=message.send_key,
            state=state,
            at_ms=self._clock.now_ms(),
            reason=reason,
            provider_id=provider_id,
            detail=detail,
            retry_after_ms=retry_after_ms,
        )
