"""Past decisions taken again, under other definitions: each sees what was known at its instant, because only the log before it is folded.

The log is folded from its start under the definitions that are tried; when a record of a decision comes, the question is asked once more,
with the facts that its request brought. So traits are known as of that instant, late events come as late as they came, and what never
was recorded cannot leak in. The choices made now take the place of those that were made: caps and budgets go on from them, as if the
definitions had been in force since the first that is wanted. What people did is what they did. The same definitions give the same choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from gyeol.decisions.couponed import with_coupon
from gyeol.decisions.model import Beside, Decision
from gyeol.decisions.ranking.policies import Switch
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.engine.acts import decision_for, step_for
from gyeol.engine.backfill import carried, folds_anew
from gyeol.engine.chances import chances, opened
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Act, Effects
from gyeol.engine.fold import advance, decode_act, evaluate, fold_act, fold_frame, fold_section
from gyeol.engine.groups import Group, groups
from gyeol.engine.recovery import Progress, frames, number_nodes, whole
from gyeol.engine.snapshot import load_snapshot, manifests
from gyeol.engine.state import EngineState
from gyeol.events.log import Log
from gyeol.events.sections import Decisions, Frame, section_count
from gyeol.kernel.errors import StateError
from gyeol.privacy.sealing import PLAIN, Seal

REQUEST = "request"
"""The source of facts that a request brought, and the cause of its decisions."""
TELL_EVERY = 20
"""Progress is told once in so many frames."""


class Again(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A past decision, and what it would have been.

    Args:
        offset: Of its record.
        then: As recorded.
        now: As it would have been; None: it would not have been asked for.
        gone: Why not: ``placement_gone``, ``journey_gone``; empty otherwise.
        person: The number of the person that it was taken for, as of its instant.
        chances: The probability of each action (``engine.chances``) that it could have been; empty where they are not wanted or known.
    """

    offset: int
    then: Decision
    now: Decision | None
    gone: str
    person: int
    chances: dict[str, float] = {}


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How past decisions are taken again.

    Args:
        wanted: Which; the others count as they were.
        goes_on: Whether caps and budgets go on from what would have been chosen, as for rules that are tried; False: from what was,
            as for a policy that is valued on what really happened.
        policy: A policy of the definitions that is to decide, whether or not it was switched on; None: as it was.
        weigh: Whether the probabilities are worked out.
    """

    wanted: Callable[[Decision], bool]
    goes_on: bool = True
    policy: str | None = None
    weigh: bool = False


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """Where a replay begins.

    Args:
        state: What the log before ``offset`` gives under the definitions that are tried.
        offset: Decisions before it cannot be taken again.
        unknown: Traits whose past before ``offset`` is not known: they begin empty there, and are NULL until then.
    """

    state: EngineState
    offset: int
    unknown: list[str]


def begin(
    log: Log,
    definitions: Definitions,
    identity_key: bytes,
    *,
    history: list[Definitions],
    snapshots: Path,
    defined: Callable[[str], Definitions],
    seal: Seal = PLAIN,
) -> Beginning:
    """The state from which a replay goes on: empty at the log's start, or the oldest snapshot where retention has dropped that.

    Args:
        log: The log.
        definitions: Those that are tried.
        identity_key: Key of person ids.
        history: All that were ever applied, oldest first, when identity rules differ: nodes keep their numbers.
        snapshots: Folder of snapshots.
        defined: The definitions of a hash.
        seal: Opens snapshots.

    Raises:
        StateError: The start is gone, and no snapshot will do (``log_shortened``).
        InputError: The definitions do not fit together.
    """
    first = next((frame.header.first_offset for frame in frames(log, 0)), 0)
    state = EngineState(definitions, identity_key)
    if first == 0:
        if history:
            number_nodes(log, state, history)
        return Beginning(state=state, offset=0, unknown=[])
    for manifest in sorted(manifests(snapshots), key=lambda each: each.head.offset):
        if manifest.head.offset < first:
            continue
        held = defined(manifest.head.definitions)
        reasons = folds_anew(held, definitions)
        if reasons:
            raise _too_late(f"{', '.join(reasons)} would be others, and the log no longer begins at its start")
        found = load_snapshot(snapshots, partial(EngineState, held, identity_key), manifest.head.offset, seal)
        if found.offset:
            if held.hash == definitions.hash:
                return Beginning(state=found.state, offset=found.offset, unknown=sorted(found.state.traits.unready))
            state = carried(found.state, definitions)
            evaluate(state, state.people.all_rows())
            return Beginning(state=state, offset=found.offset, unknown=sorted(state.traits.unready))
    raise _too_late("the log no longer begins at its start, and no snapshot holds what came before")


def _too_late(why: str) -> StateError:
    told = f"{why}: past decisions cannot be taken again. Restore a backup that reaches further back, or change offers and placements only."
    return StateError("log_shortened", told)


def taken_again(
    log: Log, beginning: Beginning, trial: Trial, *, until: int | None = None, progress: Progress | None = None
) -> Iterator[Again]:
    """Every wanted decision once more, in order.

    Args:
        log: The log.
        beginning: See ``begin``; its state is folded on.
        trial: Which, and how.
        until: Only records before this offset; None: all.
        progress: Told (offset reached, offset to reach).
    """

    def asking() -> _Ask[Again]:
        shown: Shown = {}

        def again(state: EngineState, act: Act, then: Decision, offset: int) -> tuple[Again, Act]:
            found, instead = _again(state, act, then, offset, trial, shown)
            return found, instead if trial.goes_on else act

        return again

    return _past(log, beginning, trial.wanted, asking, until=until, progress=progress)


class Seen(NamedTuple):
    """A past decision, as a policy would have seen it.

    Args:
        offset: Of its record.
        decision: As recorded.
        features: The policy's, as of its instant.
        leaves: Whether what was chosen could be seen; false when no message could be made of it.
    """

    offset: int
    decision: Decision
    features: dict[str, float]
    leaves: bool


def seen_by(
    log: Log, beginning: Beginning, policy: str, wanted: Callable[[Decision], bool], *, progress: Progress | None = None
) -> Iterator[Seen]:
    """Every wanted decision with the features that a policy of the definitions would have had, in order; nothing is decided again.

    Args:
        log: The log.
        beginning: See ``begin``; its state is folded on.
        policy: One of the definitions'.
        wanted: Which decisions.
        progress: Told (offset reached, offset to reach).
    """

    def ask(state: EngineState, act: Act, then: Decision, offset: int) -> tuple[Seen, Act]:
        _number(state, act, then)
        view = state.person_view(then.node, request_of(then) if then.cause == REQUEST else None, alone=then.alone)
        features = state.learning.policies.known(policy).features(view.values, view.stale)
        return Seen(offset, then, features, act.enrolment is None or act.message is not None), act

    return _past(log, beginning, wanted, lambda: ask, progress=progress)


_T = TypeVar("_T")
_Ask = Callable[[EngineState, Act, Decision, int], tuple[_T, Act]]


def _past(
    log: Log,
    beginning: Beginning,
    wanted: Callable[[Decision], bool],
    asking: Callable[[], _Ask[_T]],
    *,
    until: int | None = None,
    progress: Progress | None = None,
) -> Iterator[_T]:
    """What is found out about every wanted decision, just before it counts; ``asking`` is called once a frame."""
    state, end = beginning.state, log.end_offset() if until is None else min(until, log.end_offset())
    for number, group in enumerate(groups(whole(_until(log, beginning.offset, end), beginning.offset, end))):
        if any(isinstance(section, Decisions) for section in group.frame.sections):
            yield from _fold_asking(state, group, wanted, asking())
        else:
            fold_frame(state, group.frame, group.parts)
        if progress is not None and number % TELL_EVERY == 0:
            progress(state.offset, end)
    if progress is not None:
        progress(end, end)


def _until(log: Log, start: int, end: int) -> Iterator[Frame]:
    for frame in frames(log, start):
        if frame.header.first_offset >= end:
            return
        yield frame


def _fold_asking(state: EngineState, group: Group, wanted: Callable[[Decision], bool], ask: _Ask[_T]) -> Iterator[_T]:
    """``fold_frame`` for a frame with decisions: each is asked for again before it counts."""
    header = group.frame.header
    effects = Effects(first_offset=header.first_offset, end_offset=header.first_offset + header.count, at_ms=header.engine_now_ms)
    effects.parts, effects.definitions = list(group.parts), header.definitions
    advance(state, header.engine_now_ms)
    offset = header.first_offset
    for section in group.frame.sections:
        if not isinstance(section, Decisions):
            fold_section(state, section, offset, effects)
            offset += section_count(section)
            continue
        for act in map(decode_act, section.items):
            if act.decision is None or not wanted(act.decision):
                fold_act(state, act, effects)
            else:
                found, instead = ask(state, act, act.decision, offset)
                yield found
                fold_act(state, instead, effects)
            offset += 1
    state.offset = effects.end_offset


Shown = dict[tuple[int, str], tuple[Beside, ...]]
"""(node, placement) → what was chosen there instead, within one frame: requests for several placements are never cut."""


def _again(state: EngineState, act: Act, then: Decision, offset: int, trial: Trial, shown: Shown) -> tuple[Again, Act]:
    """The decision once more, and the act that it would have been."""
    _number(state, act, then)
    person = int(state.graph.person[then.node])
    if trial.policy is not None:
        _let_decide(state, trial.policy)
    if state.placements.placement(then.placement) is None:
        return Again(offset=offset, then=then, now=None, gone="placement_gone", person=person), act
    found = _asked(state, act, then, shown) if then.cause == REQUEST else _stepped(state, act, then)
    if found is None:
        return Again(offset=offset, then=then, now=None, gone="journey_gone", person=person), act
    now, instead = found
    weighed = chances(state, now) if trial.weigh and not opened(now) else {}
    shown[then.node, then.placement] = state.placements.beside(now)
    return Again(offset=offset, then=then, now=now, gone="", person=person, chances=weighed), instead


def _number(state: EngineState, act: Act, then: Decision) -> None:
    """A visitor who was seen for the first time was so before the question."""
    if act.identifier is not None:
        state.graph.numbered(then.node, *act.identifier, state.now_ms)


def _asked(state: EngineState, act: Act, then: Decision, shown: Shown) -> tuple[Decision, Act]:
    context = request_of(then)
    moment = state.moment_of(then.node, context, alone=then.alone)
    view = state.person_view(then.node, context, alone=then.alone, moment=moment)
    beside = tuple(each for held in then.beside for each in shown.get((then.node, held.placement), (held,)))
    now = decision_for(state, view, then.placement, moment, then.id, alone=then.alone, beside=beside)
    if arm_of(now) == arm_of(then):
        now = replace(now, wording=then.wording)
        return now, replace(act, decision=now)
    offer = None if now.chosen is None else state.placements.offer(now.chosen)
    return now, replace(act, decision=_unlearned(now), coupon=with_coupon(view, offer, now, state.now_ms)[2])


def _stepped(state: EngineState, act: Act, then: Decision) -> tuple[Decision, Act] | None:
    held = act.enrolment
    journey = None if held is None else state.journeys.get(held.journey)
    if journey is None or held is None or journey.definition.message.placement != then.placement:
        return None
    entered = replace(held, outcome="entered", send_key="", decision="", reason=None)
    stepped = step_for(state, journey, entered, state.person_view(then.node))
    now = replace(stepped.decision, id=then.id)
    if arm_of(now) == arm_of(then):
        now = replace(now, wording=then.wording)
        return now, replace(act, decision=now)
    return now, Act(decision=_unlearned(now), enrolment=stepped.enrolment, message=stepped.message, coupon=stepped.coupon)


def arm_of(decision: Decision) -> tuple[object, ...]:
    """What a decision shows, and how."""
    return decision.chosen, decision.fallback, decision.creative, decision.channel, decision.hour


def _unlearned(decision: Decision) -> Decision:
    """What nobody saw has no outcome, so nothing is learned from it."""
    return decision if decision.policy is None else replace(decision, policy=None, features={}, goal_until_ms=0)


def _let_decide(state: EngineState, policy: str) -> None:
    """Switch a policy on, as if it had been judged well."""
    if state.learning.policies.switched(policy) is None:
        nothing = Verdict(
            id="", policy=policy, definitions="", estimator="", estimate=0.0, low=0.0, high=0.0, ess=0.0, baseline=0.0, verdict="better"
        )
        state.learning.policies.switch(Switch(policy=policy, verdict=nothing), state.now_ms)


def request_of(decision: Decision) -> dict[str, object]:
    """The facts that the request of a decision brought, as its Moment holds them."""
    return {name: fact["value"] for name, fact in decision.moment.items() if isinstance(fact, dict) and fact.get("source") == REQUEST}
