"""The content of an offer in the reader's language, with the person's values in its placeholders."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gyeol.content.liquid import HTML_FIELDS, Fault, TemplateError, environment, fill, is_template, reads, unknown_filters
from gyeol.kernel.errors import InputError, Problem

Content = Mapping[str, Mapping[str, str]]
"""Language → field (title, body, link, …) → text."""

_MENDS = {
    "template_syntax": "placeholders are written {{ name }}; tags like if need their end",
    "missing_value": "give it a default: {{ name | default: '고객님' }}",
    "template_limit": "use shorter lists",
    "template_failed": "check the filters and what they are given",
}


def language_for(content: Content, lang: str) -> str | None:
    """The language that a reader gets: their own, else their own without its region, else the first that is written.

    Args:
        content: By language, in the order of the file.
        lang: The reader's, an IETF tag: ``ko``, ``en-GB``.

    Returns:
        A key of ``content``; None when it is empty.
    """
    plain = lang.split("-")[0].lower()
    return next((found for found in (lang, plain) if found in content), next(iter(content), None))


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
            rendered[field] = fill(text, values, html=field in HTML_FIELDS) if is_template(text) else text
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
        for problem in _check_text(text, names, f"{path}.{language}.{field}", line)
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


def _check_text(text: str, names: Collection[str] | None, path: str, line: int | None) -> list[Problem]:
    try:
        wanted = reads(text)
    except TemplateError as error:
        return [_problem(path, error.fault, line)]
    known_filters = ", ".join(sorted(environment().filters))
    faults = [
        Problem(path=path, line=line, code="unknown_filter", what=f"there is no filter {name}", mend=f"there are: {known_filters}")
        for name in unknown_filters(text)
    ]
    if names is None:
        return faults
    # A list's parts and sizes are read through it: recent_products.first.
    unknown = [name for name in wanted if not any(name == known or name.startswith((known + ".", known + "[")) for known in names)]
    mend = "use a trait, or a fact of the Moment (moment.…)"
    return [
        *faults,
        *[Problem(path=path, line=line, code="unknown_name", what=f"there is no trait or fact '{name}'", mend=mend) for name in unknown],
    ]


def _problem(path: str, fault: Fault, line: int | None = None) -> Problem:
    return Problem(path=path, line=line, column=fault.column, code=fault.code, what=fault.what, mend=_MENDS[fault.code])
