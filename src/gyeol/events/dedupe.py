"""Whether an event has come before: the seam to the index of ids.

An entry is (key, value): the key mixes source and messageId into 64 bits, the value holds the offset of the frame (40 bits) and 24
bits of the payload's hash. An event is called a duplicate, and dropped, only if all 88 bits agree; a key alone that agrees by accident
(one chance in a thousand among 200 million ids) sends the event to the dead letter as ``id_reused``, where it can be seen and replayed.
The offset tells after a crash which entries were made for frames that never became durable: those are forgotten.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from gyeol.kernel.hashing import event_hash

NEW, DUPLICATE, ID_REUSED = 0, 1, 2
DAYS = 7
"""For how many days after the day of receipt an id is remembered. Source: DESIGN.md, section 4."""

PAYLOAD_BITS = 24
MAX_OFFSET = 2**40 - 2
UInt64s = npt.NDArray[np.uint64]


class DedupeIndex(Protocol):
    """The ids of the last ``DAYS`` days. One writer. Derived from the log: ``complete_until`` says from where to add again."""

    def check(self, keys: UInt64s, payloads: UInt64s, received_ms: int, first_offset: int) -> npt.NDArray[np.uint8]:
        """Judge events and remember the new ones; also the second of two equal keys in one call is a duplicate.

        Args:
            keys: (n,) of ``keys_of``.
            payloads: (n,) of ``heads.payload_hash``; 0: not known, equal to any.
            received_ms: The day of receipt; days older than ``DAYS`` before it are forgotten.
            first_offset: Offset of the first record of the frame in which the new ones will stand; from call to call it does not go
                back, but after ``forget_from``, and with what is added again from the log.

        Returns:
            (n,) of ``NEW``, ``DUPLICATE``, ``ID_REUSED``.
        """
        ...

    def forget_from(self, offset: int) -> None:
        """Forget what was remembered for frames at or after an offset: at start-up (the log's end), after an append that failed."""
        ...

    def complete_until(self) -> int:
        """Every event before this offset is in the index; after a crash the events from here on must be checked again."""
        ...

    def checkpoint(self, offset: int) -> None:
        """Make durable that all events before ``offset`` are in the index."""
        ...

    def size(self) -> int:
        """How many ids are remembered."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


def keys_of(source_name: str, id_hash: UInt64s) -> UInt64s:
    """The keys of events of one source: never 0.

    Args:
        source_name: Name, not index: an index changes with the definitions.
        id_hash: (n,) ``kernel.hashing.event_hash`` of the messageIds.
    """
    keys = id_hash ^ np.uint64(event_hash(f"source\x1f{source_name}"))
    keys[keys == 0] = 1
    return keys


def short_of(payload: int) -> int:
    """The bits of a payload's hash that an entry keeps; 0 stands for a payload that nobody knows, and for no other."""
    return max(1, payload >> (64 - PAYLOAD_BITS)) if payload else 0


def shorts_of(payloads: UInt64s) -> UInt64s:
    """As ``short_of`` for many."""
    known = (payloads != 0).astype(np.uint64)
    shorts: UInt64s = np.maximum(payloads >> np.uint64(64 - PAYLOAD_BITS), known)
    return shorts


def value_of(offset: int, payload: int) -> int:
    """The value of an entry."""
    return offset << PAYLOAD_BITS | short_of(payload)


def same_payload(value: int, payload: int) -> bool:
    """Whether an entry's value was made of this payload, as far as both are known: an import says which events there are, and no more."""
    held, asked = value & (1 << PAYLOAD_BITS) - 1, short_of(payload)
    return held == asked or not held or not asked
