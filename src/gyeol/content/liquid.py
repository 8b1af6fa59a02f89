"""Liquid templates in a sandbox: placeholders, filters, if, case and for; no files, no clock, small limits.

Imported only when a text holds a template: the library takes half a second and 22 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

import msgspec

from gyeol.content.korean.josa import with_josa

if TYPE_CHECKING:
    from liquid import BoundTemplate, Environment
    from liquid.exceptions import LiquidError
    from liquid.tag import Tag

TAGS = frozenset(("#", "illegal", "comment", "content", "output", "if", "unless", "case", "for", "break", "continue", "assign"))
"""``illegal`` refuses all others; ``include`` and ``render`` read other templates; the rest is left out because a message needs no more."""

NO_FILTERS = frozenset(("date", "safe"))
"""``date`` reads the wall clock for 'now', which no replay would find again; ``safe`` marks text as trusted HTML."""

MOST_LOOPS = 200
MOST_BITS = 256
"""Of a whole number that a filter works out."""
_GROWING = frozenset(("replace", "join"))
"""Filters that put a text in many times."""
_WRONG = (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
"""What filters of the library raise for values that they do not expect, such as the text ``inf`` where a number is rounded."""
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
    made.tags["for"] = _bounded_for(made)
    made.filters = {name: _bounded(work, 10 * most) for name, work in made.filters.items() if name not in NO_FILTERS}
    made.filters["josa"] = _bounded(with_josa, 10 * most)
    return made


def _bounded_for(env: Environment) -> Tag:
    """The tag ``for``, which writes no long range out to turn it round."""
    from liquid.ast import Node
    from liquid.builtin.expressions import LoopExpression
    from liquid.builtin.tags.for_tag import ForNode, ForTag
    from liquid.context import RenderContext
    from liquid.exceptions import LoopIterationLimitError
    from liquid.stream import TokenStream

    class Loop(LoopExpression):
        __slots__ = ()

        def _to_iter(self, obj: object, context: RenderContext) -> tuple[Iterator[Any], int]:
            if isinstance(obj, range) and obj.stop - obj.start > MOST_LOOPS:
                raise LoopIterationLimitError(f"a range has at most {MOST_LOOPS} numbers", token=self.token)
            return super()._to_iter(obj, context)

    class For(ForTag):
        def parse(self, stream: TokenStream) -> Node:
            node = super().parse(stream)
            assert isinstance(node, ForNode)
            said = node.expression
            node.expression = Loop(
                said.token, said.identifier, said.iterable, limit=said.limit, offset=said.offset, reversed_=said.reversed, cols=said.cols
            )
            return node

    return For(env)


def _bounded(work: Callable[..., object], most: int) -> Callable[..., object]:
    """A filter that makes at most ``most`` characters: the library counts what comes out, not what was made on the way."""
    from liquid.exceptions import ResourceLimitError

    name = getattr(work, "__name__", "")

    @wraps(work)
    def bounded(left: object, *said: object, **named: object) -> object:
        # Of what is undefined nothing may be asked, its class neither: so types are compared, not ``isinstance``.
        kind = type(left)
        if kind is range and left.stop - left.start > MOST_LOOPS:  # type: ignore[attr-defined]  # it is a range
            raise ResourceLimitError(f"a range has at most {MOST_LOOPS} numbers", token=None)
        if name in _GROWING and issubclass(kind, str | list | tuple):
            longest = max((len(each) for each in said if issubclass(type(each), str)), default=0)  # type: ignore[arg-type]  # it is a text
            if (len(left) + 1) * longest > most:  # type: ignore[arg-type]  # it has a length
                raise ResourceLimitError(f"at most {most:,} characters are made on the way", token=None)
        made = work(left, *said, **named)
        if issubclass(type(made), str | list) and len(made) > most:  # type: ignore[arg-type]  # it has a length
            raise ResourceLimitError(f"at most {most:,} characters are made on the way", token=None)
        if type(made) is int and made.bit_length() > MOST_BITS:
            raise ResourceLimitError(f"a number has at most {MOST_BITS} bits", token=None)
        return made

    return bounded


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
    except _WRONG as error:
        raise TemplateError(Fault("template_failed", str(error))) from None


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
