"""Hold a text against the guide, as its author types: pure, a fraction of a millisecond a message (``gyeol bench content``)."""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import Guide
from gyeol.content.brand.looked import look
from gyeol.content.brand.rules import RULES
from gyeol.content.model import Tone
from gyeol.privacy.law import MessageClass


def lint(
    fields: Mapping[str, str],
    guide: Guide,
    *,
    channel: str,
    language: str,
    message_class: MessageClass = "advertising",
    label: str = "",
    tone: Tone | None = None,
) -> list[Finding]:
    """Everything that a text does against the guide.

    Args:
        fields: title, body, subject, html, … as written: Liquid placeholders are understood, not read as text.
        guide: The guide in force, see ``guide_of``.
        channel: The medium: sms, push, email, kakao, app, web, till, ….
        language: An IETF tag: ``ko``, ``en-GB``.
        message_class: advertising or transactional.
        label: What the law puts before the text (``LawTable.prefix``): it counts for lengths. Empty: nothing.
        tone: That it is written in: the guide may ask for another level of speech.

    Returns:
        Findings in the order of the fields and of their places; those of the whole message last.

    Example:
        >>> from gyeol.content.brand.guide import guide_of
        >>> [f.code for f in lint({"body": "지금 확인해"}, guide_of(), channel="push", language="ko")]
        ['speech_level']
    """
    of = look(fields, guide, channel=channel, language=language, message_class=message_class, label=label, tone=tone)
    places = {field.name: place for place, field in enumerate(of.fields)}
    found = [finding for rule in RULES for finding in rule(of)]
    return sorted(found, key=lambda one: (places.get(one.field, len(places)), one.start))
