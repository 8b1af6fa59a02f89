"""The text part of a mail from its HTML: what a reader without pictures and colours needs.

The standard library's parser reads it. Paragraphs are parted by an empty line, list items begin with ``- ``, and a link's address
follows its words. What readers do not see (head, styles, scripts, hidden elements) is left out.
"""

from __future__ import annotations

import re
from collections import Counter, deque

from gyeol.content.markup import MOST_OPEN, VOID, MarkupReader

_PARAGRAPHS = frozenset(
    ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr", "section", "footer", "header")
)
_LINES = frozenset(("br", "li", "tr"))
_UNSEEN = frozenset(("head", "style", "script", "title", "template"))
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def text_of(html: str) -> str:
    """The words of a page.

    Example:
        >>> text_of('<h1>봄 세일</h1><p>See <a href="https://shop.example">the shop</a></p>')
        '봄 세일\\n\\nSee the shop (https://shop.example)'
    """
    reader = _Reader()
    reader.read(html)
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(MarkupReader):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen: list[str] = []
        self._inside: Counter[str] = Counter()
        self._links: deque[tuple[str, int]] = deque(maxlen=MOST_OPEN)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._unseen or tag in _UNSEEN or _HIDDEN.search(given.get("style") or "") or "hidden" in given:
            if tag not in VOID:
                self._unseen.append(tag)
                self._inside[tag] += 1
            return
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "img" and given.get("alt"):
            self.parts.append(given["alt"] or "")
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            # Tags that were never closed end with the one around them.
            ended = ""
            while self._inside[tag] and ended != tag:
                ended = self._unseen.pop()
                self._inside[ended] -= 1
            return
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag == "a" and self._links:
            address, begun = self._links.pop()
            if address.startswith(("http://", "https://", "mailto:")) and address not in "".join(self.parts[begun:]):
                self.parts.append(f" ({address.removeprefix('mailto:')})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # Line ends in the source are spaces to a reader.
            self.parts.append(re.sub(r"\s+", " ", data))
