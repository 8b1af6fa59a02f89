"""Colours of CSS, and how well two can be told apart.

Source: WCAG 2.2, relative luminance and contrast ratio, success criterion 1.4.3.
"""

from __future__ import annotations

import re

RGB = tuple[int, int, int]

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_FUNCTION = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)", re.IGNORECASE)
NAMED: dict[str, RGB] = {
    "black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "navy": (0, 0, 128), "orange": (255, 165, 0),
    "purple": (128, 0, 128), "maroon": (128, 0, 0), "teal": (0, 128, 128), "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211),
    "darkgray": (169, 169, 169), "darkgrey": (169, 169, 169), "pink": (255, 192, 203), "brown": (165, 42, 42),
}  # fmt: skip
"""Names that mails use. Source: CSS Color Module Level 4."""


def colour(text: str) -> RGB | None:
    """A CSS colour; None for what is none, is transparent in part, or is not known yet (a placeholder).

    Example:
        >>> colour("#FFF"), colour("rgb(1, 2, 3)"), colour("inherit")
        ((255, 255, 255), (1, 2, 3), None)
    """
    text = text.strip().lower()
    if text in NAMED:
        return NAMED[text]
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    found = _FUNCTION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found and max(map(int, found.groups())) < 256 else None


def hex_of(of: RGB) -> str:
    """``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*of)


def luminance(of: RGB) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(value / 255) for value in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """The contrast ratio of two colours, 1 to 21.

    Example:
        >>> round(contrast((0, 0, 0), (255, 255, 255)), 2)
        21.0
    """
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
