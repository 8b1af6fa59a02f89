"""The seam to whatever keeps messages until they have left. Messages come in through the state store's unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from gyeol.channels.model import Delivery, Message, MessageState

SETTLED: frozenset[MessageState] = frozenset(
    {"accepted", "delivered", "opened", "clicked", "bounced", "complained", "failed", "unknown", "refused", "too_late"}
)
"""States after which a message is not sent again."""

_NEXT: dict[MessageState, frozenset[MessageState]] = {
    # Not unknown: a sender that begins may take a message for interrupted whose return into the queue is not yet written.
    "queued": frozenset({"sending", "accepted", "bounced", "failed", "refused", "too_late"}),
    "sending": frozenset({"queued", "accepted", "bounced", "failed", "unknown", "refused", "too_late"}),
    "unknown": frozenset({"accepted", "delivered", "opened", "clicked", "bounced", "complained", "failed"}),
    "accepted": frozenset({"delivered", "opened", "clicked", "bounced", "complained", "failed"}),
    "delivered": frozenset({"opened", "clicked", "bounced", "complained"}),
    "opened": frozenset({"clicked", "complained"}),
    "clicked": frozenset({"complained"}),
}


def may_become(now: MessageState, then: MessageState) -> bool:
    """Whether a delivery changes a message's state. Late and repeated reports do not move it backwards; none revives a settled one."""
    return then in _NEXT.get(now, frozenset())


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A message and where it stands.

    Args:
        changed_at_ms: When it came into this state.
        attempts: How often it was handed to the sender.
        not_before_ms: It is not handed out before.
    """

    message: Message
    state: MessageState
    changed_at_ms: int
    reason: str = ""
    attempts: int = 0
    not_before_ms: int = 0


class OutboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some entries, newest first, and the cursor of the page after them (None: that was the last)."""

    entries: list[OutboxEntry]
    next: str | None = None


class Outbox(Protocol):
    """Messages by send key."""

    def get(self, send_key: str) -> OutboxEntry | None:
        """One message, or None."""
        ...

    def list(self, state: MessageState | None = None, limit: int = 100, cursor: str | None = None) -> OutboxPage:
        """Messages in a state (None: in any), newest first. Raises InputError for a cursor that this outbox did not give."""
        ...

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[OutboxEntry]:
        """The newest messages made for any of these nodes."""
        ...

    def deliveries(self, send_key: str) -> Sequence[Delivery]:
        """What became of a message, oldest first."""
        ...

    def claim(self, now_ms: int, limit: int) -> Sequence[Message]:
        """Hand out up to ``limit`` queued messages, oldest first; they are ``sending``, durably, before this returns."""
        ...

    def interrupted(self) -> Sequence[Message]:
        """Messages in ``sending``, oldest first: after a start, those that nobody knows the end of."""
        ...

    def counts(self) -> dict[str, int]:
        """How many messages are in each state; states without any are left out."""
        ...
