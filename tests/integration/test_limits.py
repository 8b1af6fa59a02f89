"""Limits through the real HTTP door: caps over journeys and placements, budgets under concurrent clients, holds, competing messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec
import pytest
from tests.integration.conftest import SERVER_KEY, Pair

from gyeol.workspace.starter import init

pytestmark = pytest.mark.slow
WORKSPACE = """
workspace: {name: Tea, zone: Asia/Seoul, clock: data, contact_budget: {most: 1, per: 1d, wait: 30m}}
sources:
  - {name: server, trust: server, channel: server, write_key: server-key-for-tests}
identifiers:
  - {name: user_id, paths: [userId], priority: 1, limit: 1}
  - {name: email, paths: [traits.email], priority: 2, limit: 3, normalise: email}
consent_events:
  - {event: Consent Changed}
traits:
  - {name: orders, kind: count, event: Order Completed}
categories:
  - {name: news}
  - {name: gifts, budget: {total_minor: 3000}}
partners:
  - {name: bakery, day: 100, label: {ko: 제과점, en: The bakery}}
caps:
  - {name: news_weekly, category: news, most: 2, window: 7d}
placements:
  - {name: banner, channel: web}
  - {name: seen, channel: web, impressions: true, hold: 10m}
  - {name: prize, channel: web}
  - {name: mail_a, channel: email}
  - {name: mail_b, channel: email}
offers:
  - {name: letter, placements: [banner], category: news}
  - {name: present, placements: [prize], category: gifts, partner: bakery, budget: {cost_minor: 100}}
  - {name: sample, placements: [seen], cap: 1, cap_window: 1d}
  - name: worth_1
    placements: [mail_a]
    category: news
    value: "1"
    content: {ko: {title: 하나, body: 하나}}
  - name: worth_2
    placements: [mail_b]
    value: 1 + orders
    content: {ko: {title: 둘, body: 둘}}
channels:
  - {name: hook, kind: webhook, medium: email, url: "http://127.0.0.1:PORT/", secret: whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=}
journeys:
  - {name: first, trigger: {event: Order Completed}, message: {channel: hook, placement: mail_a, purpose: marketing, expires_after: 3d}}
  - {name: second, trigger: {event: Order Completed}, message: {channel: hook, placement: mail_b, purpose: marketing, expires_after: 3d}}
