"""Verdicts, ids and timestamps of what came."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from gyeol.events.device_offsets import DeviceOffsets
from gyeol.events.ingest import Flag, Incoming, Limits, Prepared, Ready, notes_of, prepare
from gyeol.events.model import EventRule, PropertyRule, SourceDefinition, TrackingPlan
from gyeol.events.plan import PlanChecks
from gyeol.events.sections import NO_TIME
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import DAY_MS, instant_text, parse_instant

WEB = SourceDefinition(name="web", trust="client", write_key="k")
NOW = parse_instant("2026-06-01T12:00:00Z") or 0
FINE = {"type": "track", "event": "A", "userId": "u", "messageId": "m", "timestamp": "2026-06-01T11:00:00.000Z"}


def judged(
    *events: dict[str, Any] | bytes, offsets: DeviceOffsets | None = None, plan: TrackingPlan | None = None, **more: Any
) -> Prepared:
    raws = [e if isinstance(e, bytes) else json.dumps(e, ensure_ascii=False).encode() for e in events]
    incoming = Incoming(source=WEB, source_index=1, events=raws, **{"received_ms": NOW, **more})
    return prepare(incoming, PlanChecks(plan or TrackingPlan()), Limits(), offsets or DeviceOffsets(64))


def only(prepared: Prepared) -> Ready:
    assert not prepared.rejected
    [event] = prepared.ready
    return event


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in FINE.items() if key not in keys}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (b"5", "not_an_object"),
        (b"null", "not_an_object"),
        (b'[{"type":"track"}]', "not_an_object"),
        (b'{"type":', "bad_json"),
        (b'{"type":"track","userId":"u","event":"A","x":NaN}', "bad_number"),
        (b'{"type":"track","userId":"u","event":"A","properties":{"x":-1E999}}', "bad_number"),
        (b'{"type":"track","userId":"u","event":"A","properties":{"x":[1.5e+400 ]}}', "bad_number"),
        (without("type"), "no_type"),
        (FINE | {"type": None}, "no_type"),
        (FINE | {"type": "purchase"}, "unknown_type"),
        (FINE | {"type": 5}, "unknown_type"),
        (FINE | {"type": ["track"]}, "bad_field"),
        (FINE | {"userId": True}, "bad_field"),
        (FINE | {"userId": {"id": 1}}, "bad_field"),
        (without("userId"), "no_identity"),
        (FINE | {"userId": None, "anonymousId": None}, "no_identity"),
        (FINE | {"userId": "", "anonymousId": ""}, "no_identity"),
        (without("event"), "track_without_event"),
        (FINE | {"event": ""}, "track_without_event"),
        (FINE | {"type": "alias"}, "alias_without_previous"),
        (FINE | {"type": "alias", "previousId": "a", "userId": None, "anonymousId": "b"}, "no_identity"),
        (FINE | {"type": "group"}, "group_without_id"),
        (FINE | {"timestamp": "yesterday"}, "bad_timestamp"),
        (FINE | {"timestamp": 1780311600000}, "bad_timestamp"),
        (FINE | {"timestamp": 20260601}, "bad_timestamp"),
        (without("timestamp") | {"originalTimestamp": "2026-13-01T00:00:00Z"}, "bad_timestamp"),
        (FINE | {"properties": {"x": "y" * 33_000}}, "too_large"),
        (b'{"type":"track","userId":"u","event":"A","x":' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
        (b'{"type":"track","userId":"u","event":"A","x":' + b'{"a":' * 2000 + b"1" + b"}" * 2001, "too_deep"),
    ],
)
def test_one_bad_event_is_refused_alone(event: dict[str, Any] | bytes, code: str) -> None:
    prepared = judged(FINE, event, FINE | {"messageId": "m2"})
    assert [e.position for e in prepared.ready] == [0, 2]
    [refused] = prepared.rejected
    assert (refused.position, refused.code) == (1, code)
    assert refused.detail
    assert refused.raw == (event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode())
    assert refused.message_id == ("m" if isinstance(event, dict) and code not in ("too_large",) else "")
    # Many events at once take other paths through the code; the verdict must not change.
    many = judged(*[FINE | {"messageId": f"x{i}"} for i in range(20)], event)
    assert [(r.position, r.code) for r in many.rejected] == [(20, code)] and len(many.ready) == 20


@pytest.mark.parametrize("kind", ["page", "screen", "identify"])
def test_calls_that_need_no_name(kind: str) -> None:
    assert only(judged(without("event") | {"type": kind})).type_code == {"page": 1, "identify": 2, "screen": 3}[kind]
    assert only(judged(without("event", "userId") | {"type": kind, "anonymousId": "a"})).position == 0


def test_alias_and_group_with_what_they_need() -> None:
    assert only(judged(without("event") | {"type": "alias", "previousId": "a"})).type_code == 5
    assert only(judged(without("event", "userId") | {"type": "group", "groupId": "g", "anonymousId": "a"})).type_code == 4


def test_the_endpoint_gives_the_type_where_the_event_has_none() -> None:
    assert only(judged(without("type"), path_type="track")).type_code == 0
    assert only(judged(FINE | {"type": "page"}, path_type="track")).type_code == 1
    assert judged(without("type"), path_type="merge").rejected[0].code == "no_type"


def test_many_brackets_are_not_many_levels() -> None:
    event = FINE | {
        "properties": {"flat": [[i] for i in range(300)], "text": "[{" * 300, "quote": '"[' * 200, "deep": json.loads("[" * 97 + "]" * 97)}
    }
    assert only(judged(event)).position == 0


def test_refusals_are_in_the_order_of_the_events() -> None:
    prepared = judged(FINE | {"timestamp": "x"}, without("type"), FINE, FINE | {"timestamp": "y"})
    assert [(r.position, r.code) for r in prepared.rejected] == [(0, "bad_timestamp"), (1, "no_type"), (3, "bad_timestamp")]


def test_numbers_as_ids_become_text_in_the_json_as_well() -> None:
    event = only(judged(FINE | {"userId": 12345678901234567, "anonymousId": 7.0, "event": 404, "messageId": 9, "x": 1.50}))
    told = json.loads(event.raw)
    assert told == FINE | {"userId": "12345678901234567", "anonymousId": "7", "event": "404", "messageId": "9", "x": 1.5}
    assert b"1.5" in event.raw and event.message_id == "9"


def test_a_plain_event_is_kept_byte_by_byte() -> None:
    raw = b' {"messageId":"m", "userId":"u","type":"track","event":"A","n":1e308,"o":1.0} '
    assert only(judged(raw)).raw == raw


@pytest.mark.parametrize("given", [{}, {"messageId": None}, {"messageId": ""}])
def test_a_missing_message_id_is_made_from_the_request(given: dict[str, Any]) -> None:
    first = only(judged(without("messageId") | given))
    assert first.flags & Flag.MESSAGE_ID_MADE and first.message_id.startswith("gyeol-")
    assert json.loads(first.raw)["messageId"] == first.message_id and first.id_hash == event_hash(first.message_id)
    assert only(judged(without("messageId") | given)).message_id == first.message_id
    assert only(judged(without("messageId") | given, received_ms=NOW + 1)).message_id != first.message_id
    two = judged(without("messageId") | given, without("messageId") | given)
    assert two.ready[0].message_id != two.ready[1].message_id


def test_a_long_message_id_is_hashed_and_kept() -> None:
    assert only(judged(FINE | {"messageId": "x" * 99})).message_id == "x" * 99
    event = only(judged(FINE | {"messageId": "x" * 100}))
    assert event.message_id.startswith("long-") and len(event.message_id) < 100 and event.flags & Flag.MESSAGE_ID_HASHED
    told = json.loads(event.raw)
    assert (told["messageId"], told["originalMessageId"]) == (event.message_id, "x" * 100)
    assert only(judged(FINE | {"messageId": "x" * 100}, received_ms=NOW + 5)).message_id == event.message_id


def test_the_roots_context_goes_under_the_events_own() -> None:
    prepared = judged(
        FINE | {"context": {"ip": "own"}},
        FINE | {"messageId": "m2"},
        FINE | {"messageId": "m3", "context": None},
        FINE | {"messageId": "m4", "context": "odd"},
        context=b'{"ip":"root","library":{"name":"x"}}',
        integrations=b'{"All":true}',
    )
    contexts = [json.loads(e.raw)["context"] for e in prepared.ready]
    assert contexts == [{"ip": "own", "library": {"name": "x"}}, *[{"ip": "root", "library": {"name": "x"}}] * 2, "odd"]
    assert json.loads(prepared.ready[0].raw)["integrations"] == {"All": True}


def test_a_retry_has_the_same_payload_and_another_value_another() -> None:
    full = FINE | {"properties": {"a": 1}, "traits": {"b": 2}, "context": {"c": 3}, "sentAt": "2026-06-01T11:00:01Z"}
    base = only(judged(full)).payload_hash
    for same in ({"sentAt": "2026-06-01T11:59:59Z"}, {"context": {"c": 4}}, {"originalTimestamp": "2026-06-01T10:00:00Z"}):
        assert only(judged(full | same)).payload_hash == base
    others: list[dict[str, Any]] = [
        {"type": "page"}, {"event": "B"}, {"userId": "v"}, {"anonymousId": "a"}, {"name": "n"}, {"properties": {"a": 2}},
        {"traits": {"b": 3}},
        {"properties": {"b": 2}, "traits": {"a": 1}},
    ]  # fmt: skip
    found = {only(judged(full | other)).payload_hash for other in others}
    assert len(found) == len(others) and base not in found


def test_what_is_mended_is_flagged() -> None:
    prepared = judged(FINE | {"properties": {"a": "\ufffd"}}, FINE | {"messageId": "m2"}, repaired=True)
    assert [bool(e.flags & Flag.REPAIRED) for e in prepared.ready] == [True, False]
    assert not only(judged(FINE | {"properties": {"a": "\ufffd"}})).flags
    assert only(judged(FINE, replayed=True)).flags == Flag.REPLAYED
    assert notes_of(Flag.REPAIRED | Flag.SENT_AT_USED | Flag.FUTURE_CLAMPED) == ("future_clamped", "repaired")
    assert notes_of(0) == ()


PLAN = TrackingPlan(
    rules={
        "Strict": EventRule(
            name="Strict", on_violation="reject", properties={"properties.price": PropertyRule(type="number", required=True)}
        ),
        "Loose": EventRule(name="Loose", properties={"properties.tier": PropertyRule(type="text", one_of=["gold"])}),
        "$page": EventRule(name="$page", properties={"properties.path": PropertyRule(type="text", required=True)}),
    }
)


def test_the_plan_flags_or_rejects() -> None:
    events: list[dict[str, Any]] = [
        FINE | {"event": "Strict", "properties": {"price": "9"}, "messageId": "m0"},
        FINE | {"event": "Strict", "properties": {"price": 9}, "messageId": "m1"},
        FINE | {"event": "Loose", "properties": {"tier": "iron"}, "messageId": "m2"},
        FINE | {"type": "page", "event": None, "messageId": "m3"},
        FINE | {"event": "Unplanned", "messageId": "m4"},
    ]
    prepared = judged(*events, plan=PLAN)
    [refused] = prepared.rejected
    assert (refused.position, refused.code, refused.message_id) == (0, "plan_violation", "m0")
    assert refused.detail == "properties.price: a number was expected, text came"
    assert [e.position for e in prepared.ready] == [1, 2, 3, 4]
    assert prepared.notes == {2: ("plan:one_of:properties.tier",), 3: ("plan:missing:properties.path",)}
    assert [bool(e.flags & Flag.PLAN_VIOLATED) for e in prepared.ready] == [False, True, True, False]


def ms(text: str) -> int:
    at_ms = parse_instant(text)
    assert at_ms is not None
    return at_ms


HOUR = 3_600_000
STAMPED = without("timestamp")
at = "2026-06-01T{}:00Z".format


@pytest.mark.parametrize(
    ("given", "root", "time", "original", "sent", "flags"),
    [
        ({"timestamp": at("11:00")}, None, at("11:00"), at("11:00"), None, 0),
        ({}, None, at("12:00"), None, None, Flag.NO_TIMESTAMP),
        ({"timestamp": ""}, None, at("12:00"), None, None, Flag.NO_TIMESTAMP),
        ({}, at("11:59"), at("12:00"), None, at("11:59"), Flag.NO_TIMESTAMP),
        # The device's clock is ten minutes slow.
        ({"timestamp": at("11:40"), "sentAt": at("11:50")}, None, at("11:50"), at("11:40"), at("11:50"), Flag.SENT_AT_USED),
        ({"timestamp": at("11:40")}, at("11:50"), at("11:50"), at("11:40"), at("11:50"), Flag.SENT_AT_USED),
        # Its own sentAt goes before the batch's.
        ({"originalTimestamp": at("11:40"), "sentAt": at("11:50")}, at("11:00"), at("11:50"), at("11:40"), at("11:50"), Flag.SENT_AT_USED),
        # A timestamp beside another originalTimestamp was given on purpose (RudderStack's Node SDK); the same twice says nothing more.
        (
            {"timestamp": at("09:00"), "originalTimestamp": at("11:40"), "sentAt": at("11:50")},
            None,
            at("09:00"),
            at("09:00"),
            at("11:50"),
            0,
        ),
        (
            {"timestamp": at("11:40"), "originalTimestamp": at("11:40"), "sentAt": at("11:50")},
            None,
            at("11:50"),
            at("11:40"),
            at("11:50"),
            Flag.SENT_AT_USED,
        ),
        # A fast clock.
        ({"timestamp": at("12:30"), "sentAt": at("12:40")}, None, at("11:50"), at("12:30"), at("12:40"), Flag.SENT_AT_USED),
        # The future, and a sentAt that cannot be read.
        ({"timestamp": at("12:05")}, None, at("12:05"), at("12:05"), None, 0),
        ({"timestamp": at("12:06")}, None, at("12:00"), at("12:06"), None, Flag.FUTURE_CLAMPED),
        ({"timestamp": at("11:00"), "sentAt": "soon"}, None, at("11:00"), at("11:00"), None, Flag.SENT_AT_IGNORED),
        ({"timestamp": at("11:00"), "sentAt": 5}, at("11:30"), at("11:00"), at("11:00"), None, Flag.SENT_AT_IGNORED),
        ({"timestamp": at("11:00")}, "soon", at("11:00"), at("11:00"), None, Flag.SENT_AT_IGNORED),
        # Forms that SDKs write.
        ({"timestamp": "2026-06-01T20:00:00.123456+09:00"}, None, "2026-06-01T11:00:00.123Z", "2026-06-01T11:00:00.123Z", None, 0),
        ({"timestamp": "2026-06-01T11:00:00.123456789Z"}, None, "2026-06-01T11:00:00.123Z", "2026-06-01T11:00:00.123Z", None, 0),
        ({"timestamp": "2026-06-01"}, None, at("00:00"), at("00:00"), None, 0),
    ],
)
def test_the_four_timestamps(
    given: dict[str, Any], root: str | None, time: str, original: str | None, sent: str | None, flags: int
) -> None:
    event = only(judged(STAMPED | given, sent_at=root))
    assert event.time_ms == ms(time)
    assert event.original_ms == (NO_TIME if original is None else ms(original))
    assert event.sent_ms == (NO_TIME if sent is None else ms(sent))
    assert event.flags == flags


def test_a_retrys_delay_is_not_folded_into_the_time() -> None:
    offsets = DeviceOffsets(64)
    device = STAMPED | {"anonymousId": "phone"}

    def arrives(original: str, sent: str, received: str, **more: Any) -> tuple[int, int]:
        event = only(judged(device | {"timestamp": original, "sentAt": sent} | more, offsets=offsets, received_ms=ms(received)))
        return event.time_ms, event.flags

    used = int(Flag.SENT_AT_USED)
    # At first sight the wire rule holds, even for what is a retry.
    assert arrives(at("09:00"), at("09:01"), at("09:02")) == (ms(at("09:01")), used)
    # From now on the device is known to be a minute off; an hour late is a retry.
    assert arrives(at("10:00"), at("10:01"), at("11:02")) == (ms(at("10:01")), used | Flag.RETRY_OFFSET_USED)
    # Up to a minute more than usual is the network.
    assert arrives(at("11:00"), at("11:01"), at("11:03")) == (ms(at("11:02")), used)
    # The usual offset is the least ever seen.
    assert arrives(at("11:10"), at("11:11"), at("11:11")) == (ms(at("11:10")), used)
    assert arrives(at("11:20"), at("11:21"), at("11:23")) == (ms(at("11:20")), used | Flag.RETRY_OFFSET_USED)
    # Another device, and the same name at another source, are not judged by it.
    assert arrives(at("11:20"), at("11:21"), at("11:51"), anonymousId="tablet")[1] == used
    other = Incoming(
        source=msgspec.structs.replace(WEB, name="app"), source_index=0, received_ms=ms(at("11:51")),
        events=[json.dumps(device | {"timestamp": at("11:20"), "sentAt": at("11:21")}).encode()],
    )  # fmt: skip
    assert only(prepare(other, PlanChecks(TrackingPlan()), Limits(), offsets)).flags == used


def test_every_instant_of_a_large_batch_is_read_as_alone() -> None:
    stamps = [
        "2026-06-01T11:00:00Z",
        "2026-06-01T11:00:00.5Z",
        "2026-06-01T11:00:00.123Z",
        "2026-06-01T11:00:00.123456Z",
        "2026-06-01T11:00:00+00:00",
    ]
    events = [STAMPED | {"timestamp": stamp, "messageId": f"m{i}"} for i, stamp in enumerate(stamps * 4)]
    assert [e.time_ms for e in judged(*events).ready] == [only(judged(event)).time_ms for event in events]
    plain = [STAMPED | {"timestamp": f"2026-06-01T11:00:{i:02d}.123Z", "messageId": f"m{i}"} for i in range(40)]
    assert [e.time_ms for e in judged(*plain).ready] == [only(judged(event)).time_ms for event in plain]


@pytest.mark.parametrize("own", [{}, {"traits": None}])
def test_traits_of_identify_are_read_from_the_context(own: dict[str, Any]) -> None:
    """As RudderStack's Python and browser SDKs send them; another value under the same messageId is another payload."""
    identify = {"type": "identify", "userId": "u", "messageId": "m", "context": {"traits": {"city": "서울"}}} | own
    event = only(judged(identify))
    assert msgspec.json.decode(event.raw) == identify | {"traits": {"city": "서울"}}
    other = only(judged(identify | {"context": {"traits": {"city": "부산"}}}))
    assert event.payload_hash != other.payload_hash
    assert event.payload_hash == only(judged(identify | {"context": {"traits": {"city": "서울"}, "ip": "1"}})).payload_hash


@pytest.mark.parametrize(
    "given",
    [
        {"type": "identify", "traits": {}, "context": {"traits": {"city": "서울"}}},
        {"type": "identify", "context": {"traits": "서울"}},
        {"type": "identify", "context": 5},
        {"type": "track", "event": "E", "context": {"traits": {"city": "서울"}}},
    ],
)
def test_other_events_stay_as_they_are_written(given: dict[str, Any]) -> None:
    event = {"userId": "u", "messageId": "m"} | given
    assert msgspec.json.decode(only(judged(event)).raw) == event


def test_the_datas_present_is_for_those_who_live_now_and_not_for_who_says_the_datas_time() -> None:
    shift = -89 * DAY_MS
    visitor = only(judged(FINE | {"timestamp": instant_text(NOW - 4_000)}, shift_ms=shift))
    assert (visitor.time_ms, bool(visitor.flags & Flag.DATA_CLOCK_USED)) == (NOW - 4_000 + shift, True)
    told = only(judged(FINE | {"timestamp": instant_text(NOW + shift + 4_000)}, shift_ms=shift))
    assert (told.time_ms, bool(told.flags & Flag.DATA_CLOCK_USED)) == (NOW + shift + 4_000, False)
