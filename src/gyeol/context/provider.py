"""What observes the world for Gyeol: weather services, stock systems, models that read texts. It runs in the side process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from gyeol.context.record import FactInput
from gyeol.context.subject import Subject, SubjectKind


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider may be asked for.

    Args:
        now_ms: ``engine_now``.
        subjects: Those of the provider's kinds that somebody is under now, sorted: cells with people in them, stores, articles.
    """

    now_ms: int
    subjects: list[Subject] = []


class FactProvider(Protocol):
    """One source of facts. It must answer in a bounded time; what it raises is told and tried again at its next turn."""

    @property
    def name(self) -> str:
        """The source that its facts name."""
        ...

    @property
    def every_s(self) -> float:
        """How often it is asked, in seconds."""
        ...

    @property
    def kinds(self) -> tuple[SubjectKind, ...]:
        """The kinds of subjects that it wants to be told of."""
        ...

    def observe(self, wanted: Wanted) -> Sequence[FactInput]:
        """What is true now. The same fact may be given again: it is recorded once.

        Raises:
            BackendError: It could not be asked.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
