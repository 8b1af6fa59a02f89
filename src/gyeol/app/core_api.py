"""What the side process and the CLI ask of the core: ten calls, each with one request and one reply, plain enough for msgpack.

``Core`` is implemented in the core's process; ``remote_core.RemoteCore`` is the same over the unix socket.
Sentences come in both languages where a condition or the catalogue renders them; everything else is values and codes.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from gyeol.app.core_recent import Recent, Spread
from gyeol.channels.model import Delivery, Message
from gyeol.decisions.model import Decision
from gyeol.engine.refold import Doubtful
from gyeol.profiles.growth import Owed

Texts = dict[str, str]
"""Language (``ko``, ``en``) → text."""


class StatusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How the core is.

    Args:
        after: Also what the frames from this offset on changed beside their records (``Recent``); None: not asked for.
        people: Nodes of older frames, whose person and name is asked for too.
    """

    after: int | None = None
    people: list[int] = []


class StatusReply(msgspec.Struct, frozen=True, kw_only=True):
    """How the core is.

    Args:
        workspace, label, zone, currency: Of the definitions in force.
        simulated: The workspace's sentence about simulated data; empty when none are.
        clock: ``wall`` or ``data``.
        end_offset: The next record's offset. ``acted_offset``: everything before it is folded and in state.db.
        events, rejected, commands, decisions: Since the log began. ``duplicates``: since the core started.
        people: With events. ``identified``: of those, with an identifier that is not anonymous.
        backlog: Events accepted but not yet folded.
        definitions: Hash of the definitions in force.
        acting: False when state.db keeps failing: events are taken, nothing is done about them.
        doubtful: Sequences of people that late events made doubtful; they are being folded anew from the lake.
        unready: Traits whose past is still being brought in; they are unknown meanwhile.
        backlog_age_ms: How long the oldest event of the backlog has waited.
        lag: Receipt to fold of the last events over HTTP. ``decide``: request to durable answer of the last decisions.
        duplicates_by_source: Since the core started.
    """

    workspace: str
    label: Texts
    zone: str
    currency: str
    simulated: Texts
    version: str
    clock: str
    engine_now_ms: int
    end_offset: int
    acted_offset: int
    events: int
    rejected: int
    duplicates: int
    people: int
    identified: int
    decisions: int
    commands: int
    backlog: int
    definitions: str
    acting: bool = True
    doubtful: int = 0
    unready: list[str] = []
    backlog_age_ms: int = 0
    lag: Spread = Spread()
    decide: Spread = Spread()
    duplicates_by_source: dict[str, int] = {}
    recent: Recent | None = None


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One command for the log.

    Args:
        kind: merge | cut | release | consent | apply | replay_dead_letter.
        body: merge, cut: ``{"a": …, "b": …}`` (``type:value``, a person id or a bare value) · apply: ``{"definitions": {…}}``
            · replay_dead_letter: ``{"id": …, "event": {…} or absent}``.
        by: Who asks.
        why: In their words.
    """

    kind: Literal["merge", "cut", "release", "consent", "apply", "replay_dead_letter", "refold", "backfill"]
    body: dict[str, object]
    by: str
    why: str = ""


class SubmitRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Records for the log.

    Args:
        commands: Answered one by one, after their fold.
        sections: Encoded ``EventColumns`` (msgpack) of an import, in order.
        act: Whether journeys may act on the import's events.
    """

    commands: list[CommandRequest] = []
    sections: list[bytes] = []
    act: bool = False


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one command or section. ``status``: applied | refused | duplicate; ``reason``: a code when refused."""

    status: Literal["applied", "refused", "duplicate"]
    offset: int | None = None
    reason: str = ""
    detail: str = ""
    facts: dict[str, object] = {}


class SubmitReply(msgspec.Struct, frozen=True, kw_only=True):
    """One entry a command, then one a section."""

    results: list[Submitted]


class DecideRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask what to say. ``person``: id, ``type:value`` or bare value; an unknown one is an error."""

    person: str
    placements: list[str]
    context: dict[str, object] = {}


class DecideReply(msgspec.Struct, frozen=True, kw_only=True):
    """One decision a placement, recorded. ``content``: of the chosen offer, by offer and language."""

    decisions: list[Decision]
    content: dict[str, dict[str, dict[str, str]]] = {}


class PeopleRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Search people: by words in identifiers, by audience, by stage; newest activity first."""

    query: str = ""
    audience: str | None = None
    stage: str | None = None
    limit: int = 50
    cursor: str | None = None


class ShownIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier as screens show it: PII types are masked."""

    type: str
    value: str
    label: Texts = {}


class ShownTrait(msgspec.Struct, frozen=True, kw_only=True):
    """A trait's value. Money: ``{"minor": int, "currency": text}``; ``type`` time: milliseconds; None: unknown. ``estimate``: not exact.

    ``source``: names of the events it is made of; ``updated_at``: time of the person's newest such event, where that was looked up.
    """

    name: str
    label: Texts
    kind: str
    type: str
    value: object
    unit: str | None = None
    simulated: bool = False
    description: Texts = {}
    estimate: bool = False
    source: list[str] = []
    updated_at: int | None = None


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a list."""

    id: str
    name: str
    identifiers: list[ShownIdentifier]
    stage: str | None
    last_seen_ms: int | None
    audiences: list[str]
    traits: list[ShownTrait] = []


class PeopleReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of people; ``next`` is the cursor of the following one. ``total``: how many match, when that is cheap to know."""

    people: list[PersonLine]
    next: str | None = None
    total: int | None = None


class PersonRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One person by id (also an old one), ``type:value`` or bare identifier value."""

    id: str


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A journey stage."""

    name: str
    label: Texts


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person is in an audience, and why. ``member`` None: cannot be known. ``explained``: the tree of ``expressions.explain``."""

    name: str
    label: Texts
    member: bool | None
    since_ms: int | None
    sentence: Texts
    explained: object


class PersonReply(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of a person now. ``nodes``: the integers of the person's identifiers, for timelines and decisions."""

    id: str
    nodes: list[int]
    simulated: bool
    stage: Stage | None
    first_seen_ms: int | None
    last_seen_ms: int | None
    events: int
    identifiers: list[ShownIdentifier]
    evidence: list[dict[str, object]]
    quarantined: list[dict[str, object]]
    shared: list[dict[str, object]]
    traits: list[ShownTrait]
    audiences: list[Membership]
    moment: dict[str, object]
    consents: list[dict[str, object]] = []


class AudienceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Audiences and stages with their sizes.

    Args:
        name: Only this audience; None: all.
        person: Why this person is in ``name`` or not.
        stage_members: Also who stands on each stage (for figures by stage).
    """

    name: str | None = None
    person: str | None = None
    stage_members: bool = False


class AudienceSize(msgspec.Struct, frozen=True, kw_only=True):
    """An audience or stage: what it means and how many people are in it."""

    name: str
    label: Texts
    size: int
    sentence: Texts
    condition: str
    description: Texts = {}


class AudienceReply(msgspec.Struct, frozen=True, kw_only=True):
    """``why`` when a person was named. ``stage_members``: stage → person ids; ``""`` holds those on no stage."""

    audiences: list[AudienceSize]
    stages: list[AudienceSize]
    why: Membership | None = None
    stage_members: dict[str, list[str]] = {}


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What would change if these definitions (``Definitions.as_json``) were applied."""

    definitions: bytes


class AudienceEffect(msgspec.Struct, frozen=True, kw_only=True):
    """How many people a change would put into an audience or take out; None: it cannot be told before the traits are folded anew."""

    audience: str
    before: int | None
    after: int | None


class PlanReply(msgspec.Struct, frozen=True, kw_only=True):
    """The change and its effect. ``changes``: as ``workspace.difference`` writes them. ``refold``: traits that must be folded anew."""

    before: str | None
    after: str
    changes: list[dict[str, object]]
    audiences: list[AudienceEffect] = []
    refold: list[str] = []


class ClaimRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Hand out messages to send. ``interrupted``: those that were being sent when a process died, instead."""

    limit: int = 100
    interrupted: bool = False


class ClaimReply(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that are ``sending`` now, durably. Those that a gate refused a second time are not among them."""

    messages: list[Message]


class ReportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What became of messages, and how far the lake is (what it has passed may be forgotten in state.db)."""

    deliveries: list[Delivery] = []
    lake_offset: int | None = None


class ReportReply(msgspec.Struct, frozen=True, kw_only=True):
    """How many deliveries were recorded, and what the core wants of the lake: only asked for with ``lake_offset``.

    ``doubtful``: sequences of people that late events made doubtful, to be folded anew. ``owed``: the past of new traits that is
    still missing.
    """

    recorded: int
    doubtful: list[Doubtful] = []
    owed: list[Owed] = []


class VerifyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Check the core's state. ``replay``: also fold the log anew beside it and compare, which takes as long as the log is."""

    replay: bool = False


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check of doctor."""

    name: str
    good: bool
    detail: str = ""
    mend: str = ""


class VerifyReply(msgspec.Struct, frozen=True, kw_only=True):
    """All checks, good and bad."""

    checks: list[Check]


class Core(Protocol):
    """The core, wherever it runs. Every call may raise GyeolError; over a socket also Backend…Error when no core answers."""

    def status(self, request: StatusRequest) -> StatusReply:
        """How the core is."""
        ...

    def submit(self, request: SubmitRequest) -> SubmitReply:
        """Append commands or an import; answers after the fold."""
        ...

    def decide(self, request: DecideRequest) -> DecideReply:
        """Decide and record."""
        ...

    def people(self, request: PeopleRequest) -> PeopleReply:
        """Search people."""
        ...

    def person(self, request: PersonRequest) -> PersonReply:
        """One person. Raises NotFoundError."""
        ...

    def audience(self, request: AudienceRequest) -> AudienceReply:
        """Audiences, stages, why one person is in. Raises NotFoundError."""
        ...

    def plan(self, request: PlanRequest) -> PlanReply:
        """What a change of definitions would do; nothing is changed."""
        ...

    def claim(self, request: ClaimRequest) -> ClaimReply:
        """Messages to send."""
        ...

    def report(self, request: ReportRequest) -> ReportReply:
        """Deliveries."""
        ...

    def verify(self, request: VerifyRequest) -> VerifyReply:
        """Checks for doctor."""
        ...
