"""Who waits to hear that a decision should be asked for again: pages that are open now.

Nothing of it stands on the path of events and decisions. While anybody listens, what the last frames changed is looked at four times a
second (``engine.recent`` remembers it anyway), and those whom it concerns are decided for once more, in memory. Everybody else's turn
comes every half minute, for what time alone changes. A page is told that its decision is another one now, never which: it asks.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import numpy as np

from gyeol.app.intake import DecideRequest
from gyeol.app.visitor import visitor_of
from gyeol.decisions.model import Beside, Decision
from gyeol.engine.acts import decide_for
from gyeol.engine.engine import Engine
from gyeol.engine.jobs import Ask, Decide, Job
from gyeol.engine.recent import Remembered
from gyeol.engine.standing import Standing, question_of, still
from gyeol.engine.state import EngineState
from gyeol.events.model import SourceDefinition
from gyeol.kernel.canonical import digest
from gyeol.kernel.errors import BackendError, GyeolError, LimitError
from gyeol.kernel.instants import Int64

LOOK_S = 0.25
"""What changed is looked at so often while somebody listens."""
TURN_S = 30.0
"""Everybody is looked at so often at least: a part of the day that ends touches nobody in particular."""
MOST_A_LOOK = 20
"""Placements that are decided for at once: some milliseconds, in which no event is folded. Who waits longest has the next turn."""
MOST_LISTENERS = 2_000
MOST_OF_ONE = 8
"""Of one visitor: eight tabs."""

Tell = Callable[[int, list[str]], None]
"""Told an offset of the log, and the placements that should be asked for again."""


class Listener:
    """One open page.

    Attributes:
        asked: What it would ask now.
        node: Of the visitor; None: nobody has heard of them yet, among the ``searched`` nodes that there were.
        due_s: When its turn is, on the loop's clock.
    """

    def __init__(self, asked: Decide, whose: str, tell: Tell) -> None:
        self.asked, self.whose, self.tell = asked, whose, tell
        self.node: int | None = None
        self.searched = 0
        self.due_s = 0.0
        self._seen: dict[str, str] = {}
        self._told: dict[str, str] = {}

    def changed(self, state: EngineState, standing: Standing) -> list[str]:
        """The placements whose decision would be another one than the page has, each said once. The state is not changed."""
        if self.node is None:
            self.node, self.searched = _node(state, self.asked), state.graph.size
            if self.node is None:
                return []
        known = state.placements.names
        found = []
        beside: tuple[Beside, ...] = ()
        for placement in self.asked.placements:
            if placement not in known:
                continue
            sign, decision = self._sign(state, standing, self.node, placement, beside)
            beside += state.placements.beside(decision)
            if sign and self._told.get(placement) != sign:
                found.append(placement)
            self._told[placement] = sign
        return found

    def _sign(self, state: EngineState, standing: Standing, node: int, placement: str, beside: tuple[Beside, ...]) -> tuple[str, Decision]:
        """What is different now, in a word that is the same as long as the difference is (empty: nothing); and what the page shows."""
        stood = standing.find(question_of(node, placement, self.asked), state.now_ms)
        if stood is not None:
            now = still(state, stood, node, placement, self.asked, beside)
            if now is None:
                return f"another {stood.decision.id}", stood.decision
            return "" if now.content == stood.content else f"content {stood.decision.id} {digest(now.content)}", now.decision
        # The page decides without saying that it repeats itself: it is told of what differs from when it began to listen.
        fresh = decide_for(state, node, placement, self.asked, self.asked.key, beside)
        sign = digest([fresh.decision.chosen, fresh.decision.fallback, fresh.content])
        return "" if self._seen.setdefault(placement, sign) == sign else sign, fresh.decision


class Submit(Protocol):
    """Queues a question; ``told`` is called in the asyncio loop's thread once it is answered."""

    def __call__(self, job: Job, told: Callable[[], object]) -> None:
        """Queue."""
        ...


