"""Decisions that stand: what a visit was told is told again, and recorded once, for as long as nothing makes it untrue.

A page that polls, three evaluations of one flag and a reload ask the same question. Were each a decision, a cap of three a day would be
used up by a tab that stays open. So an asker may say that it repeats itself (``Decide.stands``): the question is decided anew in memory,
and only another answer is another decision.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from math import inf

import msgspec
from msgspec.structs import replace

from gyeol.decisions.engine import Passed
from gyeol.decisions.gates.gate import DecisionRequest
from gyeol.decisions.model import Beside, Decision
from gyeol.engine.acts import decide_for, told_of
from gyeol.engine.jobs import Decide, Decided
from gyeol.engine.state import EngineState
from gyeol.kernel.canonical import canonical_json

VISIT_MS = 30 * 60_000
"""A decision that nobody asked for so long stands no more. Source: Google Analytics' session time-out of 30 minutes."""
LONGEST_MS = 24 * 3_600_000
"""However often it is asked for: the next day is another occasion."""
MOST_STANDING = 20_000
"""Decisions that are remembered, without their refusals some 1 KB each; those asked for longest ago go first."""

Question = tuple[int, bool, str, str, bytes]
"""Node, whether it alone is seen, placement, language, digest of the request's facts."""


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that stands.

    Args:
        decision: As recorded, without refusals and Moment: the record has them.
        content: As it was last answered.
        key: Of the request that it was taken for: asked again with it, chance falls the same way.
        asked_ms: When it was last asked for, on the engine's clock.
    """

    decision: Decision
    content: dict[str, object]
    key: str
    asked_ms: int


class Standing:
    """The decisions that stand. Used by whoever holds the engine's baton; it is no state: after a restart everything is decided anew."""

    def __init__(self, most: int = MOST_STANDING) -> None:
        self._most = most
        self._stood: OrderedDict[Question, Stood] = OrderedDict()

    def __len__(self) -> int:
        return len(self._stood)

    def find(self, question: Question, now_ms: int) -> Stood | None:
        """What was answered to a question within the visit."""
        stood = self._stood.get(question)
        if stood is None:
            return None
        if now_ms - stood.asked_ms >= VISIT_MS or now_ms - stood.decision.at_ms >= LONGEST_MS:
            del self._stood[question]
            return None
        return stood

    def keep(self, question: Question, decided: Decided, key: str, now_ms: int) -> None:
        """Remember an answer; O(1)."""
        slim = decided.decision
        if slim.refusals or slim.moment:
            slim = replace(slim, refusals=[], moment={})
        self._stood[question] = Stood(decision=slim, content=decided.content, key=key, asked_ms=now_ms)
        self._stood.move_to_end(question)
        while len(self._stood) > self._most:
            self._stood.popitem(last=False)

    def clear(self) -> None:
        """Forget all: what was decided last may not be in the log."""
        self._stood.clear()

    def answer(self, state: EngineState, node: int, placement: str, asked: Decide, beside: tuple[Beside, ...] = ()) -> Decided | None:
        """What stands for a request, told once more; None: it is to be decided anew. ``beside``: see ``decide_for``.

        Raises:
            NotFoundError: No such placement.
        """
        question = question_of(node, placement, asked)
        stood = self.find(question, state.now_ms)
        told = None if stood is None else still(state, stood, node, placement, asked, beside)
        if told is not None and stood is not None:
            self.keep(question, told, stood.key, state.now_ms)
        return told


def question_of(node: int, placement: str, asked: Decide) -> Question:
    """What makes two requests the same question: who, where, in which language, under which facts of the request."""
    digest = hashlib.blake2b(canonical_json(asked.context), digest_size=8).digest() if asked.context else b""
    return node, asked.alone, placement, asked.lang or "", digest


def still(state: EngineState, stood: Stood, node: int, placement: str, asked: Decide, beside: tuple[Beside, ...] = ()) -> Decided | None:
    """The standing answer, with what its offer says now; None when it would be another one. Nothing is recorded.

    An offer stands while the gates let it pass (its own decision does not count against it) and no other that passes scores more; one
    that was drawn by chance stands while it passes, for drawing again is no reason to change. The state is not changed.
    """
    mine = stood.decision
    if mine.hold_until_ms and state.decided.lapsed(mine.id):
        return None  # nobody saw it, and what it held was given back
    now = decide_for(state, node, placement, asked, stood.key, beside)
    if now.issued is not None:
        return None  # its code is used or gone: a new one needs a record
    if _shown(now.decision) == _shown(mine):
        return Decided(decision=mine, content=now.content, coupon=now.coupon)
    if mine.chosen is None or mine.fallback:
        return None
    refused = next((each.gate for each in now.decision.refusals if each.offer == mine.chosen), None)
    if refused is None or (mine.propensity == 1.0 and (refused == "rank" or _score(now.decision) > _score(mine))):
        return None
    view = state.person_view(node, asked.context, alone=asked.alone)
    again = DecisionRequest(
        id=mine.id,
        placement=placement,
        person=view,
        now_ms=state.now_ms,
        recorded_at_ms=mine.at_ms,
        beside=beside,
    )
    if not isinstance(state.placements.check(again, mine.chosen), Passed):
        return None
    told = told_of(state, view, mine, asked.lang)
    if told.issued is not None or bool(told.content) != bool(stood.content):
        return None  # a new code needs a record, and so does having nothing to say
    return Decided(decision=mine, content=told.content, coupon=told.coupon)


def _score(decision: Decision) -> float:
    """What the chosen offer scored; of the standing one: when it was chosen, for its own cap may keep it from being ranked now."""
    score = decision.reasons[0].params.get("score") if decision.reasons else None
    return float(score) if isinstance(score, int | float) else -inf


def _shown(decision: Decision) -> tuple[object, ...]:
    """What of a decision the visitor sees, and what is learned from it."""
    return decision.chosen, decision.creative, decision.fallback
