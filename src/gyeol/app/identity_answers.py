"""What is answered about identity as a whole: the queues, and the trail of who did what. Shapes of JSON, like ``answers``."""

from __future__ import annotations

import msgspec

from gyeol.app.core_people import HeldEvidence, NodeName, SharedIdentifier


class QuarantineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that the rules hold back, of everybody, newest first."""

    quarantined: list[HeldEvidence]
    next: str | None
    total: int | None


class SharedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Identifiers of several people, newest first."""

    shared: list[SharedIdentifier]
    next: str | None
    total: int | None


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """A command: who, when, why. ``identifiers``: whom it named, and whose they are now; ``body``: what else it was told."""

    offset: int
    at: int
    by: str
    kind: str
    why: str
    identifiers: list[NodeName]
    body: dict[str, object]


class AuditAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Commands, newest first."""

    entries: list[AuditRow]
    next: str | None
