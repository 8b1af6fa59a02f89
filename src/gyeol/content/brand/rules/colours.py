"""Colours of markup: of the guide's palette, and text that can be told from its ground. Styles in attributes are read, style sheets not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from gyeol.content.brand.contrast import NAMED, RGB, colour, contrast, hex_of
from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import PAGES, Field, Looked
from gyeol.content.markup import VOID, MarkupReader

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|rgba?\([^)]*\)")
_COLOURED = re.compile("color|background", re.IGNORECASE)
_STYLE = re.compile(r"([a-z-]+)\s*:\s*([^;]+)")
_SIZE = re.compile(r"([\d.]+)\s*(px|pt)")
_VOID = VOID | {"mj-image", "mj-divider", "mj-spacer"}
_BLACK, _WHITE = NAMED["black"], NAMED["white"]
_LARGE_PX, _LARGE_BOLD_PX, _PX_OF_PT = 24.0, 18.66, 4 / 3


class Ink(msgspec.Struct, frozen=True):
    """How text looks at a place: its colour and ground, its size in px, whether it is bold."""

    text: RGB = _BLACK
    ground: RGB = _WHITE
    size_px: float = 16.0
    bold: bool = False

    @property
    def large(self) -> bool:
        """Source: WCAG 2.2, large scale text: 18 pt, or 14 pt and bold."""
        return self.size_px >= _LARGE_PX or (self.bold and self.size_px >= _LARGE_BOLD_PX)


def check(of: Looked) -> Iterator[Finding]:
    """``colour_not_in_palette``, ``contrast_low``."""
    for field in of.fields:
        if field.name not in PAGES or not _COLOURED.search(field.text):
            continue
        yield from _palette(of, field)
        reader = _Reader(of, field)
        reader.read(field.text)
        yield from reader.found


def _palette(of: Looked, field: Field) -> Iterator[Finding]:
    allowed = {known for text in of.guide.colours.palette if (known := colour(text)) is not None}
    if not allowed:
        return
    for found in _COLOUR.finditer(field.text):
        seen = colour(found[0])
        if seen is not None and seen not in allowed:
            nearest = min(sorted(allowed), key=lambda one: sum((a - b) ** 2 for a, b in zip(one, seen, strict=True)))
            palette = [hex_of(one) for one in sorted(allowed)]
            yield field.found(
                "colour_not_in_palette", found.start(), found.end(), "warning", hex_of(nearest), colour=found[0], palette=palette
            )


class _Reader(MarkupReader):
    def __init__(self, of: Looked, field: Field) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Finding] = []
        self._of, self._field = of, field
        self._inks: list[tuple[str, Ink]] = [("", Ink())]
        self._told: set[tuple[RGB, RGB]] = set()
        self._lines = [0]
        for line in field.text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._inks.append((tag, _inked(self._inks[-1][1], {name: value or "" for name, value in attrs}, tag)))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._inks[1:]):
            while self._inks.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        ink = self._inks[-1][1]
        limits = self._of.guide.colours
        least = limits.large_contrast if ink.large else limits.contrast
        ratio = contrast(ink.text, ink.ground)
        if not data.strip() or ratio >= least or (ink.text, ink.ground) in self._told or self._inks[-1][0] in ("style", "script", "title"):
            return
        self._told.add((ink.text, ink.ground))
        line, column = self.getpos()
        start = self._lines[line - 1] + column + len(data) - len(data.lstrip())
        params: dict[str, object] = {
            "text": hex_of(ink.text), "ground": hex_of(ink.ground), "contrast": round(ratio, 2), "least": least,
        }  # fmt: skip
        self.found.append(self._field.found("contrast_low", start, start + len(data.strip()), "error", None, **params))


def _inked(ink: Ink, attributes: dict[str, str], tag: str) -> Ink:
    style = {name: value.strip() for name, value in _STYLE.findall(attributes.get("style", "").lower())}
    text = colour(style.get("color", attributes.get("color", "")))
    grounds = (style.get("background-color"), style.get("background"), attributes.get("bgcolor"), attributes.get("background-color"))
    ground = colour(next((one for one in grounds if one), ""))
    size = _SIZE.fullmatch(style.get("font-size", attributes.get("font-size", "")))
    bold = style.get("font-weight", "") in ("bold", "700", "800", "900") or tag in ("b", "strong", "h1", "h2", "h3") or ink.bold
    return Ink(
        text=text or ink.text,
        ground=ground or ink.ground,
        size_px=ink.size_px if size is None else float(size[1]) * (_PX_OF_PT if size[2] == "pt" else 1.0),
        bold=bold,
    )
