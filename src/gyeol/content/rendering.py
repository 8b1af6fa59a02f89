"""The content of an offer in the reader's language, with the person's values in its placeholders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gyeol.content.liquid import HTML_FIELDS, Fault, TemplateError, environment, fill, is_template, reads, unknown_filters
from gyeol.content.mjml import MJML, to_html
from gyeol.kernel.errors import InputError, Problem

Content = Mapping[str, Mapping[str, str]]
"""Language → field (title, body, link, …) → text."""

MENDS = {
    "template_syntax": "placeholders are written {{ name }}; tags like if need their end",
    "missing_value": "give it a default: {{ name | default: '고객님' }}",
    "template_limit": "use shorter lists",
    "template_failed": "check the filters and what they are given",
    "unknown_filter": "docs/messages.md lists the filters",
    "unknown_name": "use a trait, or a fact of the Moment (moment.…)",
    "mjml_syntax": "close every element, and use those of MJML: https://documentation.mjml.io",
    "mjml_include": "put the part into the text itself: nothing is read from files or from the network",
}


def language_for(content: Content, lang: str) -> str | None:
    """The language that a reader gets: their own, else their own without its region, else the first that is written.

    Args:
        content: By language, in the order of the file.
        lang: The reader's, an IETF tag: ``ko``, ``en-GB``.

    Returns:
        A key of ``content``; None when it is empty.
    """
    return next(iter(language_order(list(content), lang)), None)


def language_order(written: Sequence[str], lang: str) -> list[str]:
    """The languages that are written, those that a reader gets first.

    Args:
        written: In the order of the file.
        lang: The reader's, an IETF tag.
    """
    own = [found for found in dict.fromkeys((lang, lang.split("-")[0].lower())) if found in written]
    return own or list(written)


def render(content: Content, lang: str, values: Mapping[str, object], *, path: str = "content") -> dict[str, str]:
    """All fields in the reader's language.

    Args:
        content: Of an offer.
        lang: The reader's language, see ``language_for``.
        values: The person's traits and ``moment.*`` by name; None for NULL. Into the field ``html`` they are put
            escaped, into all others as they are.
        path: Where the content stands, for problems.

    Raises:
        InputError: ``bad_content``: every field that cannot be rendered, such as one that needs a value which the person has not.

    Example:
        >>> render({"ko": {"title": "봄 세일"}}, "ko", {})
        {'title': '봄 세일'}
    """
    chosen = language_for(content, lang)
    if chosen is None:
        return {}
    rendered: dict[str, str] = {}
    problems: list[Problem] = []
    for field, text in content[chosen].items():
        try:
            filled = fill(text, values, html=field in HTML_FIELDS) if is_template(text) else text
            rendered.update({"html": to_html(filled)} if field == MJML else {field: filled})
        except TemplateError as error:
            problems.append(_problem(f"{path}.{chosen}.{field}", error.fault))
    if problems:
        raise InputError("bad_content", problems)
    return rendered


def check(content: Content, names: Collection[str] | None = None, *, path: str = "content", line: int | None = None) -> list[Problem]:
    """What is wrong with a content before anybody reads it.

    Args:
        content: Of an offer.
        names: Names that may stand in placeholders; None: any.
        path: Where the content stands.
        line: Its line there.

    Returns:
        Templates that cannot be read, filters and names that do not exist, fields that one language has and another has not.
    """
    problems = [
        problem
        for language, fields in content.items()
        for field, text in fields.items()
        if is_template(text)
        for problem in [_problem(f"{path}.{language}.{field}", fault, line) for fault in unknown_in(text, names)]
    ]
    fields_of = {language: set(fields) for language, fields in content.items()}
    every = sorted(set().union(*fields_of.values()))
    for language, fields in fields_of.items():
        for field in every:
            if field not in fields:
                what = f"the field {field} is not written in {language}"
                mend = f"add {language}.{field}, or take the field out of the other languages"
                problems.append(Problem(path=f"{path}.{language}", line=line, code="missing_translation", what=what, mend=mend))
    return problems


def unknown_in(text: str, names: Collection[str] | None) -> list[Fault]:
    """Filters and names of a template that do not exist.

    Args:
        text: A template, or plain text.
        names: Names that may stand in placeholders; None: any.
    """
    try:
        wanted = reads(text) if is_template(text) else []
    except TemplateError as error:
        return [error.fault]
    faults = [Fault("unknown_filter", f"there is no filter {name}") for name in (unknown_filters(text) if is_template(text) else ())]
    if names is None:
        return faults
    # A list's parts and sizes are read through it: recent_products.first.
    unknown = [name for name in wanted if not any(name == known or name.startswith((known + ".", known + "[")) for known in names)]
    return [*faults, *[Fault("unknown_name", f"there is no trait or fact '{name}'") for name in unknown]]


def _problem(path: str, fault: Fault, line: int | None = None) -> Problem:
    mend = f"there are: {', '.join(sorted(environment().filters))}" if fault.code == "unknown_filter" else MENDS[fault.code]
    return Problem(path=path, line=line, column=fault.column, code=fault.code, what=fault.what, mend=mend)
