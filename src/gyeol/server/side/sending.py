"""The sender in the side process: claims from the core over its socket, with the channels of the definitions in force."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gyeol.app.core_api import ClaimRequest, Core, ReportRequest, StatusRequest
from gyeol.channels.kinds import open_channels
from gyeol.channels.model import Delivery, Message
from gyeol.engine.definitions import Definitions
from gyeol.engine.sender import Sender
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import GyeolError

if TYPE_CHECKING:
    from gyeol.app.traced import Tracing

LOOK_S = 2.0
"""How often a change of the definitions is looked for."""
_PAUSE_S = 5.0

_log = logging.getLogger("gyeol.side.sender")


class CoreForSender:
    """The sender's view of the core: two of the ten calls, beside the asyncio loop."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def claim(self, limit: int, *, interrupted: bool = False) -> Sequence[Message]:
        """See ``engine.sender.Core``."""
        reply = await asyncio.to_thread(self._core.claim, ClaimRequest(limit=limit, interrupted=interrupted))
        return reply.messages

    async def report(self, deliveries: Sequence[Delivery]) -> None:
        """See ``engine.sender.Core``."""
        await asyncio.to_thread(self._core.report, ReportRequest(deliveries=list(deliveries)))


async def keep_sending(
    core: Core,
    definitions: Callable[[str], Definitions],
    environment: Mapping[str, str],
    clock: Clock,
    stop: asyncio.Event,
    tracing: Tracing | None = None,
) -> None:
    """Send until ``stop``; channels are opened anew when other definitions are applied.

    Args:
        core: Where messages come from.
        definitions: The definitions of a hash.
        environment: For ``env:NAME`` in channels.
        clock: The wall clock.
        stop: Ends it, once what is in flight has been reported.
        tracing: Makes a span of each message that is sent; None: no traces are wanted.
    """
    while not stop.is_set():
        try:
            in_force = (await asyncio.to_thread(core.status, StatusRequest())).definitions
            channels = open_channels(definitions(in_force).channels, environment, clock)
        except GyeolError as error:
            _log.warning("nothing is sent for now: %s", error.message, extra={"code": "not_sending"})
            await _rest(stop, _PAUSE_S)
            continue
        if tracing is not None:
            channels = {name: tracing.channel(name, channel) for name, channel in channels.items()}
        sender = Sender(CoreForSender(core), channels, clock)
        running = asyncio.create_task(sender.run())
        changed = asyncio.create_task(_until_changed(core, in_force, stop))
        await asyncio.wait({running, changed}, return_when=asyncio.FIRST_COMPLETED)
        sender.stop()
        changed.cancel()
        try:
            await running
        except Exception:
            # A bug in the sender must not end the API beside it; what was being sent is settled when it begins again.
            _log.exception("the sender failed; it begins again", extra={"code": "sender_failed"})
            await _rest(stop, _PAUSE_S)
        for channel in channels.values():
            await channel.close()


async def _until_changed(core: Core, in_force: str, stop: asyncio.Event) -> None:
    """Return when ``stop`` is set or other definitions are in force."""
    while not stop.is_set():
        await _rest(stop, LOOK_S)
        with contextlib.suppress(GyeolError):
            if (await asyncio.to_thread(core.status, StatusRequest())).definitions != in_force:
                return


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
