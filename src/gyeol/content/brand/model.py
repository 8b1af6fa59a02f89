"""Definition of the brand guide: ``brand:`` of a workspace, most often in ``brand.yaml``."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.content.model import Tone

SpeechLevel = Literal["haeyo", "hapsyo"]
Severity = Literal["error", "warning"]
Slot = Literal["title", "opener", "benefit", "facts", "action", "closer"]
Unit = Literal["characters", "euc_kr_bytes"]
SLOTS: tuple[Slot, ...] = ("title", "opener", "benefit", "facts", "action", "closer")
"""The parts of a message in the order in which they are read."""


class Voice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the brand sounds.

    Args:
        words: Words that sound like the brand, by language; they count for the consistency score.
        about: What an author should know of the voice, by language.
    """

    words: dict[str, list[str]] = {}
    about: dict[str, str] = {}


class BannedWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word that is not said.

    Args:
        word: As it is written; upper and lower case are one. Latin words are looked for whole, Korean ones anywhere.
        reason: Why, by language.
        instead: What to say in its place.
        channels: Media that it is banned on; empty: all.
        languages: Languages of texts that it is banned in; empty: all.
        except_in: Longer words that hold it and may be said.
        severity: ``error`` or ``warning``.
    """

    word: str
    reason: dict[str, str] = {}
    instead: str | None = None
    channels: list[str] = []
    languages: list[str] = []
    except_in: list[str] = []
    severity: Severity = "error"


class RequiredWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word that must be said.

    Args:
        word: As it is written.
        any_of: Other forms that count as well.
        reason: Why, by language.
        channels: Media that it is required on; empty: all.
        languages: Languages of texts that it is required in; empty: all.
        message_class: ``advertising`` or ``transactional``; None: both.
        severity: ``error`` or ``warning``.
    """

    word: str
    any_of: list[str] = []
    reason: dict[str, str] = {}
    channels: list[str] = []
    languages: list[str] = []
    message_class: Literal["advertising", "transactional"] | None = None
    severity: Severity = "warning"


class Speech(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level of speech of Korean texts.

    Args:
        level: ``haeyo`` (해요체) or ``hapsyo`` (합쇼체).
        channels: Another level for a medium.
        tones: Another level for a tone, such as 합쇼체 for apologies; it goes before that of the medium.
        any_level: Set phrases that are said whatever the level, such as ``감사합니다``.
        titles: Fields that may also be plain or written style (해라체), as headlines are.
    """

    level: SpeechLevel = "haeyo"
    channels: dict[str, SpeechLevel] = {}
    tones: dict[str, SpeechLevel] = {}
    any_level: list[str] = []
    titles: list[str] = []


class LengthRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a field may be.

    Args:
        fields: Which fields; ``all``: everything that is read, together.
        most: At most so many.
        channels: Media; empty: all.
        unit: ``characters`` as people count them, or ``euc_kr_bytes`` (a Korean letter is two), as Korean SMS is counted.
        severity: ``error`` or ``warning``.
        reason: What happens beyond, by language.
    """

    fields: list[str]
    most: int
    channels: list[str] = []
    unit: Unit = "characters"
    severity: Severity = "error"
    reason: dict[str, str] = {}


class Links(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where links may lead.

    Args:
        domains: Allowed domains with all below them; empty: any.
        https: Whether links must be https.
    """

    domains: list[str] = []
    https: bool = True


class Colours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Colours of mails and pages.

    Args:
        palette: Allowed colours, ``#1a1a1a``; empty: any.
        contrast: The least contrast of text with its ground. WCAG 2.2 AA asks for 4.5.
        large_contrast: The same for large text (18 pt, or bold 14 pt). WCAG 2.2 AA asks for 3.
    """

    palette: list[str] = []
    contrast: float = 4.5
    large_contrast: float = 3.0


class Signs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Emoji and exclamation marks.

    Args:
        emoji: At most so many in a field; None: any number.
        emoji_channels: Another number for a medium.
        emoji_allowed: Only these; empty: any.
        exclamations: At most so many in a message; None: any number.
    """

    emoji: int | None = None
    emoji_channels: dict[str, int] = {}
    emoji_allowed: list[str] = []
    exclamations: int | None = None


class Numbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How numbers and prices are written.

    Args:
        grouped: Whether prices from 1,000 on are written with commas.
        won: How won are written, by language: ``word`` (1,300원, 1,300 won) or ``sign`` (₩1,300).
    """

    grouped: bool = True
    won: dict[str, Literal["word", "sign"]] = {}


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An approved sentence that the composer may use. Facts stand in it as ``{{ facts.<name> }}`` only.

    Args:
        slot: Which part of a message it is.
        text: The sentence.
        language: ``ko``, ``en``.
        tones: Tones that it fits; empty: all.
        channels: Media that it fits; empty: all.
        level: Level of speech of a Korean block; None: it is a fragment that goes with both.
    """

    slot: Slot
    text: str
    language: str
    tones: list[Tone] = []
    channels: list[str] = []
    level: SpeechLevel | None = None


class Writer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service that speaks the OpenAI API and may write drafts. It is told the guide, the facts and the blocks, and nothing of people.

    Args:
        url: Base address, such as ``https://llm.example/v1``; ``env:NAME`` reads it from the environment.
        model: Name of the model.
        key: ``env:NAME``: where its key stands; empty: it needs none.
        timeout_s: How long it may take, in seconds, at most 120.
    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 20.0


class BrandDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The brand guide. What is not written is taken from the guide that Gyeol ships.

    Args:
        name: What the brand is called in texts.
        voice: How it sounds.
        banned: Words that are not said.
        required: Words that must be said.
        speech: The level of speech of Korean texts.
        length: How long fields may be.
        links: Where links may lead.
        colours: Colours of mails and pages.
        alt_text: Whether images need a text for who does not see them.
        signs: Emoji and exclamation marks.
        numbers: How numbers and prices are written.
        blocks: Approved sentences for the composer.
        writer: A service that may write drafts; None: only the composer writes.
    """

    name: str = ""
    voice: Voice | None = None
    banned: list[BannedWord] | None = None
    required: list[RequiredWord] | None = None
    speech: Speech | None = None
    length: list[LengthRule] | None = None
    links: Links | None = None
    colours: Colours | None = None
    alt_text: bool | None = None
    signs: Signs | None = None
    numbers: Numbers | None = None
    blocks: list[Block] | None = None
    writer: Writer | None = None
    label: dict[str, str] = {}
