"""The real, unmodified Python SDKs of Segment and RudderStack against a running core: delivered once, also across a crash."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import rudderstack.analytics as rudder
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

pytestmark = pytest.mark.timeout(120)
SERVER_KEY = "server-key-for-tests"


def _events(pair: Any) -> dict[str, Any]:
    with pair.api as api:
        told: dict[str, Any] = api.get("/v1/status").json()
        return told


def test_segment(pair: Any) -> None:
    pair.start(api=True)
    failures: list[object] = []
    client = SegmentClient(SERVER_KEY, host=pair.url, on_error=lambda error, items: failures.append(error), gzip=True, upload_interval=0.05)
    for i in range(250):
        client.track(f"user-{i % 10}", "Order Completed", {"order_id": f"o{i}", "revenue": 1000 + i})
    client.identify("user-1", {"email": "one@example.com"}, anonymous_id="browser-1")
    client.page("user-1", "shop", "home", {"path": "/"})
    client.screen("user-1", "app", "home")
    client.group("user-1", "company-1", {"name": "결"})
    client.alias("browser-0", "user-1")
    client.flush()
    client.shutdown()
    assert failures == []
    status = _events(pair)
    assert (status["events"], status["rejected"], status["duplicates"]) == (255, 0, 0)
    with pair.api as api:
        assert api.get("/v1/people", params={"query": "one@example.com"}).json()["total"] == 1
        person = api.get("/v1/people/user_id:user-1").json()
        assert {i["type"] for i in person["identifiers"]} >= {"user_id", "email", "anonymous_id"}
        orders = next(t for t in person["traits"] if t["name"] == "orders")
        assert orders["value"] == 25


def test_rudderstack(pair: Any) -> None:
    pair.start(api=True)
    failures: list[object] = []
    client = RudderClient(SERVER_KEY, host=pair.url, on_error=lambda error, items: failures.append(error), upload_interval=0.05)
    for i in range(120):
        client.track(f"r-{i % 5}", "Product Viewed", {"product_id": f"p{i}"})
    client.identify("r-1", {"email": "r1@example.com"})
    client.flush()
    client.shutdown()
    assert failures == []
    assert (_events(pair)["events"], _events(pair)["rejected"]) == (121, 0)
    assert rudder is not None


def test_an_sdk_that_retries_across_a_crash_delivers_once(pair: Any) -> None:
    pair.start(api=True)
    failures: list[object] = []
    client = SegmentClient(
        SERVER_KEY, host=pair.url, on_error=lambda error, items: failures.append(error), upload_interval=0.05, max_retries=10
    )
    for i in range(100):
        client.track("u", "Before", {"i": i})
    client.flush()
    pair.kill()
    for i in range(100):
        client.track("u", "After", {"i": i})
    time.sleep(0.2)
    pair.start(api=True)
    client.flush()
    client.shutdown()
    assert failures == []
    _until(lambda: _events(pair)["events"] == 200)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_unknown_key_is_refused_with_a_reason(pair: Any) -> None:
    pair.start()
    failures: list[Exception] = []
    client = SegmentClient("no-such-key", host=pair.url, on_error=lambda error, items: failures.append(error), upload_interval=0.05)
    client.track("u", "E")
    client.flush()
    client.shutdown()
    assert len(failures) == 1
    assert httpx.post(f"{pair.url}/v1/batch", json={"batch": []}, auth=("no-such-key", "")).status_code == 401
