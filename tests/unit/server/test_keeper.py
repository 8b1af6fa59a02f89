"""The threads of the side process outlive what goes wrong with them, and say it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest

from gyeol.kernel.errors import BackendError
from gyeol.server.side.keeper import Keeper


class Scripted(Keeper):
    """Fails as it is told to, one error a turn; then every turn is well."""

    def __init__(self, errors: list[Exception], pause_s: float = 0.001) -> None:
        super().__init__("scripted", "scripted_stuck", "nothing gets on", pause_s=pause_s, longest_pause_s=0.001)
        self.errors, self.seen, self.ended, self.turns = errors, list[str](), 0, 0

    def turn(self) -> float | None:
        self.seen.append(self.problem)
        self.turns += 1
        if self.errors:
            raise self.errors.pop(0)
        return None

    def last(self) -> None:
        self.ended += 1


def until(good: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not good():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "gyeol.side.scripted")
    return caplog


def test_what_nobody_expected_is_told_and_the_thread_goes_on(heard: pytest.LogCaptureFixture) -> None:
    keeper = Scripted([ZeroDivisionError("a bug")])
    keeper.start()
    until(lambda: keeper.turns > 2 and keeper.problem == "")
    keeper.stop()
    assert "a bug" in keeper.seen[1] and "report" in keeper.seen[1]
    (record,) = heard.records
    assert (record.levelname, record.__dict__["code"]) == ("ERROR", "scripted_stuck") and record.exc_info is not None
    assert keeper.ended == 1


def test_a_failure_that_stays_is_told_once(heard: pytest.LogCaptureFixture) -> None:
    full = BackendError("full", "the disk is full")
    keeper = Scripted([full, full, full, BackendError("gone", "the core has gone")])
    keeper.start()
    until(lambda: keeper.turns > 5)
    keeper.stop()
    assert [record.getMessage() for record in heard.records] == [
        "nothing gets on: the disk is full",
        "nothing gets on: the core has gone",
    ]
    assert {record.levelname for record in heard.records} == {"WARNING"}


def test_the_end_is_not_left_out_by_a_failure() -> None:
    class Broken(Scripted):
        def last(self) -> None:
            super().last()
            raise ZeroDivisionError("a bug")

    keeper = Broken([])
    keeper.start()
    until(lambda: keeper.turns > 0)
    keeper.stop()
    assert keeper.ended == 1 and "a bug" in keeper.problem


def test_the_pause_is_what_the_turn_asks_for() -> None:
    class Hurried(Scripted):
        def turn(self) -> float | None:
            super().turn()
            return 0.001

    keeper = Hurried([], pause_s=0.01)
    keeper.start()
    until(lambda: keeper.turns > 3)
    keeper.stop()


def test_one_that_was_not_started_can_be_stopped() -> None:
    keeper = Scripted([])
    keeper.stop()
    assert keeper.turns == keeper.ended == 0 and not any(each.name == "gyeol-scripted" for each in threading.enumerate())
