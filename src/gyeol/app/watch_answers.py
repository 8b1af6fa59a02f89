"""What the screens that watch are answered: Overview, Live, sources and violations. Shapes as in ``answers``."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.app.answers import RenderedReason
from gyeol.app.core_api import Stage, Texts
from gyeol.app.core_recent import Spread

ItemKind = Literal["event", "audience", "stage", "decision", "message", "delivery", "identity", "rejected"]


class Minute(msgspec.Struct, frozen=True):
    """What was received in one minute of the wall clock that begins at ``at``."""

    at: int
    accepted: int
    rejected: int


class EventFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Events since the log began; ``duplicates``: since the core started. ``rate``: the last 60 minutes, oldest first."""

    total: int
    rejected: int
    duplicates: int
    backlog: int
    backlog_age_ms: int
    rate: list[Minute]
    lag: Spread


class PeopleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """People with events; ``identified``: by something other than a browser's own id."""

    total: int
    identified: int


class RefusalCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a reason refused. ``gate`` is empty for messages."""

    code: str
    gate: str
    label: Texts
    count: int


class DecisionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions since the log began; percentiles of the last that somebody asked for. ``refusals``: of candidates, most frequent first."""

    total: int
    chosen: int
    fallback: int
    holdout: int
    nothing: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    refusals: list[RefusalCount]


class ChannelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of a channel by state."""

    channel: str
    label: Texts
    states: dict[str, int]


class DeliveryFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Messages by state now; by channel and by reason of refusal as of the lake's offset."""

    total: int
    states: dict[str, int]
    channels: list[ChannelFigures]
    refusals: list[RefusalCount]


class LakeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How far the lake is. ``behind``: records that the log has and the lake has not; ``problem``: why it does not move on, or empty."""

    offset: int
    end_offset: int
    behind: int
    problem: str


class ProblemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong now, and how to mend it."""

    code: str
    text: Texts
    mend: Texts


class OverviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether all is well. ``problems``: worst first, empty when it is."""

    now: int
    engine_now: int
    clock: str
    acting: bool
    simulated: bool
    events: EventFigures
    people: PeopleFigures
    decisions: DecisionFigures
    deliveries: DeliveryFigures
    lake: LakeFigures
    problems: list[ProblemAnswer]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where events go (``url``), and where this API is."""

    url: str
    internal: str


class RejectedCount(msgspec.Struct, frozen=True, kw_only=True):
    """Rejections of one code."""

    code: str
    label: Texts
    count: int
    last_at: int


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a source's events. ``duplicate``: since the core started."""

    accepted: int
    duplicate: int
    rejected: int


class SourceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A source. ``kind``: whose hands its key is in; ``events``: accepted; ``last_at``: receipt of the last accepted one."""

    name: str
    label: Texts
    kind: str
    channel: str
    enabled: bool
    write_key: str
    origins: list[str]
    events: int
    last_at: int | None
    verdicts: Verdicts
    rejected: list[RejectedCount]


class SourcesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All sources."""

    endpoint: Endpoint
    sources: list[SourceAnswer]


class ViolationExample(msgspec.Struct, frozen=True, kw_only=True):
    """The last such event. ``value``: null where it is missing, personal, or no longer in the log."""

    dead_letter: str | None
    value: object


class ViolationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which events depart from the tracking plan. ``code``: ``missing`` | ``type`` | ``one_of``."""

    code: str
    event: str
    path: str
    source: str
    expected: str
    found: str
    count: int
    last_at: int | None
    example: ViolationExample
    text: Texts
    effect: Literal["rejected", "flagged"]


class ViolationsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Departures from the plan, most frequent first; ``since``: receipt of the first event that was counted."""

    violations: list[ViolationAnswer]
    since: int


class ItemPerson(msgspec.Struct, frozen=True):
    """Whose."""

    id: str
    name: str


class ItemEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did. ``summary``: its few telling values."""

    name: str
    type: str
    source: str
    source_label: Texts
    channel: str
    summary: dict[str, object]
    label: Texts


class ItemAudience(msgspec.Struct, frozen=True, kw_only=True):
    """Entered or left."""

    name: str
    label: Texts
    entered: bool


class ItemStage(msgspec.Struct, frozen=True, kw_only=True):
    """Another stage; null: on none."""

    before: Stage | None
    after: Stage | None


class ItemDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in short; ``refused``: candidates; ``ms``: request to durable answer, null for a journey's."""

    id: str
    placement: str
    placement_label: Texts
    chosen: str | None
    chosen_label: Texts
    fallback: bool
    holdout: bool
    reason: RenderedReason | None
    refused: int
    ms: float | None


class ItemMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message and its state."""

    send_key: str
    journey: str
    channel: str
    state: str
    reason: RenderedReason | None


class ItemDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message."""

    send_key: str
    channel: str
    state: str
    reason: RenderedReason | None


class ItemIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Identifiers that became one person, or people that were split; ``people``: their ids now."""

    what: Literal["joined", "split"]
    people: list[str]


class ItemRejected(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter."""

    id: str
    code: str
    text: Texts
    source: str


class LiveItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. ``id`` grows along the log; exactly the field that ``kind`` names is there."""

    id: str
    at: int
    kind: ItemKind
    simulated: bool
    person: ItemPerson | None
    event: ItemEvent | None = None
    audience: ItemAudience | None = None
    stage: ItemStage | None = None
    decision: ItemDecision | None = None
    message: ItemMessage | None = None
    delivery: ItemDelivery | None = None
    identity: ItemIdentity | None = None
    rejected: ItemRejected | None = None
