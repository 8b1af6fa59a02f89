"""A message as rules look at it: each field with its placeholders and links covered, worked out once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from gyeol.content.brand.finding import Finding, utf16_places
from gyeol.content.brand.guide import Guide
from gyeol.content.brand.model import Severity
from gyeol.content.korean.sentences import COVER, MARKUP, PLACEHOLDERS, TAGS, covered
from gyeol.content.model import Tone
from gyeol.privacy.law import MessageClass

PAGES = frozenset(("html", "mjml"))
"""Fields of markup."""
NOT_READ = frozenset(("link", "image", "coupon", "url"))
"""Fields that hold no sentences: addresses and codes."""


class Field(msgspec.Struct, frozen=True, dict=True):
    """One field.

    Args:
        name: Of the field.
        text: As written.
    """

    name: str
    text: str

    @cached_property
    def plain(self) -> str:
        """The text at the same length with placeholders and markup covered: what somebody reads."""
        text = self.text
        if "{" in text:
            text = TAGS.sub(_cover, PLACEHOLDERS.sub(_cover, text))
        return MARKUP.sub(_cover, text) if self.name in PAGES else text

    @cached_property
    def shadow(self) -> str:
        """The text at the same length with links and quotations covered as well, and markup as breaks: what is speech."""
        return covered(self.text)

    @cached_property
    def words(self) -> str:
        """``plain`` without what is covered: what can be counted now. Placeholders count as nothing."""
        return " ".join(self.plain.replace(COVER, " ").split()) if self.name in PAGES else self.plain.replace(COVER, "")

    @cached_property
    def placeholders(self) -> int:
        """How many values will be put in."""
        return self.text.count("{{")

    @cached_property
    def _places(self) -> list[int] | None:
        return utf16_places(self.text) if self.text else None

    def found(self, code: str, start: int, end: int, severity: Severity = "error", mend: str | None = None, /, **params: object) -> Finding:
        """A finding at code points ``[start, end)`` of the text."""
        places = self._places
        if places is not None:
            start, end = places[start], places[end]
        return Finding(code=code, field=self.name, start=start, end=end, severity=severity, params=params, mend=mend)


class Looked(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A message.

    Args:
        fields: In the order of the message; empty ones are left out.
        guide: The guide in force.
        channel: The medium: sms, push, email, app, ….
        language: Of the text.
        message_class: advertising or transactional.
        label: What the law puts first, such as ``(광고)``; empty: nothing.
        tone: That the text is written in; None: none in particular.
    """

    fields: list[Field]
    guide: Guide
    channel: str
    language: str
    message_class: MessageClass
    label: str
    tone: Tone | None = None

    @property
    def korean(self) -> bool:
        """Whether the text is Korean."""
        return self.language.split("-")[0].lower() == "ko"

    @cached_property
    def spoken(self) -> list[Field]:
        """Fields with sentences."""
        return [field for field in self.fields if field.name not in NOT_READ]

    @cached_property
    def labelled(self) -> frozenset[str]:
        """Fields that get the label when the message leaves: the subject, and the first that is read."""
        names = [field.name for field in self.fields]
        first = next((name for name in ("title", "body") if name in names), None)
        subject = "subject" if "subject" in names else None
        labelled = (subject or first,) if self.channel == "email" else (subject, first)
        return frozenset(name for name in labelled if name) if self.label else frozenset()


def look(
    fields: Mapping[str, str],
    guide: Guide,
    *,
    channel: str,
    language: str,
    message_class: MessageClass = "advertising",
    label: str = "",
    tone: Tone | None = None,
) -> Looked:
    """A message made ready for rules."""
    kept = [Field(name, text) for name, text in fields.items() if text.strip()]
    return Looked(fields=kept, guide=guide, channel=channel, language=language, message_class=message_class, label=label, tone=tone)


def matches(pattern: re.Pattern[str], fields: list[Field]) -> Iterator[tuple[Field, re.Match[str]]]:
    """Every place where a pattern stands in what is read."""
    for field in fields:
        for found in pattern.finditer(field.plain):
            yield field, found


def _cover(found: re.Match[str]) -> str:
    return COVER * len(found[0])
