"""`gyeol content …` on a folder: each command opens it anew, so what was said is found again in snapshot, log and replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gyeol.cli.main import app

FILE = """
workspace: {name: Shop, contents_need_approval: true}
identifiers:
  - {name: user_id, paths: [userId], priority: 1, limit: 1}
placements:
  - {name: home, channel: app}
offers:
  - {name: spring, placements: [home], content: spring}
contents:
  - name: spring
    label: {ko: 봄, en: Spring}
    facts:
      off: {type: percent, value: 10, required: true}
    variants:
      - {language: ko, fields: {title: "봄 세일 {{ facts.off }}", body: "%s"}}
      - {language: ko, tone: brief, channels: [app], fields: {title: "{{ facts.off }} 할인"}}
"""


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, body: str = "지금 만나 보세요.") -> None:
        (self.folder / "all.yaml").write_text(FILE % body, encoding="utf-8")

    def run(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*words, "-w", str(self.folder)])
        assert done.exit_code == code, done.output
        return done.output

    def told(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*words, "--json").splitlines()[-1])
        return found


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop")
    made.folder.mkdir()
    made.write()
    return made


def test_from_draft_to_approved_and_back_by_an_edit(shop: Shop) -> None:
    assert "draft" in shop.run("content", "list")
    assert "own_submission" not in shop.run("content", "submit", "spring", "--as", "kim", "--why", "new")
    assert "own_submission" in shop.run("content", "approve", "spring", "--as", "kim", "--role", "approver", code=4)
    assert "role_missing" in shop.run("content", "approve", "spring", "--as", "lee", code=4)
    shop.run("content", "approve", "spring", "--as", "lee", "--role", "approver")
    row = shop.told("content", "show", "spring")["row"]
    assert (row["state"], row["approved"]) == ("approved", 2)
    assert shop.told("content", "diff", "spring")["differences"] == []

    shop.write("오늘 만나 보세요.")
    shop.run("apply")
    told = shop.told("content", "show", "spring")
    assert (told["row"]["state"], told["row"]["approved"]) == ("draft", 1)
    assert [v["standing"]["state"] for v in told["variants"]] == ["draft", "approved"]
    (changed,) = shop.told("content", "diff", "spring")["differences"]
    assert (changed["variant"], changed["field"]) == ("any/ko/any", "body")
    assert (changed["before"], changed["after"]) == ("지금 만나 보세요.", "오늘 만나 보세요.")
    assert "- 지금" in shop.run("content", "diff", "spring")

    shop.run("content", "submit", "spring", "--as", "kim")
    shop.run("content", "return", "spring", "--as", "lee", "--role", "approver", "--why", "too dull")
    first = shop.told("content", "show", "spring")["variants"][0]["standing"]
    assert (first["state"], first["by"], first["why"]) == ("draft", "lee", "too dull")
    assert json.loads(shop.run("replay", "--json").splitlines()[-1])["good"] is True


def test_preview_coverage_and_what_is_wrong(shop: Shop) -> None:
    told = shop.told("content", "preview", "spring", "--channel", "app", "--tone", "brief")
    assert (told["fields"], told["wording"]["variant"]) == ({"title": "10% 할인"}, "app/ko/brief")
    assert "봄 세일 10%" in shop.run("content", "preview", "spring", "--language", "ko")
    matrix = shop.told("content", "coverage")
    assert (matrix["own"], matrix["instead"], matrix["none"]) == (1, 5, 0)
    shown = shop.run("content", "coverage", "spring")
    assert "●" in shown and "another tone 5" in shown
    assert shop.run("content", "show", "nothing", code=4)
    shop.write("20% 할인, 12월 24일까지")
    problems = json.loads(next(line for line in shop.run("plan", "--json", code=2).splitlines() if line.startswith("{")))["error"]["facts"][
        "problems"
    ]
    assert sorted((p["code"], p["line"]) for p in problems) == [("undeclared_date", 15), ("undeclared_percent", 15)]
