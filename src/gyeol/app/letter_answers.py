"""What the API says of rejected events."""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import Texts


class DeadLetterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A rejected event. ``raw``: what came, as text (bytes that are no UTF-8 as U+FFFD); ``event``: the same, if it is an object."""

    id: str
    source: str
    code: str
    text: Texts
    detail: str
    raw: str
    event: dict[str, object] | None
    received_at: int
    message_id: str
    status: str
    replayed_offset: int | None


class DeadLettersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of dead letters; ``counts``: how many wait, by code."""

    dead_letters: list[DeadLetterAnswer]
    next: str | None
    counts: dict[str, int]
