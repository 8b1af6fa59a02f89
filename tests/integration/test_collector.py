"""The public port over real HTTP: verdicts, keys, CORS, limits, bad input; nothing lost, nothing half kept."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

SERVER_KEY, WEB_KEY = "server-key-for-tests", "web-key-for-tests"


@pytest.fixture
def running(pair: Any) -> Any:
    pair.start(api=True)
    return pair


def _post(running: Any, path: str, body: bytes, *, key: str | None = SERVER_KEY, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.post(running.url + path, content=body, auth=(key, "") if key else None, headers=headers or {}, timeout=60)


def test_every_kind_of_answer(running: Any) -> None:
    good = {
        "type": "track",
        "event": "Order Completed",
        "userId": "u1",
        "messageId": "m1",
        "timestamp": "2026-01-02T03:04:05Z",
        "properties": {"order_id": "o1", "revenue": 25000},
    }
    reply = running.batch([good, good, {"type": "purchase", "userId": "u1"}, {"type": "track", "userId": "u1"}, {"type": "page"}])
    assert reply.status_code == 200
    told = reply.json()
    assert told["counts"] == {"accepted": 1, "duplicate": 1, "rejected": 3}
    assert [v.get("code") for v in told["verdicts"]] == [None, "unknown_type", "track_without_event", "no_identity"]
    letters = [v["dead_letter"] for v in told["verdicts"] if "dead_letter" in v]
    assert len(set(letters)) == 3

    assert running.batch([good]).json()["counts"] == {"accepted": 0, "duplicate": 1, "rejected": 0}
    other = {**good, "properties": {"order_id": "o2", "revenue": 1}}
    assert running.batch([other]).json()["verdicts"][0]["code"] == "id_reused"

    for body, status, code in (
        (b'{"batch":[', 400, "bad_json"),
        (b'{"events":[]}', 400, "bad_batch"),
        (b"[" * 100_000, 400, "bad_batch"),
        (gzip.compress(b" " * 5_000_000), 413, "body_too_large"),
        (b"\x1f\x8bnot gzip", 400, "bad_gzip"),
        (b'{"batch":["' + b"x" * 600_000 + b'"]}', 413, "body_too_large"),
    ):
        reply = _post(running, "/v1/batch", body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    large = {"type": "track", "event": "E", "userId": "u", "properties": {"t": "x" * 40_000}}
    assert running.batch([large]).json()["verdicts"][0]["code"] == "too_large"
    stamp = {"type": "track", "event": "E", "userId": "u", "timestamp": "yesterday"}
    assert running.batch([stamp]).json()["verdicts"][0]["code"] == "bad_timestamp"

    with running.api as api:
        status = api.get("/v1/status").json()
        assert (status["events"], status["rejected"], status["people"]) == (1, 6, 1)


def test_keys_are_found_wherever_sdks_put_them(running: Any) -> None:
    event = {"type": "track", "event": "E", "anonymousId": "a1"}
    assert _post(running, "/v1/t", msgspec.json.encode({**event, "writeKey": WEB_KEY}), key=None).status_code == 200
    assert _post(running, "/v1/b", msgspec.json.encode({"batch": [event], "writeKey": WEB_KEY}), key=None).status_code == 200
    assert _post(running, f"/beacon/v1/batch?writeKey={WEB_KEY}", msgspec.json.encode({"batch": [event]}), key=None).status_code == 200
    assert _post(running, "/v1/track", msgspec.json.encode(event), key="wrong").status_code == 401
    assert _post(running, "/v1/track", msgspec.json.encode(event), key=None).status_code == 401
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    assert _post(running, "/v1/batch", gzip.compress(msgspec.json.encode({"batch": [event]})), headers=form).status_code == 200


def test_browsers_may_call(running: Any) -> None:
    origin = {"Origin": "https://shop.example.com"}
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-retry-count"}
    preflight = httpx.options(f"{running.url}/v1/batch", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "authorization,x-retry-count"
    refused = httpx.post(f"{running.url}/v1/t", content=b"{", headers=origin, timeout=60)
    assert refused.headers["access-control-allow-origin"] == "https://shop.example.com"
    assert refused.headers["vary"] == "Origin"
    settings = httpx.get(f"{running.url}/v1/projects/{WEB_KEY}/settings", headers=origin, timeout=60).json()
    assert list(settings["integrations"]) == ["Segment.io"]
    assert httpx.get(f"{running.url}/sourceConfig/?p=web", auth=(WEB_KEY, ""), timeout=60).json()["source"]["enabled"] is True
    pixel = httpx.get(f"{running.url}/v1/pixel/track", params={"writeKey": WEB_KEY, "event": "Opened", "anonymousId": "a9"}, timeout=60)
    assert (pixel.status_code, pixel.headers["content-type"], pixel.content[:3]) == (200, "image/gif", b"GIF")
    assert httpx.get(f"{running.url}/nowhere", timeout=60).status_code == 404
    assert httpx.get(f"{running.url}/v1/batch", timeout=60).status_code == 405


def test_a_dead_letter_is_corrected_and_replayed_once(running: Any) -> None:
    bad = {"type": "track", "userId": "u7", "messageId": "fixme", "properties": {"a": 1}}
    letter = running.batch([bad]).json()["verdicts"][0]["dead_letter"]
    with running.api as api:
        _until(lambda: api.get(f"/v1/dead-letters/{letter}").status_code == 200)
        assert json.loads(api.get(f"/v1/dead-letters/{letter}").json()["raw"])["messageId"] == "fixme"
        refused = api.post(f"/v1/dead-letters/{letter}/replay", json={}).json()
        assert (refused["status"], refused["reason"]) == ("refused", "track_without_event")
        applied = api.post(f"/v1/dead-letters/{letter}/replay", json={"event": {**bad, "event": "Fixed"}}).json()
        assert applied["status"] == "applied"
        _until(lambda: api.get(f"/v1/dead-letters/{letter}").json()["status"] == "replayed")
        again = api.post(f"/v1/dead-letters/{letter}/replay", json={"event": {**bad, "event": "Fixed"}})
        assert again.status_code == 409
        assert api.get("/v1/people", params={"query": "u7"}).json()["total"] == 1


def test_overload_is_told_with_when_to_come_back(pair: Any) -> None:
    pair.environment["GYEOL_MAX_QUEUED_EVENTS"] = "-1"
    pair.start(ready="/healthz")
    refused = pair.batch([{"type": "track", "event": "E", "userId": "u"}])
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == int(refused.headers["x-ratelimit-reset"]) >= 1
    ready = httpx.get(f"{pair.url}/readyz", timeout=60)
    assert (ready.status_code, ready.json()["why"]) == (503, "too_fast")


def test_a_client_key_cannot_take_over_people(running: Any) -> None:
    running.batch([{"type": "identify", "userId": "victim", "traits": {"email": "victim@example.com"}}])
    attacks = [
        {"type": "identify", "userId": "attacker", "traits": {"email": "victim@example.com"}},
        {"type": "identify", "anonymousId": "x1", "userId": "attacker"},
        {"type": "identify", "anonymousId": "x1", "userId": "victim"},
        {"type": "alias", "userId": "attacker", "previousId": "victim"},
    ]
    assert running.batch(attacks, key=WEB_KEY).status_code == 200
    with running.api as api:
        ids = {name: api.get(f"/v1/people/user_id:{name}").json()["id"] for name in ("victim", "attacker")}
        assert len(set(ids.values())) == 2
        mail = api.get("/v1/people/email:victim@example.com").json()["id"]
        assert mail == ids["victim"]
    asked = {"placement": "home_banner", "person": "victim"}
    refused = httpx.post(f"{running.url}/v1/decide", json=asked, auth=(WEB_KEY, ""), timeout=60)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")
    no_token = httpx.post(f"{running.url}/v1/decide", json={"placement": "home_banner", "userId": "victim"}, auth=(WEB_KEY, ""), timeout=60)
    assert no_token.status_code == 400


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
