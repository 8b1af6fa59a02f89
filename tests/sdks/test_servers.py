"""The server SDKs of Segment and RudderStack, unmodified, against a running core."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.sdks.gate import Gate
from tests.sdks.sending import NODE_SDKS, PYTHON_SDKS, Sending
from tests.sdks.stand import SERVER_KEY, Core, Kept, until

pytestmark = pytest.mark.slow
Send = Callable[..., Sending]
every_sdk = pytest.mark.parametrize("sdk", [*NODE_SDKS, *PYTHON_SDKS])


def numbers(kept: list[Kept]) -> list[int]:
    """What the events are numbered by, sorted."""
    return sorted(event.said["properties"]["n"] for event in kept)


@every_sdk
@pytest.mark.proves("calls")
def test_every_call_arrives_as_it_was_made(sdk: str, core: Core, sending: Send) -> None:
    mark = uuid4().hex
    user, cart = f"user-{mark}", {"order_id": mark, "revenue": 12_900, "items": [{"이름": "사과", "n": 2}], "gift": False, "none": None}
    at = "2026-03-01T10:20:30.456+00:00"
    program = sending(sdk, core.url, SERVER_KEY)
    program.call("track", userId=user, event="Order Completed", properties=cart, timestamp=at)
    program.call("page", userId=user, category="shop", name="home", properties={"path": "/ㄱ"})
    program.call("screen", userId=user, name="start", properties={"build": 7})
    program.call("identify", userId=user, anonymousId=f"browser-{mark}", traits={"email": f"{mark}@example.com", "city": "서울"})
    program.call("group", userId=user, groupId=f"company-{mark}", traits={"name": "결", "seats": 12})
    program.call("alias", userId=user, previousId=f"before-{mark}")
    assert program.finish() == []

    kept = {event.said["type"]: event for event in core.kept(mark)}
    assert set(kept) == {"track", "page", "screen", "identify", "group", "alias"} and len(core.kept(mark)) == 6
    assert {event.source for event in kept.values()} == {"server"}
    said = {name: event.said for name, event in kept.items()}
    assert (said["track"]["event"], said["track"]["properties"]) == ("Order Completed", cart)
    asked_ms = int(datetime.fromisoformat(at).astimezone(UTC).timestamp() * 1000)
    assert abs(kept["track"].time_ms - asked_ms) < 1_000
    assert said["page"]["properties"]["path"] == "/ㄱ" and said["page"]["name"] == "home"
    assert said["screen"]["properties"]["build"] == 7
    assert said["identify"]["traits"] == {"email": f"{mark}@example.com", "city": "서울"}
    assert said["identify"]["anonymousId"] == f"browser-{mark}"
    assert (said["group"]["groupId"], said["group"]["traits"]) == (f"company-{mark}", {"name": "결", "seats": 12})
    assert (said["alias"]["userId"], said["alias"]["previousId"]) == (user, f"before-{mark}")


@every_sdk
@pytest.mark.proves("identity")
def test_identify_and_group_make_one_known_person(sdk: str, core: Core, sending: Send) -> None:
    mark = uuid4().hex
    program = sending(sdk, core.url, SERVER_KEY)
    program.call("track", anonymousId=f"browser-{mark}", event="Product Viewed", properties={"category": "과일"})
    program.call("identify", userId=mark, anonymousId=f"browser-{mark}", traits={"email": f"{mark}@example.com", "city": "부산"})
    program.call("group", userId=mark, groupId="company-1", traits={"name": "결"})
    program.call("track", userId=mark, event="Order Completed", properties={"order_id": mark, "revenue": 1_000})
    assert program.finish() == []

    until(lambda: core.person(f"user_id:{mark}").events == 4)
    person = core.person(f"user_id:{mark}")
    assert {found.type for found in person.identifiers} == {"user_id", "email", "anonymous_id"}
    traits = {trait.name: trait.value for trait in person.traits}
    assert (traits["orders"], traits["city"], traits["favourite_category"]) == (1, "부산", "과일")
    assert core.person(f"anonymous_id:browser-{mark}").id == person.id


@every_sdk
@pytest.mark.proves("batch")
def test_many_events_come_in_batches(sdk: str, core: Core, gate: Gate, sending: Send) -> None:
    mark = uuid4().hex
    program = sending(sdk, gate.url, SERVER_KEY)
    for n in range(300):
        program.call("track", userId=f"{mark}-{n % 7}", event="Seen", properties={"n": n})
    assert program.finish() == []
    assert numbers(core.kept(mark)) == list(range(300))
    requests = [request for request in gate.seen() if request.method == "POST"]
    assert {request.path for request in requests} == {"/v1/batch"} and len(requests) < 100
    assert all(request.headers["authorization"].startswith("Basic ") for request in requests)


@pytest.mark.parametrize("sdk", ["rudderstack-node", *PYTHON_SDKS])
@pytest.mark.proves("gzip")
def test_compressed_bodies_are_read(sdk: str, core: Core, gate: Gate, sending: Send) -> None:
    mark = uuid4().hex
    program = sending(sdk, gate.url, SERVER_KEY)
    program.call("track", userId=mark, event="Seen", properties={"n": 0})
    assert program.finish() == []
    requests = [request for request in gate.seen() if request.method == "POST"]
    assert {request.headers["content-encoding"] for request in requests} == {"gzip"}
    assert all(mark in json.loads(gzip.decompress(request.body))["batch"][0]["userId"] for request in requests)
    assert numbers(core.kept(mark)) == [0]


@every_sdk
@pytest.mark.proves("busy")
def test_what_was_turned_away_with_503_comes_again(sdk: str, core: Core, busy_core: Core, gate: Gate, sending: Send) -> None:
    mark = uuid4().hex
    gate.turn("open", busy_core.port)
    program = sending(sdk, gate.url, SERVER_KEY)
    for n in range(5):
        program.call("track", userId=mark, event="Seen", properties={"n": n})
    until(lambda: len(gate.seen()) > 0)
    gate.turn("open", core.port)
    assert program.finish() == []
    assert busy_core.kept(mark) == []
    assert numbers(core.kept(mark)) == list(range(5))


@every_sdk
@pytest.mark.proves("cut")
def test_what_found_the_line_cut_comes_again(sdk: str, core: Core, gate: Gate, sending: Send) -> None:
    mark = uuid4().hex
    gate.turn("cut")
    program = sending(sdk, gate.url, SERVER_KEY)
    for n in range(5):
        program.call("track", userId=mark, event="Seen", properties={"n": n})
    until(lambda: gate.cut > 0)
    gate.turn("open")
    assert program.finish() == []
    assert numbers(core.kept(mark)) == list(range(5))


@every_sdk
@pytest.mark.proves("lost")
def test_an_answer_that_got_lost_makes_no_second_event(sdk: str, core: Core, gate: Gate, sending: Send) -> None:
    mark = uuid4().hex
    gate.turn("lost")
    program = sending(sdk, gate.url, SERVER_KEY)
    for n in range(5):
        program.call("track", userId=mark, event="Seen", properties={"n": n})
    until(lambda: gate.lost > 0)
    already = numbers(core.kept(mark))
    assert already, "the collector has them, the SDK does not know"
    gate.turn("open")
    assert program.finish() == []
    assert numbers(core.kept(mark)) == list(range(5))
    sent = [request for request in gate.seen() if request.method == "POST"]
    assert len(sent) > gate.lost


@every_sdk
@pytest.mark.proves("crash")
def test_a_core_killed_during_delivery_keeps_each_event_once(sdk: str, core: Core, sending: Send) -> None:
    mark = uuid4().hex
    program = sending(sdk, core.url, SERVER_KEY)

    def track(first: int, last: int) -> None:
        for n in range(first, last):
            program.call("track", userId=mark, event="Seen", properties={"n": n})

    track(0, 300)
    until(lambda: len(core.kept(mark)) >= 50)
    track(300, 600)
    core.kill()
    track(600, 900)
    core.start()
    track(900, 1_000)
    assert program.finish() == []
    assert numbers(core.kept(mark)) == list(range(1_000))


@every_sdk
@pytest.mark.proves("refusal")
def test_an_unknown_key_is_told_and_not_tried_again(sdk: str, gate: Gate, sending: Send) -> None:
    program = sending(sdk, gate.url, "no-such-key")
    program.call("track", userId="u", event="Seen", properties={"n": 0})
    told = program.finish()
    assert len(told) == 1 and ("401" in told[0] or "Unauthorized" in told[0] or "write key" in told[0]), told
    assert len([request for request in gate.seen() if request.method == "POST"]) == 1
