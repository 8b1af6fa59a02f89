"""One frame at a time: jobs in, records appended, state folded, journeys acted upon.

The engine is the only writer of state, and one thread uses it. It does not wait for disks: what is to be made durable and what is to be
written to state.db is handed out as ``Built`` and ``Effects``; ``gyeol.engine.loop`` (threads) and ``gyeol.engine.embedded``
(no threads) see to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from gyeol.decisions.model import Beside
from gyeol.engine.acts import act_on, decide_for
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.asking import node_of, placements_of
from gyeol.engine.coupons import CouponJob, take_coupons
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Act, Effects
from gyeol.engine.facts import moment_due_ms
from gyeol.engine.fold import acting_clock, advance, fold_act, fold_section
from gyeol.engine.groups import joined, may_be_held
from gyeol.engine.jobs import Apply, Ask, Decide, Decided, Deliver, Job, Observe, Replay, Tell
from gyeol.engine.naming import named_command
from gyeol.engine.observing import observe
from gyeol.engine.recent import Recent
from gyeol.engine.standing import Standing, question_of
from gyeol.engine.state import EngineState
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader
from gyeol.events.sections import (
    Command,
    Commands,
    Decisions,
    Deliveries,
    Frame,
    Section,
    Tick,
    section_count,
)
from gyeol.events.stamps import FUTURE_MS
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import DuplicateError, GyeolError
from gyeol.profiles.waiting import is_due

_encode = msgspec.msgpack.Encoder().encode


class Built(msgspec.Struct, kw_only=True):
    """A frame that waits to be durable.

    Args:
        header: Of the frame.
        sections: What stands in it; those from ``folded`` on are still to be folded.
        effects: What the folded part asks for.
        jobs: Answered once durable. ``later``: answered once durable and folded.
    """

    header: FrameHeader
    sections: list[Section]
    folded: int
    effects: Effects
    jobs: list[Job]
    later: list[Job]

    @property
    def frame(self) -> bytes:
        """What the log takes; made when it is asked for. Folding leaves sections as they are, so another thread may make it meanwhile."""
        return encode_frame(self.header, self.sections)


class Engine:
    """State and what turns jobs into records.

    Args:
        state: Where the log's end has brought it.
        arrivals: Judges and deduplicates what comes from outside.
        clock: The machine's clock.
        recent: What the last frames of the recovery changed; None: of earlier frames nothing is remembered.

    Attributes:
        recent: What the last frames changed beside their records.
        standing: What visits were told, for who asks again.
        folding: True while a frame is half done, or held: the state is then no snapshot of any offset.
        held: Frames that are begun and not folded: they are folded as one.
        frames: How many were made since the process began.
    """

    def __init__(self, state: EngineState, arrivals: Arrivals, clock: Clock, recent: Recent | None = None) -> None:
        self.state, self.arrivals, self.clock = state, arrivals, clock
        self.recent = Recent(state.offset) if recent is None else recent
        self.standing = Standing()
        self.next_offset = state.offset
        self.folding = False
        self.held: list[Built] = []
        self.frames = 0

    def restart(self, state: EngineState, recent: Recent) -> None:
        """Go on from the log's end after something failed; the index of ids must have been brought there."""
        recent.go_on(self.recent)
        self.standing.clear()
        self.state, self.recent = state, recent
        self.next_offset = state.offset
        self.folding, self.held = False, []

    @property
    def definitions(self) -> Definitions:
        """The definitions in force."""
        return self.state.definitions

    def ask(self, jobs: Sequence[Job]) -> list[Job]:
        """Answer the questions among some jobs; returns the questions."""
        questions: list[Job] = []
        for job in jobs:
            if not isinstance(job, Ask):
                continue
            questions.append(job)
            try:
                job.answer = job.question(self.state)
            except Exception as error:
                job.error = error
        return questions

    def holdable(self, jobs: Sequence[Job]) -> int | None:
        """The clock of the frame of some jobs if it may be held, beside those that are held already; else None: fold those first."""
        if self.definitions.workspace.clock == "data" or not may_be_held(jobs):
            return None
        now_ms = max(self.state.now_ms, self.clock.now_ms())
        # What time alone changes is looked at between frames that are folded together with no others.
        due = is_due(self.state.traits, self.state.now_ms, now_ms) or self._moment_due(now_ms) if self.held else False
        return None if due else now_ms

    def begin(self, jobs: Sequence[Job], now_ms: int | None = None) -> Built | None:
        """Make the frame of some jobs (no ``Ask``; no ``apply`` among the commands). None may be held but for what ``holdable`` allows.

        Args:
            jobs: They share the frame.
            now_ms: What ``holdable`` gave; None: as it is now.

        Returns:
            None when the jobs leave no record; their answers are set then.
        """
        folding, self.folding = self.folding, True
        built = self._begin([job for job in jobs if job.error is None], now_ms)
        self.folding = folding or built is not None
        return built

    def _begin(self, jobs: Sequence[Job], now_ms: int | None) -> Built | None:
        self._refuse_replayed(jobs)
        arrived = self.arrivals.judge([job for job in jobs if job.error is None], self.state, self.next_offset)
        now_ms = self._now_ms(arrived.latest_ms) if now_ms is None else now_ms
        due = self.state.now_ms != 0 and (is_due(self.state.traits, self.state.now_ms, now_ms) or self._moment_due(now_ms))
        commands = self._commands(jobs)
        # A delivery is dated by the one clock, like every record: a message that waits must wait on that clock, too.
        deliveries = [_encode(replace(each, at_ms=now_ms)) for job in jobs if isinstance(job, Deliver) for each in job.deliveries]
        wants = any(isinstance(job, Decide | Observe | CouponJob) for job in jobs)
        if not (arrived.sections or arrived.rejected or commands or deliveries or wants or due):
            return None
        effects = Effects(first_offset=self.next_offset, end_offset=self.next_offset, at_ms=now_ms)
        effects.entries += advance(self.state, now_ms, acting=acting_clock(self.definitions, arrived.sections))
        sections: list[Section] = []
        decided = [_encode(act) for job in jobs if isinstance(job, Decide) for act in self._decide(job, effects)]
        if decided:
            sections.append(Decisions(decided))
        observed = observe(self.state, jobs, self.next_offset + len(decided), effects, max(now_ms, self.clock.now_ms()))
        sections += observed
        coupons, redeemed = take_coupons(self.state, jobs, self.next_offset + sum(map(section_count, sections)), effects)
        sections += coupons
        folded = len(sections)
        if commands:
            self._answer_commands(jobs, self.next_offset + sum(map(section_count, sections)))
            sections.append(Commands(commands))
        if deliveries:
            sections.append(Deliveries(deliveries))
        sections += arrived.sections
        sections += self.arrivals.own(redeemed, self.state, self.next_offset, self.clock.now_ms())
        if arrived.rejected:
            first = self.next_offset + sum(map(section_count, sections))
            sections.append(self.arrivals.number(arrived.rejected, first, self.state.sources))
        if not sections and not due:
            return None  # every decision that was asked for was refused, every fact was known
        if not sum(map(section_count, sections)):
            sections.append(Tick())
        return self._built(sections, folded, effects, jobs)

    def edge_due(self) -> bool:
        """Whether the next frame looks at everybody's audiences, because a bucket has ended since the last one."""
        if self.state.now_ms == 0 or self.definitions.workspace.clock == "data":
            return False
        now_ms, state = self.clock.now_ms(), self.state
        edges = (state.traits.next_edge_ms(state.now_ms), state.moments.next_edge_ms(state.now_ms))
        return any(edge is not None and edge <= now_ms for edge in edges)

    def _moment_due(self, now_ms: int) -> bool:
        due_ms = moment_due_ms(self.state)
        return due_ms is not None and due_ms <= now_ms

    def finish(self, built: Built) -> Effects:
        """Fold what ``begin`` left; afterwards the answers of ``built.later`` are set."""
        offset = built.header.first_offset + sum(map(section_count, built.sections[: built.folded]))
        for section in built.sections[built.folded :]:
            fold_section(self.state, section, offset, built.effects)
            offset += section_count(section)
        self.state.offset = built.effects.end_offset
        self.recent.note(self.state, built.effects)
        self.recent.folded(built.sections, self.clock.now_ms())
        self.folding = False
        return built.effects

    def hold(self, built: Built) -> int:
        """Leave a frame unfolded until ``settle``; returns how many records wait so."""
        self.held.append(built)
        return self.next_offset - self.state.offset

    def settle(self) -> Effects:
        """Fold what is held as if it were one frame; something must be."""
        held, self.held = self.held, []
        if len(held) == 1:
            return self.finish(held[0])
        group = joined([Frame(header=built.header, sections=built.sections) for built in held])
        effects = held[0].effects
        effects.end_offset, effects.at_ms, effects.parts = held[-1].effects.end_offset, held[-1].effects.at_ms, group.parts
        header, sections = group.frame.header, group.frame.sections
        return self.finish(Built(header=header, sections=sections, folded=0, effects=effects, jobs=[], later=[]))

    def act(self, effects: Effects) -> Built | None:
        """Begin the journeys that a folded frame set off; their records are a frame of their own, folded already."""
        self.folding = True
        acts = act_on(self.state, effects)
        if not acts:
            self.folding = False
            return None
        following = Effects(first_offset=self.next_offset, end_offset=self.next_offset, at_ms=self.state.now_ms, acts=acts)
        sections: list[Section] = [Decisions([_encode(act) for act in acts])]
        built = self._built(sections, len(sections), following, [])
        self.state.offset = built.effects.end_offset
        self.recent.note(self.state, built.effects)
        self.folding = False
        return built

    def apply(self, job: Apply, state: EngineState) -> Built:
        """Go on under other definitions.

        Args:
            job: Says which, who and why.
            state: What the whole log gives under them.
        """
        state.now_ms = max(self.state.now_ms, state.now_ms)
        if not state.now_ms and job.definitions.workspace.clock == "wall":
            state.now_ms = self.clock.now_ms()
        old_groups = self.state.groups
        before, self.state = self.definitions, state
        definitions = job.definitions.as_json().decode()
        command = Command("apply", job.by, self.clock.now_ms(), job.why, {"hash": job.definitions.hash, "definitions": definitions})
        job.answer = self.next_offset
        effects = Effects(first_offset=self.next_offset, end_offset=self.next_offset, at_ms=state.now_ms)
        if job.definitions.identity != before.identity:
            graph = state.graph
            effects.moved = [(node, graph.person_id(int(graph.person[node]))) for node in range(graph.size)]
        if job.definitions.groups != before.groups:
            effects.grouped = [*old_groups.left(), *state.groups.all_moves()]
        built = self._built([Commands([command])], 0, effects, [job])
        self.finish(built)
        self.recent.clear(self.next_offset)
        return built

    def _now_ms(self, latest_event_ms: int) -> int:
        if self.definitions.workspace.clock == "data":
            # One row with a wrong year must not take the clock, and with it every window, there for ever.
            return max(self.state.now_ms, min(latest_event_ms, self.clock.now_ms() + FUTURE_MS))
        return max(self.state.now_ms, self.clock.now_ms())

    def _built(self, sections: list[Section], folded: int, effects: Effects, jobs: Sequence[Job]) -> Built:
        header = FrameHeader(
            first_offset=self.next_offset,
            count=sum(map(section_count, sections)),
            engine_now_ms=self.state.now_ms,
            definitions=self.definitions.hash,
            joined=bool(self.held),
        )
        self.next_offset += header.count
        self.frames += 1
        effects.end_offset = self.next_offset
        return Built(
            header=header,
            sections=sections,
            folded=folded,
            effects=effects,
            jobs=[job for job in jobs if not job.folded or job.error is not None],
            later=[job for job in jobs if job.folded and job.error is None],
        )

    def _decide(self, job: Decide, effects: Effects) -> list[Act]:
        """Decide one placement after another; each counts for the caps of the next."""
        acts: list[Act] = []
        answers: list[Decided] = []
        try:
            placements = placements_of(self.state, job)
            # Without a placement nothing is recorded, so nobody may get a number: a replay would not know of it.
            node, identifier = node_of(self.state, job.find(self.state)) if placements else (-1, None)
            beside: tuple[Beside, ...] = ()
            for placement in placements:
                told = self.standing.answer(self.state, node, placement, job, beside) if job.stands else None
                if told is not None:
                    answers.append(told)
                    beside += self.state.placements.beside(told.decision)
                    continue
                decided = decide_for(self.state, node, placement, job, f"{job.key}:{placement}", beside)
                beside += self.state.placements.beside(decided.decision)
                act = Act(decision=decided.decision, identifier=identifier, coupon=decided.issued)
                identifier = None
                fold_act(self.state, act, effects)
                acts.append(act)
                answers.append(decided)
                if job.stands:
                    self.standing.keep(question_of(node, placement, job), decided, f"{job.key}:{placement}", self.state.now_ms)
            job.answer = answers
        except GyeolError as error:
            job.error = error
        return acts

    def _refuse_replayed(self, jobs: Sequence[Job]) -> None:
        """A dead letter is replayed once, also when two ask at the same time."""
        now: set[str] = set()
        for job in jobs:
            if isinstance(job, Replay):
                if job.letter in self.state.replayed or job.letter in now:
                    told = f"{job.letter} was replayed before; a dead letter is replayed once"
                    job.error = DuplicateError("already_replayed", told, id=job.letter)
                now.add(job.letter)

    def _commands(self, jobs: Sequence[Job]) -> list[Command]:
        """The commands of all jobs, named; a job with a bad one fails as a whole."""
        commands: list[Command] = []
        for job in jobs:
            if job.error is not None:
                continue
            if isinstance(job, Tell):
                try:
                    job.named = [named_command(self.state, command) for command in job.commands]
                    commands += job.named
                except GyeolError as error:
                    job.error = error
            elif isinstance(job, Replay) and job.verdicts[0].status != "rejected":
                commands.append(job.command)
        return commands

    def _answer_commands(self, jobs: Sequence[Job], first_offset: int) -> None:
        """Tell each job the offsets of its commands."""
        for job in jobs:
            if job.error is None and isinstance(job, Tell):
                job.answer = list(range(first_offset, first_offset + len(job.named)))
                first_offset += len(job.named)
            elif job.error is None and isinstance(job, Replay) and job.verdicts[0].status != "rejected":
                job.offset = first_offset
                first_offset += 1
