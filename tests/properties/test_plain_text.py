"""Laws of the words of a page: what is put together of whole parts says what the parts say, however much of it is broken."""

from __future__ import annotations

from html import escape, unescape

from hypothesis import given
from hypothesis import strategies as st

from gyeol.content.plain_text import text_of

WORDS = st.text(alphabet="가나 ab<>&\"'1", min_size=1, max_size=8).map(lambda word: f"x{word}x")
UNFINISHED = st.sampled_from(["<b ", '<a href="https://a.example', "</b ", "<!-- y", "<!doctype", "<?php ", "<![if ", "<b x='"])


@st.composite
def blocks(draw: st.DrawFn) -> tuple[str, str]:
    """A block of a page, and what a reader sees of it."""
    word = draw(WORDS)
    said, seen = escape(word), " ".join(word.split())
    match draw(st.sampled_from(["p", "b", "li", "a", "same", "img", "hidden", "style", "comment", "unclosed"])):
        case "li":
            return f"<ul><li>{said}</li></ul>", f"- {seen}"
        case "a":
            return f'<p><a href="https://a.example/">{said}</a></p>', f"{seen} (https://a.example/)"
        case "same":
            return '<p><a href="https://a.example/">https://a.example/</a></p>', "https://a.example/"
        case "img":
            return f'<p><img alt="{said}"></p>', seen
        case "hidden":
            return f"<div hidden>{said}<br></div>", ""
        case "style":
            return "<style>p{}</style>", ""
        case "comment":
            return "<!-- <b>c</b> -->", ""
        case "unclosed":
            return f"<p><b><i><span>{said}</p>", seen
        case tag:
            return f"<p><{tag}>{said}</{tag}></p>", seen


@given(st.lists(blocks(), max_size=12))
def test_a_page_says_what_its_blocks_say(page: list[tuple[str, str]]) -> None:
    seen = "\n\n".join(said for _, said in page if said)
    assert text_of("".join(html for html, _ in page)) == seen


@given(st.lists(blocks(), max_size=6), UNFINISHED, st.text(alphabet="가나 ab&;=/", max_size=12))
def test_what_never_ends_is_told_as_it_is_written(page: list[tuple[str, str]], begun: str, rest: str) -> None:
    seen = [said for _, said in page if said]
    tail = " ".join(unescape(begun + rest).split())
    assert text_of("".join(html for html, _ in page) + f"<p>{begun}{rest}") == "\n\n".join([*seen, tail])


@given(st.lists(st.one_of(UNFINISHED, blocks().map(lambda block: block[0]), st.text(alphabet="<>![]-/ab\"'= &", max_size=6)), max_size=40))
def test_any_page_is_read_and_the_words_before_it_stay(parts: list[str]) -> None:
    told = text_of("<p>앞</p>" + "".join(parts))
    assert told == text_of("<p>앞</p>" + "".join(parts)) and told.startswith("앞")
