"""The names that conditions and formulas may use, with their types and labels."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Literal

import msgspec

NameType = Literal["number", "text", "flag", "list", "time"]
"""``time`` is a number of milliseconds since 1970-01-01T00:00:00Z; in a condition an ISO-8601 text stands for it."""

Lang = Literal["ko", "en"]
LANGS: tuple[Lang, ...] = ("ko", "en")


class NameInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a name before any value is.

    Args:
        type: What its values are.
        label: What people call it, by language (``ko``, ``en``).
        unit: What the number counts; an ISO 4217 code means that values and literals are whole minor units of that currency.
        default_zero: Counts, sums and windows: never NULL.
        values: For text: what people call its values, value → language → word.
    """

    type: NameType
    label: dict[str, str] = {}
    unit: str | None = None
    default_zero: bool = False
    values: dict[str, dict[str, str]] = {}


Schema = Mapping[str, NameInfo]
"""Names of traits (``orders_30d``) and of the Moment (``moment.weather``)."""


def label_of(schema: Schema | None, name: str, lang: Lang) -> str:
    """What people call a name in a language; the name itself where no label was given."""
    info = schema.get(name) if schema is not None else None
    return info.label.get(lang, name) if info is not None else name


def currency_of(schema: Schema | None, name: str) -> str | None:
    """The currency of a money name, or None. A unit of three capital letters is an ISO 4217 code."""
    info = schema.get(name) if schema is not None else None
    unit = info.unit if info is not None else None
    return unit if unit is not None and len(unit) == 3 and unit.isascii() and unit.isupper() else None


def nearest(name: str, schema: Schema) -> str | None:
    """The name of the schema that was probably meant: the most alike name, or the name whose label was written."""
    squeezed = name.replace(" ", "").replace("_", "").casefold()
    for known, info in schema.items():
        if any(label.replace(" ", "").casefold() == squeezed for label in info.label.values()):
            return known
    alike = difflib.get_close_matches(name, list(schema), n=1, cutoff=0.6)
    if not alike:
        folded = {known.casefold(): known for known in schema}
        alike = [folded[found] for found in difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)]
    return alike[0] if alike else None
