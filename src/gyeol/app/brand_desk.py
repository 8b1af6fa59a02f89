"""The desk's operations on the brand guide: lint, consistency, composing."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from gyeol.app.core_api import Core, StatusRequest
from gyeol.app.findings import ShownFinding, shown
from gyeol.content.brand.composer.brief import Brief, Composer, Refused
from gyeol.content.brand.composer.service import ServiceComposer
from gyeol.content.brand.composer.writing import BlockComposer
from gyeol.content.brand.consistency import Consistency, consistency
from gyeol.content.brand.guide import Guide
from gyeol.content.brand.lint import lint
from gyeol.content.brand.pictured import lint_variant
from gyeol.content.brand.rules.length import euc_kr_bytes
from gyeol.content.equality import Catalogue
from gyeol.content.korean.speech import Level, level_of
from gyeol.content.model import ContentDefinition, Tone, VariantDefinition
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import CapabilityMissingError, NotFoundError
from gyeol.kernel.reason import Reason
from gyeol.privacy.law import LawTable, MessageClass


class LintRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/lint``.

    Args:
        fields: title, body, subject, html, … as they stand in the editor.
        channel: The medium; empty: none in particular.
        language: Of the text; None: the workspace's.
        message_class: advertising or transactional.
        tone: That it is written in; None: none in particular.
    """

    fields: dict[str, str]
    channel: str = ""
    language: str | None = None
    message_class: MessageClass = "advertising"
    tone: Tone | None = None


class FieldSize(msgspec.Struct, frozen=True, kw_only=True):
    """How long a field is as written, in characters and in EUC-KR bytes, and its level of speech."""

    characters: int
    bytes: int
    level: Level


class LintAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the guide says of a text. ``start`` and ``end`` of findings count UTF-16 code units.

    Args:
        findings: In the order of the text.
        errors, warnings: How many.
        sizes: By field.
        wanted: The level of speech that the guide asks for on the medium.
        label: What the law puts before the text when it leaves.
    """

    findings: list[ShownFinding]
    errors: int
    warnings: int
    sizes: dict[str, FieldSize]
    wanted: str
    label: str


class LintedText(msgspec.Struct, frozen=True, kw_only=True):
    """A saved text: of a content's variant, or one that stands in an offer."""

    content: str
    offer: str
    variant: str
    channel: str
    language: str
    findings: list[ShownFinding]


class SavedLintAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every saved text that breaks the guide; ``texts``: how many were looked at, a text for several media once each."""

    found: list[LintedText]
    texts: int
    errors: int
    warnings: int


class ConsistencyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The score of a content or campaign. ``kind``: which of the two the name is. ``contents``: what was looked at."""

    name: str
    kind: str
    contents: list[str]
    consistency: Consistency


class ComposeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/compose``.

    Args:
        content: Whose variant is to be written: a name, or a content as somebody is writing it.
        channel, tone, language: Of the variant.
        seed: Another one gives another text.
        by_writer: Whether the guide's ``writer`` writes, and not the blocks.
        message_class: advertising or transactional.
    """

    content: str | ContentDefinition
    channel: str
    tone: Tone
    language: str
    seed: int = 0
    by_writer: bool = False
    message_class: MessageClass = "advertising"


class ComposeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A variant to be looked at, saved and submitted; or why there is none.

    Args:
        fields: What was written, also what is refused.
        key: Of the variant; empty when there is none.
        by: Who wrote it.
        reason: Why it may not be used; None: it may.
        findings: Of the guide and the facts.
        left_out: Facts that it does not say.
    """

    fields: dict[str, str]
    key: str
    by: str
    reason: Reason | None
    findings: list[ShownFinding]
    left_out: list[str]


