"""One decision, and the answer to a request about automated decisions: what was used, what refused what, in the customer's words."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.integration.conftest import SERVER_KEY, Pair
from typer.testing import CliRunner

from gyeol.app.decision_answers import DecisionsExport
from gyeol.app.decision_page import page_of
from gyeol.app.decision_words import HEADINGS, RULES
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.cli.main import app
from gyeol.decisions.gates.order import GATES
from gyeol.engine.jobs import Collect, Decide
from gyeol.events.ingest import Incoming

OFFERS = """
placements:
  - {name: till, channel: web, label: {ko: 계산대, en: Till}, fallback: hello}
offers:
  - name: regulars
    label: {ko: 단골 쿠폰, en: "Regulars <b>coupon</b>"}
    placements: [till]
    eligibility: orders >= 2 AND moment.device = 'mobile'
    score: 10 * orders
    content: {ko: {title: 단골}, en: {title: Regulars}}
  - name: starters
    label: {ko: 첫 구매 쿠폰, en: Starters}
    placements: [till]
    eligibility: orders = 0
    content: {ko: {title: 처음}, en: {title: First}}
  - name: family
    label: {ko: 가족 쿠폰, en: Family}
    placements: [till]
    eligibility: household.orders > 100
    content: {ko: {title: 가족}, en: {title: Family}}
  - name: hello
    label: {ko: 안녕하세요, en: Hello}
    placements: [till]
    content: {ko: {title: 안녕}, en: {title: Hello}}
groups:
  - {name: household, paths: [traits.address], normalise: address}
