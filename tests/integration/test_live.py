"""Live on the real pair: a viewer that loses its connection goes on where it was, whichever process was restarted."""

from __future__ import annotations

import time
from typing import Any

import httpx
import msgspec
import pytest
from tests.integration.conftest import WEB_KEY, Pair

pytestmark = pytest.mark.slow


def watch(api: httpx.Client, until: str, last: str | None = None, **query: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The items and other events of the stream up to the one whose JSON holds a text."""
    items: list[dict[str, Any]] = []
    others: list[str] = []
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        headers = {} if last is None else {"Last-Event-ID": last}
        try:
            with api.stream("GET", "/v1/live", params=query, headers=headers, timeout=20) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                for line in answer.iter_lines():
                    if line.startswith("event: "):
                        others.append(line[7:])
                    if line.startswith("data: {") and '"kind"' in line:
                        items.append(msgspec.json.decode(line[6:]))
                        last = items[-1]["id"]
                        if until in line:
                            return items, others
        except httpx.TransportError:
            time.sleep(0.1)  # as a browser does
    raise AssertionError(f"{until} did not come: {items}")


def test_a_stream_goes_on_across_restarts_of_both_processes(pair: Pair) -> None:
    pair.start(api=True)
    pair.batch([{"type": "page", "anonymousId": "b1", "messageId": "m1"}], WEB_KEY)
    pair.batch([{"type": "track", "event": "Order Completed", "userId": "kim", "messageId": "m2", "properties": {"revenue": 5}}])
    items, others = watch(pair.api, '"after":{"name":"customer"')
    kinds = [item["kind"] for item in items]
    assert kinds.count("event") == 2 and "stage" in kinds and "gap" not in others
    assert all(item["person"]["name"] for item in items)
    assert others.count("caught_up") <= 1
    last = items[-1]["id"]

    assert pair.stop() == 0
    pair.start(api=True)
    pair.batch([{"type": "track", "event": "Product Viewed", "userId": "kim", "messageId": "m3"}])
    more, others = watch(pair.api, "Product Viewed", last)
    assert "gap" not in others and all(item["id"] > last for item in more)
    assert [item["event"]["name"] for item in more if item["kind"] == "event"] == ["Product Viewed"]

    pair.kill()
    pair.start(api=True)
    pair.batch([{"type": "identify", "userId": "kim", "anonymousId": "b1", "messageId": "m4", "traits": {}}])
    joined, _ = watch(pair.api, '"what":"joined"', more[-1]["id"])
    assert [item["event"]["name"] for item in joined if item["kind"] == "event"] == ["$identify"]
    kim, _ = watch(pair.api, "$identify", person="user_id:kim")
    assert {item["event"]["name"] for item in kim if item["kind"] == "event"} >= {"Order Completed", "Product Viewed", "$identify"}
    assert watch(pair.api, "$page", kind="event", source="web")[0][0]["event"]["source"] == "web"


def test_what_overview_and_sources_say_survives_a_restart(pair: Pair) -> None:
    pair.start(api=True)
    pair.batch([{"type": "page", "anonymousId": "b1", "messageId": "m1"}, {"type": "trakc", "messageId": "m2"}], WEB_KEY)
    pair.batch([{"type": "page", "anonymousId": "b1", "messageId": "m1"}], WEB_KEY)

    def told() -> tuple[Any, Any]:
        web = next(each for each in pair.api.get("/v1/sources").json()["sources"] if each["name"] == "web")
        return web["verdicts"], [code["code"] for code in web["rejected"]]

    deadline = time.monotonic() + 120
    while told()[0]["accepted"] != 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert told() == ({"accepted": 1, "duplicate": 1, "rejected": 1}, ["unknown_type"])
    overview = pair.api.get("/v1/overview").json()
    assert overview["events"]["lag"]["p50_ms"] is not None and overview["events"]["duplicates"] == 1
    pair.stop()
    pair.start(api=True)
    assert told() == ({"accepted": 1, "duplicate": 0, "rejected": 1}, ["unknown_type"])
    rate = pair.api.get("/v1/overview").json()["events"]["rate"]
    assert sum(each["accepted"] for each in rate) == 1 and sum(each["rejected"] for each in rate) == 1
