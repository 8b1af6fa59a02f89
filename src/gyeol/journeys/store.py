"""The seam to whatever keeps enrolments for reading. They come in through the state store's unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gyeol.journeys.enrolment import Enrolment


class EnrolmentStore(Protocol):
    """Enrolments by (journey, entry key, node)."""

    def get(self, journey: str, entry_key: str, node: int) -> Enrolment | None:
        """One enrolment, or None."""
        ...

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[Enrolment]:
        """The newest enrolments made for any of these nodes."""
        ...

    def counts(self) -> dict[str, int]:
        """How many enrolments each journey has; journeys without any are left out."""
        ...
