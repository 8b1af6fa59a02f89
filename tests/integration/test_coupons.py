"""Coupons over the public port, the API and the command; a till that was offline for a day; the till's one call; sealed at rest."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.conftest import SERVER_KEY, WEB_KEY
from typer.testing import CliRunner

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, data_folder
from gyeol.app.verifying import replay_check, state_digest
from gyeol.cli.main import app
from gyeol.content.coupons.till_reference import OfflineTill

POOLS = """
coupons:
  - {name: welcome, amount: 1000, days: 30, per_person: 3, min_basket: 5000, label: {ko: 환영 쿠폰, en: Welcome}}
  - {name: partner, percent: 10, codes: imported, bearer: true, label: {ko: 제휴 쿠폰, en: Partner}}
placements:
  - {name: till_screen, channel: till, label: {ko: 계산대 화면, en: Till}}
offers:
  - name: welcome_back
    placements: [till_screen]
    coupon: welcome
    content: {ko: {title: "{{ coupon.code }}, {{ coupon.expires }}까지"}, en: {title: "{{ coupon.code }} until {{ coupon.expires }}"}}
"""
DAY_S = 86_400


@pytest.fixture
def shop(workspace: Path) -> Path:
    """The starter with two pools and an offer at the till."""
    (workspace / "coupons.yaml").write_text(POOLS)
    return workspace


class Till:
    """A till with the server's key."""

    def __init__(self, url: str, key: str = SERVER_KEY) -> None:
        self._client = httpx.Client(base_url=url, auth=(key, ""), timeout=20)

    def ask(self, what: str, **body: Any) -> tuple[int, dict[str, Any]]:
        reply = self._client.post(f"/v1/{what}", json=body)
        answer: dict[str, Any] = reply.json()
        return reply.status_code, answer