"""


@pytest.fixture
def shop(workspace: Path) -> Path:
    (workspace / "till.yaml").write_text(OFFERS, encoding="utf-8")
    path = workspace / "workspace.yaml"
    text = path.read_text(encoding="utf-8").rstrip() + '\n  human_contact: {ko: "고객 상담실 02-123-4567", en: "privacy@example.com"}\n'
    path.write_text(text, encoding="utf-8")
    return workspace


def order(session: EmbeddedSession, user: str, number: int) -> None:
    source = next(each for each in session.parts.engine.definitions.sources if each.trust == "server")
    index = session.parts.engine.definitions.sources.index(source)
    event = {
        "type": "track",
        "event": "Order Completed",
        "userId": user,
        "messageId": f"{user}-{number}",
        "properties": {"order_id": f"{user}-{number}", "revenue": 1_000},
    }
    identify = {
        "type": "identify",
        "userId": user,
        "messageId": f"i-{user}",
        "traits": {"address": "서울시 종로구 1", "email": f"{user}@example.com"},
    }
    bodies = [msgspec.json.encode(each) for each in (event, identify)]
    session.run(
        Collect(Incoming(source=source, source_index=index, events=bodies, received_ms=session.parts.clock.now_ms(), path_type=None))
    )


def decide(session: EmbeddedSession, user: str, key: str, **context: object) -> str:
    answers: Any = session.run(Decide(lambda state: ("user_id", user), ["till"], dict(context), key))
    return str(answers[0].decision.id)


def test_a_decision_tells_what_it_used(shop: Path) -> None:
    with_session = EmbeddedSession(shop, Settings())
    try:
        for n in range(3):
            order(with_session, "kim", n)
        told: Any = with_session.call("decision", id=decide(with_session, "kim", "1", device="mobile"))
    finally:
        with_session.close()
    assert told["chosen"] == "regulars" and told["outcome"] is None and told["contributions"] == [] and told["policy"] is None
    (used,) = told["used"]
    assert (used["name"], used["value"], used["text"]["ko"], used["source"]) == ("orders", 3, "3", ["Order Completed"])
    assert used["label"]["en"] == "Orders"
    assert {refusal["offer"]: refusal["gate"] for refusal in told["refusals"]} == {"starters": "eligibility", "family": "eligibility"}


def test_the_export_answers_in_the_customers_words_and_tells_nothing_of_others(shop: Path) -> None:
    session = EmbeddedSession(shop, Settings())
    try:
        for n in range(3):
            order(session, "kim", n)
            order(session, "lee", n)
        decide(session, "kim", "1", device="mobile")
        decide(session, "kim", "2")
        decide(session, "lee", "3", device="mobile")
        korean: Any = session.call("decisions_export", id="user_id:kim", lang="ko")
        english = msgspec.convert(session.call("decisions_export", id="user_id:kim", lang="en"), DecisionsExport)
        again: Any = session.call("decisions_export", id="user_id:kim", lang="ko")
        none: Any = session.call("decisions_export", id="user_id:kim", lang="ko", since="2999-01-01")
        lee = str(session.call("person", id="user_id:lee")["id"])
    finally:
        session.close()
    assert msgspec.json.encode(korean) == msgspec.json.encode(again), "the same log gives the same bytes"
    assert (korean["format"], korean["complete"], len(korean["decisions"]), none["decisions"]) == (
        "gyeol.automated-decisions/1",
        True,
        2,
        [],
    )
    assert "02-123-4567" in korean["rights"] and "37조의2" in korean["about"][0]
    chosen = next(each for each in korean["decisions"] if each["outcome"] == "offer")
    default = next(each for each in korean["decisions"] if each["outcome"] == "fallback")
    assert chosen["what"] == "‘계산대’에 보여 줄 것으로 정했습니다: ‘단골 쿠폰’."
    assert (
        "10 * orders" in chosen["criteria"][1] and "구매 횟수" in chosen["criteria"][0] and "우연은 쓰이지 않았습니다" in chosen["chance"]
    )
    data = {each["name"]: each for each in chosen["data"]}
    assert (data["orders"]["label"], data["orders"]["value"]) == ("구매 횟수", "3") and "Order Completed" in data["orders"]["source"]
    assert data["moment.device"]["value"] == "‘휴대전화’" and "request" in data["moment.device"]["source"]
    refused = {each["offer"]: each for each in default["refusals"]}
    assert refused["regulars"]["rule_label"] == "대상 조건" and refused["regulars"]["offer_label"] == "단골 쿠폰"
    told = json.dumps(korean, ensure_ascii=False)
    assert lee not in told and "lee" not in told and "kim@example.com" not in told
    group = data["household.orders"]
    assert "6" not in group["value"] and "household.orders = " not in told.replace(" ", ""), "six orders of the household tell of lee"
    assert all("6" not in each["reason"] for each in chosen["refusals"] if each["offer"] == "family")
    page = page_of(english)
    assert "&lt;b&gt;coupon" in page and "<b>" not in page and "privacy@example.com" in page
    assert page == page_of(english) and "http" not in page and "<script" not in page
    HTMLParser().feed(page)


def test_every_rule_has_a_name_that_customers_read() -> None:
    assert {gate.name for gate in GATES} <= set(RULES)
    for said in (*RULES.values(), *HEADINGS.values()):
        assert set(said) == {"ko", "en"} and all(said.values())


def test_the_commands(shop: Path, tmp_path: Path) -> None:
    session = EmbeddedSession(shop, Settings())
    try:
        for n in range(3):
            order(session, "kim", n)
        taken = decide(session, "kim", "1", device="mobile")
    finally:
        session.close()
    run = CliRunner()
    shown = run.invoke(app, ["decisions", "show", taken, "-w", str(shop)])
    assert shown.exit_code == 0 and "Till: Regulars" in shown.output and "Order Completed" in shown.output
    listed = json.loads(run.invoke(app, ["decisions", "list", "kim", "--json", "-w", str(shop)]).output)
    assert [each["id"] for each in listed["decisions"]] == [taken]
    page, data = tmp_path / "kim.html", tmp_path / "kim.json"
    for out in (page, data):
        done = run.invoke(app, ["decisions", "export", "kim", "--out", str(out), "-w", str(shop)])
        assert done.exit_code == 0 and "1 decisions" in done.output, done.output
    assert page.read_text(encoding="utf-8").startswith('<!doctype html>\n<html lang="ko">')
    assert json.loads(data.read_text(encoding="utf-8"))["decisions"][0]["id"] == taken
    stdout = json.loads(run.invoke(app, ["decisions", "export", "kim", "--lang", "en", "-w", str(shop)]).output)
    assert stdout["lang"] == "en"
    bad = run.invoke(app, ["decisions", "export", "kim", "--lang", "xx", "--out", "a.pdf", "-w", str(shop)])
    assert bad.exit_code != 0
    assert run.invoke(app, ["decisions", "export", "kim", "--since", "soon", "-w", str(shop)]).exit_code != 0
    assert run.invoke(app, ["decisions", "show", "d_0", "-w", str(shop)]).exit_code != 0


@pytest.mark.slow
def test_over_http(shop: Path) -> None:
    pair = Pair(shop)
    pair.start(api=True)
    try:
        event = {"userId": "kim", "event": "Order Completed", "properties": {"order_id": "1", "revenue": 1_000}}
        httpx.post(f"{pair.url}/v1/track?writeKey={SERVER_KEY}", json=event, timeout=60).raise_for_status()
        body = {"userId": "kim", "placement": "till"}
        decided = httpx.post(f"{pair.url}/v1/decide?writeKey={SERVER_KEY}", json=body, timeout=60).json()["decisions"][0]["id"]
        with pair.api as api:
            deadline = time.monotonic() + 120
            while True:  # state.db follows the answer within a moment
                answer = api.get("/v1/people/kim/decisions/export", params={"lang": "en"})
                if answer.status_code == 200 and answer.json()["decisions"]:
                    break
                assert time.monotonic() < deadline, answer.text
                time.sleep(0.05)
            assert answer.json()["decisions"][0]["id"] == decided
            page = api.get("/v1/people/kim/decisions/export", params={"format": "html"})
            assert page.headers["content-type"].startswith("text/html") and page.text.startswith("<!doctype html>")
            assert page.headers["content-security-policy"].startswith("default-src 'none'")
            assert api.get(f"/v1/decisions/{decided}").json()["id"] == decided
            assert api.get("/v1/people/nobody/decisions/export").status_code == 404
            assert api.get("/v1/people/kim/decisions/export", params={"since": "soon"}).status_code == 400
            assert api.get("/v1/people/kim/decisions/export", params={"lang": "xx"}).status_code == 400
    finally:
        pair.stop()
