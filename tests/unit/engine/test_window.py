"""When a frame is made: at once when it is quiet, later the busier the engine is."""

from __future__ import annotations

from gyeol.engine.window import LONGEST_S, Window


def test_the_first_event_after_a_silence_waits_for_nobody() -> None:
    window = Window()
    assert window.due_s(100.0) == 100.0
    window.note(100.0, 100.004)
    assert window.due_s(100.1) == 100.1


def test_a_busy_engine_rests_as_long_as_it_worked() -> None:
    window = Window()
    window.note(100.0, 100.004)
    assert abs(window.due_s(100.002) - 100.008) < 1e-9, "it came while the frame was made"
    assert abs(window.due_s(100.007) - 100.009) < 1e-9, "half the cost after the first event"
    window.note(100.0, 101.0)
    assert abs(window.due_s(100.5) - (101.0 + LONGEST_S)) < 1e-9, "never longer than the longest"
