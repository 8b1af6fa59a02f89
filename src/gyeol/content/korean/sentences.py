"""A text as the pieces that end like sentences: what is no speech (links, placeholders, tags, quotations) is covered first.

Pieces are parted at full stops, question and exclamation marks, line ends, brackets, emoji and laughter (ㅎㅎ); also, since messages often
leave the full stop out, after endings that nothing but a sentence has (``speech.py``).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

COVER = "\ufffc"
"""What stands for a letter of a placeholder, link or quotation: no letter, and no end of a sentence."""
BREAK = "\n"

HANGUL = re.compile("[가-힣]")
# Each stops where another of its kind begins: a text of nothing but beginnings is read once, not once for each of them.
TAGS = re.compile(r"\{%(?:[^%{]|%(?!\})|\{(?!%))*%\}")
PLACEHOLDERS = re.compile(r"\{\{[^{}]*\}\}")
MARKUP = re.compile(r"<(style|script)\b(?:[^<]|<(?!/?\1\b))*</\1\s*>|<!--(?:[^-<]|-(?!->)|<(?!!--))*-->|<[a-zA-Z/!][^<>]*>", re.IGNORECASE)
_LINKS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'“”‘’]+|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}"
    r"|\b(?:[\w-]{1,63}\.){1,6}(?:com|net|org|kr|example|io|me)\b(?:/\S*)?"
)
_QUOTES = re.compile("“([^“”\n]*)”|‘([^‘’\n]*)’|\"([^\"\n]*)\"|「([^「」\n]*)」|『([^『』\n]*)』|(?<![\\w'])'([^'\n]*)'(?![A-Za-z])")
_BREAKS = re.compile(
    # Between digits or Latin letters a point or a tilde ends nothing: 3.5, 10~20, shop.example.
    r"(?<![0-9A-Za-z])[.~∼～]|[.~∼～](?![0-9A-Za-z])|[!?！？…。()\[\]【】（）<>《》:;|/→←↑↓▶►☞※•★☆♥♡^*]|[ㄱ-ㅎㅏ-ㅣ]+"
)
_TOKEN = re.compile(r"[^\s]+")


class Piece(msgspec.Struct, frozen=True):
    """A piece of a text: its words with their places, and the sign that ended it.

    Args:
        words: (start, end) of each word in the text, in code points.
        ended_by: The sign after it, empty at the end of the text.
    """

    words: tuple[tuple[int, int], ...]
    ended_by: str

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.words[0][0]

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.words[-1][1]


def covered(text: str) -> str:
    """The text at the same length with placeholders, links and quotations covered, and tags and markup as breaks."""
    if "{%" in text:
        text = TAGS.sub(lambda m: BREAK * len(m[0]), text)
    if "{{" in text:
        text = PLACEHOLDERS.sub(_cover, text)
    if "<" in text:
        text = MARKUP.sub(lambda m: BREAK * len(m[0]), text)
    if "." in text or "://" in text:
        text = _LINKS.sub(_cover, text)
    return _without_quotations(text)


def pieces(shadow: str) -> Iterator[Piece]:
    """The pieces of a text that ``covered`` gave, in order; those without any word are left out."""
    marked = _BREAKS.sub(lambda m: BREAK * len(m[0]), _without_pictures(shadow))
    at = 0
    while at < len(marked):
        end = marked.find(BREAK, at)
        end = len(marked) if end < 0 else end
        words = tuple((m.start() + at, m.end() + at) for m in _TOKEN.finditer(marked[at:end]))
        if words:
            yield Piece(words, shadow[end] if end < len(shadow) else "")
        at = end + 1


def _cover(found: re.Match[str]) -> str:
    return COVER * len(found[0])


def _without_quotations(text: str) -> str:
    """What is quoted inside a sentence is somebody else's voice; a line that is nothing but a quotation speaks for itself."""
    if not _QUOTES.search(text):
        return text
    ends: list[int] = []
    hangul: list[int] = []
    at = 0
    for line in text.split("\n"):
        found = [m.start() for m in HANGUL.finditer(line)]
        hangul.append(at + found[-1] if found else -1)
        at += len(line) + 1
        ends.append(at)

    def quoted(found: re.Match[str]) -> str:
        if hangul[bisect_right(ends, found.start())] >= found.end():
            return COVER * len(found[0])
        return " " + found[0][1:-1] + " "

    return _QUOTES.sub(quoted, text)


def _without_pictures(text: str) -> str:
    """Emoji and other symbols as breaks."""
    if text.isascii():
        return text
    signs = {sign for sign in text if sign > "\u2190" and not "가" <= sign <= "힣" and sign != COVER}
    drawn = {ord(sign): BREAK for sign in signs if unicodedata.category(sign) in ("So", "Sk", "Cf", "Mn", "Cn")}
    return text.translate(drawn) if drawn else text
