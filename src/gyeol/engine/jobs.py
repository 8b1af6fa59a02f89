"""What is asked of the engine: each job brings records or a question, and carries its answer back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gyeol.channels.model import Delivery
from gyeol.content.coupons.person import Shown
from gyeol.content.coupons.records import Issued
from gyeol.context.record import FactInput
from gyeol.decisions.model import Decision
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.state import EngineState
from gyeol.events.ingest import Incoming
from gyeol.events.model import Verdict
from gyeol.events.sections import Command, EventColumns, RejectedEvent


class Job:
    """Base: an answer or an error, set by the engine before ``waiter`` is told.

    Attributes:
        answer: The result, when there is no error.
        error: Why the job failed; then nothing of it was kept.
        waiter: What the asker waits with; the engine only carries it.
        folded: Whether the answer must wait for the fold (durable is always waited for).
        quick: Whether it may overtake jobs that bring records.
        heavy: Whether it takes so long that nothing else should wait in its thread.
        patient: Whether it may wait some milliseconds for others to share its frame.
        since_s: When it was submitted, on ``time.monotonic``.
        trace: The span of the request that it came with, where traces are made; the engine only carries it.
    """

    folded = quick = heavy = patient = False

    def __init__(self) -> None:
        self.answer: object = None
        self.error: Exception | None = None
        self.waiter: object = None
        self.since_s = 0.0
        self.trace: object = None

    @property
    def events(self) -> int:
        """How many events it brings."""
        return 0

    @property
    def size_bytes(self) -> int:
        """How much memory it holds while it waits, about."""
        return 0


class Collect(Job):
    """Events from HTTP; the answer is ``list[Verdict]``, one an event."""

    patient = True

    def __init__(self, incoming: Incoming) -> None:
        super().__init__()
        self.incoming = incoming
        self.verdicts: list[Verdict] = []
        self._size_bytes = sum(map(len, incoming.events))

    @property
    def events(self) -> int:
        """How many events it brings."""
        return len(self.incoming.events)

    @property
    def size_bytes(self) -> int:
        """How much memory it holds while it waits, about."""
        return self._size_bytes


class Replay(Collect):
    """A dead letter sent again: its event and the command that marks it stand in one frame, or neither does.

    Args:
        incoming: The event, as it came or corrected.
        letter: Id of the dead letter.
        command: ``replay_dead_letter``.

    Attributes:
        offset: Of the command, when the event was accepted or had come before.
    """

    folded, patient = True, False

    def __init__(self, incoming: Incoming, letter: str, command: Command) -> None:
        super().__init__(incoming)
        self.letter, self.command = letter, command
        self.offset: int | None = None


class Import(Job):
    """One group of an import; the answer is an ``Imported``.

    Args:
        section: Its events; ``origin`` says which part of which import they are.
        rejected: Its rows that are no events; they get their ids here.
        act: Whether journeys may act on it.
    """

    folded = heavy = True

    def __init__(self, section: EventColumns, rejected: Sequence[RejectedEvent] = (), act: bool = False) -> None:
        super().__init__()
        self.section, self.rejected, self.act = section, rejected, act

    @property
    def events(self) -> int:
        """How many events it brings."""
        return self.section.count


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a group. ``again``: the whole group was imported before, nothing was done."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    again: bool = False


class Decide(Job):
    """A request for decisions; the answer is ``list[Decided]``.

    Args:
        find: Names whom the decisions are for: a node, or (type, value) of an identifier that may be new. May raise NotFoundError.
        placements: Which, in order.
        context: Facts of the request, read as ``moment.*``.
        key: Makes the ids of the decisions: the same key gives the same ids.
        lang: Of the content; None: the person's own.
        alone: See only what was told of the named identifier itself, not of the person it may belong to.
        stands: Told once more what was answered before, without a record, for as long as it stands (``engine.standing``).
    """

    quick = True

    def __init__(
        self,
        find: Callable[[EngineState], int | tuple[str, str]],
        placements: Sequence[str],
        context: dict[str, object],
        key: str,
        lang: str | None = None,
        alone: bool = False,
        stands: bool = False,
    ) -> None:
        super().__init__()
        self.find, self.placements, self.context, self.key, self.lang, self.alone = find, placements, context, key, lang, alone
        self.stands = stands

    @property
    def events(self) -> int:
        """It counts as one event a placement where frames are cut and load is told."""
        return len(self.placements)


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, and what its offer says to this person (empty when nothing was chosen, or it cannot be said).

    Args:
        coupon: The code that the offer shows. ``issued``: its record, when it is a new one.
    """

    decision: Decision
    content: dict[str, object]
    coupon: Shown | None = None
    issued: Issued | None = None


class Tell(Job):
    """Commands; the answer is what ``Engine`` says of each after its fold."""

    folded = True

    def __init__(self, commands: list[Command]) -> None:
        super().__init__()
        self.commands = commands
        self.named: list[Command] = []


class Observe(Job):
    """Facts; the answer is ``list[FactSaid]``, one a fact. One bad fact and none is kept.

    Args:
        facts: As they were told.
        source: Who tells them, for those that do not say.
    """

    folded = True

    def __init__(self, facts: list[FactInput], source: str) -> None:
        super().__init__()
        self.facts, self.source = facts, source

    @property
    def events(self) -> int:
        """It counts as one event a fact where frames are cut and load is told."""
        return len(self.facts)


class Apply(Job):
    """Put definitions in force; the answer is the offset of the command. The whole log is folded under them first (ADR 0004)."""

    folded = heavy = True

    def __init__(self, definitions: Definitions, by: str, why: str) -> None:
        super().__init__()
        self.definitions, self.by, self.why = definitions, by, why


class Deliver(Job):
    """What became of messages."""

    folded = True

    def __init__(self, deliveries: list[Delivery]) -> None:
        super().__init__()
        self.deliveries = deliveries


class Resume(Job):
    """After a crash: frames that state.db has not seen, and those among them whose journeys are still to begin."""

    heavy = True

    def __init__(self, pending: Sequence[Effects], unanswered: Sequence[Effects]) -> None:
        super().__init__()
        self.pending, self.unanswered = pending, unanswered


class Ask(Job):
    """A question to the state; the answer is what the function returns. It must not change the state."""

    quick = heavy = True

    def __init__(self, question: Callable[[EngineState], object]) -> None:
        super().__init__()
        self.question = question
