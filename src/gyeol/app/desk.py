"""Everything that people who work here can ask and tell, one method an operation: the API calls it over HTTP, the CLI directly."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import msgspec

from gyeol.app.answers import (
    ActedAnswer,
    AudienceOfPerson,
    AudiencesAnswer,
    CampaignsAnswer,
    DeadLetterAnswer,
    DeadLettersAnswer,
    DecisionsAnswer,
    FunnelAnswer,
    FunnelsAnswer,
    KpisAnswer,
    MessagesAnswer,
    PeopleAnswer,
    PersonAnswer,
    PersonRow,
    PlanAnswer,
    StagesAnswer,
    StatusAnswer,
    TimelineAnswer,
)
from gyeol.app.brand_desk import BrandDesk
from gyeol.app.content_desk import ContentDesk
from gyeol.app.content_saving import ContentFiles
from gyeol.app.core_api import (
    AudienceRequest,
    Core,
    DecideRequest,
    PeopleRequest,
    PersonReply,
    PersonRequest,
    PlanRequest,
    ShownTrait,
    Stage,
    StatusRequest,
    Submitted,
)
from gyeol.app.coupon_api import CouponFigures
from gyeol.app.coupon_desk import CouponDesk
from gyeol.app.decision_desk import DecisionDesk
from gyeol.app.fact_desk import FactDesk
from gyeol.app.figures import Asked, Figures
from gyeol.app.group_desk import GroupDesk
from gyeol.app.identity_desk import IdentityDesk
from gyeol.app.partner_answers import PartnersAnswer
from gyeol.app.partner_report import partners_answer
from gyeol.app.policy_desk import PolicyDesk
from gyeol.app.spoken import Spoken
from gyeol.app.suggesting import Suggester
from gyeol.app.suggestion_desk import SuggestionDesk
from gyeol.app.timeline import Rows, Shown, newest_by_name, timeline
from gyeol.app.words import rejection_label
from gyeol.decisions.catalogue import catalogue
from gyeol.engine.definitions import Definitions
from gyeol.engine.state_store import StateStore
from gyeol.events.dead_letter import DeadLetter, Status, offset_of
from gyeol.expressions.schema import Lang
from gyeol.kernel.errors import InputError, NotFoundError, Problem
from gyeol.measures.tables import ALWAYS, Period
from gyeol.storage.lake.sql import SqlResult

SCAN_PAGE, MOST_SCANNED = 1_000, 20_000
"""Dead letters that are read at once, and in one request, when only some are asked for."""


class AskedLake(Rows, Asked, Protocol):
    """What the desk asks of the lake; ``Lake`` is one."""

    def sql(self, text: str, *, limit: int = 1_000, timeout_s: float = 30.0) -> SqlResult:
        """Somebody's SELECT."""
        ...


