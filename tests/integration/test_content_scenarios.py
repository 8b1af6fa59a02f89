"""One offer in the words that fit: commute and weekend, joy and disappointment, through the real HTTP door, with the same facts in all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.conftest import SERVER_KEY, Pair

from gyeol.workspace.starter import init

pytestmark = pytest.mark.slow
WORKSPACE = """
workspace: {name: Coffee, zone: Asia/Seoul, clock: data, contents_need_approval: true}
sources:
  - {name: server, trust: server, channel: server, write_key: server-key-for-tests}
identifiers:
  - {name: user_id, paths: [userId], priority: 1, limit: 1}
traits:
  - {name: orders, kind: count, event: Order Completed}
  - {name: name, kind: last, event: $identify, property: traits.name}
stages:
  - {name: loyal, condition: orders >= 3}
placements:
  - {name: home, channel: app}
offers:
  - {name: ice, placements: [home], content: ice, promotional: false}
catalogue:
  - {sku: C01, name: {ko: 아이스 아메리카노, en: iced Americano}, price_minor: 4500}
contents:
  - name: ice
    facts:
      drink: {type: product, value: C01, required: true}
      price: {type: price, value: 2250, required: true}
      until: {type: date, value: "2024-08-31", required: true}
      code: {type: code, value: ICE50, required: true}
    variants:
      - {language: ko, fields: {title: "{{ facts.drink }} {{ facts.price }}", body: "{{ facts.until }}까지", coupon: "{{ facts.code }}"}}
      - language: ko
        tone: brief
        fields: {title: "{{ facts.drink }} {{ facts.price }} · {{ facts.until }}까지", coupon: "{{ facts.code }}"}
      - language: ko
        tone: warm
        fields:
          title: "{{ name | default: '고객' }}님, 여유로운 주말이에요"
          body: "{{ facts.drink }} 한 잔을 {{ facts.price }}에 준비해 둘게요. {{ facts.until }}까지예요."
          coupon: "{{ facts.code }}"
      - language: ko
        tone: cheering
        fields: {title: "오늘도 신나게!", body: "{{ facts.drink }}, {{ facts.price }}! {{ facts.until }}까지", coupon: "{{ facts.code }}"}
      - language: ko
        tone: careful
        fields:
          title: "아쉬우셨지요"
          body: "{{ facts.drink }}를 {{ facts.price }}에 드릴게요. {{ facts.until }}까지예요."
          coupon: "{{ facts.code }}"
      - language: ko
        tone: apologetic
        fields:
          title: "죄송합니다"
          body: "{{ facts.drink }}를 {{ facts.price }}에 드리겠습니다. {{ facts.until }}까지입니다."
          coupon: "{{ facts.code }}"
      - language: en
        fields: {title: "{{ facts.drink }} at {{ facts.price }}", body: "until {{ facts.until }}", coupon: "{{ facts.code }}"}
"""
MONDAY_COMMUTE = datetime.fromisoformat("2024-07-01T08:10:00+09:00")
MONDAY_AFTERNOON = datetime.fromisoformat("2024-07-01T15:00:00+09:00")
SATURDAY = datetime.fromisoformat("2024-07-06T15:00:00+09:00")
FACTS_KO = ("아이스 아메리카노", "2,250원", "8월 31일", "ICE50")


class Company:
    def __init__(self, pair: Pair) -> None:
        self.pair, self.now, self.number = pair, MONDAY_COMMUTE, 0

    def did(self, who: str, type: str = "track", event: str | None = None, **more: Any) -> None:
        self.number += 1
        told: dict[str, Any] = {"type": type, "userId": who, "messageId": f"m{self.number}", "timestamp": self.now.isoformat(), **more}
        assert self.pair.batch([told | ({"event": event} if event else {})]).status_code == 200

    def at(self, when: datetime) -> None:
        self.now = when
        self.did("ticker", "page")

    def feels(self, who: str, trend: float) -> None:
        fact = {"name": "emotion_trend", "value": trend, "about": {"person": f"user_id:{who}"}, "observed_at": self.now.isoformat()}
        reply = httpx.post(f"{self.pair.url}/v1/facts", json={"facts": [fact]}, auth=(SERVER_KEY, ""), timeout=60)
        assert reply.json()["facts"][0]["status"] == "recorded", reply.text

    def says(self, who: str, lang: str = "ko") -> dict[str, Any]:
        body = {"userId": who, "placement": "home", "lang": lang}
        reply = httpx.post(f"{self.pair.url}/v1/decide", json=body, auth=(SERVER_KEY, ""), timeout=60)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()["decisions"][0]
        return found


def eventually(true: Callable[[], bool]) -> None:
    """State.db follows the answer within a moment."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("content") / "coffee"
    init(folder, None, lambda: "unused")
    for file in Path(folder).glob("*.yaml"):
        file.unlink()
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    pair = Pair(folder)
    pair.start(api=True)
    yield Company(pair)
    pair.stop()


