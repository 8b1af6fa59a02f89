"""What a gate is, and the question that it answers."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from gyeol.decisions.model import Beside, OfferDefinition, PlacementDefinition
from gyeol.decisions.person import PersonView
from gyeol.decisions.terms import Account, Cap, Weary
from gyeol.expressions.condition import Condition
from gyeol.expressions.durations import Duration
from gyeol.expressions.formula import Formula
from gyeol.kernel.instants import Zone
from gyeol.kernel.reason import Reason
from gyeol.privacy.consent import Consent
from gyeol.privacy.law import LawTable, MessageClass


class MessagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision must know when its offer would leave as a message.

    Args:
        medium: Of the channel: the row of the law table and of consent.
        message_class: advertising or transactional.
        purpose: What the message is for.
        send_at_ms: When it would leave (quiet hours may lie between now and then).
        channel, hour: Name of the channel and the recipient's hour, where the placement leaves them open.
        cost: Of one message of the channel, in minor units.
        closed: Why nothing can leave this way (no address, no time left); None: it can.
    """

    medium: str
    message_class: MessageClass
    purpose: str
    send_at_ms: int
    channel: str | None = None
    hour: int | None = None
    cost: float = 0.0
    closed: Reason | None = None


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    """How a message stands against the others of its person (``journeys.contacts``).

    Args:
        count, most, window: How many left in the window, how many may.
        value: What it is worth.
        lost: Why it may not leave now; empty: it may.
        winner, winner_value: Whose offer has beaten it.
        until_ms: When it may try again.
    """

    count: int
    most: int
    window: str
    value: float
    lost: Literal["", "contact_budget", "outcompeted"] = ""
    winner: str = ""
    winner_value: float = 0.0
    until_ms: int = 0


class DecisionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question: what to say to this person in this placement now.

    Args:
        id: Of the decision; see ``decisions.engine.decision_id``.
        moment: The facts that ``person.column("moment.*")`` was built from; kept with the decision.
        cause: ``request`` or ``journey:<name>``.
        message: When the offer would leave as a message.
        recorded_at_ms: When a message is gated again before it leaves: the instant of its own decision, which caps must not count.
        contest: How a message that is about to leave stands against others; None: nobody limits contacts.
        beside: What the placements that were asked together, before this one, show.
        plans: The messages that the offer may leave as, where channel or hour is open; empty: ``message`` only.
    """

    id: str
    placement: str
    person: PersonView
    now_ms: int
    moment: dict[str, object] = {}
    cause: str = "request"
    message: MessagePlan | None = None
    recorded_at_ms: int | None = None
    contest: Contest | None = None
    beside: tuple[Beside, ...] = ()
    plans: tuple[MessagePlan, ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An offer in a placement, compiled.

    Args:
        valid_from_ms, valid_until_ms: Half-open; None = no end.
        accounts: What it draws on. charges: The amounts, by account.
        bought: The trait that tells whether it was bought.
        value: What a contact with it is worth; None: its score.
        caps: Of the workspace, that concern it in this placement. weary: When people are tired of it.
        reads: The traits that its condition and score read.
    """

    offer: OfferDefinition
    eligibility: Condition | None
    score: Formula
    cap_window: Duration
    valid_from_ms: int | None = None
    valid_until_ms: int | None = None
    accounts: tuple[Account, ...] = ()
    charges: dict[str, int] = {}
    bought: str | None = None
    value: Formula | None = None
    caps: tuple[Cap, ...] = ()
    weary: Weary | None = None
    reads: tuple[str, ...] = ()


class Question(Protocol):
    """A request with what gates share while it is answered."""

    @property
    def request(self) -> DecisionRequest:
        """The request."""
        ...

    @property
    def placement(self) -> PlacementDefinition:
        """The placement."""
        ...

    @property
    def placement_cap_window(self) -> Duration:
        """The placement's cap window."""
        ...

    @property
    def laws(self) -> LawTable:
        """The law table."""
        ...

    @property
    def zone(self) -> Zone:
        """The workspace's zone."""
        ...

    @property
    def memo(self) -> dict[str, int]:
        """What gates have counted for the question, so that they count it once."""
        ...

    def consent(self, channel: str, purpose: str) -> Consent:
        """The person's consent, looked up once."""
        ...


class Gate(Protocol):
    """One rule. It refuses with a reason or lets pass; it changes nothing.

    Attributes:
        name: As refusals name it.
        when_unknown: What happens when the value it needs is not known.
        shared: Whether the answer is the same for all candidates of a question; then it is asked once.
    """

    @property
    def name(self) -> str:
        """As refusals name it."""
        ...

    @property
    def when_unknown(self) -> Literal["refuse", "pass"]:
        """What happens when the value it needs is not known."""
        ...

    @property
    def shared(self) -> bool:
        """Whether the answer is the same for all candidates of a question."""
        ...

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Whether the rule can ever refuse this offer here; asked once, when definitions are compiled."""
        ...

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """Why the candidate is refused, with the values compared; None lets it pass."""
        ...

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The values that a candidate passed with: they go into the message's licence."""
        ...
