"""Events that Gyeol itself states, such as the redemption of a coupon: judged already, so they pass no door."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gyeol.events.model import EVENT_TYPES
from gyeol.events.sections import NO_TIME, EventRows
from gyeol.kernel.canonical import canonical_json
from gyeol.kernel.hashing import event_hash

_TRACK = EVENT_TYPES.index("track")


class OwnEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A track event.

    Args:
        source: Name of the source that states it.
        raw: The event, with ``messageId``.
        message_id: The same for the same event for ever.
        time_ms: When it happened.
    """

    source: str
    raw: dict[str, object]
    message_id: str
    time_ms: int


def own_rows(events: Sequence[OwnEvent], received_ms: int, sources: list[str]) -> EventRows:
    """The section of some events.

    Args:
        events: At least one.
        received_ms: The machine's clock.
        sources: Of the definitions in force; the events' are among them.
    """
    n = len(events)
    raw = [canonical_json(event.raw) for event in events]
    return EventRows(
        source=np.array([sources.index(event.source) for event in events], "<i2").tobytes(),
        time=np.array([event.time_ms for event in events], "<i8").tobytes(),
        received=np.full(n, received_ms, "<i8").tobytes(),
        original=np.full(n, NO_TIME, "<i8").tobytes(),
        sent=np.full(n, NO_TIME, "<i8").tobytes(),
        flags=np.zeros(n, "<u2").tobytes(),
        raw=raw,
        type_code=bytes([_TRACK]) * n,
        id_hash=np.array([event_hash(event.message_id) for event in events], "<u8").tobytes(),
        payload_hash=np.array([event_hash(text.decode()) for text in raw], "<u8").tobytes(),
        sources=sources,
    )
