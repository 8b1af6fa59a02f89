"""What the API, the CLI's ``--json`` and the console are answered: the shapes of JSON, and so of the OpenAPI document.

Instants are milliseconds since 1970 (UTC). Money is ``{"minor": int, "currency": text}``. Texts are language → text.
"""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import AudienceEffect, AudienceSize, Membership, ShownIdentifier, ShownTrait, Stage, Texts
from gyeol.app.core_people import GoldenValue, GroupOfPerson
from gyeol.app.decision_answers import ShownContribution, ShownOutcome, UsedTrait
from gyeol.app.letter_answers import DeadLetterAnswer as DeadLetterAnswer
from gyeol.app.letter_answers import DeadLettersAnswer as DeadLettersAnswer
from gyeol.content.model import Wording
from gyeol.identity.rehearsal import RuleEffect


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in whole minor units."""

    minor: int
    currency: str


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the pair of processes is. Figures are as of ``lake_offset``; ``lake_problem`` says why it does not move on, ``fact_problem``
    why a provider of facts gives none.
    """

    workspace: str
    label: Texts
    version: str
    clock: str
    zone: str
    currency: str
    engine_now: int | None
    end_offset: int
    acted_offset: int
    events: int
    people: int
    identified: int
    rejected: int
    duplicates: int
    backlog: int
    backlog_age_ms: int
    commands: int
    lake_offset: int
    decisions: int
    messages: dict[str, int]
    simulated: bool
    simulated_note: Texts
    definitions: str
    acting: bool
    lake_problem: str = ""
    fact_problem: str = ""


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a list; a few traits by name."""

    id: str
    name: str
    identifiers: list[ShownIdentifier]
    stage: Stage | None
    last_seen: int | None
    audiences: list[str]
    traits: dict[str, object]


class PeopleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of people."""

    people: list[PersonRow]
    next: str | None
    total: int | None


class AudienceOfPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person is in an audience, and why. ``member`` null: cannot be known."""

    name: str
    label: Texts
    member: bool | None
    since: int | None
    sentence: Texts
    explained: object

    @classmethod
    def of(cls, membership: Membership) -> AudienceOfPerson:
        """As the core tells it."""
        m = membership
        return cls(name=m.name, label=m.label, member=m.member, since=m.since_ms, sentence=m.sentence, explained=m.explained)


class PersonAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of a person now."""

    id: str
    name: str | None
    simulated: bool
    stage: Stage | None
    first_seen: int | None
    last_seen: int | None
    events: int
    identifiers: list[ShownIdentifier]
    evidence: list[dict[str, object]]
    quarantined: list[dict[str, object]]
    withdrawn: list[dict[str, object]] = []
    shared: list[dict[str, object]]
    traits: list[ShownTrait]
    audiences: list[AudienceOfPerson]
    moment: dict[str, object]
    consents: list[dict[str, object]]
    golden: list[GoldenValue] = []
    groups: list[GroupOfPerson] = []


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``summary``: its few telling values; ``properties`` without PII; ``traits`` of identify calls."""

    offset: int
    time: int
    name: str
    type: str
    source: str
    channel: str
    summary: dict[str, object]
    properties: dict[str, object]
    traits: dict[str, object]
    simulated: bool


class TimelineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Events, newest first; ``next`` is the ``before`` of the following page."""

    events: list[TimelineEvent]
    next: str | None


class RenderedReason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason with its sentence in both languages."""

    code: str
    params: dict[str, object]
    text: Texts


class RenderedRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that was not chosen, and why. ``creative``, ``channel``, ``hour``: which way to show it, where there are several."""

    offer: str
    offer_label: Texts
    gate: str
    reason: RenderedReason
    score: float | None
    creative: str | None = None
    channel: str | None = None
    hour: int | None = None


class DecisionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with labels and sentences. ``content``: of the chosen offer by language, right after deciding; ``wording``: its words."""

    id: str
    placement: str
    placement_label: Texts
    person: str
    at_ms: int
    chosen: str | None
    chosen_label: Texts
    fallback: bool
    holdout: bool
    cause: str
    reasons: list[RenderedReason]
    refusals: list[RenderedRefusal]
    moment: dict[str, object]
    propensity: float
    catalogue: str
    definitions: str
    content: dict[str, dict[str, str]] = {}
    creative: str | None = None
    channel: str | None = None
    hour: int | None = None
    policy: str | None = None
    explored: bool = False
    alone: bool = False
    features: dict[str, float] = {}
    contributions: list[ShownContribution] = []
    used: list[UsedTrait] = []
    goal_until: int | None = None
    outcome: ShownOutcome | None = None
    wording: Wording | None = None


class DecisionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions, newest first."""

    decisions: list[DecisionAnswer]


class MessageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what became of it. The address is masked."""

    send_key: str
    journey: str
    channel: str
    address: str
    state: str
    reason: RenderedReason | None
    queued_at: int
    changed_at: int
    expires_at: int
    attempts: int
    offer: str
    placement: str
    decision: str | None
    message_class: str
    purpose: str
    content: dict[str, object]
    licence: dict[str, object] | None
    simulated: bool
    wording: Wording | None = None


class MessagesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Messages, newest first."""

    messages: list[MessageAnswer]


class AudiencesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All audiences with their sizes and what they mean."""

    audiences: list[AudienceSize]


class PlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of the definitions would do. ``identity``: who would be whom, when identity rules change."""

    before: str | None
    after: str
    changes: list[dict[str, object]]
    audiences: list[AudienceEffect]
    refold: list[str]
    identity: RuleEffect | None = None


class KpiAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI. ``value``: a number, money, or null when it is money in several currencies: then see ``amounts``.

    ``left_out``: events whose property is no number and so is in no sum.
    """

    name: str
    label: Texts
    value: float | int | Money | None
    unit: str
    amounts: list[Money]
    left_out: int
    simulated: bool


class KpisAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All KPIs as of the lake's offset."""

    kpis: list[KpiAnswer]
    lake_offset: int


class NamedFunnel(msgspec.Struct, frozen=True, kw_only=True):
    """A funnel that the workspace defines."""

    name: str
    label: Texts


class FunnelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The funnels there are."""

    funnels: list[NamedFunnel]


class FunnelStepAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many people came so far."""

    event: str
    label: Texts
    people: int


class FunnelGroup(msgspec.Struct, frozen=True, kw_only=True):
    """People by step for one value of the property by which the funnel is split."""

    value: str
    steps: list[int]


class FunnelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A funnel as of the lake's offset. A person may be in several groups."""

    name: str
    label: Texts
    steps: list[FunnelStepAnswer]
    by: str | None
    groups: list[FunnelGroup]
    simulated: bool
    lake_offset: int


class StageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """People on a journey stage now, and what they ordered."""

    name: str
    label: Texts
    people: int
    ordering_people: int
    orders: int
    revenue: list[Money]


class StagesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Stages in the order of the ladder; ``name`` empty: people on none. People are as of now, orders as of the lake's offset."""

    stages: list[StageAnswer]
    lake_offset: int


class CampaignAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What happened around a campaign: orders by people whom it reached, inside its window; redemptions that name it."""

    name: str
    label: Texts
    kind: str
    starts: str | None
    ends: str | None
    delivered_people: int
    ordering_people: int
    orders: int
    revenue: list[Money]
    redemptions: int
    redeeming_people: int


class CampaignsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Results of campaigns. ``causal`` is false: nobody was left out at random, so none of it is an effect; ``note`` says so."""

    campaigns: list[CampaignAnswer]
    causal: bool
    note: Texts
    lake_offset: int


class DecidedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of a placement with one outcome. Labels are empty for what the definitions no longer hold."""

    placement: str
    placement_label: Texts = {}
    offer: str | None
    offer_label: Texts = {}
    fallback: bool
    holdout: bool
    decisions: int
    people: int


class SentRow(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of a journey through a channel in one state."""

    journey: str
    channel: str
    state: str
    reason: str | None
    simulated: bool
    messages: int
    people: int


class ActedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided and sent, as of the lake's offset."""

    decisions: list[DecidedRow]
    messages: list[SentRow]
    lake_offset: int
