"""What a message says: the offer's content in the recipient's language and tone, with their values, the label that the law wants first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from gyeol.content.library import Contents, names_in, pictured, rendered, values_for
from gyeol.content.model import Wording
from gyeol.content.rendering import Content, language_for, render
from gyeol.content.subject import plain_line
from gyeol.content.variants import Reader
from gyeol.decisions.model import Decision, OfferDefinition
from gyeol.decisions.person import PersonView
from gyeol.kernel.errors import InputError
from gyeol.kernel.reason import Reason

FIRST_READ = ("title", "body")
"""The fields that are read first, in that order: the label stands before the first of them that there is, and before a subject."""
TONE = "moment.tone"
NO_CONTENTS = Contents()


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is said.

    Args:
        fields: title, body, link, …, with ``language``.
        wording: Which content, variant and version these words are; None: the offer's own.
    """

    fields: dict[str, object]
    wording: Wording | None = None


def said(
    offer: OfferDefinition,
    person: PersonView,
    label: str,
    wanted: str | None = None,
    *,
    mail: bool = False,
    creative: str | None = None,
    contents: Contents = NO_CONTENTS,
    medium: str = "",
    advertising: bool = False,
    decision: Decision | None = None,
    now_ms: int = 0,
) -> Said | Reason:
    """The fields of a message; or why there are none.

    Args:
        offer: Whose content it is.
        person: For the language, the tone and the values of placeholders.
        label: Such as ``(광고)``; empty for none.
        wanted: The language that the reader asked for; None: the person's.
        mail: Whether it leaves as an e-mail: it needs a subject (the title, where none is written) and some words besides.
        creative: Of the offer, whose own content is said; None: the offer's.
        contents: The workspace's, which an offer may name.
        medium: Of the channel: email, app, web, …
        advertising: Whether it leaves as advertising: then its words may have to be approved.
        decision: Read as ``decision.id``, ``decision.offer``, ``decision.placement``, ``decision.creative``.
        now_ms: The instant, for what fades: by it a picture is chosen.

    Returns:
        What is said; or ``no_content``, ``no_variant``, ``no_such_content``, ``content_not_approved``, ``content_failed`` (a
        placeholder without a value, most likely).
    """
    content = content_of(offer, creative)
    language = wanted or person.language
    try:
        if isinstance(content, str):
            reader = Reader(medium=medium, language=language, tone=tone_of(person), stage=person.stage, in_audience=person.in_audience)
            chosen = contents.choose(content, reader, advertising=advertising)
            if isinstance(chosen, Reason):
                return chosen
            chosen = pictured(chosen, contents.pictures, person.value, now_ms)
            language, wording = chosen.variant.language, chosen.wording
            fields = rendered(chosen, person.value, _case(offer, creative, decision))
        else:
            found, wording = language_for(content, language), None
            if found is None:
                return Reason(code="no_content", params={"offer": offer.name, "language": person.language})
            language = found
            if advertising and contents.need_approval:
                return Reason(code="content_not_approved", params={"content": offer.name, "variant": language})
            values = values_for(names_in(content[language]), person.value)
            fields = render(content, language, values, path=f"offers.{offer.name}.content")
    except InputError as error:
        return Reason(code="content_failed", params={"offer": offer.name, "problem": error.problems[0].what})
    if not _laid_out(fields, label, mail):
        return Reason(code="no_content", params={"offer": offer.name, "language": language})
    return Said(fields={"language": language, **fields}, wording=wording)


def content_of(offer: OfferDefinition, creative: str | None) -> Content | str:
    """The words of an offer or of one of its creatives, by language, or a content's name; what a creative leaves out is the offer's."""
    own = None if creative is None or creative not in offer.creatives else offer.creatives[creative].content
    if not own:
        return offer.content
    if isinstance(own, str) or isinstance(offer.content, str):
        return own
    return {language: {**offer.content.get(language, {}), **own.get(language, {})} for language in {**offer.content, **own}}


def tone_of(person: PersonView) -> str | None:
    """The tone to speak in; None: nobody knows."""
    try:
        found = person.value(TONE)
    except KeyError:
        return None
    return found if isinstance(found, str) else None


def prepare(offers: Iterable[OfferDefinition], contents: Contents = NO_CONTENTS) -> None:
    """Read all templates now, so that the first message does not wait half a second for the template library."""
    for offer in offers:
        if not isinstance(offer.content, str):
            for fields in offer.content.values():
                names_in(fields)
    contents.prepare()


def _case(offer: OfferDefinition, creative: str | None, decision: Decision | None) -> Mapping[str, object]:
    told: dict[str, object] = {"offer": offer.name, "creative": creative}
    return told if decision is None else {**told, "id": decision.id, "placement": decision.placement}


def _laid_out(fields: dict[str, str], label: str, mail: bool) -> bool:
    """Give a mail its subject and put the label first; whether there is anything to say."""
    first = next((field for field in FIRST_READ if fields.get(field, "").strip()), None)
    if mail:
        fields["subject"] = plain_line(fields.get("subject", "") or fields.get("title", ""))
        missing = not fields["subject"] or not any(fields.get(field, "").strip() for field in (*FIRST_READ, "html", "text"))
    else:
        missing = first is None
    for field in ("subject",) if mail else ("subject", first):
        if label and field in fields and not fields[field].startswith(label):
            fields[field] = f"{label} {fields[field]}"
    return not missing