class Listeners:
    """All open pages. Used in the asyncio loop's thread, but for what it asks of the state.

    Args:
        engine: Whose state is looked at, in the engine's thread.
        submit: Queues a question.
        loop: Times the looks.
        decide_key: Signs the tokens of visitors.
    """

    def __init__(self, engine: Engine, submit: Submit, loop: asyncio.AbstractEventLoop, decide_key: str) -> None:
        self._engine, self._submit, self._loop, self._decide_key = engine, submit, loop, decide_key
        self._open: dict[Listener, None] = {}
        self._of: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._looking = False
        self._looked = -1

    def __len__(self) -> int:
        return len(self._open)

    def listen(self, request: DecideRequest, source: SourceDefinition, tell: Tell) -> Callable[[], None]:
        """Begin to listen.

        Args:
            request: What the page asks: the identity rules are those of a decision.
            source: Of its key.
            tell: Called in the loop's thread whenever something is to be asked for again.

        Returns:
            Ends it; may be called more than once.

        Raises:
            InputError: With every problem of the request.
            LimitError: ``too_many_streams``.
        """
        find, placements = visitor_of(request, source, self._decide_key)
        whose = f"{request.person}\n{request.userId}\n{request.anonymousId}"
        if len(self._open) >= MOST_LISTENERS or self._of[whose] >= MOST_OF_ONE:
            raise LimitError("too_many_streams", "As many pages listen as may; this one goes on without, and asks when it is loaded.")
        alone = source.trust == "client" and request.userId is None
        asked = Decide(find, list(dict.fromkeys(placements)), request.context, "listening", request.lang, alone=alone, stands=True)
        listener = Listener(asked, whose, tell)
        self._open[listener] = None
        self._of[whose] += 1
        self._look_later()
        return lambda: self._close(listener)

    def _close(self, listener: Listener) -> None:
        if listener in self._open:
            del self._open[listener]
            self._of[listener.whose] -= 1
            self._of += Counter()  # forgets those of whom none is left

    # -- looking
    def _look_later(self) -> None:
        if self._timer is None and self._open:
            self._timer = self._loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        moved = self._engine.next_offset != self._looked
        if self._looking or not (moved or any(each.due_s <= now_s for each in self._open)):
            self._look_later()
            return
        listeners = list(self._open)
        question = Ask(lambda state: look(state, self._engine, listeners, self._looked, now_s))
        try:
            self._submit(question, lambda: self._heard(question))
            self._looking = True
        except BackendError:
            pass  # it is stopping, or cannot go on for now
        self._look_later()

    def _heard(self, question: Ask) -> None:
        self._looking = False
        if question.error is not None or not isinstance(question.answer, Looked):
            return
        self._looked = question.answer.offset
        for listener, placements in question.answer.changed:
            if listener in self._open:
                listener.tell(self._looked, placements)


class Looked(msgspec.Struct, frozen=True):
    """What a look found, and up to which record."""

    offset: int
    changed: list[tuple[Listener, list[str]]]


def look(state: EngineState, engine: Engine, listeners: Sequence[Listener], since: int, now_s: float) -> Looked:
    """Who among some listeners should ask again; asked in the engine's thread. The state is not changed.

    Args:
        state: As it is now.
        engine: Remembers what the last frames changed, and what visits were told.
        listeners: All that are open.
        since: The records before this offset were looked at; negative: none were.
        now_s: On the loop's clock.
    """
    for listener in _touched(state, engine, listeners, since):
        listener.due_s = min(listener.due_s, now_s)
    due = sorted((each for each in listeners if each.due_s <= now_s), key=lambda each: each.due_s)
    changed = []
    decided = 0
    for listener in due:
        if decided >= MOST_A_LOOK:
            break
        decided += len(listener.asked.placements)
        listener.due_s = now_s + TURN_S
        try:
            placements = listener.changed(state, engine.standing)
        except GyeolError:
            continue  # what cannot be decided now says nothing; the page is told of it when it asks
        if placements:
            changed.append((listener, placements))
    return Looked(state.offset, changed)


def _touched(state: EngineState, engine: Engine, listeners: Sequence[Listener], since: int) -> Sequence[Listener]:
    """Listeners of whom a frame since an offset held something; all when that is not remembered, or the definitions are others."""
    if since < engine.recent.start_offset:
        return listeners
    parts = [nodes for frame in engine.recent.since(since) for nodes in _nodes(frame)]
    known = [each for each in listeners if each.node is not None]
    if not parts:
        return []
    people = state.graph.person
    touched = np.concatenate(parts)
    touched = np.unique(people[touched[(touched >= 0) & (touched < state.graph.size)]])
    mine = people[np.array([each.node for each in known], np.int64)] if known else np.empty(0, np.int64)
    strangers = [each for each in listeners if each.node is None and each.searched < state.graph.size]
    return [*strangers, *(each for each, hit in zip(known, np.isin(mine, touched).tolist(), strict=True) if hit)]


def _nodes(frame: Remembered) -> list[Int64]:
    effects = frame.effects
    nodes = [*frame.entered, *(node for each in effects.regrouped for node in each.nodes)]
    nodes += [act.decision.node for act in effects.acts if act.decision is not None]
    return [effects.event_nodes, np.array(nodes, np.int64)]


def _node(state: EngineState, asked: Decide) -> int | None:
    """The visitor's node; None when nobody has heard of them."""
    try:
        named = asked.find(state)
    except GyeolError:
        return None
    return named if isinstance(named, int) else state.graph.find_node(f"{named[0]}:{named[1]}")
