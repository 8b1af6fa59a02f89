"""Decisions served to pages and programs that ask again and again: OFREP with ETags, the stream of changes, through the real core."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from tests.sdks.stand import SERVER_KEY, WEB_KEY, Core, until

from gyeol.accounts.tokens import user_token
from gyeol.app.core_api import StatusRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.folder import DataFolder
from gyeol.app.remote_core import RemoteCore

OFFERS = """
placements:
  - {name: hero, channel: web, label: {ko: 첫 화면, en: Hero}}
  - {name: letter, channel: email}
  - {name: glance, channel: till, impressions: true, hold: 1s}
offers:
  - name: once
    placements: [hero]
    score: "20"
    cap: 1
    cap_window: 7d
    content: {ko: {title: 한 번만, body: 지금}, en: {title: Only once, body: Now}}
  - name: toys
    placements: [hero]
    eligibility: favourite_category = 'toys'
    score: "30"
    content: {ko: {title: 장난감, body: 새로}, en: {title: Toys, body: New}}
  - name: always
    placements: [hero, glance]
    content: {ko: {title: 언제나, body: 여기}, en: {title: Always, body: Here}}
"""
BULK = "/ofrep/v1/evaluate/flags"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    folder = tmp_path_factory.mktemp("serving") / "shop"
    running = Core(folder)
    (folder / "serving.yaml").write_text(OFFERS, encoding="utf-8")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def folder(core: Core) -> Path:
    return core._folder


@pytest.fixture
def visitor() -> str:
    return f"browser-{uuid4().hex}"


def evaluate(core: Core, context: dict[str, object], flag: str | None = None, key: str = WEB_KEY, **options: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    path = BULK if flag is None else f"{BULK}/{flag}"
    return httpx.post(core.url + path, json={"context": context}, headers=headers, timeout=60, **options)


def decisions(folder: Path) -> int:
    """How many decisions were recorded."""
    client = CoreClient(folder / ".gyeol" / "core.sock")
    try:
        return RemoteCore(client.call).status(StatusRequest()).decisions
    finally:
        client.close()


def flags(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {flag["key"]: flag for flag in answer.json()["flags"]}


def track(core: Core, visitor: str, category: str) -> None:
    body = {"event": "Product Viewed", "anonymousId": visitor, "properties": {"product_id": "p", "category": category}}
    httpx.post(f"{core.url}/v1/track?writeKey={WEB_KEY}", json=body, timeout=60).raise_for_status()


class Page:
    """An open stream, read as it comes."""

    def __init__(self, core: Core, **query: str) -> None:
        self.messages: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.status = 0
        self.ended = False
        self.headers = httpx.Headers()
        self._url = f"{core.url}/v1/stream?{urlencode({'writeKey': WEB_KEY, **query})}"
        threading.Thread(target=self._read, daemon=True).start()
        until(lambda: self.status != 0)

    def _read(self) -> None:
        try:
            with httpx.stream("GET", self._url, timeout=None, headers={"Origin": "https://shop.example", "Last-Event-ID": "7"}) as answer:
                self.headers = answer.headers
                self.status = answer.status_code
                for line in answer.iter_lines():
                    if line.startswith("id: "):
                        self.ids.append(line[4:])
                    elif line.startswith("data: "):
                        self.messages.append(json.loads(line[6:]))
        except httpx.HTTPError:
            pass
        self.ended = True


def test_a_placement_is_a_flag_with_two_parts(core: Core, visitor: str) -> None:
    answer = evaluate(core, {"targetingKey": visitor, "lang": "en"}, "hero")
    flag = answer.json()
    assert (answer.status_code, flag["key"], flag["reason"], flag["variant"]) == (200, "hero", "TARGETING_MATCH", "once")
    assert flag["value"] == {
        "offer": "once",
        "content": {"language": "en", "title": "Only once", "body": "Now"},
        "fallback": False,
        "decision": flag["metadata"]["decision"],
    }
    assert set(flag["metadata"]) == {"decision", "fallback"}, "a client key learns no reasons and no person"
    offer = evaluate(core, {"targetingKey": visitor, "lang": "en"}, "hero.offer").json()
    shown = evaluate(core, {"targetingKey": visitor, "lang": "en"}, "hero.shown").json()
    assert (offer["value"], shown["value"]) == ("once", True)
    assert offer["metadata"]["decision"] == shown["metadata"]["decision"] == flag["metadata"]["decision"]
    nothing = flags(evaluate(core, {"targetingKey": "kim"}, key=SERVER_KEY, params={"placements": "letter"}))
    assert "value" not in nothing["letter"] and nothing["letter.shown"]["value"] is False and nothing["letter"]["variant"] == "none"
    told = nothing["letter"]["metadata"]
    assert told["why"] == "no_candidates" and told["person"]


def test_polling_is_answered_304_and_records_nothing(core: Core, folder: Path, visitor: str) -> None:
    first = evaluate(core, {"targetingKey": visitor, "elapsed": 1})
    etag = first.headers["etag"]
    taken = decisions(folder)
    for n in range(20):
        again = evaluate(core, {"targetingKey": visitor, "elapsed": n}, headers={"If-None-Match": f'"other", W/{etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    whole = evaluate(core, {"targetingKey": visitor})
    assert whole.content == first.content, "without an ETag the same is told in full"
    assert decisions(folder) == taken, "the offer has a cap of one: counted once, it still stands"
    assert flags(whole)["hero.offer"]["value"] == "once"
    elsewhere = flags(evaluate(core, {"targetingKey": visitor, "page": "/cart"}))
    assert elsewhere["hero.offer"]["value"] == "always", "under another fact it is another question: the cap counts"
    assert decisions(folder) > taken


def test_another_answer_is_another_decision(core: Core, folder: Path, visitor: str) -> None:
    first = evaluate(core, {"targetingKey": visitor})
    track(core, visitor, "toys")
    second = evaluate(core, {"targetingKey": visitor}, headers={"If-None-Match": first.headers["etag"]})
    assert flags(second)["hero.offer"]["value"] == "toys"
    taken = decisions(folder)
    third = evaluate(core, {"targetingKey": visitor}, headers={"If-None-Match": second.headers["etag"]})
    assert third.status_code == 304 and decisions(folder) == taken


def test_what_nobody_saw_in_time_stands_no_more(core: Core, visitor: str) -> None:
    def decision(who: str) -> str:
        return str(evaluate(core, {"targetingKey": who}, "glance").json()["metadata"]["decision"])

    unseen = decision(visitor)
    for number in range(20):
        looks, begun = f"{visitor}-{number}", time.monotonic()
        seen = decision(looks)
        body = {"event": "Offer Shown", "anonymousId": looks, "properties": {"decision": seen, "placement": "glance", "offer": "always"}}
        httpx.post(f"{core.url}/v1/track?writeKey={WEB_KEY}", json=body, timeout=60).raise_for_status()
        if time.monotonic() - begun < 1:  # else it may not have been seen in time either
            break
    until(lambda: decision(visitor) != unseen)
    assert decision(looks) == seen


def test_who_is_meant_and_what_is_refused(core: Core, folder: Path, visitor: str) -> None:
    def refused(answer: httpx.Response) -> tuple[int, str]:
        assert answer.json()["errorDetails"]
        return answer.status_code, answer.json()["errorCode"]

    assert refused(evaluate(core, {})) == (400, "TARGETING_KEY_MISSING")
    assert refused(evaluate(core, {}, "hero")) == (400, "TARGETING_KEY_MISSING")
    assert refused(evaluate(core, {"targetingKey": visitor}, "nowhere")) == (404, "FLAG_NOT_FOUND")
    assert refused(evaluate(core, {"targetingKey": visitor}, "hero.nothing")) == (404, "FLAG_NOT_FOUND")
    assert refused(evaluate(core, {"targetingKey": "kim", "userToken": "forged"}, "hero")) == (400, "INVALID_CONTEXT")
    assert refused(evaluate(core, {"person": "kim"}, "hero")) == (400, "INVALID_CONTEXT")
    assert refused(evaluate(core, {"targetingKey": visitor, "lang": "xx"}, "hero")) == (400, "INVALID_CONTEXT")
    assert refused(evaluate(core, {"targetingKey": 7}, "hero")) == (400, "INVALID_CONTEXT")
    bad = httpx.post(core.url + BULK, content=b"{", headers={"X-API-Key": WEB_KEY}, timeout=60)
    assert refused(bad) == (400, "PARSE_ERROR")
    assert evaluate(core, {"targetingKey": visitor}, key="nobody").status_code == 401
    token = user_token(DataFolder(folder / ".gyeol", create=False).secrets().decide_key, "kim")
    basic = {"Authorization": "Basic " + base64.b64encode(f"{WEB_KEY}:".encode()).decode()}
    signed = evaluate(core, {"targetingKey": "kim", "userToken": token}, "hero", headers=basic)
    by_server = evaluate(core, {"targetingKey": "kim"}, "hero", key=SERVER_KEY)
    assert signed.json()["metadata"]["decision"] == by_server.json()["metadata"]["decision"], "both mean the userId kim"
    assert evaluate(core, {"targetingKey": "kim"}, "hero").json()["metadata"]["decision"] != by_server.json()["metadata"]["decision"]


def test_a_page_is_told_once_that_it_should_ask_again(core: Core, visitor: str) -> None:
    first = evaluate(core, {"targetingKey": visitor}, headers={"Origin": "https://shop.example"})
    assert "ETag" in first.headers["access-control-expose-headers"]
    stream = first.json()["eventStreams"][0]
    assert stream["type"] == "sse" and stream["endpoint"]["requestUri"].startswith("/v1/stream?")
    page = Page(core, anonymousId=visitor, placements="hero,letter")
    other = Page(core, anonymousId=f"{visitor}-2", placements="hero")
    assert page.status == 200 and page.headers["content-type"].startswith("text/event-stream")
    assert page.headers["access-control-allow-origin"] == "https://shop.example"
    track(core, visitor, "books")
    time.sleep(0.2)
    track(core, visitor, "toys")
    track(core, visitor, "toys")
    until(lambda: page.messages != [])
    assert page.messages[0] == {"type": "refetchEvaluation", "placements": ["hero"]} and int(page.ids[0]) > 0
    assert flags(evaluate(core, {"targetingKey": visitor}))["hero.offer"]["value"] == "toys"
    late = Page(core, anonymousId=visitor, placements="hero")
    track(core, visitor, "toys")
    until(lambda: len(core.kept(visitor)) == 4)
    time.sleep(0.2)
    assert (len(page.messages), other.messages, late.messages) == (1, [], [])


def test_a_page_that_comes_back_hears_what_it_missed(core: Core, visitor: str) -> None:
    evaluate(core, {"targetingKey": visitor})
    track(core, visitor, "toys")
    until(lambda: len(core.kept(visitor)) == 1)
    page = Page(core, anonymousId=visitor, placements="hero")
    until(lambda: [message["placements"] for message in page.messages] == [["hero"]])


def test_streams_have_the_rules_of_decisions(core: Core, visitor: str) -> None:
    def status(**query: str) -> int:
        answer = httpx.get(f"{core.url}/v1/stream", params=query, timeout=60)
        assert answer.json()["success"] is False
        return answer.status_code

    assert status(anonymousId=visitor, placements="hero") == 401
    assert status(writeKey=SERVER_KEY, anonymousId=visitor, placements="hero") == 403
    assert status(writeKey=WEB_KEY, placements="hero") == 400
    assert status(writeKey=WEB_KEY, anonymousId=visitor) == 400
    assert status(writeKey=WEB_KEY, userId="kim", userToken="forged", placements="hero") == 400
    pages = [Page(core, anonymousId=visitor, placements="hero") for _ in range(8)]
    assert status(writeKey=WEB_KEY, anonymousId=visitor, placements="hero") == 429
    assert {page.status for page in pages} == {200}


def test_streams_end_when_the_core_stops_and_go_on_with_the_next(tmp_path: Path) -> None:
    running = Core(tmp_path / "shop")
    running.start()
    page = Page(running, anonymousId="b", placements="home_banner")
    running.stop()
    until(lambda: page.ended)


def test_a_stream_has_its_connection_to_itself(core: Core) -> None:
    with socket.create_connection(("127.0.0.1", core.port)) as line:
        line.sendall(f"GET /v1/stream?writeKey={WEB_KEY}&anonymousId=alone&placements=hero HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = b""
        while b"retry: 3000\n\n" not in head:
            head += line.recv(4_096)
        assert head.startswith(b"HTTP/1.1 200 OK") and b"content-length" not in head and b"connection: close" in head
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(4_096)
