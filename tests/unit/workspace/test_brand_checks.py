"""``brand:`` of a workspace: all problems at once, with their lines; the shipped guide is a good one; contents are held against it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import yaml

from gyeol.content.brand.guide import SHIPPED, guide_of, shipped_guide
from gyeol.kernel.errors import InputError
from gyeol.workspace.json_schema import json_schema
from gyeol.workspace.load import Loaded, load

WORKSPACE = "workspace:\n  name: 가게\n"


def loaded(folder: Path, brand: str, **files: str) -> Loaded:
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    (folder / "brand.yaml").write_text(brand, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load(folder)


def problems(folder: Path, brand: str, **files: str) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as refused:
        loaded(folder, brand, **files)
    return [(problem.code, problem.line) for problem in refused.value.problems]


def test_all_problems_at_once(tmp_path: Path) -> None:
    brand = """\
brand:
  banned:
    - {word: ""}
    - {word: 최저가, instead: 공짜}
    - {word: 공짜}
    - {word: 공짜}
  required:
    - {word: 최저가}
  length:
    - {fields: [], most: 0}
  links: {domains: ["https://shop.example/"]}
  colours: {palette: ["red-ish"], contrast: 40}
  signs: {emoji: -1}
  blocks:
    - {slot: benefit, language: ko, level: haeyo, text: 1900원에 드립니다.}
  writer: {url: "ftp://x", model: "", key: abc, timeout_s: 0}
"""
    assert sorted(problems(tmp_path, brand), key=lambda one: (one[1] or 0, one[0])) == [
        ("empty", 3),
        ("banned_instead", 4),
        ("duplicate_name", 6),
        ("banned_and_required", 8),
        ("empty", 10),
        ("out_of_range", 10),
        ("bad_domain", 11),
        ("bad_colour", 12),
        ("out_of_range", 12),
        ("out_of_range", 13),
        ("block_claims", 15),
        ("block_level", 15),
        ("bad_url", 16),
        ("empty", 16),
        ("out_of_range", 16),
        ("secret_in_file", 16),
    ]


def test_unknown_keys_and_wrong_values_are_told_like_everywhere(tmp_path: Path) -> None:
    assert problems(tmp_path, "brand:\n  speach: {}\n  speech: {level: banmal}\n") == [("unknown_key", 2), ("wrong_value", 3)]
    assert problems(tmp_path, "brand:\n  - name: a\n") == [("wrong_type", 1)]
    assert problems(tmp_path, "brand:\n  speech:\n    tones: {angry: hapsyo}\n") == [("unknown_tone", 3)]


def test_two_guides_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, "brand: {name: a}\n", more="brand: {name: b}\n") == [("duplicate_name", 1)]


def test_a_guide_takes_the_rest_from_the_shipped_one(tmp_path: Path) -> None:
    found = loaded(tmp_path, "brand:\n  name: 결\n  banned: []\n  speech: {level: hapsyo}\n").definitions
    assert found.guide.name == "결" and found.guide.banned == [] and found.guide.level("sms") == "hapsyo"
    assert found.guide.blocks == shipped_guide().blocks
    assert msgspec.structs.replace(found, brand=[]).guide == shipped_guide()
    assert type(found).from_json(found.as_json()).guide == found.guide


def test_contents_that_break_a_guide_of_ones_own_are_warned_of(tmp_path: Path) -> None:
    content = "contents:\n  - name: hello\n    variants:\n      - language: ko\n        fields: {title: 안내, body: 지금 확인해}\n"
    warnings = loaded(tmp_path, "brand: {name: 결}\n", contents=content).warnings
    assert [(one.code, one.path, one.line) for one in warnings] == [("speech_level", "contents.yaml", 5)]
    (tmp_path / "brand.yaml").unlink()
    assert load(tmp_path).warnings == []


def test_contrast_below_wcag_is_warned_of(tmp_path: Path) -> None:
    warnings = loaded(tmp_path, "brand:\n  colours: {palette: ['#fff', '#eee'], contrast: 3}\n").warnings
    assert sorted(one.code for one in warnings) == ["below_wcag", "no_contrast"]


def test_the_shipped_guide_is_a_good_workspace(tmp_path: Path) -> None:
    brand = yaml.safe_load(SHIPPED.read_text("utf-8"))
    assert loaded(tmp_path, yaml.safe_dump(brand, allow_unicode=True)).warnings == []
    assert guide_of() == shipped_guide()


def test_editors_know_the_guide() -> None:
    schema = json_schema()
    properties = schema["properties"]
    assert isinstance(properties, dict) and "$ref" in properties["brand"]
    assert isinstance(schema["$defs"], dict) and "speech" in schema["$defs"]["BrandDefinition"]["properties"]
