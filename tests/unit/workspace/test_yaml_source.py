"""YAML with lines: types by the core schema, duplicates, syntax errors, hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.kernel.errors import Problem
from gyeol.workspace import yaml_source
from gyeol.workspace.yaml_source import Document, read_documents, read_text


def one(text: str) -> Document:
    problems: list[Problem] = []
    documents = read_documents(text, "f.yaml", problems)
    assert problems == []
    return documents[0]


def problems_of(text: str) -> list[Problem]:
    problems: list[Problem] = []
    read_documents(text, "f.yaml", problems)
    return problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("21:00", "21:00"),
        ("2017-03-03", "2017-03-03"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("007", 7),
        ("0x1F", "0x1F"),
        ("-3", -3),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ('"12"', "12"),
        ("서울", "서울"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    document = one(f"key: {text}")
    assert document.value == {"key": value}
    assert isinstance(document.value, dict)
    assert type(document.value["key"]) is type(value)


def test_every_value_knows_its_line_and_column() -> None:
    document = one("traits:\n  - name: a\n    label:\n      ko: 가\n  - name: b\n")
    assert document.place(("traits", 1, "name")) == (5, 5)
    assert document.place(("traits", 0, "label", "ko")) == (4, 7)
    assert document.place(("traits", 0, "missing")) == (2, 5)
    assert document.place(("nowhere",)) == (1, 1)


def test_duplicate_keys_are_problems_with_both_lines() -> None:
    (problem,) = problems_of("a:\n  x: 1\n  y: 2\n  x: 3\n")
    assert (problem.code, problem.line, problem.column) == ("duplicate_key", 4, 3)
    assert "line 2" in problem.what


@pytest.mark.parametrize(
    ("text", "line", "mend"),
    [
        ("a: [1, 2\nb: 3\n", 2, "brackets"),
        ("a:\n\t- 1\n", 2, "tabs"),
        ("a: Orders, last: 30 days\n", 1, "quotes"),
        ("a: 'open\n", 2, "quotes"),
    ],
)
def test_syntax_errors_have_a_line_and_advice(text: str, line: int, mend: str) -> None:
    (problem,) = problems_of(text)
    assert (problem.code, problem.line) == ("yaml_syntax", line)
    assert mend in problem.mend


def test_control_characters_tags_and_odd_keys_are_problems() -> None:
    assert [p.code for p in problems_of("a: b\x00c\n")] == ["yaml_syntax"]
    assert [p.code for p in problems_of("a: !!python/object:os.system x\n")] == ["yaml_tag"]
    assert [p.code for p in problems_of("? [1, 2]\n: x\n")] == ["bad_key"]


def test_aliases_are_read_and_cannot_run_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one("a: &x {k: 1}\nb: *x\n").value == {"a": {"k": 1}, "b": {"k": 1}}
    assert [p.code for p in problems_of("a: &x [1, *x]\n")] == ["yaml_cycle"]
    monkeypatch.setattr(yaml_source, "MAX_NODES", 1000)
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    assert [p.code for p in problems_of(bomb)] == ["too_large"]


def test_files_that_are_no_text_are_problems(tmp_path: Path) -> None:
    problems: list[Problem] = []
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_text(tmp_path / "latin.yaml", "latin.yaml", problems) is None
    assert read_text(tmp_path / "gone.yaml", "gone.yaml", problems) is None
    assert read_text(tmp_path / "bom.yaml", "bom.yaml", problems) == "a: 1\n"
    assert [(p.path, p.line, p.code) for p in problems] == [("latin.yaml", 2, "not_utf8"), ("gone.yaml", None, "unreadable")]