"""
NOON = datetime.fromisoformat("2024-07-03T12:00:00+09:00")
MINUTE = timedelta(minutes=1)


class Receiver(BaseHTTPRequestHandler):
    """Takes every message."""

    taken: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.taken.append(msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Company:
    """A running company with a clock of its own."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.now, self.number = pair, NOON, 0

    def did(self, who: str, event: str | None = None, after: timedelta = timedelta(0), **more: Any) -> None:
        self.now += after
        self.number += 1
        told = {"type": "track", "event": event, "userId": who, "messageId": f"m{self.number}", "timestamp": self.now.isoformat(), **more}
        assert self.pair.batch([told]).status_code == 200

    def say(self, who: str, *placements: str) -> list[dict[str, Any]]:
        asked = {"userId": who, "placements": placements}
        reply = httpx.post(f"{self.pair.url}/v1/decide", json=asked, auth=(SERVER_KEY, ""), timeout=60)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["decisions"]
        return found

    def may_be_written_to(self, who: str) -> None:
        self.did(who, type="identify", traits={"email": f"{who}@example.com"})
        self.did(who, "Consent Changed", properties={"channel": "email", "purpose": "marketing", "status": "granted"})

    def messages(self) -> dict[str, tuple[str, str]]:
        """State and reason of every message, by offer."""
        rows = [row for who in ("kim", "lee") for row in self._of(who)]
        return {row["offer"]: (row["state"], (row["reason"] or {}).get("code", "")) for row in rows}

    def _of(self, who: str) -> list[dict[str, Any]]:
        answer = self.pair.api.get(f"/v1/people/user_id:{who}/messages")
        found: list[dict[str, Any]] = answer.json()["messages"] if answer.status_code == 200 else []
        return found

    def eventually(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not holds():
            assert time.monotonic() < deadline, "it did not come to hold in time"
            time.sleep(0.05)


def why(decision: dict[str, Any]) -> dict[str, str]:
    return {r["offer"]: r["reason"]["code"] for r in decision["refusals"]}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    folder = tmp_path_factory.mktemp("limits") / "tea"
    init(folder, None, lambda: "unused")
    for file in Path(folder).glob("*.yaml"):
        file.unlink()
    (folder / "workspace.yaml").write_text(WORKSPACE.replace("PORT", str(receiver.server_port)), encoding="utf-8")
    pair = Pair(folder)
    pair.start(api=True)
    yield Company(pair)
    pair.stop()
    receiver.shutdown()


def test_a_budget_is_spent_to_the_last_won_by_concurrent_clients_and_stays_spent(company: Company) -> None:
    with ThreadPoolExecutor(16) as clients:
        told = [each[0] for each in clients.map(lambda i: company.say(f"u{i}", "prize"), range(80))]
    assert sum(decision["offer"] == "present" for decision in told) == 30
    refused = [decision for decision in told if decision["offer"] is None]
    assert {code for decision in refused for code in why(decision).values()} == {"budget_total"}
    params = refused[0]["refusals"][0]["reason"]["params"]
    assert params == {"of": "category", "whose": "gifts", "taken_minor": 3000, "cost_minor": 100, "limit_minor": 3000}
    company.pair.kill()
    company.pair.start(api=True)
    assert company.say("late", "prize")[0]["offer"] is None
    report = company.pair.api.get("/v1/partners").json()["partners"]
    assert [(p["name"], p["taken"], p["left_today"], p["spent_minor"]) for p in report] == [("bakery", 30, 70, 3000)]


def test_a_cap_counts_journeys_and_placements_together(company: Company) -> None:
    company.may_be_written_to("kim")
    company.did("kim", "Order Completed")
    company.eventually(lambda: "worth_1" in company.messages())
    assert company.say("kim", "banner")[0]["offer"] == "letter"
    refused = company.say("kim", "banner")[0]
    assert (refused["offer"], why(refused)) == (None, {"letter": "frequency"})
    assert refused["refusals"][0]["reason"]["params"] == {"cap_name": "news_weekly", "count": 2, "most": 2, "window": "7d"}


def test_the_message_worth_more_leaves_first_and_the_other_the_next_day(company: Company) -> None:
    company.may_be_written_to("lee")
    company.did("lee", "Order Completed", after=timedelta(days=4))
    company.eventually(lambda: company.messages().get("worth_2", ("", ""))[0] == "queued")
    company.did("clock", "Tick", after=31 * MINUTE)
    company.eventually(lambda: any("둘" in str(m) for m in Receiver.taken))
    company.eventually(lambda: company.messages()["worth_1"] == ("queued", "outcompeted"))
    lost = next(row for row in company.pair.api.get("/v1/people/user_id:lee/messages").json()["messages"] if row["offer"] == "worth_1")
    told = {name: lost["reason"]["params"][name] for name in ("winner", "winner_value", "value", "most")}
    assert told == {"winner": "worth_2", "winner_value": 2.0, "value": 1.0, "most": 1}
    assert not any("하나" in str(m) and "lee" in str(m) for m in Receiver.taken)
    company.did("clock", "Tick", after=timedelta(hours=12))
    company.eventually(lambda: company.messages()["worth_1"][0] == "accepted")


def test_an_offer_that_nobody_saw_was_never_offered(company: Company) -> None:
    first = company.say("park", "seen")[0]
    assert (first["offer"], company.say("park", "seen")[0]["offer"]) == ("sample", None)
    company.did("clock", "Tick", after=10 * MINUTE)
    again = company.say("park", "seen")[0]
    assert again["offer"] == "sample"
    company.did("park", "Offer Shown", properties={"decision": again["id"], "placement": "seen", "offer": "sample"})
    company.did("clock", "Tick", after=60 * MINUTE)
    refused = company.say("park", "seen")[0]
    assert (refused["offer"], why(refused)) == (None, {"sample": "offer_cap"})
