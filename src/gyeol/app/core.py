"""``Core`` in the process that holds the engine: requests become jobs, answers become replies."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, cast

import msgspec

from gyeol import __version__
from gyeol.app.content_core import contents_reply, say_to
from gyeol.app.core_api import (
    AccountTaken,
    AudienceReply,
    AudienceRequest,
    Check,
    ClaimReply,
    ClaimRequest,
    CommandRequest,
    DecideReply,
    DecideRequest,
    PeopleReply,
    PeopleRequest,
    PersonReply,
    PersonRequest,
    PlanReply,
    PlanRequest,
    ReportReply,
    ReportRequest,
    StatusReply,
    StatusRequest,
    SubmitReply,
    SubmitRequest,
    Submitted,
    VerifyReply,
    VerifyRequest,
)
from gyeol.app.core_recent import Spread
from gyeol.app.coupon_counter import Counter
from gyeol.app.coupon_telling import tell_coupons, tell_journal
from gyeol.app.coupon_views import coupons_view
from gyeol.app.data_files import keep_files, offer_files, open_files
from gyeol.app.examining import Pulse
from gyeol.app.fact_views import facts_view, moment_view, subjects_in_use
from gyeol.app.group_views import groups_of_person, groups_reply
from gyeol.app.identity_views import golden, named_nodes, waiting_reply
from gyeol.app.moves import recent_reply
from gyeol.app.opening import OpenCore
from gyeol.app.planning import plan_reply
from gyeol.app.policy_views import policy_standings
from gyeol.app.previewing import held_fact, preview
from gyeol.app.regrouping import acts_of, people_named, regrouped
from gyeol.app.unsubscribing import Links, unreachable
from gyeol.app.verifying import checks, learned_digest, past_check, replay_check, silent_check, state_digest
from gyeol.app.views import audience_reply, find_person, people_reply, person_reply
from gyeol.channels.model import Delivery, Message
from gyeol.decisions.model import Decision
from gyeol.engine.acts import gate_again
from gyeol.engine.commands import IDENTITY_COMMANDS
from gyeol.engine.definitions import Definitions
from gyeol.engine.facts import FactSaid
from gyeol.engine.jobs import Apply, Ask, Decide, Decided, Deliver, Import, Imported, Job, Observe, Replay, Tell
from gyeol.engine.naming import named_command
from gyeol.engine.refold import count_doubtful, doubtful
from gyeol.engine.state import EngineState
from gyeol.engine.warming import WARM_COMMAND
from gyeol.events.dead_letter import replay_of
from gyeol.events.sections import Command, EventColumns, Rejections, Section
from gyeol.kernel.errors import GyeolError, NotFoundError

T = TypeVar("T")
CLAIM_ROUNDS = 25
"""So often others are looked at when none of those claimed may leave: a sender that gets nothing rests."""
_sections = msgspec.msgpack.Decoder(list[Section]).decode


class LocalCore:
    """The ten calls.

    Args:
        parts: The open data folder.
        run: Has the engine answer a job; raises what the job failed with.
        backlog: How many events wait for the engine.
        acting: Whether state.db takes what the engine did.
        waiting_ms: How long the oldest waiting event has waited.
        pulse: How the engine's threads are, for doctor.
        patience_s: How long doctor waits for the engine; None: for as long as it takes.
    """

    def __init__(
        self,
        parts: OpenCore,
        run: Callable[[Job], object],
        backlog: Callable[[], int] = lambda: 0,
        acting: Callable[[], bool] = lambda: True,
        waiting_ms: Callable[[], int] = lambda: 0,
        pulse: Callable[[], Pulse] = Pulse,
        patience_s: float | None = None,
    ) -> None:
        self._parts, self._run, self._backlog, self._acting, self._waiting_ms = parts, run, backlog, acting, waiting_ms
        self._pulse, self._patience_s = pulse, patience_s
        self._links = Links(parts.identity_key, parts.settings)
        self._counter = Counter(parts.identity_key, lambda: parts.engine.state.pools)
        self._claiming = threading.Lock()

    def _ask(self, question: Callable[[EngineState], T]) -> T:
        return cast(T, self._run(Ask(question)))

    def status(self, request: StatusRequest) -> StatusReply:
        """How the core is."""
        return self._ask(lambda state: self._status(state, request))

    def _status(self, state: EngineState, request: StatusRequest) -> StatusReply:
        workspace, recent, arrivals = state.definitions.workspace, self._parts.engine.recent, self._parts.engine.arrivals
        snapshot = self._parts.snapshotter.problem
        return StatusReply(
            workspace=workspace.name,
            label=workspace.label,
            zone=workspace.zone,
            currency=workspace.currency,
            simulated=workspace.simulated,
            version=__version__,
            clock=workspace.clock,
            engine_now_ms=state.now_ms,
            end_offset=state.offset,
            acted_offset=self._parts.store.acted_offset(),
            events=state.totals.accepted,
            rejected=state.totals.rejected,
            duplicates=arrivals.duplicates,
            duplicates_by_source=dict(arrivals.duplicates_by_source),
            people=state.people.people,
            identified=state.identified(),
            decisions=state.totals.decisions,
            commands=state.totals.commands,
            backlog=self._backlog(),
            definitions=state.definitions.hash,
            acting=self._acting(),
            doubtful=count_doubtful(state),
            unready=sorted(state.traits.unready),
            backlog_age_ms=self._waiting_ms(),
            lag=_spread(recent.lag_ms()),
            decide=_spread(recent.decide_ms()),
            facts=None if (asked := request.facts) is None else facts_view(state, asked.name, asked.about, asked.limit),
            subjects=subjects_in_use(state, request.subjects),
            coupons=None if request.coupons is None else coupons_view(state, self._counter, request.coupons),
            contents=contents_reply(state) if request.contents else None,
            accounts=[_taken(state, account) for account in request.accounts],
            policies=policy_standings(state),
            recent=None if request.after is None else recent_reply(state, recent, request.after, request.people),
            refusing=self._pulse().refusing,
            snapshot_problem="" if snapshot is None else snapshot.message,
            free_bytes=shutil.disk_usage(self._parts.folder.path).free,
        )

    def submit(self, request: SubmitRequest) -> SubmitReply:
        """Append commands or an import; or only tell what commands on people would do."""
        if request.preview:
            return SubmitReply(results=[self._previewed(command) for command in request.commands])
        said = cast(list[FactSaid], self._run(Observe(request.facts, request.facts_by))) if request.facts else []
        results = [self._command(command) for command in request.commands]
        results += [self._section(data, request.act) for data in request.sections]
        coupons = [] if request.coupons is None else tell_coupons(self._run, self._counter, request.coupons)
        reconciled = None if request.reconcile is None else tell_journal(self._run, self._counter, request.reconcile)
        return SubmitReply(results=results, facts=said, coupons=coupons, reconciled=reconciled)

    def _command(self, request: CommandRequest) -> Submitted:
        now_ms = self._parts.clock.now_ms()
        if request.kind == "replay_dead_letter":
            return self._replay(request, now_ms)
        if request.kind == "apply":
            return self._apply(Definitions.from_json(msgspec.json.encode(request.body["definitions"])), request.by, request.why)
        command = Command(request.kind, request.by, now_ms, request.why, request.body)
        on_people = request.kind in IDENTITY_COMMANDS
        before = self._ask(lambda state: people_named(state, request.body)) if on_people else {}
        try:
            offsets = self._run(Tell([command]))
        except GyeolError as error:
            return Submitted(status="refused", reason=error.code, detail=error.message)
        assert isinstance(offsets, list)
        return Submitted(status="applied", offset=offsets[0], facts=self._regrouped(request, before) if on_people else {})

    def _previewed(self, request: CommandRequest) -> Submitted:
        command = Command(request.kind, request.by, self._parts.clock.now_ms(), request.why, request.body)
        try:
            if request.kind == WARM_COMMAND:
                self._ask(lambda state: named_command(state, command))
                return Submitted(status="applied")
            return Submitted(status="applied", facts=preview(self._ask, self._parts.store, self._parts.identity_key, command))
        except GyeolError as error:
            return Submitted(status="refused", reason=error.code, detail=error.message)

    def _regrouped(self, request: CommandRequest, before: dict[int, str]) -> dict[str, object]:
        """After a command on people: who they are now, which identifiers changed hands, and which acts went with them."""
        facts = self._ask(lambda state: regrouped(state, request.body, before))
        nodes = cast(list[int], facts.pop("nodes"))
        after = self._ask(lambda state: {node: state.graph.person_id(state.graph.people.person.view[node]) for node in nodes})
        acts = acts_of(self._parts.store, nodes, before, after) if nodes else []
        if request.kind == "accept" and facts.get("together") is False:
            facts["held"] = self._ask(lambda state: held_fact(state.graph, request.body))
        return {**facts, "acts": msgspec.to_builtins(acts)}

    def _apply(self, definitions: Definitions, by: str, why: str) -> Submitted:
        # Definitions that do not fit together raise here, before anything is kept.
        EngineState(definitions, self._parts.identity_key)
        keep_files(definitions, self._parts.workspace, self._parts.applied.files)
        offer_files(definitions, self._parts.applied.files)
        open_files(definitions)
        self._parts.applied.keep(definitions)
        offset = self._run(Apply(definitions, by, why))
        return Submitted(status="applied", offset=offset if isinstance(offset, int) else None, facts={"definitions": definitions.hash})

    def apply_first(self) -> None:
        """Apply the workspace's files to a folder to which nothing was applied yet."""
        if self._parts.fresh:
            self._apply(self._parts.engine.definitions, "gyeol", "first start")
            self._parts.fresh = False

    def _replay(self, request: CommandRequest, now_ms: int) -> Submitted:
        """Send a dead letter through the collector again, as it came or corrected; once."""
        name = str(request.body.get("id"))
        letter = self._parts.store.dead_letters.get(name)
        if letter is None:
            raise NotFoundError("unknown_dead_letter", f"there is no dead letter {name!r}; `gyeol dead-letter` lists them", id=name)
        corrected = request.body.get("event")
        sources = self._parts.engine.definitions.sources
        index = next((i for i, source in enumerate(sources) if source.name == letter.source), None)
        if index is None:
            return Submitted(status="refused", reason="unknown_source", detail=f"the source {letter.source!r} is no longer defined")
        correction = None if corrected is None else msgspec.json.encode(corrected)
        command = Command("replay_dead_letter", request.by, now_ms, request.why, {"id": name})
        job = Replay(replay_of(letter, correction, sources[index], index), name, command)
        self._run(job)
        verdict = job.verdicts[0]
        if verdict.status == "rejected":
            return Submitted(status="refused", reason=verdict.code, detail=verdict.detail)
        status: Literal["applied", "duplicate"] = "applied" if verdict.status == "accepted" else "duplicate"
        return Submitted(status=status, offset=job.offset, facts={"message_id": verdict.message_id})

    def _section(self, data: bytes, act: bool) -> Submitted:
        events: EventColumns | None = None
        rejected: Rejections | None = None
        for section in _sections(data):
            if isinstance(section, EventColumns):
                events = section
            elif isinstance(section, Rejections):
                rejected = section
        if events is None:
            return Submitted(status="refused", reason="no_events")
        done = self._run(Import(events, rejected.items if rejected is not None else [], act))
        assert isinstance(done, Imported)
        return Submitted(status="duplicate" if done.again else "applied", facts=msgspec.to_builtins(done))

    def decide(self, request: DecideRequest) -> DecideReply:
        """Decide and record."""
        begun = time.perf_counter()
        key = f"api:{self._parts.clock.now_ms()}:{self._ask(lambda state: state.offset)}"
        answers = self._run(
            Decide(lambda state: state.graph.members(find_person(state, request.person))[0], request.placements, request.context, key)
        )
        assert isinstance(answers, list)
        decisions: list[Decision] = [answer.decision for answer in answers]
        self._parts.engine.recent.decided([decision.id for decision in decisions], 1_000 * (time.perf_counter() - begun))
        return DecideReply(decisions=decisions, content=content_of(self._parts.engine.definitions, answers))

    def people(self, request: PeopleRequest) -> PeopleReply:
        """Search people, or list what of identity waits for somebody."""
        if request.waiting is not None:
            return self._ask(lambda state: waiting_reply(state, request))
        if request.nodes:
            return self._ask(lambda state: PeopleReply(people=[], nodes=named_nodes(state, request.nodes)))
        return self._ask(lambda state: people_reply(state, request))

    def person(self, request: PersonRequest) -> PersonReply:
        """One person."""
        asked = request.say
        said = None if asked is None else self._ask(lambda state: say_to(state, request.id, asked))
        reply = self._ask(lambda state: _with_golden(state, person_reply(state, request.id)))
        return msgspec.structs.replace(reply, now=self._ask(lambda state: moment_view(state, request.id, request.at_ms)), said=said)

    def audience(self, request: AudienceRequest) -> AudienceReply:
        """Audiences, stages, why one person is in."""
        asked = request.groups
        if asked is not None:
            return self._ask(lambda state: AudienceReply(audiences=[], stages=[], groups=groups_reply(state, asked)))
        return self._ask(lambda state: audience_reply(state, request))

    def plan(self, request: PlanRequest) -> PlanReply:
        """What a change of definitions would do."""
        return plan_reply(self._parts, Definitions.from_json(request.definitions), self._ask)

    def claim(self, request: ClaimRequest) -> ClaimReply:
        """Messages to send: ``sending`` is durable before they are handed out, and the gates are asked again."""
        outbox = self._parts.store.outbox
        if request.interrupted:
            return ClaimReply(messages=list(outbox.interrupted())[: request.limit])
        now_ms = self._ask(lambda state: state.now_ms)
        # One at a time: what one claim lets go must count, in the log, before another looks at the budget of contacts.
        with self._claiming:
            for _ in range(CLAIM_ROUNDS):
                ready = self._claimed(outbox.claim(now_ms, request.limit))
                if ready is None or ready:
                    return ClaimReply(messages=ready or [])
        return ClaimReply(messages=[])

    def _claimed(self, claimed: Sequence[Message]) -> list[Message] | None:
        """Those of some claimed messages that may leave, everything about them recorded; None when there were none to look at."""
        if not claimed:
            return None
        ready, told = self._ask(lambda state: self._gated(state, claimed))
        if told:
            self._run(Deliver(told))
        return ready

    def _gated(self, state: EngineState, claimed: Sequence[Message]) -> tuple[list[Message], list[Delivery]]:
        ready, held = gate_again(state, claimed)
        return [self._links.added(state, message) for message in ready], held

    def report(self, request: ReportRequest) -> ReportReply:
        """Deliveries, and how far the lake is."""
        if request.deliveries:
            self._run(Deliver(request.deliveries))
            gone = self._ask(lambda state: unreachable(state, request.deliveries, self._message, self._parts.clock.now_ms()))
            if gone:
                self._run(Tell(gone))
        if request.lake_offset is not None:
            self._parts.store.forget_nodes(request.lake_offset)
            self._parts.retention.passed(request.lake_offset)
            wanted, owed = self._ask(lambda state: (doubtful(state), list(state.traits.owed.values())))
            return ReportReply(recorded=len(request.deliveries), doubtful=wanted, owed=owed)
        return ReportReply(recorded=len(request.deliveries))

    def _message(self, send_key: str) -> Message | None:
        entry = self._parts.store.outbox.get(send_key)
        return None if entry is None else entry.message

    def verify(self, request: VerifyRequest) -> VerifyReply:
        """Checks for doctor."""
        found = checks(self._parts, self._pulse())
        found.append(self._past_check())
        if request.replay:
            offset, told, people, learned = self._ask(
                lambda state: (state.offset, state_digest(state), state.people.people, learned_digest(state))
            )
            found.append(replay_check(self._parts, (offset, told, people), learned))
        return VerifyReply(checks=found)

    def _past_check(self) -> Check:
        """As ``past_check``; an engine that does not answer is a finding, not something to wait for."""
        answers: list[Check] = []

        def ask() -> None:
            try:
                answers.append(past_check(*self._ask(lambda state: (count_doubtful(state), sorted(state.traits.unready)))))
            except GyeolError as error:
                answers.append(Check(name="past", good=False, detail=error.message, mend="see `engine` above"))

        if self._patience_s is None:
            ask()
        else:
            asking = threading.Thread(target=ask, name="gyeol-doctor", daemon=True)
            asking.start()
            asking.join(self._patience_s)
        return answers[0] if answers else silent_check(self._patience_s or 0.0)


def _with_golden(state: EngineState, reply: PersonReply) -> PersonReply:
    person = state.graph.people.person.view[reply.nodes[0]]
    return msgspec.structs.replace(reply, golden=golden(state, person), groups=groups_of_person(state, reply.nodes[0]))


def _taken(state: EngineState, account: str) -> AccountTaken:
    taken = state.decided.spending.taken(account, state.now_ms)
    return AccountTaken(account=account, today=taken.day, total=taken.total)


def _spread(told: tuple[float, ...] | None) -> Spread:
    return Spread() if told is None else Spread(p50_ms=told[0], p95_ms=told[1], p99_ms=told[2])


def content_of(definitions: Definitions, answers: list[Decided]) -> dict[str, dict[str, dict[str, str]]]:
    """What the chosen offers say, by offer and language; of a content what was said to this person."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for offer in definitions.offers:
        answer = next((each for each in answers if each.decision.chosen == offer.name), None)
        if answer is not None and isinstance(offer.content, str):
            fields = {name: str(text) for name, text in answer.content.items() if name != "language"}
            found[offer.name] = {str(answer.content["language"]): fields} if fields else {}
        elif answer is not None and not isinstance(offer.content, str):
            found[offer.name] = offer.content
    return found
