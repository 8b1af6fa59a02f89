"""MJML becomes HTML; what is wrong is told with its place; nothing is read from disk or network."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.content.liquid import TemplateError
from gyeol.content.mjml import faults, to_html
from gyeol.content.rendering import render
from gyeol.kernel.errors import InputError

PAGE = "<mjml>\n<mj-body>\n<mj-section><mj-column>\n{body}\n</mj-column></mj-section>\n</mj-body>\n</mjml>"


def test_liquid_then_mjml_and_values_are_escaped() -> None:
    page = PAGE.format(body="<mj-text>{{ name }}님, {{ facts.price }}</mj-text><mj-button href='https://shop.example'>보기</mj-button>")
    said = render({"ko": {"subject": "안녕", "mjml": page}}, "ko", {"name": "<script>x</script>", "facts.price": "2,250원"})
    assert set(said) == {"subject", "html"}
    assert said["html"].startswith("<!doctype html>") and "2,250원" in said["html"] and 'href="https://shop.example"' in said["html"]
    assert "<script>x" not in said["html"] and "&lt;script&gt;x" in said["html"]


@pytest.mark.parametrize(
    ("body", "code", "line", "column", "what"),
    [
        ("<mj-text>a</mj-text>\n  <mj-txt>b</mj-txt>", "mjml_syntax", 5, 3, "mj-txt"),
        ("<mj-text>{% if a\n %}b{% endif %}", "mjml_syntax", 4, 1, "never closed"),
        ("<mj-text>a</mj-text></mj-text>", "mjml_syntax", 4, 21, "closes nothing"),
        ("<mj-include path='/etc/passwd' />", "mjml_include", 4, 1, "another file"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(body: str, code: str, line: int, column: int, what: str) -> None:
    found = faults(PAGE.format(body=body))
    assert (found[0].code, found[0].line, found[0].column) == (code, line, column)
    assert what in found[0].what


def test_a_good_page_has_no_faults() -> None:
    assert faults(PAGE.format(body="{% if vip %}<mj-text>a<br>b &amp; {{ x }}</mj-text>{% else %}<mj-spacer />{% endif %}")) == []


def test_nothing_is_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.mjml"
    secret.write_text("<mj-text>secret</mj-text>")
    for path in (str(secret), f"file://{secret}", "http://127.0.0.1:9/x.mjml"):
        with pytest.raises(TemplateError) as caught:
            to_html(PAGE.format(body=f"<mj-include path='{path}' />"))
        assert caught.value.fault.code == "mjml_include"


def test_what_cannot_be_read_is_a_problem_and_no_crash() -> None:
    for text in ("", "nonsense", "<mjml>", "<mjml><mj-body><mj-text>a < b</mj-text></mj-body></mjml>"):
        with pytest.raises(InputError) as caught:
            render({"ko": {"mjml": text}}, "ko", {})
        assert caught.value.problems[0].code == "mjml_syntax"


def test_a_comment_that_is_none_hides_no_fault() -> None:
    page = "<mjml><mj-body>\n<![x>\n<mj-sektion></mj-sektion></mj-body></mjml>"
    assert [(fault.code, fault.line, fault.column) for fault in faults(page)] == [("mjml_syntax", 3, 1)]


def test_a_page_that_mail_readers_would_cut_off_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        render({"ko": {"mjml": PAGE.format(body="<mj-text>" + "긴 글 " * 40_000 + "</mj-text>")}}, "ko", {})
    assert caught.value.problems[0].code == "template_limit"


def test_a_page_that_would_break_the_stack_is_refused() -> None:
    for inside in ("<mj-wrapper>" * 5_000 + "</mj-wrapper>" * 5_000, "<mj-raw>" + "<div>" * 9_000 + "</div>" * 9_000 + "</mj-raw>"):
        with pytest.raises(TemplateError) as caught:
            to_html(f"<mjml><mj-body>{inside}</mj-body></mjml>")
        assert caught.value.fault.code == "template_limit"
    assert "<br>" not in to_html(f"<mjml><mj-body><mj-raw>{'<div>' * 50 + '</div>' * 50}</mj-raw></mj-body></mjml>")
