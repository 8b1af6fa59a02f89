"""Dead letters: ids and replays."""

from __future__ import annotations

import pytest

from gyeol.events.dead_letter import DeadLetter, letter_of, offset_of, replay_of
from gyeol.events.device_offsets import DeviceOffsets
from gyeol.events.ingest import Flag, Limits, prepare
from gyeol.events.model import SourceDefinition, TrackingPlan
from gyeol.events.plan import PlanChecks
from gyeol.events.sections import RejectedEvent, dead_letter_id
from gyeol.kernel.errors import InputError

WEB = SourceDefinition(name="web", trust="client", write_key="k")
RECORD = RejectedEvent("dl_12", 0, "no_type", "type is missing", b'{"userId":"u","event":"A"}', 1_000, "m", "1.1.1.1", "web")


@pytest.mark.parametrize(
    ("id", "offset"), [("dl_0", 0), ("dl_123", 123), ("dl_", None), ("dl_01", None), ("dl_-1", None), ("12", None), ("dl_1٣", None)]
)
def test_an_id_names_an_offset(id: str, offset: int | None) -> None:
    assert offset_of(id) == offset
    assert offset is None or dead_letter_id(offset) == id


def test_a_letter_of_a_record() -> None:
    assert letter_of(RECORD) == DeadLetter(
        id="dl_12", source="web", code="no_type", detail="type is missing", raw=RECORD.raw, received_ms=1_000, message_id="m", ip="1.1.1.1"
    )
    assert letter_of(RECORD, "shop").source == "shop"


def test_a_correction_is_judged_as_if_it_had_come_then() -> None:
    incoming = replay_of(letter_of(RECORD), b'{"type":"track","userId":"u","event":"A"}', WEB, 0)
    prepared = prepare(incoming, PlanChecks(TrackingPlan()), Limits(), DeviceOffsets(8))
    [event] = prepared.ready
    assert event.time_ms == 1_000 and event.flags & Flag.REPLAYED and incoming.ip == "1.1.1.1"
    uncorrected = prepare(replay_of(letter_of(RECORD), None, WEB, 0), PlanChecks(TrackingPlan()), Limits(), DeviceOffsets(8))
    assert uncorrected.rejected[0].code == "no_type"
    with pytest.raises(InputError):
        replay_of(letter_of(RECORD), b"{", WEB, 0)
