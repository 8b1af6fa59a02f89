"""What the side process and the CLI ask of the core: ten calls, each with one request and one reply, plain enough for msgpack.

``Core`` is implemented in the core's process; ``remote_core.RemoteCore`` is the same over the unix socket.
Sentences come in both languages where a condition or the catalogue renders them; everything else is values and codes.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from gyeol.app.command_kinds import CommandKind
from gyeol.app.content_asked import ContentsReply
from gyeol.app.core_groups import GroupsReply, GroupsRequest
from gyeol.app.core_people import Membership as Membership
from gyeol.app.core_people import PeopleReply as PeopleReply
from gyeol.app.core_people import PeopleRequest as PeopleRequest
from gyeol.app.core_people import PersonLine as PersonLine
from gyeol.app.core_people import PersonReply as PersonReply
from gyeol.app.core_people import PersonRequest as PersonRequest
from gyeol.app.core_people import ShownIdentifier as ShownIdentifier
from gyeol.app.core_people import ShownTrait as ShownTrait
from gyeol.app.core_people import Stage as Stage
from gyeol.app.core_people import Texts as Texts
from gyeol.app.core_recent import Recent, Spread
from gyeol.app.coupon_api import CouponAnswer, CouponsAsked, CouponsTold, CouponsView, ReconcileAnswer, ReconcileRequest
from gyeol.app.fact_answers import FactsAnswer
from gyeol.app.policy_views import PolicyStanding
from gyeol.channels.model import Delivery, Message
from gyeol.context.record import FactInput
from gyeol.context.subject import Subject
from gyeol.decisions.model import Decision
from gyeol.engine.facts import FactSaid
from gyeol.engine.refold import Doubtful
from gyeol.identity.rehearsal import RuleEffect
from gyeol.profiles.growth import Owed


class FactsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the facts that are held: of a name, about a subject (of a person ``id`` is what names the person), at most ``limit``."""

    name: str | None = None
    about: Subject | None = None
    limit: int = 100


class StatusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How the core is.

    Args:
        after: Also what the frames from this offset on changed beside their records (``Recent``); None: not asked for.
        people: Nodes of older frames, whose person and name is asked for too.
        facts: Facts that are asked for.
        subjects: Kinds of subjects; those under which somebody is now are asked for.
        coupons: What of coupons is asked for.
        contents: Whether it is asked where the versions of contents stand.
        accounts: Of which accounts (``decisions.spending``) it is asked what was taken.
    """

    after: int | None = None
    people: list[int] = []
    facts: FactsAsked | None = None
    subjects: list[str] = []
    contents: bool = False
    coupons: CouponsAsked | None = None
    accounts: list[str] = []


class AccountTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken of an account: today and ever, in minor units or pieces."""

    account: str
    today: int
    total: int


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
        refusing: Why no events are taken at all. snapshot_problem: Why the last snapshot failed. Both empty when all is well.
        free_bytes: Of the data folder's disk; -1 when the core does not say.
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
    refusing: str = ""
    snapshot_problem: str = ""
    free_bytes: int = -1
    facts: FactsAnswer | None = None
    subjects: list[Subject] = []
    contents: ContentsReply | None = None
    coupons: CouponsView | None = None
    accounts: list[AccountTaken] = []
    policies: list[PolicyStanding] = []


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One command for the log.

    Args:
        kind: merge | cut | release | confirm | move | split | accept | reject | consent | apply | replay_dead_letter.
        body: merge, cut, release, confirm, move: ``{"a": …, "b": …}`` (``type:value``, the id of a person or identifier, or a bare value)
            · accept, reject: the same with ``weight`` (bits) and ``model`` of the suggestion
            · split: ``{"identifiers": […]}`` · apply: ``{"definitions": {…}}``
            · replay_dead_letter: ``{"id": …, "event": {…} or absent}``
            · policy_switch: ``{"policy": …, "verdict": {…} or null}`` · policy_warm: ``gyeol.decisions.ranking.warm.Warm``
            · content_submit, content_approve, content_return: ``{"content": …, "role": …, "version": … or absent}``.
        by: Who asks.
        why: In their words.
    """

    kind: CommandKind
    body: dict[str, object]
    by: str
    why: str = ""


class SubmitRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Records for the log.

    Args:
        commands: Answered one by one, after their fold.
        sections: Encoded ``EventColumns`` (msgpack) of an import, in order.
        act: Whether journeys may act on the import's events.
        facts: Recorded all, or none when one is wrong. ``facts_by``: who observed those that do not say.
        preview: Nothing is appended: what each command on people would do is told (``facts``), and whether a policy may be warmed.
        coupons: Questions about coupons. ``reconcile``: the journal of a till.
    """

    commands: list[CommandRequest] = []
    sections: list[bytes] = []
    act: bool = False
    preview: bool = False
    facts: list[FactInput] = []
    facts_by: str = "api"
    coupons: CouponsTold | None = None
    reconcile: ReconcileRequest | None = None


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one command or section. ``status``: applied | refused | duplicate; ``reason``: a code when refused."""

    status: Literal["applied", "refused", "duplicate"]
    offset: int | None = None
    reason: str = ""
    detail: str = ""
    facts: dict[str, object] = {}


class SubmitReply(msgspec.Struct, frozen=True, kw_only=True):
    """One entry a command, then one a section; and one a fact, one a question about coupons, and what became of a journal."""

    results: list[Submitted]
    facts: list[FactSaid] = []
    coupons: list[CouponAnswer] = []
    reconciled: ReconcileAnswer | None = None


class DecideRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask what to say. ``person``: id, ``type:value`` or bare value; an unknown one is an error."""

    person: str
    placements: list[str]
    context: dict[str, object] = {}


class DecideReply(msgspec.Struct, frozen=True, kw_only=True):
    """One decision a placement, recorded. ``content``: of the chosen offer, by offer and language."""

    decisions: list[Decision]
    content: dict[str, dict[str, dict[str, str]]] = {}


class AudienceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Audiences and stages with their sizes.

    Args:
        name: Only this audience; None: all.
        person: Why this person is in ``name`` or not.
        stage_members: Also who stands on each stage (for figures by stage).
        groups: Instead of all this: groups and audiences of groups.
    """

    name: str | None = None
    person: str | None = None
    stage_members: bool = False
    groups: GroupsRequest | None = None


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
    groups: GroupsReply | None = None


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What would change if these definitions (``Definitions.as_json``) were applied."""

    definitions: bytes


class AudienceEffect(msgspec.Struct, frozen=True, kw_only=True):
    """How many people a change would put into an audience or take out; None: it cannot be told before the traits are folded anew."""

    audience: str
    before: int | None
    after: int | None


class PlanReply(msgspec.Struct, frozen=True, kw_only=True):
    """The change and its effect. ``changes``: as ``workspace.difference`` writes them. ``refold``: traits that must be folded anew.

    ``identity``: who would be whom, when identity rules change.
    """

    before: str | None
    after: str
    changes: list[dict[str, object]]
    audiences: list[AudienceEffect] = []
    refold: list[str] = []
    identity: RuleEffect | None = None


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
    """One check of doctor.

    Args:
        good: False: something is broken or will be soon.
        detail: What was found.
        mend: How to mend it. ``why``: why it matters. Both are said when it is not good or ``watch``.
        watch: Good still, but worth a look.
        figures: What was measured, for programs.
    """

    name: str
    good: bool
    detail: str = ""
    mend: str = ""
    why: str = ""
    watch: bool = False
    figures: dict[str, float] = {}


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
