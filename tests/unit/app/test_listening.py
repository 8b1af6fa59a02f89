"""Who waits longest has the next turn, however much happens; and a look is short."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gyeol.app.listening import MOST_A_LOOK, TURN_S, Listener, look
from gyeol.engine.jobs import Decide
from gyeol.kernel.errors import NotFoundError


class Quiet(Listener):
    """A listener that only counts how often it was looked at."""

    def __init__(self, name: str, placements: int = 1, error: bool = False) -> None:
        asked = Decide(lambda state: 0, [f"p{n}" for n in range(placements)], {}, "listening", stands=True)
        super().__init__(asked, name, lambda offset, found: None)
        self.looks, self.error = 0, error

    def changed(self, state: object, standing: object) -> list[str]:
        self.looks += 1
        if self.error:
            raise NotFoundError("unknown_person", "nobody")
        return ["p0"]


def looked(listeners: list[Quiet], now_s: float, *, forgotten: bool) -> list[Listener]:
    """One look; ``forgotten``: more happened than is remembered, so everybody is concerned."""
    recent = SimpleNamespace(start_offset=10 if forgotten else 0, since=lambda offset: [])
    state: Any = SimpleNamespace(offset=11, graph=SimpleNamespace(person=None, size=0))
    engine: Any = SimpleNamespace(recent=recent, standing=None)
    return [listener for listener, _ in look(state, engine, listeners, 5, now_s).changed]


def test_everybody_has_a_turn_although_everybody_is_always_concerned() -> None:
    listeners = [Quiet(str(n)) for n in range(3 * MOST_A_LOOK)]
    for n in range(6):
        assert len(looked(listeners, 100 + 0.25 * n, forgotten=True)) == MOST_A_LOOK
    assert {each.looks for each in listeners} == {2}


def test_a_look_is_no_longer_for_those_who_show_much() -> None:
    listeners = [Quiet(str(n), placements=10) for n in range(6)]
    assert len(looked(listeners, 100, forgotten=True)) == 2


def test_whom_nothing_concerns_is_looked_at_now_and_then() -> None:
    listener = Quiet("one")
    assert looked([listener], 100, forgotten=False) == [listener], "who has just come"
    assert looked([listener], 100 + TURN_S / 2, forgotten=False) == []
    assert looked([listener], 100 + TURN_S, forgotten=False) == [listener]


def test_what_cannot_be_decided_keeps_nobody_else_from_hearing() -> None:
    broken, well = Quiet("broken", error=True), Quiet("well")
    assert looked([broken, well], 100, forgotten=True) == [well]
