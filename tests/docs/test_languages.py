"""The Korean documents say what the English ones say: the same commands, outputs and sections; and all keep to the words of the house."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gyeol.workspace.load import load
from gyeol.workspace.starter import init

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAIRS = [("README.md", "README.ko.md"), ("docs/tutorial.md", "docs/tutorial.ko.md")]
# Words are put together, so that this file does not name them itself.
FORBIDDEN = [
    re.compile(pattern)
    for pattern in (
        r"/(?:work|root|home/\w+|Users/\w+)/",
        r"/tmp/",
        r"(?:pypi|pythonhosted|npmjs|crates|proxy\.golang)\.(?:org|io|com)",
        r"(?i)\b(?:sub-?agent|artifactory|nexus)\b",
        r"\b(?:TODO|FIXME)\b",
    )
]


def blocks(name: str) -> list[tuple[str, str]]:
    """Language and text of every code block."""
    return FENCE.findall((ROOT / name).read_text(encoding="utf-8"))


def outline(name: str) -> list[int]:
    """The levels of the headings, in order."""
    text = FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_code_blocks_are_the_same(english: str, korean: str) -> None:
    assert blocks(english) == blocks(korean)
    assert len(blocks(english)) > 3


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_outlines_are_the_same(english: str, korean: str) -> None:
    assert outline(english) == outline(korean)


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_tables_have_as_many_rows(english: str, korean: str) -> None:
    rows = [
        len(re.findall(r"^[|-] ?", FENCE.sub("", (ROOT / name).read_text(encoding="utf-8")), re.MULTILINE)) for name in (english, korean)
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_the_korean_is_korean(english: str, korean: str) -> None:
    prose = FENCE.sub("", (ROOT / korean).read_text(encoding="utf-8"))
    # Half of the letters at least: a page left in English has hardly any Hangul.
    hangul, latin = len(re.findall(r"[가-힣]", prose)), len(re.findall(r"[A-Za-z]", prose))
    assert hangul > latin / 2


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("document", documents(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_names_no_machine_and_no_host_of_packages(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert not [found.group() for pattern in FORBIDDEN for found in pattern.finditer(text)]


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    pages = [path.name for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "index.md"]
    assert not [name for name in pages if f"({name})" not in index]


def test_every_decision_record_is_in_its_list() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    records = [path.name for path in sorted((ROOT / "docs/adr").glob("0*.md"))]
    assert [re.search(r"\d{4}", name) and name in listed for name in records] == [True] * len(records)


def test_the_tutorials_definitions_are_well(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    init(folder, None, iter(("a-key-for-the-page", "a-key-for-the-server")).__next__)
    (text,) = [body for language, body in blocks("docs/tutorial.md") if language == "yaml"]
    (folder / "messages.yaml").write_text(text, encoding="utf-8")
    loaded = load(folder)
    assert [journey.name for journey in loaded.definitions.journeys] == ["thank_you"]
    assert loaded.warnings == []


@pytest.mark.parametrize("document", documents(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_yaml_blocks_can_be_read(document: Path) -> None:
    for language, body in FENCE.findall(document.read_text(encoding="utf-8")):
        if language == "yaml":
            assert yaml.safe_load(body)


def test_the_workspace_pages_examples_fit_together(tmp_path: Path) -> None:
    """The examples of ``docs/workspace.md`` that refer to nothing outside themselves load in one workspace."""
    keep = {"events", "traits", "audiences", "stages", "kpis", "funnels", "campaigns", "laws", "sources", "workspace"}
    examples: dict[str, object] = {}
    for language, body in blocks("docs/workspace.md"):
        if language == "yaml":
            examples.update({key: value for key, value in yaml.safe_load(body).items() if key in keep})
    assert keep == set(examples)
    extra = {"name": "orders", "kind": "count", "event": "Order Completed"}
    traits = examples["traits"]
    assert isinstance(traits, list)
    (tmp_path / "all.yaml").write_text(yaml.safe_dump({**examples, "traits": [*traits, extra]}, allow_unicode=True), encoding="utf-8")
    assert len(load(tmp_path).definitions.traits) == 3
