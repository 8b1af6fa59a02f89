"""MJML as HTML: mail that every reader shows, written in a few elements. Nothing is included from disk or network.

``mrml`` (Rust) renders it; it passes over what it does not know, so the elements are looked at here first, where a definition is checked.
"""

from __future__ import annotations

import re

from gyeol.content.liquid import MOST_HTML_CHARACTERS, Fault, TemplateError
from gyeol.content.markup import VOID, MarkupReader

MJML = "mjml"
"""The field; what is rendered of it becomes the field ``html``."""

ELEMENTS = frozenset(
    "mjml mj-head mj-body mj-attributes mj-all mj-class mj-breakpoint mj-font mj-html-attributes mj-preview mj-selector mj-style "
    "mj-title mj-html-attribute mj-accordion mj-accordion-element mj-accordion-text mj-accordion-title mj-button mj-carousel "
    "mj-carousel-image mj-column mj-divider mj-group mj-hero mj-image mj-navbar mj-navbar-link mj-raw mj-section mj-social "
    "mj-social-element mj-spacer mj-table mj-text mj-wrapper".split()
)
"""Source: https://documentation.mjml.io, without mj-include."""
INCLUDE = "mj-include"
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(r"<(/?)([A-Za-z][\w-]*)[^<>]*?(/?)>")
MOST_DEPTH = 100
"""The library descends by recursion: at some 2,000 the stack is at its end, and with it the process."""
_POSITION = re.compile(r" in root template| at position \d+:\d+")


def to_html(text: str) -> str:
    """The page that an MJML text makes.

    Args:
        text: Rendered by Liquid already; values in it are escaped.

    Raises:
        TemplateError: ``mjml_syntax``, ``mjml_include``, ``template_limit``.
    """
    import mrml

    if _depth(text) > MOST_DEPTH:
        raise TemplateError(Fault("template_limit", f"elements stand in each other more than {MOST_DEPTH} deep"))
    try:
        made = mrml.to_html(text, mrml.ParserOptions(include_loader=mrml.noop_loader())).content
    except OSError as error:  # what the library raises for whatever it cannot read
        code = "mjml_include" if INCLUDE in text else "mjml_syntax"
        raise TemplateError(Fault(code, _POSITION.sub("", str(error)))) from None
    if len(made) > MOST_HTML_CHARACTERS:
        raise TemplateError(Fault("template_limit", f"the page has {len(made):,} characters; mail readers cut it off"))
    return made


def _depth(text: str) -> int:
    """How deep elements stand in each other at most."""
    depth = deepest = 0
    for ends, name, alone in _ELEMENT.findall(_COMMENT.sub("", text)):
        if ends:
            depth = max(0, depth - 1)
        elif not alone and name.lower() not in VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def faults(source: str) -> list[Fault]:
    """What is wrong with an MJML template, each with its line and column: elements that do not exist or are not closed, includes.

    Args:
        source: With its Liquid placeholders; these are passed over.
    """
    reader = _Reader()
    # As long as they were, so that places stay what they are in the source.
    reader.read(_LIQUID.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), source))
    found = [*reader.found, *(_unclosed(tag, at) for tag, at in reader.open)]
    if not found:
        try:
            to_html(_LIQUID.sub("", source))
        except TemplateError as error:
            found.append(error.fault)
    return sorted(found, key=lambda fault: (fault.line or 0, fault.column or 0))


def _unclosed(tag: str, at: tuple[int, int]) -> Fault:
    return Fault("mjml_syntax", f"<{tag}> is never closed", at[0], at[1] + 1)


class _Reader(MarkupReader):
    """Follows the elements of MJML; HTML within them is none of its business."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Fault] = []
        self.open: list[tuple[str, tuple[int, int]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._known(tag):
            self.open.append((tag, self.getpos()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._known(tag)

    def handle_endtag(self, tag: str) -> None:
        if not _of_mjml(tag) or tag not in ELEMENTS:
            return
        if all(tag != opened for opened, _ in self.open):
            line, column = self.getpos()
            self.found.append(Fault("mjml_syntax", f"</{tag}> closes nothing", line, column + 1))
            return
        while (last := self.open.pop())[0] != tag:
            self.found.append(_unclosed(*last))

    def _known(self, tag: str) -> bool:
        """Whether an element is one of MJML; one that looks so and is not, is noted."""
        if not _of_mjml(tag):
            return False
        line, column = self.getpos()
        if tag == INCLUDE:
            self.found.append(Fault("mjml_include", "<mj-include> reads another file", line, column + 1))
        elif tag not in ELEMENTS:
            self.found.append(Fault("mjml_syntax", f"there is no element <{tag}>", line, column + 1))
        return tag in ELEMENTS


def _of_mjml(tag: str) -> bool:
    return tag == MJML or tag.startswith("mj-")
