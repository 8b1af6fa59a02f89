"""The guide in force: a workspace's own over the one that Gyeol ships, made ready to be held against texts."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
import yaml

from gyeol.content.brand.model import (
    BannedWord,
    Block,
    BrandDefinition,
    Colours,
    LengthRule,
    Links,
    Numbers,
    RequiredWord,
    Signs,
    Speech,
    SpeechLevel,
    Voice,
    Writer,
)
from gyeol.content.model import Tone

SHIPPED = Path(__file__).parent / "guide.yaml"


class Guide(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A guide without gaps; the fields are those of ``BrandDefinition``."""

    name: str = ""
    voice: Voice
    banned: list[BannedWord]
    required: list[RequiredWord]
    speech: Speech
    length: list[LengthRule]
    links: Links
    colours: Colours
    alt_text: bool
    signs: Signs
    numbers: Numbers
    blocks: list[Block]
    writer: Writer | None = None

    def level(self, channel: str, tone: Tone | None = None) -> SpeechLevel:
        """The level of speech on a medium, in a tone."""
        on_medium = self.speech.channels.get(channel, self.speech.level)
        return on_medium if tone is None else self.speech.tones.get(tone, on_medium)

    @cached_property
    def _banned(self) -> dict[tuple[str, str], re.Pattern[str] | None]:
        return {}

    @cached_property
    def banned_by_word(self) -> dict[str, BannedWord]:
        """Banned words by their lower-case form; the first of two counts."""
        return {one.word.lower(): one for one in reversed(self.banned)}

    def banned_on(self, channel: str, language: str) -> re.Pattern[str] | None:
        """Finds every banned word of a medium and a language, the longest first; None: nothing is banned there."""
        key = (channel, language)
        if key not in self._banned:
            words = [one for one in self.banned if applies(one.channels, channel) and applies(one.languages, language)]
            self._banned[key] = _finds(words)
        return self._banned[key]


def applies(names: list[str], name: str) -> bool:
    """Whether a list of media or languages, empty for all, holds a name."""
    return not names or name in names


def guide_of(own: BrandDefinition | None = None) -> Guide:
    """The guide in force.

    Args:
        own: The workspace's; None: there is none.

    Example:
        >>> guide_of().speech.level
        'haeyo'
    """
    shipped = shipped_guide()
    if own is None:
        return shipped
    written = {name: value for name in shipped.__struct_fields__ if (value := getattr(own, name)) is not None}
    return msgspec.structs.replace(shipped, **written)


@lru_cache(maxsize=1)
def shipped_guide() -> Guide:
    """The guide that Gyeol ships (``guide.yaml``)."""
    return msgspec.convert(yaml.safe_load(SHIPPED.read_text("utf-8"))["brand"], Guide)


def _finds(words: list[BannedWord]) -> re.Pattern[str] | None:
    if not words:
        return None
    longest = sorted({one.word for one in words if one.word.strip()}, key=lambda word: (-len(word), word))
    return re.compile("|".join(_whole(word) for word in longest), re.IGNORECASE)


def _whole(word: str) -> str:
    """Latin words whole, others anywhere; a space in it may also be none, or several."""
    text = r"\s*".join(re.escape(part) for part in word.split())
    before = r"\b" if word[0].isascii() and word[0].isalnum() else ""
    after = r"\b" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + text + after
