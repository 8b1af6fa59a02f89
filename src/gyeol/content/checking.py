"""What is wrong with a content before anybody reads it: facts, templates, MJML, variants that claim what is no fact. All at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time

import msgspec

from gyeol.content.equality import IMAGES, Catalogue, differing
from gyeol.content.liquid import HTML_FIELDS, Fault, TemplateError, is_template, template
from gyeol.content.mjml import MJML, faults
from gyeol.content.model import ContentDefinition, FactDefinition, VariantDefinition
from gyeol.content.rendering import MENDS, unknown_in
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.money import exponent

RESERVED = ("coverage", "preview")
"""Names that addresses of the API need."""
DECIDED = ("decision.id", "decision.offer", "decision.placement", "decision.creative")
OF_PICTURES = ("image", "image_alt")
"""What templates of variants with pictures read besides."""
BESIDE = (*DECIDED, "facts", "catalogue", "coupon")
"""What templates read beside traits and the Moment; facts are checked by themselves."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a content may speak of.

    Args:
        catalogue: Products.
        names: Traits and ``moment.*``; None: any name is taken for one.
        stages, personas: Of the workspace; None: any.
    """

    catalogue: Catalogue
    names: Collection[str] | None = None
    stages: Collection[str] | None = None
    personas: Collection[str] | None = None


class Flaw(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where: keys and places within the definition."""

    at: tuple[str | int, ...]
    code: str
    what: str
    mend: str

    def problem(self, name: str) -> Problem:
        """As a problem of the content of a name."""
        return Problem(path=".".join(["contents", name, *map(str, self.at)]), code=self.code, what=self.what, mend=self.mend)


def flaws(content: ContentDefinition, known: Known) -> list[Flaw]:
    """Everything that is wrong with a content, in the order of its parts; of its facts in texts last."""
    found: list[Flaw] = []
    if content.name in RESERVED:
        found.append(Flaw(("name",), "bad_name", f"{content.name!r} is taken", "choose another name"))
    try:
        parse_duration(content.stale_after)
    except InputError as error:
        found.append(Flaw(("stale_after",), "bad_duration", error.problems[0].what, error.problems[0].mend))
    if not content.variants:
        found.append(Flaw(("variants",), "empty", "a content without variants says nothing", "add one"))
    of_facts = [flaw for name, fact in content.facts.items() for flaw in _of_fact(name, fact, known.catalogue)]
    found += of_facts
    for place, variant in enumerate(content.variants):
        found += _of_variant(content, place, variant, known)
    if any(flaw.code == "bad_fact" for flaw in of_facts):
        return found
    for each in differing(content, known.catalogue):
        at: tuple[str | int, ...] = ("variants", each.variant)
        at = (*at, "images") if each.field == IMAGES else (*at, "fields", each.field) if each.field else at
        found.append(Flaw(at, each.code, f"{content.variants[each.variant].key}: {each.what}", each.mend))
    return found


def _of_fact(name: str, fact: FactDefinition, catalogue: Catalogue) -> list[Flaw]:
    at = ("facts", name, "value")
    mend = _mend_of(fact)
    if mend is not None:
        return [Flaw(at, "bad_fact", f"{name}: {fact.value!r} is no {fact.type}", mend)]
    if fact.type == "product" and str(fact.value) not in catalogue.by_sku and not fact.say:
        what = f"{name}: the catalogue has no product {fact.value!r}"
        return [Flaw(at, "unknown_product", what, "declare it under 'catalogue:', or write say: {ko: …, en: …}")]
    return []


def _mend_of(fact: FactDefinition) -> str | None:
    """How to mend a value that is none of its type; None: it is well."""
    value = fact.value
    try:
        match fact.type:
            case "price":
                good = isinstance(value, int) and value >= 0 and exponent(fact.currency or "KRW") >= 0
                return None if good else "write whole minor units: 2250"
            case "percent" | "number":
                return None if isinstance(value, int | float) else "write a number"
            case "date":
                date.fromisoformat(str(value)[:10])
            case "time":
                time.fromisoformat(str(value) if len(str(value)) > 4 else f"0{value}")
            case "link":
                return None if str(value).startswith(("https://", "http://")) else "write https://…"
            case _:
                return None if isinstance(value, str) and value else "write a text in quotes"
    except ValueError:
        return "write 2026-08-31" if fact.type == "date" else "write 11:00"
    return None


def _of_variant(content: ContentDefinition, place: int, variant: VariantDefinition, known: Known) -> list[Flaw]:
    at: tuple[str | int, ...] = ("variants", place)
    found: list[Flaw] = []
    twin = next((n for n, other in enumerate(content.variants[:place], 1) if other.key == variant.key), None)
    if twin is not None:
        what = f"variant {place + 1} is for the same as variant {twin}: {variant.key}"
        mend = "make one of them for another channel, language, tone, stage or persona"
        found.append(Flaw(at, "duplicate_variant", what, mend))
    if not any(text.strip() for text in variant.fields.values()):
        found.append(Flaw((*at, "fields"), "empty", f"{variant.key} says nothing", "write a title or a body"))
    for field, name, names in (("stage", variant.stage, known.stages), ("persona", variant.persona, known.personas)):
        if name is not None and names is not None and name not in names:
            mend = f"there are: {', '.join(names) or 'none'}"
            found.append(Flaw((*at, field), f"unknown_{field}", f"{field} {name!r} does not exist", mend))
    found += _of_pictures(place, variant, known.catalogue)
    readable = None if known.names is None else (*known.names, *BESIDE, *(OF_PICTURES if variant.images else ()))
    for field, text in variant.fields.items():
        found += [
            Flaw((*at, "fields", field), fault.code, f"{variant.key}: {_placed(fault)}", MENDS[fault.code])
            for fault in _of_text(field, text, readable)
        ]
    return found


def _of_pictures(place: int, variant: VariantDefinition, catalogue: Catalogue) -> list[Flaw]:
    found: list[Flaw] = []
    for n, picture in enumerate(variant.images):
        at = ("variants", place, "images", n)
        product = catalogue.by_sku.get(picture.sku)
        if bool(picture.sku) == bool(picture.address):
            what = f"{variant.key}: picture {n + 1} has {'both a sku and an address' if picture.sku else 'neither a sku nor an address'}"
            found.append(Flaw(at, "bad_image", what, "write {sku: C01}, or {address: https://…, alt: …}"))
        elif picture.sku and product is None:
            what = f"{variant.key}: the catalogue has no product {picture.sku!r}"
            found.append(Flaw((*at, "sku"), "unknown_product", what, "declare it under 'catalogue:'"))
        elif product is not None and not product.image:
            what = f"{variant.key}: the product {picture.sku!r} has no picture"
            found.append(Flaw((*at, "sku"), "bad_image", what, "give the product image: https://…"))
        if is_template(picture.address) or is_template(picture.alt):
            what = f"{variant.key}: picture {n + 1} has a placeholder"
            found.append(Flaw(at, "bad_image", what, "write addresses and alternative texts of pictures out"))
    return found


def _of_text(field: str, text: str, readable: Collection[str] | None) -> list[Fault]:
    """What is wrong with one field: its template, the names it reads, its MJML."""
    try:
        if is_template(text):
            template(text, field in HTML_FIELDS)
    except TemplateError as error:
        return [error.fault]
    found = unknown_in(text, readable)
    return [*found, *faults(text)] if field == MJML else found


def _placed(fault: Fault) -> str:
    return fault.what if fault.line is None else f"line {fault.line}, column {fault.column}: {fault.what}"