def test_each_moment_has_its_words_and_all_have_the_same_facts(company: Company) -> None:
    company.at(MONDAY_COMMUTE)
    for who in ("commuter", "glad", "low", "angry"):
        company.did(who, "identify", traits={"name": who})
    said = {("commute", "commuter"): company.says("commuter")}
    company.at(MONDAY_AFTERNOON)
    company.feels("glad", 0.6)
    company.feels("low", -0.3)
    company.feels("angry", -0.8)
    said |= {("afternoon", who): company.says(who) for who in ("glad", "low", "angry")}
    company.at(SATURDAY)
    said |= {("weekend", who): company.says(who) for who in ("commuter", "low")}
    tones = {case: decision["moment"]["tone"]["value"] for case, decision in said.items()}
    assert tones == {
        ("commute", "commuter"): "brief",
        ("afternoon", "glad"): "warm",
        ("afternoon", "low"): "careful",
        ("afternoon", "angry"): "apologetic",
        ("weekend", "commuter"): "warm",
        ("weekend", "low"): "careful",
    }
    words = {case: " ".join(str(text) for text in decision["content"].values()) for case, decision in said.items()}
    assert len({words[case] for case in tones if case != ("weekend", "low")}) == 5
    assert words["weekend", "low"] == words["afternoon", "low"]
    for text in words.values():
        assert all(fact in text for fact in FACTS_KO), text
    assert said["weekend", "commuter"]["content"]["title"] == "commuter님, 여유로운 주말이에요"
    assert said["commute", "commuter"]["moment"]["tone_reason"]["value"] == "commuting"


def test_what_was_read_is_recorded_and_can_be_shown_later(company: Company) -> None:
    company.at(SATURDAY + timedelta(hours=1))
    decision = company.says("reader", "en")
    assert decision["content"] == {"language": "en", "title": "iced Americano at ₩2,250", "body": "until 31 August", "coupon": "ICE50"}
    api = company.pair.api
    eventually(lambda: api.get(f"/v1/decisions/{decision['id']}").status_code == 200)
    kept = api.get(f"/v1/decisions/{decision['id']}").json()
    assert (kept["wording"]["content"], kept["wording"]["variant"], kept["wording"]["tone"]) == ("ice", "any/en/any", "warm")
    then = api.get("/v1/contents/ice", params={"definitions": kept["definitions"]}).json()
    variant = next(each for each in then["variants"] if each["version"] == kept["wording"]["version"])
    assert variant["fields"]["title"] == "{{ facts.drink }} at {{ facts.price }}"


def test_the_way_to_approval_over_the_api(company: Company) -> None:
    api = company.pair.api
    assert api.get("/v1/contents").json()["need_approval"] is True
    version = api.get("/v1/contents/ice").json()["row"]["version"]

    def step(name: str, by: str, role: str, **more: str) -> dict[str, Any]:
        found: dict[str, Any] = api.post(f"/v1/contents/ice/{name}", json={"by": by, "role": role, **more}).json()
        return found

    assert step("approve", "lee", "approver")["reason"] == "not_in_review"
    assert step("submit", "kim", "author", why="first words")["status"] == "applied"
    assert step("approve", "kim", "approver")["reason"] == "own_submission"
    assert step("approve", "lee", "author")["reason"] == "role_missing"
    assert step("approve", "lee", "approver", version="0" * 16)["reason"] == "version_changed"
    assert step("approve", "lee", "approver", version=version)["status"] == "applied"
    row = api.get("/v1/contents").json()["contents"][0]
    assert (row["state"], row["approved"], row["variants"], row["offers"]) == ("approved", 7, 7, ["ice"])

    def steps() -> list[tuple[str, str, str]]:
        entries = api.get("/v1/audit", params={"limit": 10}).json()["entries"]
        return [(e["kind"], e["by"], e["why"]) for e in entries if e["kind"].startswith("content_")]

    eventually(lambda: steps() == [("content_approve", "lee", ""), ("content_submit", "kim", "first words")])
    assert api.post("/v1/contents/ice/approve", json={"by": "lee", "role": "king"}).status_code == 400
    assert api.post("/v1/contents/none/approve", json={"by": "lee", "role": "approver"}).json()["reason"] == "unknown_content"


def test_coverage_and_preview_over_the_api(company: Company) -> None:
    api = company.pair.api
    matrix = api.get("/v1/contents/coverage").json()
    # Six tones in two languages on one channel; nobody is retained in words of their own.
    assert (len(matrix["cells"]), matrix["none"]) == (12, 0)
    assert {c["tone"] for c in matrix["cells"] if c["language"] == "ko" and c["cover"] == "instead"} == {"retaining"}
    company.did("viewer", "identify", traits={"name": "민지"})
    told = api.post("/v1/contents/preview", json={"content": "ice", "channel": "app", "tone": "warm", "person": "user_id:viewer"}).json()
    assert (told["fields"]["title"], told["wording"]["variant"], told["problems"]) == ("민지님, 여유로운 주말이에요", "any/ko/warm", [])
    draft = {
        "name": "draft",
        "facts": {"price": {"type": "price", "value": 2250}},
        "variants": [{"language": "ko", "fields": {"title": "지금 2,500원", "mjml": "<mjml><mj-body><mj-txt>x</mj-txt></mj-body></mjml>"}}],
    }
    told = api.post("/v1/contents/preview", json={"content": draft, "channel": "email"}).json()
    assert {p["code"] for p in told["problems"]} == {"undeclared_price", "mjml_syntax"}
    rude = {"name": "draft", "variants": [{"language": "ko", "fields": {"title": "지금 확인해"}}]}
    told = api.post("/v1/contents/preview", json={"content": rude, "channel": "push"}).json()
    assert [(f["code"], f["field"]) for f in told["findings"] if f["code"] == "speech_level"] == [("speech_level", "title")]
    assert api.post("/v1/contents/preview", json={"content": "gone"}).status_code == 404
