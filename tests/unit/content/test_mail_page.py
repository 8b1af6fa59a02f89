"""The two bodies of a mail, and the words that are taken from its HTML."""

from __future__ import annotations

import pytest

from gyeol.content.mail_page import Foot, html_body, text_body
from gyeol.content.plain_text import text_of
from gyeol.content.rendering import render
from gyeol.content.subject import plain_line

NOTHING = Foot(sender=[])
FOOT = Foot(sender=["우리 가게 <b>", "서울시 종로구 1"], unsubscribe="https://shop.example/u/t?a=1&b=2")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>하나</p><p>둘</p>", "하나\n\n둘"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>쌀</li><li>물</li></ul>", "- 쌀\n- 물"),
        ("<ul><li>쌀<li>물</ul>", "- 쌀\n- 물"),
        ('<a href="https://a.example">가게</a>', "가게 (https://a.example)"),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="mailto:a@b.example">편지</a>', "편지 (a@b.example)"),
        ('<a href="javascript:alert(1)">눌러요</a>', "눌러요"),
        ("<head><title>x</title></head><style>p{}</style><script>1<2</script>보임", "보임"),
        ('<div style="display: none">미리<p>보기</p></div>보임', "보임"),
        ('<div hidden>안 <br>보임</div><img src="x" alt="그림">', "그림"),
        ("a &lt;b&gt; &amp; c&nbsp;d", "a <b> & c d"),
        ("  <p>\n  여러   칸\n  </p>", "여러 칸"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<p>끝나지 않은 <b>표시", "끝나지 않은 표시"),
        ("앞 <!-- 끝이 없는 <b>말</b> 뒤", "앞 <!-- 끝이 없는 <b>말 뒤"),
        ('<p>앞 <a href="https://a.example>말</a> &amp; 뒤', '앞 <a href="https://a.example>말 & 뒤'),
        ("값 < 3 &am", "값 < 3 &am"),
        ("앞<![x> 뒤<![CDATA[ 사이 ]]><![if !mso]>끝<![endif]>", "앞 뒤끝"),
        ("", ""),
    ],
)
def test_words_of_a_page(html: str, text: str) -> None:
    assert text_of(html) == text


MEGABYTE = 1_000_000


@pytest.mark.parametrize("unit", ["<a ", '<a x=">" ', "<!-- x>", "<!--", "</x ", "<![if "])
def test_a_megabyte_of_tags_without_an_end_is_read(unit: str) -> None:
    # Read once for each of them this would take minutes, up to hours: the time limit of every test stands against that.
    told = text_of("<p>앞</p>" + unit * (MEGABYTE // len(unit)))
    assert told.startswith("앞") and told.count(unit.strip()) == MEGABYTE // len(unit)


@pytest.mark.parametrize(
    ("opened", "closed", "last"),
    [("<div hidden>", "</x>", "앞"), ('<a href="https://a.example/">x', "</a>", "뒤"), ("<div hidden><b>", "</div>", "뒤")],
)
def test_tags_that_are_closed_long_after_are_read_once(opened: str, closed: str, last: str) -> None:
    many = MEGABYTE // len(opened + closed)
    told = text_of(f"<p>앞</p>{opened * many}{closed * many}뒤")
    assert told.startswith("앞") and told.endswith(last)


def test_a_page_of_its_own_keeps_its_frame() -> None:
    page = html_body({"html": "<html><body class='x'><p>a</p></body></html>", "preheader": "미리 <보기>"}, "ko", FOOT)
    assert page.count("<html") == page.count("<body") == page.count("</body>") == 1
    assert page.index("<body class='x'><div style=") < page.index("미리 &lt;보기&gt;") < page.index("<p>a</p>") < page.index("서울시")
    assert page.index("서울시") < page.index("</body>")


def test_a_fragment_gets_a_frame_in_its_language() -> None:
    page = html_body({"html": "<p>a</p>", "subject": "x & y"}, "en", NOTHING)
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "<title>x &amp; y</title>" in page
    assert "<hr" not in page


def test_title_body_coupon_and_link_make_a_page_and_are_escaped() -> None:
    fields = {"title": "봄 <세일>", "body": "하나\n둘 & 셋", "coupon": "A&B", "link": 'https://a.example/?q="x"'}
    page = html_body(fields, "ko", NOTHING)
    for words in ("봄 &lt;세일&gt;", "<p>하나</p><p>둘 &amp; 셋</p>", "A&amp;B", 'href="https://a.example/?q=&quot;x&quot;"'):
        assert words in page
    assert text_body(fields, "ko", NOTHING) == '봄 <세일>\n\n하나\n둘 & 셋\n\nA&B\n\nhttps://a.example/?q="x"\n'


def test_the_text_part_is_what_was_written_else_the_words_of_the_html() -> None:
    assert text_body({"text": "쓴 글", "html": "<p>다른 글</p>"}, "ko", NOTHING) == "쓴 글\n"
    assert text_body({"html": "<p>다른 글</p>", "title": "제목"}, "ko", NOTHING) == "다른 글\n"


@pytest.mark.parametrize("language", ["ko", "en", "en-GB", "fr"])
def test_how_to_refuse_stands_in_both_languages_the_readers_first(language: str) -> None:
    for body in (html_body({"html": "<p>a</p>"}, language, FOOT), text_body({"html": "<p>a</p>"}, language, FOOT)):
        korean, english = body.index("비용은 들지 않습니다"), body.index("free of charge")
        assert (english < korean) == language.startswith("en")
    assert "https://shop.example/u/t?a=1&amp;b=2" in html_body({"html": "a"}, language, FOOT)
    assert "우리 가게 &lt;b&gt;" in html_body({"html": "a"}, language, FOOT)


def test_values_are_escaped_in_html_and_nowhere_else() -> None:
    content = {"ko": {"html": "<p>{{ name }}</p>", "body": "{{ name }}", "subject": "{{ name | upcase }}"}}
    said = render(content, "ko", {"name": '<a href="x">&'})
    assert said == {"html": "<p>&lt;a href=&#34;x&#34;&gt;&amp;</p>", "body": '<a href="x">&', "subject": '<A HREF="X">&'}


def test_html_may_be_longer_than_other_fields() -> None:
    assert len(render({"ko": {"html": "{{ x }}" + "a" * 60_000}}, "ko", {"x": 1})["html"]) == 60_001


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("이영희\r\nBcc: x@y.z", "이영희 Bcc: x@y.z"),
        ("a\x00b\x85c\u2028d\u2029e\tf", "a b c d e f"),
        ("gnp\u202egpj.exe", "gnpgpj.exe"),
        ("  a   b ", "a b"),
        ("\n\n", ""),
    ],
)
def test_a_subject_stays_on_its_line(text: str, line: str) -> None:
    assert plain_line(text) == line
