"""Words replaced within a YAML file: everything else stays byte for byte, and what cannot be replaced safely is refused."""

from __future__ import annotations

import random

import pytest

from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.yaml_edit import replaced
from gyeol.workspace.yaml_source import Path_, read_documents


def value_at(text: str, path: Path_, document: int = 0) -> object:
    problems: list[Problem] = []
    value: object = read_documents(text, "f.yaml", problems)[document].value
    assert not problems
    for part in path:
        value = value[part]  # type: ignore[index]  # the tests name what is there
    return value


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a: 옛말 # why\nb: 1\n", "새말", "a: 새말 # why\nb: 1\n"),
        ("a: old\n", "x: y", 'a: "x: y"\n'),
        ("a: old\n", "21", 'a: "21"\n'),
        ("a: old\n", "", 'a: ""\n'),
        ("a: 'it''s' # c\n", "that's", "a: 'that''s' # c\n"),
        ('{b: 1, a: "말 {{ x }}", c: 2}\n', '그 "말" 😀', '{b: 1, a: "그 \\"말\\" 😀", c: 2}\n'),
        ("{a: old, c: 2}\n", "x, y", '{a: "x, y", c: 2}\n'),
        ("a: |\n  one\n  two\n# end\nb: 1\n", "uno\n\ndos\n", "a: |\n  uno\n\n  dos\n# end\nb: 1\n"),
        ("a: | # page\n    one\n\n\nb: 1\n", "uno", "a: |- # page\n    uno\n\n\nb: 1\n"),
        ("a: >-\n  one\n  two\nb: 1\n", "uno\ndos", "a: |-\n  uno\n  dos\nb: 1\n"),
        ("a: |\n  one\nb: 1\n", "  led", 'a: "  led"\nb: 1\n'),
        ("a: |\r\n  one\r\nb: 1\r\n", "uno\ndos\n", "a: |\r\n  uno\r\n  dos\r\nb: 1\r\n"),
        ("a: |-\n  one", "uno\ndos", "a: |-\n  uno\n  dos"),
        ("a: one\n  two # c\nb: 1\n", "uno", "a: uno # c\nb: 1\n"),
        ("a: |\n  one\n", "uno\n\n\n", 'a: "uno\\n\\n\\n"\n'),
    ],
)
def test_only_the_words_change(before: str, new: str, after: str) -> None:
    found = replaced(before, "f.yaml", 0, {("a",): new})
    assert value_at(found, ("a",)) == new
    assert found == after


def test_several_at_once_in_any_document() -> None:
    text = 'b: 1\n---\n# 첫째\nlist:\n  - {t: 하나 😀, b: "둘"}   # 곁말\n  - t: 셋\n'
    found = replaced(text, "f.yaml", 1, {("list", 0, "t"): "길어진 첫말 😀😀", ("list", 1, "t"): "3", ("list", 0, "b"): "2"})
    assert found == 'b: 1\n---\n# 첫째\nlist:\n  - {t: 길어진 첫말 😀😀, b: "2"}   # 곁말\n  - t: "3"\n'


@pytest.mark.parametrize(
    ("text", "path", "why"),
    [
        ("x: &w words\na: *w\n", ("a",), "alias"),
        ("x: &w words\na: *w\n", ("x",), "alias"),
        ("x: &w words\n", ("x",), "anchor"),
        ("x: &m {a: words}\ny: *m\n", ("y", "a"), "alias"),
        ("x: !!str words\n", ("x",), "tag"),
        ("x: {a: 1}\n", ("x",), "no text"),
        ("x: 1\n", ("y",), "not there"),
    ],
)
def test_what_is_not_safe_is_refused_with_its_place(text: str, path: Path_, why: str) -> None:
    with pytest.raises(InputError) as refused:
        replaced(text, "f.yaml", 0, {path: "new"})
    [problem] = refused.value.problems
    assert problem.code == "cannot_replace" and why in problem.what and problem.path == "f.yaml" and problem.line is not None


def test_all_that_is_not_safe_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        replaced("x: &w words\na: *w\nb: fine\n", "f.yaml", 0, {("a",): "1", ("b",): "2", ("c",): "3"})
    assert [problem.line for problem in refused.value.problems] == [1, 1]


def test_any_words_fit_in_any_style() -> None:
    draw = random.Random(8)
    signs = [*"가a \n#:'\"%-&*!|>\\\t😀\u2028\x85,]@", "{{", "}}"]
    styles = ["a: old\n", "a: 'old'\n", 'a: "old"\n', "{a: old, b: 2}\n", "a: |\n  old\nb: 2\n", "a: >\n  old\n", "a: |+\n  old\n\nb: 1\n"]
    for _ in range(400):
        new = "".join(draw.choice(signs) for _ in range(draw.randint(0, 12)))
        for text in styles:
            found = replaced(text, "f.yaml", 0, {("a",): new})
            assert value_at(found, ("a",)) == new, (text, new, found)
