"""What a message says: the offer's content in the recipient's language, with the label that the law wants first."""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.decisions.person import PersonView

FIRST_READ = ("title", "body")
"""The fields that are read first, in that order: the label stands before the first of them that there is."""


def said(content: Mapping[str, Mapping[str, str]], person: PersonView, label: str) -> dict[str, object]:
    """The fields of a message, with ``language``; empty when the offer has no words.

    Args:
        content: By language: title, body, link, ….
        person: Its language is taken when the offer speaks it, else the first that the offer speaks.
        label: Such as ``(광고)``; empty for none.
    """
    language = person.language if person.language in content else next(iter(content), "")
    fields = dict(content.get(language, {}))
    first = next((field for field in FIRST_READ if fields.get(field, "").strip()), None)
    if first is None:
        return {}
    if label and not fields[first].startswith(label):
        fields[first] = f"{label} {fields[first]}"
    return {"language": language, **fields}