class BrandDesk:
    """Part of ``Desk``."""

    _core: Core
    _definitions: Callable[[str], Definitions]

    def brand(self) -> Guide:
        """The guide in force."""
        return self._now().guide

    def lint(self, request: LintRequest) -> LintAnswer:
        """Hold a text against the guide."""
        now = self._now()
        label = _label(now, request.channel, request.message_class)
        language = request.language or now.workspace.language
        found = lint(
            request.fields,
            now.guide,
            channel=request.channel,
            language=language,
            message_class=request.message_class,
            label=label,
            tone=request.tone,
        )
        errors = sum(one.severity == "error" for one in found)
        sizes = {
            name: FieldSize(characters=len(text), bytes=euc_kr_bytes(text), level=level_of(text)) for name, text in request.fields.items()
        }
        wanted = now.guide.level(request.channel, request.tone)
        return LintAnswer(findings=shown(found), errors=errors, warnings=len(found) - errors, sizes=sizes, wanted=wanted, label=label)

    def saved_lint(self, content: str | None = None) -> SavedLintAnswer:
        """Hold saved texts against the guide: a content's variants, or all contents and the texts of offers. Raises NotFoundError."""
        now = self._now()
        if content is not None:
            _content(now, content)
        looked = [text for text in _texts(now) if content in (None, text.content)]
        found = [text for text in looked if text.findings]
        errors = sum(one.severity == "error" for text in found for one in text.findings)
        total = sum(len(text.findings) for text in found)
        return SavedLintAnswer(found=found, texts=len(looked), errors=errors, warnings=total - errors)

    def consistency(self, name: str) -> ConsistencyAnswer:
        """The score of a content, or of a campaign's contents. Raises NotFoundError."""
        now = self._now()
        catalogue = Catalogue(now.catalogue, now.workspace.currency)
        if any(content.name == name for content in now.contents):
            kind, contents = "content", [_content(now, name)]
        elif any(campaign.name == name for campaign in now.campaigns):
            kind, contents = "campaign", _of_campaign(now, name)
        else:
            raise NotFoundError("unknown_content", f"There is no content and no campaign {name!r}; see `gyeol content list`.", name=name)
        scored = consistency(contents, catalogue, now.guide)
        return ConsistencyAnswer(name=name, kind=kind, contents=[content.name for content in contents], consistency=scored)

    def compose(self, request: ComposeRequest) -> ComposeAnswer:
        """Write a variant; nothing is saved.

        Raises:
            NotFoundError: There is no such content.
            CapabilityMissingError: ``no_writer``: the guide names no service.
            BackendError, ConfigError: The service does not answer, or does not let us in.
        """
        now = self._now()
        content = _content(now, request.content) if isinstance(request.content, str) else request.content
        brief = Brief(
            content=content,
            catalogue=Catalogue(now.catalogue, now.workspace.currency),
            guide=now.guide,
            channel=request.channel,
            tone=request.tone,
            language=request.language,
            seed=request.seed,
            message_class=request.message_class,
            label=_label(now, request.channel, request.message_class),
        )
        made = _composer(now.guide, request.by_writer).compose(brief)
        if isinstance(made, Refused):
            return ComposeAnswer(fields=made.fields, key="", by=made.by, reason=made.reason, findings=shown(made.findings), left_out=[])
        return ComposeAnswer(
            fields=made.variant.fields, key=made.variant.key, by=made.by, reason=None, findings=shown(made.findings), left_out=made.left_out
        )

    def _now(self) -> Definitions:
        return self._definitions(self._core.status(StatusRequest()).definitions)


def _composer(guide: Guide, by_writer: bool) -> Composer:
    if not by_writer:
        return BlockComposer()
    if guide.writer is None:
        raise CapabilityMissingError("no_writer", "The brand guide names no writer. Add 'writer:' under 'brand:', or compose from blocks.")
    return ServiceComposer(guide.writer, os.environ)


def _label(now: Definitions, channel: str, message_class: MessageClass) -> str:
    return LawTable(now.laws, now.workspace.country).prefix(channel, message_class) if channel else ""


def _content(now: Definitions, name: str) -> ContentDefinition:
    found = next((content for content in now.contents if content.name == name), None)
    if found is None:
        raise NotFoundError("unknown_content", f"There is no content {name!r}; `gyeol content list` lists them.", content=name)
    return found


def _texts(now: Definitions) -> list[LintedText]:
    """Every saved text with its findings; one for several media is held against each."""
    found: list[LintedText] = []

    def add(content: str, offer: str, said: VariantDefinition, channel: str) -> None:
        label, key = _label(now, channel, "advertising"), said.key if content else ""
        findings = lint_variant(said, now.pictures, now.guide, channel=channel, label=label)
        found.append(
            LintedText(content=content, offer=offer, variant=key, channel=channel, language=said.language, findings=shown(findings))
        )

    for content in now.contents:
        for variant in content.variants:
            for channel in variant.channels or [""]:
                add(content.name, "", variant, channel)
    media = {placement.name: placement.channel for placement in now.placements}
    for offer in now.offers:
        if isinstance(offer.content, dict):
            channels = list(dict.fromkeys(media[name] for name in offer.placements if name in media)) or [""]
            for language, fields in offer.content.items():
                for channel in channels:
                    add("", offer.name, VariantDefinition(language=language, fields=fields), channel)
    return found


def _of_campaign(now: Definitions, name: str) -> list[ContentDefinition]:
    """The contents that a campaign's journeys may say: those of the offers of their placements."""
    placements = [journey.message.placement for journey in now.journeys if journey.campaign == name]
    said = [
        each
        for offer in now.offers
        if any(placement in offer.placements for placement in placements)
        for each in (offer.content, *(creative.content for creative in offer.creatives.values()))
    ]
    return [content for content in now.contents if content.name in said]
