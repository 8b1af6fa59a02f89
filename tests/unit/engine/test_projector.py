"""Effects reach state.db soon, together, and at once when somebody waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gyeol.engine.effects import Effects
from gyeol.engine.projector import REST_S, Projector
from gyeol.storage.state.memory import MemoryStateStore


class Durable:
    """A committer whose frames are all durable."""

    durable_offset = 10**9

    def wait_durable(self, offset: int, timeout_s: float) -> bool:
        return True


class Counting(MemoryStateStore):
    """Counts transactions."""

    units = 0

    @contextmanager
    def unit(self) -> Iterator[Any]:
        self.units += 1
        with super().unit() as unit:
            yield unit


def frame(number: int) -> Effects:
    return Effects(first_offset=number, end_offset=number + 1, at_ms=0)


def test_frames_gather_between_transactions_and_a_waiter_hurries_them() -> None:
    store = Counting()
    committer: Any = Durable()
    projector = Projector(store, committer)
    projector.start()
    try:
        projector.submit(frame(0))
        assert projector.flush(10) and store.acted_offset() == 1, "the first is written at once"
        begun = time.monotonic()
        for number in range(1, 40):
            projector.submit(frame(number))
        assert projector.flush(10) and store.acted_offset() == 40
        assert store.units <= 4, "39 frames did not take 39 transactions"
        assert time.monotonic() - begun < 10
        projector.submit(frame(40))
        deadline = time.monotonic() + 10
        while projector.backlog():
            assert time.monotonic() < deadline
            time.sleep(REST_S / 10)
        assert store.acted_offset() == 41, "nobody waited, and it was written all the same"
    finally:
        projector.stop()
