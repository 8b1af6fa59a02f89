"""Liquid templates in a sandbox: placeholders, filters, if, case and for; no files, no clock, small limits.

Imported only when a text holds a template: the library takes half a second and 22 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from gyeol.content.korean.josa import with_josa

if TYPE_CHECKING:
    from liquid import BoundTemplate, Environment
    from liquid.exceptions import LiquidError

TAGS = frozenset(("#", "illegal", "comment", "content", "output", "if", "unless", "case", "for", "break", "continue", "assign"))
"""``illegal`` refuses all others; ``include`` and ``render`` read other templates; the rest is left out because a message needs no more."""

NO_FILTERS = frozenset(("date", "safe"))
"""``date`` reads the wall clock for 'now', which no replay would find again; ``safe`` marks text as trusted HTML."""

MOST_LOOPS = 200
MOST_CHARACTERS = 20_000
"""Of one rendered field: more is no message. Source: ten times the longest common limit, 2,000 bytes of a Korean LMS."""
MOST_HTML_CHARACTERS = 100_000
"""Of one rendered field of HTML: mail readers cut a longer page off. Source: Gmail clips messages above 102 KB."""

HTML_FIELDS = frozenset(("html", "mjml"))
"""Fields whose values are escaped as they are put in; the template itself is the author's and stays as it is."""


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a template: a code, the words of the library, and where."""

    code: str
    what: str
    line: int | None = None
    column: int | None = None


class TemplateError(Exception):
    """A template cannot be read or rendered. Never leaves the package."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def is_template(text: str) -> bool:
    """Whether a text holds anything to be filled in."""
    return "{{" in text or "{%" in text


@lru_cache(maxsize=2)
def environment(html: bool = False) -> Environment:
    """The sandbox. Undefined values are errors, but for the filter ``default``; for HTML, values are escaped."""
    from liquid import Environment
    from liquid.undefined import StrictDefaultUndefined

    most = MOST_HTML_CHARACTERS if html else MOST_CHARACTERS

    class Sandbox(Environment):
        context_depth_limit = 8
        loop_iteration_limit = MOST_LOOPS
        local_namespace_limit = most
        output_stream_limit = most

    made = Sandbox(undefined=StrictDefaultUndefined, autoescape=html)
    made.tags = {name: tag for name, tag in made.tags.items() if name in TAGS}
    made.filters = {name: work for name, work in made.filters.items() if name not in NO_FILTERS}
    made.filters["josa"] = with_josa
    return made


@lru_cache(maxsize=4096)
def template(text: str, html: bool = False) -> BoundTemplate:
    """The compiled template; ``html``: one of ``HTML_FIELDS``.

    Raises:
        TemplateError: ``template_syntax``.
    """
    from liquid.exceptions import LiquidError

    try:
        return environment(html).from_string(text)
    except LiquidError as error:
        raise TemplateError(_fault("template_syntax", error)) from None


def reads(text: str) -> list[str]:
    """The names that a template takes from outside, dotted, sorted. Raises as ``template``."""
    return sorted(set(template(text).global_variable_paths()))


def unknown_filters(text: str) -> list[str]:
    """The filters that a template uses and the sandbox has not. Raises as ``template``."""
    return sorted(set(template(text).filter_names()) - set(environment().filters))


def fill(text: str, values: Mapping[str, object], *, html: bool = False) -> str:
    """The text with its values.

    Args:
        text: A template.
        values: By dotted name; None is as good as absent.
        html: Whether values are escaped as they are put in.

    Raises:
        TemplateError: ``template_syntax``, ``missing_value``, ``template_limit``, ``template_failed``.
    """
    from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError

    compiled = template(text, html)
    try:
        return compiled.render(**nested(values))
    except UndefinedError as error:
        raise TemplateError(_fault("missing_value", error)) from None
    except ResourceLimitError as error:
        raise TemplateError(_fault("template_limit", error)) from None
    except LiquidError as error:
        raise TemplateError(_fault("template_failed", error)) from None


def nested(values: Mapping[str, object]) -> dict[str, object]:
    """``{"moment.weather": x}`` as ``{"moment": {"weather": x}}``, without what is None."""
    tree: dict[str, object] = {}
    for name in sorted(values):
        if values[name] is None:
            continue
        *path, last = name.split(".")
        here = tree
        for part in path:
            below = here.get(part)
            if not isinstance(below, dict):
                below = here[part] = {}
            here = below
        here[last] = values[name]
    return tree


def _fault(code: str, error: LiquidError) -> Fault:
    context = error.context()
    line, column = (context[0], context[1] + 1) if context else (None, None)
    return Fault(code, str(error.args[0]) if error.args else type(error).__name__, line, column)