class Desk(IdentityDesk, GroupDesk, SuggestionDesk, FactDesk, ContentDesk, BrandDesk, CouponDesk, DecisionDesk, PolicyDesk):
    """The operations.

    Args:
        core: The core, in this process or behind its socket.
        state: State.db, read-only.
        lake: The lake.
        definitions: The definitions of a hash.
        lake_problem: Why the lake does not move on; empty when it does.
        suggester: Keeps the suggestions of people who may be one; None: they are not asked for here.
        fact_problem: Why a provider of facts gives none; empty when they do.
        files: The workspace's files, where contents are saved; None: they cannot be written here.
    """

    def __init__(
        self,
        core: Core,
        state: StateStore,
        lake: AskedLake,
        definitions: Callable[[str], Definitions],
        lake_problem: Callable[[], str] = lambda: "",
        suggester: Suggester | None = None,
        fact_problem: Callable[[], str] = lambda: "",
        files: ContentFiles | None = None,
    ) -> None:
        self._files = files
        self._suggester, self._fact_problem = suggester, fact_problem
        self._core, self._state, self._lake, self._lake_problem = core, state, lake, lake_problem
        self._definitions = lru_cache(maxsize=4)(definitions)
        self._spoken = lru_cache(maxsize=4)(lambda hash_: Spoken(self._definitions(hash_)))
        self._shown = lru_cache(maxsize=4)(lambda hash_: Shown(self._definitions(hash_)))
        self._figures = lru_cache(maxsize=4)(lambda hash_: Figures(self._definitions(hash_), lake))

    def _in_force(self) -> str:
        return self._core.status(StatusRequest()).definitions

    def _person(self, id: str) -> PersonReply:
        return self._core.person(PersonRequest(id=id))

    def nodes(self, id: str) -> list[int]:
        """The nodes of a person. Raises NotFoundError."""
        return self._person(id).nodes

    def status(self) -> StatusAnswer:
        """How the pair of processes is."""
        told = self._core.status(StatusRequest())
        return StatusAnswer(
            workspace=told.workspace,
            label=told.label,
            version=told.version,
            clock=told.clock,
            zone=told.zone,
            currency=told.currency,
            engine_now=told.engine_now_ms or None,
            end_offset=told.end_offset,
            acted_offset=told.acted_offset,
            events=told.events,
            people=told.people,
            identified=told.identified,
            rejected=told.rejected,
            duplicates=told.duplicates,
            backlog=told.backlog,
            backlog_age_ms=told.backlog_age_ms,
            commands=told.commands,
            lake_offset=self._lake.offset,
            decisions=told.decisions,
            messages=self._state.outbox.counts(),
            simulated=bool(told.simulated),
            simulated_note=told.simulated,
            definitions=told.definitions,
            acting=told.acting,
            lake_problem=self._lake_problem(),
            fact_problem=self._fact_problem(),
        )

    def people(self, request: PeopleRequest) -> PeopleAnswer:
        """Search people."""
        reply = self._core.people(request)
        labels = {stage.name: stage.label for stage in self._definitions(self._in_force()).stages}
        rows = [
            PersonRow(
                id=line.id,
                name=line.name,
                identifiers=line.identifiers,
                stage=None if line.stage is None else Stage(name=line.stage, label=labels.get(line.stage, {})),
                last_seen=line.last_seen_ms,
                audiences=line.audiences,
                traits={trait.name: trait.value for trait in line.traits},
            )
            for line in reply.people
        ]
        return PeopleAnswer(people=rows, next=reply.next, total=reply.total)

    def person(self, id: str) -> PersonAnswer:
        """Everything known of a person. Raises NotFoundError."""
        told = self._person(id)
        newest = newest_by_name(self._lake, told.nodes)
        traits = [msgspec.structs.replace(trait, updated_at=_updated_at(trait, newest)) for trait in told.traits]
        return PersonAnswer(
            id=told.id,
            name=told.name,
            simulated=told.simulated,
            stage=told.stage,
            first_seen=told.first_seen_ms,
            last_seen=told.last_seen_ms,
            events=told.events,
            identifiers=told.identifiers,
            evidence=told.evidence,
            quarantined=told.quarantined,
            withdrawn=told.withdrawn,
            shared=told.shared,
            traits=traits,
            audiences=[AudienceOfPerson.of(membership) for membership in told.audiences],
            moment=told.moment,
            consents=told.consents,
            golden=told.golden,
            groups=told.groups,
        )

    def timeline(self, id: str, limit: int = 50, before: str | None = None) -> TimelineAnswer:
        """A person's events, newest first. Raises NotFoundError, InputError."""
        return timeline(self._lake, self._person(id).nodes, self._shown(self._in_force()), limit=limit, before=before)

    def messages(self, id: str, limit: int = 100) -> MessagesAnswer:
        """A person's messages, newest first. Raises NotFoundError."""
        found = self._state.outbox.of_nodes(self._person(id).nodes, limit)
        spoken = self._spoken(self._in_force())
        deliveries = self._state.outbox.deliveries
        told = [spoken.message(entry, deliveries(entry.message.send_key) if entry.reason else ()) for entry in found]
        return MessagesAnswer(messages=told)

    def audiences(self) -> AudiencesAnswer:
        """All audiences."""
        return AudiencesAnswer(audiences=self._core.audience(AudienceRequest()).audiences)

    def why(self, audience: str, person: str) -> AudienceOfPerson:
        """Why a person is in an audience or not. Raises NotFoundError."""
        reply = self._core.audience(AudienceRequest(name=audience, person=person))
        if reply.why is None:
            raise NotFoundError("unknown_audience", f"There is no audience {audience!r}.", audience=audience)
        return AudienceOfPerson.of(reply.why)

    def decide(self, request: DecideRequest) -> DecisionsAnswer:
        """Decide and record. Raises NotFoundError."""
        reply = self._core.decide(request)
        spoken = self._spoken(self._in_force())
        return DecisionsAnswer(decisions=[spoken.decision(d, reply.content.get(d.chosen or "")) for d in reply.decisions])

    def dead_letters(
        self,
        status: Status | None = "waiting",
        limit: int = 100,
        cursor: str | None = None,
        code: str | None = None,
        source: str | None = None,
    ) -> DeadLettersAnswer:
        """Rejected events, newest first; of one code, of one source. A short page may have a ``next``: much was passed over."""
        limit = max(1, min(limit, 1_000))
        found: list[DeadLetter] = []
        looked = 0
        while True:
            page, following = self._state.dead_letters.list(status, limit if code is None and source is None else SCAN_PAGE, cursor)
            for letter in page:
                if code in (None, letter.code) and source in (None, letter.source):
                    found.append(letter)
                    if len(found) == limit:
                        more = following is not None or letter is not page[-1]
                        following = str(offset_of(letter.id)) if more else None
                        break
            looked += len(page)
            cursor = following
            if cursor is None or len(found) == limit or looked >= MOST_SCANNED:
                break
        return DeadLettersAnswer(dead_letters=[_letter(each) for each in found], next=cursor, counts=self._state.dead_letters.counts())

    def dead_letter(self, id: str) -> DeadLetterAnswer:
        """One rejected event. Raises NotFoundError."""
        found = self._state.dead_letters.get(id)
        if found is None:
            raise NotFoundError("unknown_dead_letter", f"There is no dead letter {id!r}; `gyeol dead-letter` lists them.", id=id)
        return _letter(found)

    def replay_dead_letter(self, id: str, event: dict[str, object] | None, by: str) -> Submitted:
        """Judge a rejected event again, corrected or as it came; once. Raises NotFoundError, DuplicateError."""
        body: dict[str, object] = {"id": id} if event is None else {"id": id, "event": event}
        return self._tell("replay_dead_letter", body, by, "")

    def plan(self, definitions: Definitions) -> PlanAnswer:
        """What applying definitions would do."""
        told = self._core.plan(PlanRequest(definitions=definitions.as_json()))
        return PlanAnswer(
            before=told.before,
            after=told.after,
            changes=told.changes,
            audiences=told.audiences,
            refold=told.refold,
            identity=told.identity,
        )

    def catalogue(self, lang: Lang) -> dict[str, dict[str, object]]:
        """Every reason code with its template."""
        return catalogue(lang)

    def kpis(self, period: Period = ALWAYS) -> KpisAnswer:
        """KPIs as of the lake's offset."""
        return self._figures(self._in_force()).kpis(period)

    def funnels(self) -> FunnelsAnswer:
        """The funnels there are."""
        return self._figures(self._in_force()).funnels()

    def funnel(self, name: str, period: Period = ALWAYS) -> FunnelAnswer:
        """One funnel as of the lake's offset. Raises NotFoundError."""
        return self._figures(self._in_force()).funnel(name, period)

    def stages(self, period: Period = ALWAYS) -> StagesAnswer:
        """People by journey stage now, with their orders and money as of the lake's offset."""
        told = self._core.status(StatusRequest())
        reply = self._core.audience(AudienceRequest(stage_members=True))
        return self._figures(told.definitions).stages(reply, told.end_offset, period)

    def campaigns(self) -> CampaignsAnswer:
        """Results of campaigns, which are not effects."""
        return self._figures(self._in_force()).campaigns()

    def acted(self, period: Period = ALWAYS) -> ActedAnswer:
        """What was decided and sent as of the lake's offset."""
        return self._figures(self._in_force()).acted(period)

    def partners(self) -> PartnersAnswer:
        """What became of partners' offers, and what is left of their limits."""
        hash_ = self._in_force()
        return partners_answer(self._core, self._definitions(hash_), self._figures(hash_))

    def coupon_figures(self, period: Period = ALWAYS) -> CouponFigures:
        """Issued and redeemed codes by pool, offer and store as of the lake's offset."""
        return self._figures(self._in_force()).coupons(period)

    def sql(self, sql: str, limit: int = 1_000) -> SqlResult:
        """Rows of a SELECT over the lake. Raises InputError with position and suggestion."""
        if not sql.strip():
            raise InputError(
                "bad_sql",
                [Problem(path="sql", code="empty", what="the text is empty", mend="try: SELECT name, count(*) FROM events GROUP BY name")],
            )
        return self._lake.sql(sql, limit=max(1, min(limit, 100_000)))


def _updated_at(trait: ShownTrait, newest: dict[str, int]) -> int | None:
    """When a trait's value could last change: ``$any`` is made of every event."""
    if trait.value is None:
        return None
    return max((at_ms for name, at_ms in newest.items() if name in trait.source or "$any" in trait.source), default=None)


def _letter(letter: DeadLetter) -> DeadLetterAnswer:
    try:
        event = msgspec.json.decode(letter.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        event = None
    return DeadLetterAnswer(
        id=letter.id,
        source=letter.source,
        code=letter.code,
        text=rejection_label(letter.code),
        detail=letter.detail,
        raw=letter.raw.decode(errors="replace"),
        event=event if isinstance(event, dict) else None,
        received_at=letter.received_ms,
        message_id=letter.message_id,
        status=letter.status,
        replayed_offset=letter.replayed_offset,
    )
