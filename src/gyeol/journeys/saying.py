"""What a message says: the offer's content in the recipient's language, with their values and the label that the law wants first."""

from __future__ import annotations

from collections.abc import Iterable

from gyeol.content.liquid import TemplateError, is_template, reads
from gyeol.content.rendering import Content, language_for, render
from gyeol.content.subject import plain_line
from gyeol.decisions.model import OfferDefinition
from gyeol.decisions.person import PersonView
from gyeol.kernel.errors import InputError
from gyeol.kernel.reason import Reason

FIRST_READ = ("title", "body")
"""The fields that are read first, in that order: the label stands before the first of them that there is, and before a subject."""


def said(
    offer: OfferDefinition, person: PersonView, label: str, wanted: str | None = None, *, mail: bool = False
) -> dict[str, object] | Reason:
    """The fields of a message, with ``language``; or why there are none.

    Args:
        offer: Whose content it is.
        person: For the language and the values of placeholders.
        label: Such as ``(광고)``; empty for none.
        wanted: The language that the reader asked for; None: the person's.
        mail: Whether it leaves as an e-mail: it needs a subject (the title, where none is written) and some words besides.

    Returns:
        title, body, link, …; or ``no_content``, ``content_failed`` (a placeholder without a value, most likely).
    """
    language = language_for(offer.content, wanted or person.language)
    if language is None:
        return Reason(code="no_content", params={"offer": offer.name, "language": person.language})
    try:
        fields = render(offer.content, language, _values(offer.content, language, person), path=f"offers.{offer.name}.content")
    except InputError as error:
        return Reason(code="content_failed", params={"offer": offer.name, "problem": error.problems[0].what})
    first = next((field for field in FIRST_READ if fields.get(field, "").strip()), None)
    if mail:
        fields["subject"] = plain_line(fields.get("subject", "") or fields.get("title", ""))
        missing = not fields["subject"] or not any(fields.get(field, "").strip() for field in (*FIRST_READ, "html", "text"))
    else:
        missing = first is None
    if missing:
        return Reason(code="no_content", params={"offer": offer.name, "language": language})
    for field in ("subject",) if mail else ("subject", first):
        if label and field in fields and not fields[field].startswith(label):
            fields[field] = f"{label} {fields[field]}"
    return {"language": language, **fields}


def prepare(offers: Iterable[OfferDefinition]) -> None:
    """Read all templates now, so that the first message does not wait half a second for the template library."""
    for offer in offers:
        for language in offer.content:
            _names(offer.content, language)


def _names(content: Content, language: str) -> list[str]:
    """The names that placeholders read; templates that cannot be read are reported by ``render``."""
    names: set[str] = set()
    for text in content[language].values():
        try:
            names.update(reads(text) if is_template(text) else ())
        except TemplateError:
            continue
    return sorted(names)


def _values(content: Content, language: str, person: PersonView) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in _names(content, language):
        # A list's parts are read through it: recent_products.first, recent_products[0].
        parts = name.replace("[", ".[").split(".")
        for length in range(len(parts), 0, -1):
            known = ".".join(parts[:length])
            try:
                values[known] = person.value(known)
            except KeyError:
                continue
            break
    return values
