"""A template with all its branches taken: every word that anybody could read, with the facts filled in and people's values left blank."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from gyeol.content.liquid import TemplateError, fill
from gyeol.content.plain_text import text_of

SOMEBODYS = "\ue000"
"""Stands where a value of a person, of the Moment or of the decision will be."""
_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{%-?\s*#.*?%\}", re.DOTALL)
_TAG = re.compile(r"\{%-?(.*?)-?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_ASSIGNED = re.compile(r"\s*assign\s+\w+\s*=\s*(.*)", re.DOTALL)
_LITERAL = re.compile(r"\s*(?:['\"]|-?\d)")
_OURS = re.compile(r"\s*(?:facts\b|catalogue\s*\[\s*(?:['\"]|facts\b)|catalogue\s*\.)")
_UNREAD = re.compile(r"<(mj-style|mj-attributes|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_HIDING = re.compile(r"display\s*:\s*none|\shidden(?=[\s>/=])", re.IGNORECASE)
_MJML = re.compile(r"<(/?mj-)")
"""Elements of MJML stand apart, as paragraphs do."""
_SHOWN = re.compile(r"\b(?:href|alt|title|action|placeholder|aria-label)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def every_branch(text: str, values: Mapping[str, object]) -> str:
    """All that a template can say.

    Args:
        text: A template.
        values: ``facts`` and ``catalogue`` in the language of the text.

    Returns:
        Its words, those of all branches one after the other; quoted words of tags and filters, too, for they may come out.

    Example:
        >>> every_branch("{% if orders > 3 %}10%{% else %}{{ facts.share }}{% endif %}", {"facts.share": "5%"}).split()
        ['10%', '5%']
    """
    text = _COMMENT.sub(" ", text)
    text = _OUTPUT.sub(lambda found: _said(found[1], values), text)
    return _TAG.sub(lambda found: f" {_of_tag(found[1], values)} ", text)


def visible(text: str) -> str:
    """The words of HTML or MJML that a reader sees or follows: texts, and the addresses and titles of links and pictures."""
    followed = [unescape(first or second).strip() for first, second in _SHOWN.findall(text)]
    followed = [f"https:{each}" if each.startswith("//") else each for each in followed]
    # What a page hides is the preview of the mail, or shown by whoever reads it aloud.
    text = _MJML.sub(r" <\1", _UNREAD.sub(" ", _HIDING.sub(" ", text)))
    return "\n".join([text_of(text), *followed])


def _said(expression: str, values: Mapping[str, object]) -> str:
    if _OURS.match(expression) or _LITERAL.match(expression):
        try:
            return fill("{{" + expression + "}}", values)
        except TemplateError:
            # Worked out with a value of somebody: what comes of it is no fact.
            return SOMEBODYS + _words(expression)
    return SOMEBODYS + _words(expression)


def _of_tag(tag: str, values: Mapping[str, object]) -> str:
    assigned = _ASSIGNED.match(tag)
    return _said(assigned[1], values) if assigned is not None else ""


def _words(expression: str) -> str:
    """The quoted words of an expression, but for names in brackets."""
    outside = re.sub(r"\[[^\]]*\]", "", expression)
    return "".join(f" {first or second} " for first, second in _QUOTED.findall(outside))