def until(done: Callable[[], Any], patience_s: float = 20.0) -> Any:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        value = done()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.mark.slow
def test_from_issue_to_the_till_over_http(shop: Path, pair: Any, run_cli: Any, tmp_path: Path) -> None:
    pair.environment.update(GYEOL_LAKE_COMMIT_S="0.1")
    pair.start(api=True)
    till, api = Till(pair.url), pair.api
    traits = {"name": "김결", "email": "kim@example.com", "phone": "010-2222-3333"}
    pair.batch([{"type": "identify", "messageId": "i", "userId": "u1", "traits": traits}])
    assert Till(pair.url, WEB_KEY).ask("coupons/redeem", code="X")[0] == 403
    assert Till(pair.url, "no-such-key").ask("instore", phone="1")[0] == 401
    status, given = till.ask("coupons/issue", pool="welcome", person="user_id:u1", key="r1")
    assert (status, given["status"]) == (200, "issued") and given["coupon"]["expires"]
    assert till.ask("coupons/issue", pool="welcome", person="user_id:u1", key="r1") == (200, given)
    code = given["coupon"]["code"]
    asked = {"code": f"{code[:4]}-{code[4:]}".lower(), "store": "gangnam", "till": "1", "order": "A1", "key": "k1"}
    assert till.ask("coupons/redeem", **asked, basket=4_999)[1]["status"] == "basket_too_small"
    assert till.ask("coupons/hold", code=code, store="mapo", till="9")[1]["status"] == "held"
    status, told = till.ask("coupons/redeem", **asked, basket=9_000)
    assert (status, told["status"]) == (409, "held_elsewhere") and told["text"].startswith("다른 계산대")
    assert till.ask("coupons/release", code=code, store="mapo", till="9")[1]["success"]
    status, used = till.ask("coupons/redeem", **asked, basket=9_000)
    assert (status, used["status"], used["coupon"]["discount"]) == (200, "redeemed", 1_000)
    assert till.ask("coupons/redeem", **asked, basket=9_000) == (200, used), "the same key, the same answer"
    status, told = till.ask("coupons/redeem", code=given["coupon"]["qr"], key="k2", store="mapo", lang="en")
    assert (status, told["status"]) == (409, "already_redeemed") and "gangnam" in told["text"]
    assert till.ask("coupons/reverse", code=code, store="mapo")[1]["status"] == "not_redeemed_here"
    status, undone = till.ask("coupons/reverse", code=code, store="gangnam", order="A1", key="b1", lang="en")
    assert (status, undone["status"], undone["coupon"]["state"]) == (200, "reversed", "issued") and "taken back" in undone["text"]
    assert till.ask("coupons/redeem", **asked, basket=9_000)[1]["status"] == "reversed_before", "a repetition that comes late"
    assert till.ask("coupons/redeem", **{**asked, "key": "k9", "order": "A9"}, basket=8_000)[1]["status"] == "redeemed"
    assert till.ask("coupons/redeem", code="", key="k")[0] == 400 and till.ask("coupons/redeem", codex="")[0] == 400
    assert till.ask("coupons/redeem", code=given["coupon"]["ref"], store="r")[1]["status"] == "unknown_code", "who reads the lake has it"
    # guesses
    wrong = [till.ask("coupons/redeem", code=f"WRONG{i:05}", store="alley") for i in range(11)]
    assert [answer[1]["status"] for answer in wrong[:10]] == ["bad_code"] * 10 and wrong[10][0] == 429
    assert till.ask("coupons/redeem", code=code, store="other", key="k3")[0] == 409, "only that store waits"
    # the till's one call
    status, visit = till.ask("instore", phone="01022223333", store="gangnam", till="1")
    assert status == 200 and visit["known"] and visit["greeting"]["text"].endswith("님, 안녕하세요.") | (visit["greeting"]["name"] is None)
    (shown,) = visit["recommendations"]
    fresh = shown["coupon"]["code"]
    assert shown["offer"] == "welcome_back" and shown["content"]["title"].startswith(fresh)
    assert [coupon["code"] for coupon in visit["coupons"]] == [fresh]
    again = till.ask("instore", qr=visit["coupons"][0]["qr"])[1]
    assert again["person"] == visit["person"] and [c["code"] for c in again["coupons"]] == [fresh]
    status, nobody = till.ask("instore", phone="010-9999-0000", lang="en")
    assert status == 200 and not nobody["known"] and nobody["person"] is None and nobody["coupons"][0]["code"] != fresh
    assert till.ask("instore")[0] == 400 and till.ask("instore", phone="1", membership="2")[0] == 400
    # what the API and the command say
    (pool,) = [p for p in api.get("/v1/coupons").json()["pools"] if p["name"] == "welcome"]
    assert (pool["issued"], pool["redeemed"]) == (3, 1)
    page = api.get("/v1/coupons/welcome/ledger", params={"limit": 1}).json()
    assert page["coupons"][0]["state"] == "redeemed" and "code" not in page["coupons"][0] and page["next"] == "1"
    mine = api.get(f"/v1/people/{visit['person']}/coupons", params={"reveal": True}).json()
    assert {coupon["code"] for coupon in mine["coupons"]} == {code, fresh}
    assert api.get("/v1/coupons/nothing").status_code == 404
    out = tmp_path / "codes.csv"
    assert run_cli("coupons", "export", "welcome", "--out", str(out), "-w", str(shop)).returncode == 0
    assert [row["state"] for row in csv.DictReader(out.open())] == ["redeemed", "issued", "issued"]
    figures = until(lambda: [f for f in api.get("/v1/measures/coupons").json()["figures"] if f["store"] == "gangnam"])
    assert (figures[0]["redeemed"], figures[0]["discount_minor"], figures[0]["basket_minor"]) == (1, 1_000, 8_000)
    back = run_cli("coupons", "reverse", code, "--why", "a mistake", "-w", str(shop))
    assert back.returncode == 0, back.stderr
    until(
        lambda: [f for f in api.get("/v1/measures/coupons").json()["figures"] if (f["store"], f["offer"], f["redeemed"]) == (None, None, 0)]
    )
    assert run_cli("coupons", "reverse", code, "-w", str(shop)).returncode == 1
    pair.stop()
    check(shop)
    texts = [code, fresh, code.lower()]
    plain = {
        path: text
        for path in sorted(data_folder(shop).rglob("*"))
        if path.is_file()
        for text in texts
        if text.encode() in path.read_bytes()
    }
    assert not plain, "codes are sealed wherever they lie"


def check(shop: Path) -> None:
    """A replay gives the same state."""
    core = OpenCore(shop, Settings())
    try:
        state = core.engine.state
        assert replay_check(core, (state.offset, state_digest(state), state.people.people)).good
    finally:
        core.close()


