"""HTML as people and tools write it, for whoever follows its tags: a page that is wrong is read on, as browsers do, and in linear time."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

VOID = frozenset(("br", "hr", "img", "input", "meta", "link", "col", "area", "base", "embed", "source", "track", "wbr"))
"""Elements that nothing ends."""
MOST_OPEN = 16
"""Links that are open at once, and tags and comments without an end that are stepped over: what bounds how often a page is read."""


class MarkupReader(HTMLParser):
    """A parser that no page stops or slows down; to be used by ``read``."""

    def read(self, html: str) -> None:
        """Read a whole page.

        The parser waits for more where a tag or comment has no end. What stands there is text up to its first ``>``, and what
        follows is read on. ``close`` does the same as often as there are such tags, each time looking through all the rest.
        """
        self.feed(html)
        for _ in range(MOST_OPEN):
            rest = self.rawdata
            end = rest.find(">") + 1
            if not end or not rest.startswith("<"):
                break
            self.handle_data(unescape(rest[:end]))
            self.updatepos(0, end)
            self.rawdata = ""
            self.feed(rest[end:])
        self.handle_data(unescape(self.rawdata))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """``<![…>`` is a comment in HTML; as SGML has it, all but a few words in it are an ``AssertionError``."""
        return self.parse_bogus_comment(i, report)
