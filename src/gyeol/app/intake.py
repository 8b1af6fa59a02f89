"""What the public port needs of the core: where events and requests for decisions go in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from gyeol.context.record import FactInput
from gyeol.engine.facts import FactSaid
from gyeol.events.ingest import Incoming
from gyeol.events.model import SourceDefinition, Verdict


class Busy(msgspec.Struct, frozen=True):
    """Why requests are turned away for now: ``overloaded`` (429) or ``unavailable`` (503), and when to come back."""

    kind: str
    code: str
    message: str
    retry_after_s: int


class DecideRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/decide``.

    Args:
        placements: Names, in order; ``placement`` may be given instead for one.
        person: ``type:value``, a person id, or a bare identifier value. Server keys only.
        anonymousId, userId: The SDK's ids. With a client key a userId needs ``userToken``.
        userToken: HMAC-SHA256 (hex) of the userId under the folder's decide key: proves who is signed in.
        context: Facts of this request: ``{"device": …, "page": …, "store": …}``, read as ``moment.*``.
        lang: ``ko`` or ``en``: language of content and reasons.
        standing: What this visit was told stands: it is told again, without another record, until it would be another answer.
    """

    placements: list[str] = []
    placement: str | None = None
    person: str | None = None
    anonymousId: str | None = None
    userId: str | None = None
    userToken: str | None = None
    context: dict[str, object] = {}
    lang: str = "ko"
    standing: bool = False


class FactsRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/facts``: recorded all, or none when one is wrong."""

    facts: list[FactInput]


Collected = Callable[[list[Verdict], Exception | None], None]
"""Told the verdicts, or why there are none."""
Chosen = Callable[[list[dict[str, object]], Exception | None], None]
"""Told the decisions, or why there are none."""


class Intake(Protocol):
    """The core as the public port sees it."""

    def source(self, write_key: str) -> tuple[int, SourceDefinition] | None:
        """The enabled source of a key (its place among the definitions' sources), or None."""
        ...

    def busy(self) -> Busy | None:
        """Whether requests are to be turned away now."""
        ...

    def busy_deciding(self) -> Busy | None:
        """Whether requests for decisions are to be turned away now."""
        ...

    def take(self, incoming: Incoming, done: Collected) -> None:
        """Events; ``done`` is called later, in the asyncio loop's thread, once the records are durable or cannot be made so."""
        ...

    def choose(self, request: DecideRequest, source: SourceDefinition, done: Chosen) -> None:
        """Decisions; ``done`` is called later, in the asyncio loop's thread, once they are recorded. Raises InputError."""
        ...

    async def collect(self, incoming: Incoming) -> list[Verdict]:
        """Verdicts, once the records are durable. Raises BackendError when they cannot be made so."""
        ...

    async def decide(self, request: DecideRequest, source: SourceDefinition) -> list[dict[str, object]]:
        """Decisions, once recorded. Raises InputError, NotFoundError."""
        ...

    async def observe(self, request: FactsRequest, source: SourceDefinition) -> list[FactSaid]:
        """What became of facts, once recorded. Raises InputError, LimitError, BackendError."""
        ...

    def placements(self) -> dict[str, str]:
        """The placements that may be asked for, each with its channel, in the order of the definitions."""
        ...

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether the core takes events, with figures for a load balancer's log."""
        ...