def test_a_till_that_was_offline_for_a_day_is_reconciled_and_every_doubt_is_listed(shop: Path, tmp_path: Path) -> None:
    session = EmbeddedSession(shop, Settings())
    try:
        key = bytes.fromhex(str(session.call("coupons")["public_key"]))
        given: list[dict[str, Any]] = []
        for i in range(8):
            answer: Any = session.call("tell_coupon", kind="issue", pool="welcome", person=f"user_id:p{i}")
            given.append(answer["coupon"])
        now_s = int(time.time())
        till = OfflineTill(key, "gangnam-1", str(tmp_path / "j.jsonl"), store="gangnam")
        for i in range(6):
            assert till.accept(given[i]["qr"], now_s, order=f"A{i}", basket=9_000) == "accepted"
        assert till.accept(given[0]["qr"], now_s) == "accepted_before", "what the till itself can know"
        # Meanwhile, with a network, elsewhere:
        assert session.call("tell_coupon", kind="redeem", code=given[1]["code"], store="mapo", order="B1", basket=9_000)["success"]
        assert session.call("tell_coupon", kind="revoke", code=given[2]["ref"], why="a mistake")["success"]
        assert session.call("tell_coupon", kind="hold", code=given[3]["code"], store="mapo", till="2")["success"]
        entries: list[dict[str, Any]] = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text().splitlines()]
        entries += [
            {"sequence": 7, "qr": given[5]["qr"], "at": now_s * 1000, "order": "A6"},  # another program of the till
            {"sequence": 8, "qr": given[6]["qr"][:-4] + "AAAA", "at": now_s * 1000, "order": "A7"},
            {"sequence": 9, "qr": given[6]["qr"], "at": (now_s + 31 * DAY_S) * 1000, "order": "A8"},
            {"sequence": 10, "code": given[7]["code"], "at": (now_s - DAY_S) * 1000, "order": "A9"},
            {"sequence": 11, "code": "ZZZZZZZZZZ", "at": now_s * 1000, "order": "A10"},
        ]
        told: Any = session.call("reconcile_coupons", till="gangnam-1", entries=entries)
        assert [line["status"] for line in told["lines"]] == [
            "redeemed", "redeemed_elsewhere", "revoked_after", "held_elsewhere", "redeemed", "redeemed",
            "twice_in_file", "bad_signature", "from_the_future", "before_issue", "bad_code",
        ]  # fmt: skip
        assert (told["redeemed"], told["doubtful"]) == (3, 8)
        elsewhere = told["lines"][1]
        assert elsewhere["params"]["store"] == "mapo" and elsewhere["params"]["order"] == "B1", "what the ledger knows"
        assert elsewhere["said"]["store"] == "gangnam" and elsewhere["said"]["order"] == "A1", "what the till said"
        offset = session.parts.engine.state.offset
        assert session.call("reconcile_coupons", till="gangnam-1", entries=entries) == told, "sent again, the same answer"
        assert session.parts.engine.state.offset == offset, "and no record"
        other = [{**entries[0], "qr": given[7]["qr"]}]
        assert session.call("reconcile_coupons", till="gangnam-1", entries=other)["lines"][0]["status"] == "sequence_reused"  # type: ignore[index]
        used: Any = session.call("tell_coupon", kind="redeem", code=given[0]["code"], store="mapo", basket=9_000)
        assert used["status"] == "already_redeemed" and used["params"]["store"] == "gangnam"
        doubts: Any = session.call("coupon_doubts")
        assert len(doubts["doubts"]) == 8
        session.settle()
        rows: Any = session.call("sql", sql="SELECT kind, count(*), count(accepted) FROM coupons GROUP BY kind ORDER BY kind")["rows"]
        assert rows == [["doubt", 8, 8], ["hold", 1, 0], ["issue", 8, 0], ["redeem", 4, 3], ["revoke", 1, 0]]
        events: Any = session.call("sql", sql="SELECT count(*) FROM events WHERE name = 'Coupon Redeemed'")["rows"]
        assert events == [[4]]
    finally:
        session.close()
    check(shop)


@pytest.mark.slow
def test_codes_of_a_file_by_command(shop: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["coupons", *arguments, "-w", str(shop)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout

    (tmp_path / "codes.txt").write_text("PARTNER-ONE\npartner-two\n\nPARTNER ONE\n")
    assert "2 codes added" in run("add", "partner", str(tmp_path / "codes.txt"))[1]
    assert run("redeem", "partnerone", "--store", "mapo")[0] == 0
    code, told = run("redeem", "PARTNER-ONE", "--store", "mapo", "--json")
    assert code == 1 and json.loads(told)["status"] == "already_redeemed"
    qr = tmp_path / "two.svg"
    assert run("qr", "PARTNER-TWO", "--pool", "partner", "--out", str(qr))[0] == 0
    assert b"<svg" in qr.read_bytes()
    key = run("key")[1].strip()
    assert len(bytes.fromhex(key)) == 32
    assert run("verify", "GYC1:AAAA", "--key", key)[0] == 1
    journal = tmp_path / "j.jsonl"
    journal.write_text(json.dumps({"sequence": 1, "code": "partner-two", "at": int(time.time() * 1000), "order": "A1"}) + "\n")
    code, told = run("reconcile", str(journal), "--till", "t1", "--json")
    assert code == 0 and json.loads(told)["redeemed"] == 1
    figures = json.loads(run("report", "--json")[1])["figures"]
    assert sum(each["redeemed"] for each in figures) == 2
