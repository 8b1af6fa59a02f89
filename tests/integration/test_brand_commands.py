"""`gyeol content lint|compose|consistency|colours` on a folder, and the routes behind them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from litestar.testing import TestClient
from typer.testing import CliRunner

from gyeol.accounts.tokens import AdminToken
from gyeol.app.desk import Desk
from gyeol.app.watch import Watch
from gyeol.cli.main import app
from gyeol.server.side.app import side_app
from gyeol.server.side.broadcast import Broadcaster
from gyeol.workspace.load import load

FILE = """
workspace: {name: Shop}
identifiers:
  - {name: user_id, paths: [userId], priority: 1, limit: 1}
placements:
  - {name: home, channel: app}
  - {name: mail, channel: email}
offers:
  - {name: iced, placements: [home, mail], content: iced}
  - {name: plain, placements: [home], content: {ko: {title: 안내, body: 지금 확인해}}}
channels:
  - {name: post, kind: webhook, medium: email, url: "https://a.example/", secret: "env:HOOK"}
campaigns:
  - {name: summer, starts: "2026-06-01", ends: "2026-08-31"}
journeys:
  - {name: hello, trigger: {event: Signed Up}, campaign: summer, message: {channel: post, placement: mail, purpose: offers}}
catalogue:
  - {sku: C03, name: {ko: 아이스 라떼, en: Iced latte}}
contents:
  - name: iced
    facts:
      drink: {type: product, value: C03, required: true}
      share: {type: percent, value: 50, required: true}
    variants:
      - language: ko
        tone: warm
        channels: [app]
        fields: {title: 한 잔 더, body: "{{ facts.drink | josa: '을/를' }} {{ facts.share }} 할인해 드려요."}
      - {language: ko, tone: brief, channels: [email], fields: {title: "{{ facts.drink }} {{ facts.share }}", body: "%s"}}
"""
GOOD, BAD = "지금 만나 보세요.", "지금 만나 보십시오. 대박이에요."


class Shop:
    def __init__(self, folder: Path, body: str = GOOD) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "all.yaml").write_text(FILE % body, encoding="utf-8")

    def run(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*words, "-w", str(self.folder)])
        assert done.exit_code == code, done.output
        return done.output

    def told(self, *words: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*words, "--json", code=code).splitlines()[-1])
        return found


def test_saved_texts_are_held_against_the_guide(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", BAD)
    told = shop.told("content", "lint", code=2)
    assert {(text["content"], text["offer"], text["channel"]) for text in told["found"]} == {("iced", "", "email"), ("", "plain", "app")}
    assert told["errors"] == 3 and told["texts"] == 3
    shown = shop.run("content", "lint", "iced", "--lang", "ko", code=2)
    assert "합쇼체" in shown and "대박" in shown and "plain" not in shown
    assert "There is no content" in shop.run("content", "lint", "nowhere", code=4)


def test_a_file_is_held_against_the_guide(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    for name, text, code in (
        ("a.html", "<p style='color:#ccc'>안내드려요</p>", "contrast_low"),
        ("b.txt", "지금 확인해", "speech_level"),
        ("c.yaml", "title: (광고) 안내\nbody: 반가워요\n", "label_written"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        told = shop.told("content", "lint", str(tmp_path / name), "--channel", "email", code=0 if code == "label_written" else 2)
        assert [finding["code"] for finding in told["findings"]] == [code]
    (tmp_path / "d.yaml").write_text("- a\n", encoding="utf-8")
    assert "these are no fields" in shop.run("content", "lint", str(tmp_path / "d.yaml"), code=2)


def test_a_composed_variant_loads_in_the_workspace(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    written = shop.run("content", "compose", "iced", "--channel", "push", "--tone", "cheering", "--language", "ko")
    variant = yaml.safe_load(written)[0]
    whole = yaml.safe_load((shop.folder / "all.yaml").read_text(encoding="utf-8"))
    whole["contents"][0]["variants"].append(variant)
    (shop.folder / "all.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    assert [one.tone for one in load(shop.folder).definitions.contents[0].variants] == ["warm", "brief", "cheering"]
    refused = shop.told("content", "compose", "iced", "--channel", "push", "--tone", "warm", "--language", "fr", code=2)
    assert refused["reason"]["code"] == "no_block"
    assert "names no writer" in shop.run("content", "compose", "iced", "--channel", "push", "--tone", "warm", "--writer", code=6)


def test_consistency_of_a_content_and_of_a_campaign(tmp_path: Path) -> None:
    good = Shop(tmp_path / "good").told("content", "consistency", "iced")
    shop = Shop(tmp_path / "bad", BAD)
    bad = shop.told("content", "consistency", "summer")
    assert (good["kind"], bad["kind"], bad["contents"]) == ("content", "campaign", ["iced"])
    assert good["consistency"]["score"] > bad["consistency"]["score"]
    assert "of 100" in shop.run("content", "consistency", "iced")


def test_colours_of_a_folder(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pictures = tmp_path / "pictures" / "cups"
    pictures.mkdir(parents=True)
    image.fromarray(np.full((8, 8, 3), (200, 30, 40), np.uint8)).save(pictures / "red.png")
    (pictures / "broken.png").write_bytes(b"x")
    done = CliRunner().invoke(app, ["content", "colours", str(tmp_path / "pictures"), "--out", str(tmp_path / "colours.json"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["pictures"] == 1 and len(json.loads(done.stdout)["unread"]) == 1
    assert [one["hex"] for one in json.loads((tmp_path / "colours.json").read_text())["cups/red.png"]] == ["#c81e28"]


def test_the_routes(tmp_path: Path) -> None:
    definitions = load(Shop(tmp_path / "shop").folder).definitions
    desk = Desk.__new__(Desk)
    made: Any = desk
    made._core = SimpleNamespace(status=lambda _: SimpleNamespace(definitions=definitions.hash))
    made._definitions = lambda _: definitions
    served = side_app(desk, Watch.__new__(Watch), Broadcaster.__new__(Broadcaster), AdminToken("token"))
    with TestClient(served, raise_server_exceptions=False) as client:
        headers = {"Authorization": "Bearer token"}
        assert client.post("/v1/lint", json={"fields": {}}).status_code == 401
        body = {"fields": {"body": "🎁 지금 확인해"}, "channel": "sms"}
        told = client.post("/v1/lint", json=body, headers=headers).json()
        assert [(one["code"], one["start"], one["end"]) for one in told["findings"]] == [
            ("not_in_euc_kr", 0, 2), ("speech_level", 6, 9), ("required_word", 0, 0),
        ]  # fmt: skip
        assert told["sizes"]["body"] == {"characters": 8, "bytes": 14, "level": "hae"} and told["label"] == "(광고)"
        assert client.post("/v1/lint", json={"fields": {}, "message_class": "spam"}, headers=headers).status_code == 400
        assert client.get("/v1/brand", headers=headers).json()["speech"]["level"] == "haeyo"
        assert client.get("/v1/lint", headers=headers).json()["errors"] == 1
        assert client.get("/v1/lint", params={"content": "nowhere"}, headers=headers).status_code == 404
        assert client.get("/v1/consistency/iced", headers=headers).json()["consistency"]["score"] > 80
        assert client.get("/v1/consistency/nowhere", headers=headers).status_code == 404
        asked = {"content": "iced", "channel": "push", "tone": "warm", "language": "ko"}
        composed = client.post("/v1/compose", json=asked, headers=headers).json()
        assert composed["reason"] is None and composed["key"] == "push/ko/warm" and "{{ facts.drink" in composed["fields"]["body"]
