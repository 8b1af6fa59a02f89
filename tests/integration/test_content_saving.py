"""Words saved from the console: in the workspace's own file, in force at once, a draft again; and everything that keeps them out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.integration.conftest import Pair

from gyeol.app.content_saving import ContentFiles, SavedAnswer, SaveRequest
from gyeol.app.core_api import Submitted
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import BackendTimeoutError, GyeolError, InputError, NotFoundError, StateError, VersionConflictError
from gyeol.workspace.load import load

CONTENTS = """# 여름 행사의 말
contents:
  - name: ice   # 하나뿐
    facts: {price: {type: price, value: 2250, required: true}}
    variants:
      - {language: ko, fields: {title: "아이스 {{ facts.price }}", body: '시원하게'}}   # 첫째
      - language: en
        fields:
          title: Iced at {{ facts.price }} # plain
          body: |
            Cold and
            quick.

offers:
  - {name: ice, placements: [home], content: ice, promotional: false}
"""
KO = {"title": "아이스 {{ facts.price }}", "body": "시원하게"}


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workspace.yaml").write_text(
        "workspace: {name: Coffee}\n"
        "sources: [{name: server, trust: server, channel: server, write_key: server-key-for-tests}]\n"
        "placements: [{name: home, channel: app}]\n"
    )
    (folder / "said.yaml").write_text(CONTENTS, encoding="utf-8")


class Shop:
    """Files, and a core that puts in force what it is told."""

    def __init__(self, folder: Path) -> None:
        write(folder)
        self.folder, self.files = folder, ContentFiles(folder)
        self.in_force = load(folder).definitions
        self.refusing: Exception | Submitted | None = None
        self.takes = True

    @property
    def text(self) -> str:
        return (self.folder / "said.yaml").read_text(encoding="utf-8")

    def apply(self, definitions: Definitions) -> Submitted:
        if self.takes and not isinstance(self.refusing, Submitted):
            self.in_force = definitions
        if isinstance(self.refusing, Exception):
            raise self.refusing
        return self.refusing or Submitted(status="applied", offset=7)

    def save(self, fields: dict[str, str], variant: str = "any/ko/any", version: str | None = None) -> SavedAnswer:
        content = self.in_force.contents[0]
        now = next((content.version_of(v) for v in content.variants if v.key == variant), "")
        asked = SaveRequest(variant=variant, fields=fields, version=now if version is None else version)
        return self.files.save("ice", asked, lambda: self.in_force, self.apply)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")


def test_only_the_words_change_in_the_file(shop: Shop) -> None:
    told = shop.save({**KO, "body": "천천히, '시원하게'"})
    assert shop.text == CONTENTS.replace("'시원하게'", "'천천히, ''시원하게'''")
    content = load(shop.folder).definitions.contents[0]
    assert shop.in_force.contents[0] == content and told.version == content.version_of(content.variants[0])
    assert (told.status, told.file, told.offset) == ("applied", "said.yaml", 7)
    told = shop.save({"title": "Iced: {{ facts.price }}", "body": "Cold.\n"}, "any/en/any")
    after = CONTENTS.replace("'시원하게'", "'천천히, ''시원하게'''").replace("Cold and\n            quick.", "Cold.")
    assert shop.text == after.replace("Iced at {{ facts.price }} #", '"Iced: {{ facts.price }}" #')


def test_the_same_words_write_nothing(shop: Shop) -> None:
    before = (shop.folder / "said.yaml").stat()
    told = shop.save(KO)
    after = (shop.folder / "said.yaml").stat()
    assert (told.status, told.file, told.offset) == ("unchanged", "", None)
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_rights_and_a_byte_order_mark_stay(shop: Shop) -> None:
    path = shop.folder / "said.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    path.chmod(0o640)
    shop.save({**KO, "body": "차게"})
    assert path.read_bytes() == b"\xef\xbb\xbf" + CONTENTS.replace("시원하게", "차게").encode()
    assert path.stat().st_mode & 0o777 == 0o640 and not list(shop.folder.glob(".*.new"))


def test_whoever_was_faster_is_not_overwritten(shop: Shop) -> None:
    version = shop.in_force.contents[0].version_of(shop.in_force.contents[0].variants[0])
    shop.save({**KO, "body": "먼저"})
    before = shop.text
    with pytest.raises(VersionConflictError) as refused:
        shop.save({**KO, "body": "나중"}, version=version)
    assert refused.value.code == "version_changed" and shop.text == before


def test_what_others_have_not_applied_is_not_put_in_force(shop: Shop) -> None:
    path = shop.folder / "said.yaml"
    path.write_text(CONTENTS.replace("Cold and", "Very cold and"), encoding="utf-8")
    with pytest.raises(StateError) as refused:
        shop.save({**KO, "body": "차게"})
    assert refused.value.code == "files_not_applied" and "contents ice" in refused.value.message
    assert "시원하게" in shop.text


def test_every_problem_is_told_and_nothing_is_written(shop: Shop) -> None:
    with pytest.raises(InputError) as refused:
        shop.save({"title": "3,000원 {{ nobody }}", "body": "{{ facts.none }}"})
    assert {"undeclared_price", "unknown_name", "unknown_fact", "missing_fact"} <= {problem.code for problem in refused.value.problems}
    assert all(problem.path == "said.yaml" and problem.line for problem in refused.value.problems)
    with pytest.raises(InputError) as differing:
        shop.save({"title": "아이스 {{ facts.price }}", "subject": "말"})
    assert [problem.path for problem in differing.value.problems] == ["fields.subject", "fields.body"]
    with pytest.raises(NotFoundError):
        shop.save(KO, "any/ja/any")
    assert shop.text == CONTENTS


def test_words_behind_an_anchor_are_left_alone(shop: Shop) -> None:
    path = shop.folder / "said.yaml"
    text = CONTENTS.replace("body: '시원하게'", "body: &b 시원하게").replace("title: Iced at", "subject: *b\n          title: Iced at")
    path.write_text(text, encoding="utf-8")
    shop.in_force = load(shop.folder).definitions
    with pytest.raises(InputError) as refused:
        shop.save({**KO, "body": "차게"})
    [problem] = refused.value.problems
    assert problem.code == "cannot_replace" and "alias" in problem.what and (problem.path, problem.line) == ("said.yaml", 6)
    assert shop.text == text


@pytest.mark.parametrize(
    "refusing", [Submitted(status="refused", reason="nope"), BackendTimeoutError("core_slow", "slow"), OSError("gone")]
)
def test_a_file_is_as_it_was_when_its_words_are_not_put_in_force(shop: Shop, refusing: Exception | Submitted) -> None:
    shop.refusing, shop.takes = refusing, False
    with pytest.raises((GyeolError, OSError)):
        shop.save({**KO, "body": "차게"})
    assert shop.text == CONTENTS


def test_an_answer_that_got_lost_leaves_the_words_that_are_in_force(shop: Shop) -> None:
    shop.refusing = BackendTimeoutError("core_slow", "slow")
    assert shop.save({**KO, "body": "차게"}).status == "applied"
    assert "차게" in shop.text and shop.in_force == load(shop.folder).definitions


def test_where_nothing_can_be_written_it_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.files.cannot == ""
    # Whoever runs the tests may be root, whom no mode keeps out.
    monkeypatch.setattr("gyeol.app.content_saving.os.access", lambda path, mode: Path(path).name != "said.yaml")
    assert shop.files.cannot == "files_read_only"
    with pytest.raises(StateError) as refused:
        shop.save({**KO, "body": "차게"})
    assert refused.value.code == "files_read_only" and shop.text == CONTENTS


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Pair]:
    write(tmp_path / "coffee")
    pair = Pair(tmp_path / "coffee")
    pair.start(api=True)
    yield pair
    pair.stop()


@pytest.mark.slow
def test_saved_through_the_api_the_words_are_said_and_are_a_draft_again(running: Pair) -> None:
    with running.api as api:

        def content() -> dict[str, Any]:
            found: dict[str, Any] = api.get("/v1/contents/ice").raise_for_status().json()
            return found

        before = content()
        assert before["cannot_save"] == ""
        step = {"by": "민지", "role": "author"}
        assert api.post("/v1/contents/ice/submit", json=step).json()["status"] == "applied"
        assert api.post("/v1/contents/ice/approve", json={"by": "도윤", "role": "approver"}).json()["status"] == "applied"
        body = {"variant": "any/ko/any", "fields": {**KO, "body": "차게"}, "version": before["variants"][0]["version"], "why": "한여름"}
        answer = api.post("/v1/contents/ice/save", json=body)
        told = msgspec.json.decode(answer.content, type=SavedAnswer)
        assert (answer.status_code, told.status, told.file) == (200, "applied", "said.yaml")
        assert (running.workspace / "said.yaml").read_text(encoding="utf-8") == CONTENTS.replace("시원하게", "차게")
        after = content()
        assert [v["standing"]["state"] for v in after["variants"]] == ["draft", "approved"]
        assert (after["variants"][0]["version"], after["definitions"]) == (told.version, told.definitions)
        assert after["variants"][0]["fields"]["body"] == "차게"
        assert api.post("/v1/contents/ice/save", json=body).json()["code"] == "version_changed"
        assert api.post("/v1/contents/ice/save", json={**body, "version": "x"}).status_code == 409
        deadline = time.monotonic() + 120
        while (kept := api.get("/v1/audit", params={"kind": "apply"}).json()["entries"][0])["why"] != "한여름":
            assert time.monotonic() < deadline, kept  # state.db follows the answer within a moment
            time.sleep(0.05)
        assert kept["by"] == "admin"
        assert (
            api.post("/v1/definitions/plan", json={"definitions": msgspec.to_builtins(load(running.workspace).definitions)}).json()[
                "changes"
            ]
            == []
        )
