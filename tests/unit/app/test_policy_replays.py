"""Replays beside a running core: one at a time, and the next after the last has ended, however it did."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from gyeol.app.policy_replays import ReplayRequest, Replays
from gyeol.kernel.errors import StateError


def test_a_second_replay_is_refused_while_one_runs_and_not_after_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    replays, begun, go_on = Replays(cast(Any, None), cast(Any, None)), threading.Event(), threading.Event()

    def fails(*_: object) -> None:
        begun.set()
        go_on.wait(10)
        raise RuntimeError("it broke")

    monkeypatch.setattr(replays, "_run", fails)
    ended: list[str] = []

    def first() -> None:
        with pytest.raises(RuntimeError) as error:
            replays.run(ReplayRequest())
        ended.append(str(error.value))

    running = threading.Thread(target=first)
    running.start()
    assert begun.wait(10)
    with pytest.raises(StateError) as refused:
        replays.run(ReplayRequest())
    assert refused.value.code == "replay_running"
    go_on.set()
    running.join(10)
    with pytest.raises(RuntimeError):
        replays.run(ReplayRequest())
    assert ended == ["it broke"]
