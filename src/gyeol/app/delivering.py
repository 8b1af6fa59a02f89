"""Sending without a side process: after each part of an import that acts, what it queued leaves at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from gyeol.app.core_api import ClaimRequest, Core, ReportRequest
from gyeol.channels.kinds import open_channels
from gyeol.channels.model import ChannelDefinition, Delivery, Message
from gyeol.engine.sender import Sender
from gyeol.kernel.clock import Clock


class _Direct:
    """The sender's view of a core in this thread: the engine is not to be used from two."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def claim(self, limit: int, *, interrupted: bool = False) -> Sequence[Message]:
        """See ``engine.sender.Core``."""
        return self._core.claim(ClaimRequest(limit=limit, interrupted=interrupted)).messages

    async def report(self, deliveries: Sequence[Delivery]) -> None:
        """See ``engine.sender.Core``."""
        self._core.report(ReportRequest(deliveries=list(deliveries)))


class Deliverer:
    """A sender that runs when it is told to.

    Args:
        core: In this process.
        channels: As defined.
        environment: For ``env:NAME`` in channels.
        clock: The wall clock.
    """

    def __init__(self, core: Core, channels: Sequence[ChannelDefinition], environment: Mapping[str, str], clock: Clock) -> None:
        self._loop = asyncio.new_event_loop()
        self._channels = open_channels(channels, environment, clock)
        self._sender = Sender(_Direct(core), self._channels, clock)
        self.sent = 0

    def send(self) -> None:
        """Send what is queued and may leave now."""
        while count := self._loop.run_until_complete(self._sender.send_once()):
            self.sent += count

    def close(self) -> None:
        """Let go of connections."""
        for channel in self._channels.values():
            self._loop.run_until_complete(channel.close())
        self._loop.close()
