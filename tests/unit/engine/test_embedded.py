"""The engine without threads when the log takes a frame, but not that of its journeys: a restart begins them."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.events.frames import decode_frame
from gyeol.events.sections import Decisions
from gyeol.kernel.errors import BackendError


@pytest.mark.parametrize("failure", [BackendError("log_append_failed", "the disk is full"), KeyboardInterrupt()])
def test_a_journey_whose_record_found_no_room_begins_with_the_next_start(shop: Any, make: Any, failure: BaseException) -> None:
    append = shop.log.append

    def full(header: Any, frame: bytes) -> None:
        if isinstance(decode_frame(frame).sections[0], Decisions):
            raise failure
        append(header, frame)

    shop.log.append = full
    with pytest.raises(type(failure)):
        shop.collect(make.order("kim"), make.order("kim"))
    shop.embedded.flush()  # as a session does when it is closed
    shop.log.append = append

    recovered = shop.recovered()
    assert len(recovered.unanswered) == 1
    shop.open(recovered.state)
    shop.embedded.take(recovered.effects)
    for effects in recovered.unanswered:
        shop.embedded.answer(effects)
    shop.embedded.flush()
    assert shop.store.acted_offset() == shop.log.end_offset() == 3
    assert isinstance(decode_frame(list(shop.log.read(0))[-1]).sections[0], Decisions)
