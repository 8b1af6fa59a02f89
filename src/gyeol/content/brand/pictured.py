"""The pictures of a variant held against the guide: every one needs words for who does not see it, whichever is shown."""

from __future__ import annotations

import msgspec

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import Guide
from gyeol.content.brand.lint import lint
from gyeol.content.model import VariantDefinition
from gyeol.content.pictures import Pictures


def lint_variant(variant: VariantDefinition, pictures: Pictures, guide: Guide, *, channel: str, label: str = "") -> list[Finding]:
    """Everything that a variant does against the guide, see ``lint``; then what each of its pictures does, as of the field ``images.0``, ….

    Args:
        variant: As it is written.
        pictures: The workspace's.
        guide: The guide in force.
        channel: See ``lint``.
        label: See ``lint``.
    """
    language, tone = variant.language, variant.tone
    found = lint(variant.fields, guide, channel=channel, language=language, label=label, tone=tone)
    for n, picture in enumerate(variant.images):
        words = {"image": pictures.address(picture), "alt": pictures.alt(picture, language)}
        found += [
            msgspec.structs.replace(one, field=f"images.{n}", start=0, end=0, mend=None)
            for one in lint(words, guide, channel=channel, language=language, tone=tone)
            if one.field  # what is about a message as a whole is about its fields
        ]
    return found
