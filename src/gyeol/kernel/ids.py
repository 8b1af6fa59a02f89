"""The identifiers that packages hand to one another."""

from __future__ import annotations

from typing import NewType

Node = NewType("Node", int)
"""The integer of one identifier (type, value). Given in order of first sight; never reused; meaningless outside a data folder."""

PersonId = NewType("PersonId", str)
"""The public name of a person: 32 hex digits, a keyed hash of the person's highest-priority identifier."""

Offset = NewType("Offset", int)
"""The place of a record in the log, counted from 0."""

EventId = NewType("EventId", int)
"""64-bit hash of an event's messageId; the tie-breaker wherever two events have the same time."""
