"""Which variant of a content somebody gets: language, then channel, then tone, then stage and persona, then the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from gyeol.content.model import ANY, ContentDefinition, VariantDefinition
from gyeol.content.rendering import language_order

INSTEAD: dict[str, tuple[str, ...]] = {
    "brief": ("brief", ANY, "warm", "careful"),
    "warm": ("warm", ANY, "brief", "cheering"),
    "cheering": ("cheering", ANY, "warm", "brief"),
    "careful": ("careful", ANY, "brief"),
    "apologetic": ("apologetic", "careful", ANY, "brief"),
    "retaining": ("retaining", "warm", ANY, "careful", "brief"),
    "": (ANY, "brief", "warm", "careful"),
}
"""Tone → the tones of variants that may speak in it, best first. Nobody who is to be spoken to with care is cheered up: what does not
stand here does not fit. Source: our own choice; docs/content.md tells it."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """For whom, and where, a variant is looked for.

    Args:
        medium: email, app, web, sms, push, …; empty: not known, so that only variants for any channel fit.
        language: An IETF tag.
        tone: ``moment.tone``; None: not known.
        stage: Journey stage; None: on none.
        in_audience: Whether they are in an audience.
    """

    medium: str
    language: str
    tone: str | None = None
    stage: str | None = None
    in_audience: Callable[[str], bool] = lambda name: False


def fitting(content: ContentDefinition, reader: Reader) -> list[VariantDefinition]:
    """Every variant that may be said to a reader, the best first; of another language only where theirs is not written at all.

    Example:
        >>> ko = VariantDefinition(language="ko", fields={"title": "a"}, tone="brief")
        >>> one = ContentDefinition(name="c", variants=[ko, VariantDefinition(language="ko", fields={"title": "b"})])
        >>> [v.key for v in fitting(one, Reader(medium="app", language="ko", tone="warm"))]
        ['any/ko/any', 'any/ko/brief']
    """
    tones = INSTEAD.get(reader.tone or "", INSTEAD[""])
    languages = list(dict.fromkeys(variant.language for variant in content.variants))
    for language in language_order(languages, reader.language):
        found = [v for v in content.variants if v.language == language and _fits(v, reader, tones)]
        if found:
            return sorted(found, key=lambda v: (not v.channels, tones.index(v.tone or ANY), v.stage is None, v.persona is None))
    return []


def choose(content: ContentDefinition, reader: Reader, allowed: Collection[str] | None = None) -> VariantDefinition | None:
    """The variant that a reader gets; None: none fits.

    Args:
        content: What is to be said.
        reader: To whom, and where.
        allowed: Versions of variants that may be used (those that are approved); None: all.
    """
    return next((v for v in fitting(content, reader) if allowed is None or content.version_of(v) in allowed), None)


def _fits(variant: VariantDefinition, reader: Reader, tones: Sequence[str]) -> bool:
    return (
        (not variant.channels or reader.medium in variant.channels)
        and (variant.tone or ANY) in tones
        and (variant.stage is None or variant.stage == reader.stage)
        and (variant.persona is None or reader.in_audience(variant.persona))
    )
