"""The seam to a provider that carries messages. An adapter sends; gates are none of its business."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from gyeol.channels.model import Message


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider made of a message.

    Args:
        kind: ``accepted``: it is the provider's now. ``rejected``: refused for good. ``bounced``: refused because of whom it is
            for. ``throttled``: it did not take it, try later. ``unknown``: it may or may not have taken it.
        retry_after_s: For ``throttled``: how long the provider asked to wait; None: it did not say.
        provider_id: The provider's name for the message.
        detail: What it said, for people; at most 500 characters.
        no_such_address: For ``bounced``: nobody is ever reached there.
    """

    kind: Literal["accepted", "rejected", "bounced", "throttled", "unknown"]
    retry_after_s: float | None = None
    provider_id: str = ""
    detail: str = ""
    no_such_address: bool = False


class Channel(Protocol):
    """One configured way out."""

    async def send(self, message: Message) -> Outcome:
        """Hand a message over, with its send key as the provider's idempotency key. Never raises for what a provider does."""
        ...

    async def can_tell(self, send_key: str) -> Outcome | None:
        """What became of a message that was being sent when the process died.

        Returns:
            accepted or rejected when the provider knows it; throttled when the provider knows that it never came (it may be sent
            again); None when the provider cannot tell.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
