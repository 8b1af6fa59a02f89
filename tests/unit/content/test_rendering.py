"""Content in the reader's language, and what is found wrong with it before and while it is rendered."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gyeol.content.rendering import check, language_for, render
from gyeol.kernel.errors import InputError

CONTENT = {
    "ko": {
        "title": "{{ name | default: '고객' }}님, 봄 세일",
        "body": "{% if orders > 3 %}단골{% else %}처음{% endif %} {{ moment.weather }}",
    },
    "en": {"title": "Spring sale", "body": "{{ name }}, hello"},
}


@pytest.mark.parametrize(("lang", "wanted"), [("ko", "ko"), ("en", "en"), ("en-GB", "en"), ("KO-kr", "ko"), ("fr", "ko"), ("", "ko")])
def test_the_reader_gets_the_language_there_is(lang: str, wanted: str) -> None:
    assert language_for(CONTENT, lang) == wanted


def test_values_are_put_in() -> None:
    values = {"name": "민수", "orders": 5, "moment.weather": "비"}
    assert render(CONTENT, "ko", values) == {"title": "민수님, 봄 세일", "body": "단골 비"}
    assert render(CONTENT, "en", values) == {"title": "Spring sale", "body": "민수, hello"}


def test_what_is_null_takes_the_default_or_is_a_problem() -> None:
    assert render(CONTENT, "ko", {"name": None, "orders": 1, "moment.weather": "눈"})["title"] == "고객님, 봄 세일"
    with pytest.raises(InputError) as caught:
        render(CONTENT, "en", {"name": None}, path="offers.spring.content")
    (problem,) = caught.value.problems
    assert (problem.path, problem.code, problem.column) == ("offers.spring.content.en.body", "missing_value", 4)
    assert "default" in problem.mend


def test_every_field_that_fails_is_named() -> None:
    with pytest.raises(InputError) as caught:
        render({"en": {"a": "{{ x }}", "b": "fine", "c": "{{ y.z }}", "d": "{{ 'now' | date: '%Y' }}"}}, "en", {})
    assert [(p.path, p.code) for p in caught.value.problems] == [
        ("content.en.a", "missing_value"), ("content.en.c", "missing_value"), ("content.en.d", "template_failed"),
    ]  # fmt: skip


def test_values_are_never_read_as_templates() -> None:
    assert render({"en": {"a": "{{ x }}"}}, "en", {"x": "{{ secret }}{% raw"}) == {"a": "{{ secret }}{% raw"}


def test_lists_and_loops() -> None:
    text = "{% for p in recent limit: 2 %}[{{ p }}]{% endfor %} {{ recent.first }} {{ recent | join: '·' }}"
    assert render({"en": {"a": text}}, "en", {"recent": ["p1", "p2", "p3"]}) == {"a": "[p1][p2] p1 p1·p2·p3"}


@pytest.mark.parametrize("text", ["{% for i in (1..1000) %}x{% endfor %}", "{% for i in (1..199) %}{{ s }}{% endfor %}"])
def test_limits_hold(text: str) -> None:
    with pytest.raises(InputError) as caught:
        render({"en": {"a": text}}, "en", {"s": "a" * 1000})
    assert caught.value.problems[0].code == "template_limit"


def test_empty_content_renders_to_nothing() -> None:
    assert render({}, "ko", {}) == {}
    assert check({}) == []


def test_good_content_has_no_problems() -> None:
    assert check(CONTENT, {"name", "orders", "moment.weather"}) == []
    assert check(CONTENT) == []
    assert check({"en": {"a": "{{ recent.first }} {{ recent[0] }} {% for p in recent %}{{ p }}{% endfor %}"}}, {"recent"}) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ name", "template_syntax"),
        ("{% if name %}x", "template_syntax"),
        ("{% include 'other' %}", "template_syntax"),
        ("{% render 'other' %}", "template_syntax"),
        ("{{ name | nothing }}", "unknown_filter"),
        ("{{ 'now' | date: '%Y' }}", "unknown_filter"),
        ("{{ nam }}", "unknown_name"),
        ("{% if moment.wether == 'x' %}a{% endif %}", "unknown_name"),
    ],
)
def test_what_is_wrong_is_found_before_anybody_reads_it(text: str, code: str) -> None:
    (problem,) = check({"ko": {"title": text}}, {"name", "moment.weather"}, path="offers.spring.content", line=12)
    assert (problem.code, problem.path, problem.line) == (code, "offers.spring.content.ko.title", 12)


def test_a_field_missing_in_one_language_is_named() -> None:
    (problem,) = check({"ko": {"title": "제목", "body": "본문"}, "en": {"title": "Title"}})
    assert (problem.code, problem.path) == ("missing_translation", "content.en")
    assert "body" in problem.what


def test_the_library_is_imported_only_for_templates() -> None:
    code = (
        "import sys; from gyeol.content.rendering import render, check\n"
        "c = {'ko': {'title': '봄 세일'}}; render(c, 'ko', {}); check(c); assert 'liquid' not in sys.modules\n"
        "render({'ko': {'title': '{{ x }}'}}, 'ko', {'x': 1}); assert 'liquid' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)


@pytest.mark.parametrize(
    "text",
    [
        "{{ '" + "a" * 1_000 + "' | replace: 'a', '" + "a" * 1_000 + "' | size }}",
        "{{ (1..900000000) | join: '' | size }}",
        "{% assign far = (1..900000000) %}{% for i in far reversed %}{% break %}{% endfor %}",
        "{{ 9" + " | times: 99999999999999999999" * 30 + " }}",
    ],
)
def test_nothing_huge_is_made_on_the_way(text: str) -> None:
    with pytest.raises(InputError) as caught:
        render({"ko": {"title": text}}, "ko", {})
    assert caught.value.problems[0].code == "template_limit"


@pytest.mark.parametrize("said", ["inf", "nan", "1e999"])
def test_what_somebody_calls_themselves_breaks_no_filter(said: str) -> None:
    with pytest.raises(InputError) as caught:
        render({"ko": {"title": "{{ name | plus: 1 | floor }}"}}, "ko", {"name": said})
    assert caught.value.problems[0].code == "template_failed"


def test_short_ranges_turn_round_as_ever() -> None:
    text = "{% for i in (1..3) reversed %}{{ i }}{% endfor %}{{ xs | join: '·' }}{{ name | replace: 'a', 'b' | default: 'c' }}"
    assert render({"ko": {"title": text}}, "ko", {"xs": [1, 2], "name": "a"})["title"] == "3211·2b"
