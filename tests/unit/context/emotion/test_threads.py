"""Products of small matrices take one thread, and leave the number as it was."""

from __future__ import annotations

import threading

import pytest

from gyeol.context.emotion import threads
from gyeol.context.emotion.threads import one_thread


@pytest.fixture
def number(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    now = [4]

    def set_(to: int) -> None:
        now[0] = to

    monkeypatch.setattr(threads, "_calls", lambda: (lambda: now[0], set_))
    return now


def test_one_within_and_as_before_after(number: list[int]) -> None:
    with one_thread():
        assert number == [1]
    assert number == [4]


def test_an_error_leaves_the_number_as_it_was(number: list[int]) -> None:
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert number == [4]


def test_who_leaves_last_sets_it_back(number: list[int]) -> None:
    inside, go = threading.Event(), threading.Event()

    def work() -> None:
        with one_thread():
            inside.set()
            go.wait(5)

    other = threading.Thread(target=work)
    with one_thread():
        other.start()
        assert inside.wait(5)
    assert number == [1]
    go.set()
    other.join(5)
    assert number == [4]


def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_calls", lambda: None)
    with one_thread():
        pass
