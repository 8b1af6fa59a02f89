"""Laws of frames and of collecting."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.events.columns import batches_of
from gyeol.events.dedupe import DUPLICATE, ID_REUSED, NEW, keys_of
from gyeol.events.device_offsets import DeviceOffsets
from gyeol.events.frames import decode_frame, encode_frame
from gyeol.events.ingest import Incoming, Limits, Prepared, prepare
from gyeol.events.log import FrameHeader
from gyeol.events.model import SourceDefinition, TrackingPlan
from gyeol.events.plan import PlanChecks
from gyeol.events.reading import Reading
from gyeol.events.sections import (
    Command,
    Commands,
    Decisions,
    Deliveries,
    EventColumns,
    EventRows,
    Facts,
    ImportOrigin,
    PackedColumn,
    RejectedEvent,
    Rejections,
    Section,
    Tick,
    section_count,
)
from gyeol.events.stamps import instant, instants
from gyeol.kernel.errors import GyeolError
from gyeol.kernel.instants import instant_text
from gyeol.storage.dedupe import MemoryDedupe

int64 = st.integers(-(2**63), 2**63 - 1)
small = st.integers(0, 2**16 - 1)
texts = st.text(max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def event_rows(draw: st.DrawFn) -> EventRows:
    n = draw(st.integers(1, 5))

    def longs() -> bytes:
        return np.array(draw(st.lists(int64, min_size=n, max_size=n)), "<i8").tobytes()

    raws = [json.dumps(v).encode() for v in draw(st.lists(st.dictionaries(texts, json_values, max_size=3), min_size=n, max_size=n))]
    return EventRows(
        bytes(2 * n), longs(), longs(), longs(), longs(), bytes(2 * n), raws, bytes(n), longs(), longs(),
        draw(st.just([]) | st.just(["10.0.0.1"] * n)), draw(st.lists(texts, max_size=3)),
    )  # fmt: skip


@st.composite
def event_columns(draw: st.DrawFn) -> EventColumns:
    n = draw(st.integers(1, 5))
    numbers = st.lists(st.floats(allow_nan=False), min_size=n, max_size=n)
    columns = {
        path: PackedColumn("number", "<f8", np.array(draw(numbers), "<f8").tobytes(), draw(st.binary(max_size=1)))
        for path in draw(st.lists(texts, max_size=3, unique=True))
    }
    origin = draw(st.none() | st.builds(ImportOrigin, texts, small, st.booleans()))
    zeros, act = bytes(8 * n), draw(st.booleans())
    return EventColumns(n, bytes(2 * n), zeros, zeros, zeros, zeros, bytes(2 * n), columns, bytes(n), zeros, origin, ["s"], act)


blobs = st.lists(st.binary(max_size=30), min_size=1, max_size=3)
rejected = st.builds(RejectedEvent, texts, small, texts, texts, st.binary(max_size=50), int64, texts, texts, texts)
commands = st.builds(Command, texts, texts, int64, texts, st.dictionaries(texts, st.none() | texts | int64, max_size=3))
section = st.one_of(
    event_rows(), event_columns(), st.builds(Rejections, st.lists(rejected, min_size=1, max_size=2)),
    st.builds(Commands, st.lists(commands, min_size=1, max_size=2)), st.builds(Decisions, blobs), st.builds(Deliveries, blobs),
    st.builds(Facts, blobs), st.just(Tick()),
)  # fmt: skip
sections = st.lists(section, min_size=1, max_size=4)


@st.composite
def headers(draw: st.DrawFn, of: list[Section]) -> FrameHeader:
    return FrameHeader(
        first_offset=draw(st.integers(0, 2**63)), count=sum(map(section_count, of)), engine_now_ms=draw(int64),
        definitions=draw(st.binary(min_size=16, max_size=16)).hex(), joined=draw(st.booleans()),
    )  # fmt: skip


@given(st.data(), sections)
def test_a_frame_reads_as_it_was_written(data: st.DataObject, of: list[Section]) -> None:
    header = data.draw(headers(of))
    frame = decode_frame(encode_frame(header, of))
    assert frame.header == header
    assert frame.sections == of


@given(st.data(), sections)
def test_any_flip_of_a_byte_is_seen(data: st.DataObject, of: list[Section]) -> None:
    written = bytearray(encode_frame(data.draw(headers(of)), of))
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(GyeolError):
        decode_frame(bytes(written))


@given(st.data(), sections)
def test_any_cut_is_seen(data: st.DataObject, of: list[Section]) -> None:
    written = encode_frame(data.draw(headers(of)), of)
    with pytest.raises(GyeolError):
        decode_frame(written[: data.draw(st.integers(0, len(written) - 1))])


@given(st.lists(st.none() | st.integers(-62_000_000_000_000, 253_000_000_000_000).map(instant_text) | texts, max_size=30))
def test_many_instants_are_read_as_each_alone(stamps: list[str | None]) -> None:
    assert instants(stamps) == [instant(stamp) for stamp in stamps]


@given(st.lists(st.integers(0, 253_000_000_000_000).map(instant_text), min_size=8, max_size=12))
def test_many_instants_of_the_usual_form_are_read_exactly(stamps: list[str]) -> None:
    assert [instant_text(at_ms) for at_ms in instants(list(stamps))] == stamps


WEB = SourceDefinition(name="web", trust="client", write_key="k")
events = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "page", "nonsense"])},
    optional={
        "event": st.sampled_from(["A", "B"]), "userId": st.sampled_from(["u1", "u2", 3, None]), "anonymousId": st.sampled_from(["a1", ""]),
        "messageId": st.sampled_from(["m1", "m2", "m3", 4]), "properties": st.dictionaries(texts, json_values, max_size=2),
        "timestamp": st.sampled_from(["2026-01-01T00:00:00Z", "never"]),
    },
)  # fmt: skip


def judged(items: list[dict[str, object]]) -> Prepared:
    incoming = Incoming(source=WEB, source_index=0, events=[json.dumps(e).encode() for e in items], received_ms=1_767_225_600_000)
    return prepare(incoming, PlanChecks(TrackingPlan()), Limits(), DeviceOffsets(8))


def statuses(prepared: Prepared, index: MemoryDedupe, offset: int) -> list[int]:
    ids = np.array([e.id_hash for e in prepared.ready], np.uint64)
    payloads = np.array([e.payload_hash for e in prepared.ready], np.uint64)
    found: list[int] = index.check(keys_of("web", ids), payloads, 1_767_225_600_000, offset).tolist()
    return found


@given(st.lists(events, min_size=1, max_size=12))
def test_collecting_twice_is_collecting_once(items: list[dict[str, object]]) -> None:
    index, prepared = MemoryDedupe(), judged(items)
    first = statuses(prepared, index, 0)
    size = index.size()
    assert size == first.count(NEW)
    again = statuses(judged(items), index, 50)
    assert index.size() == size
    assert again == [DUPLICATE if status == NEW else status for status in first]
    assert all(status in (DUPLICATE, ID_REUSED) for status in again)


@given(st.lists(events, min_size=1, max_size=12))
def test_every_event_has_exactly_one_verdict_and_what_is_kept_can_be_read(items: list[dict[str, object]]) -> None:
    prepared = judged(items)
    places = [e.position for e in prepared.ready] + [r.position for r in prepared.rejected]
    assert sorted(places) == list(range(len(items)))
    n = len(prepared.ready)
    if not n:
        return
    zeros = bytes(8 * n)
    times = np.array([e.time_ms for e in prepared.ready], "<i8").tobytes()
    types = np.array([e.type_code for e in prepared.ready], np.uint8).tobytes()
    rows = EventRows(bytes(2 * n), times, zeros, zeros, zeros, bytes(2 * n), [e.raw for e in prepared.ready], types, zeros, zeros)
    frame = decode_frame(encode_frame(FrameHeader(first_offset=0, count=n, engine_now_ms=0, definitions="00" * 16), [rows]))
    [batch] = batches_of(frame, Reading(TrackingPlan(), "KRW", ["userId"]))
    assert batch.texts("messageId") == [e.message_id for e in prepared.ready]
    for i, event in enumerate(prepared.ready):
        given_event = items[event.position]
        assert json.loads(batch.raw(i)).get("properties") == given_event.get("properties")
        user = given_event.get("userId")
        assert batch.texts("userId")[i] == (None if user is None else str(user))
