"""Facts may not differ: whatever a variant claims is one of the content's facts, in every branch of its templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from gyeol.content.branches import SOMEBODYS, every_branch, visible
from gyeol.content.claims import agrees, claims, whole
from gyeol.content.liquid import TemplateError, is_template, reads
from gyeol.content.mjml import MJML
from gyeol.content.model import ContentDefinition, ProductDefinition, VariantDefinition
from gyeol.content.speaking import fact_text, product_texts

PAGES = ("html", MJML)
UNSAID = ("image",)
"""Fields that nobody reads."""
IMAGES = "images"
"""Stands for the alternative texts of a variant's pictures where a field's name stands."""
LEAST_NAME = 2
"""Shorter names of products are not looked for in texts."""


class FactFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A variant that says what is no fact, or leaves one out that it must say.

    Args:
        code: ``undeclared_<type>``, ``unknown_fact``, ``missing_fact``.
        variant: Its place among the variants.
        field: Where; empty for a fact that is missing.
        found: What stands there, or the fact's name.
        facts: What of that type is declared, as it would be written.
    """

    code: str
    variant: int
    field: str
    found: str
    facts: list[str] = []

    @property
    def what(self) -> str:
        """In words."""
        match self.code:
            case "unknown_fact":
                return f"there is no fact {self.found!r}"
            case "missing_fact":
                return f"the fact {self.found!r} must be said by every variant"
            case _:
                return f"{self.found!r} is no declared {self.code.removeprefix('undeclared_')}"

    @property
    def mend(self) -> str:
        """How to mend it."""
        match self.code:
            case "missing_fact":
                return f"put {{{{ facts.{self.found} }}}} into a field, or take 'required' away"
            case _ if self.facts:
                return f"the facts say: {', '.join(self.facts)}"
            case "unknown_fact":
                return "declare it under 'facts:'"
            case _:
                return f"declare it under 'facts:' with type: {self.code.removeprefix('undeclared_')}, or take it out"


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """The products that texts may speak of, and the currency of prices that have none of their own."""

    products: Sequence[ProductDefinition] = ()
    currency: str = "KRW"

    @cached_property
    def by_sku(self) -> dict[str, ProductDefinition]:
        """The products by sku."""
        return {product.sku: product for product in self.products}

    @cached_property
    def _texts(self) -> dict[str, dict[str, dict[str, str]]]:
        return {}

    def texts(self, language: str) -> dict[str, dict[str, str]]:
        """As templates of a language read it; worked out once."""
        if language not in self._texts:
            self._texts[language] = product_texts(self.products, language, self.currency)
        return self._texts[language]


def facts_of(content: ContentDefinition, language: str, catalogue: Catalogue) -> dict[str, str]:
    """The facts by name as they are written in a language. Raises ValueError for a value that is none of its type."""
    return {name: fact_text(fact, language, catalogue.by_sku, catalogue.currency) for name, fact in content.facts.items()}


def values_of(facts: Mapping[str, str], language: str, catalogue: Catalogue) -> dict[str, object]:
    """What templates read beside the person: ``facts.…`` and ``catalogue``."""
    values: dict[str, object] = {f"facts.{name}": text for name, text in facts.items()}
    if catalogue.products:
        values["catalogue"] = catalogue.texts(language)
    return values


def differing(content: ContentDefinition, catalogue: Catalogue) -> list[FactFinding]:
    """Every claim of every variant that is no fact, in the order of the file.

    The rule: each field is read with all branches of its template taken; facts and fixed words of the catalogue are filled in, values
    of people left blank. Where a fact stands in the form in which it is written, or as it was declared, nothing is claimed. Every
    price, share, date, time, code, link and number besides must be the value of a fact of that type, and every name of a product of
    the catalogue that of a fact of type product. Raises ValueError as ``facts_of``.
    """
    return [finding for place, variant in enumerate(content.variants) for finding in _of_variant(content, place, variant, catalogue)]


def _of_variant(content: ContentDefinition, place: int, variant: VariantDefinition, catalogue: Catalogue) -> list[FactFinding]:
    facts = facts_of(content, variant.language, catalogue)
    values = values_of(facts, variant.language, catalogue)
    known = [*_written_as(content, facts), *_names(content, catalogue)]
    found: list[FactFinding] = []
    said: set[str] = set()
    for field, text in variant.fields.items():
        read = _facts_read(text)
        said.update(read)
        found += [
            FactFinding(code="unknown_fact", variant=place, field=field, found=name, facts=sorted(content.facts))
            for name in read
            if name not in content.facts
        ]
        words = every_branch(text, values) if is_template(text) else text
        words = visible(words) if field in PAGES else words
        said.update(name for name, written in facts.items() if written and whole(written).search(words))
        if field in UNSAID:
            continue
        found += _undeclared(content, place, field, words, known, catalogue)
    for picture in variant.images:
        # A product's picture may say what the product is called.
        own = _names(content, catalogue) + list(catalogue.by_sku[picture.sku].name.values() if picture.sku in catalogue.by_sku else ())
        found += [
            finding
            for finding in _undeclared(content, place, IMAGES, picture.alt, known, catalogue)
            if not (finding.code == "undeclared_product" and finding.found in own)
        ]
    found += [
        FactFinding(code="missing_fact", variant=place, field="", found=name)
        for name, fact in content.facts.items()
        if fact.required and name not in said
    ]
    return found


def _undeclared(
    content: ContentDefinition, place: int, field: str, words: str, known: Sequence[str], catalogue: Catalogue
) -> list[FactFinding]:
    found: list[FactFinding] = []
    for claim in claims(words, known):
        if not any(agrees(claim, fact, catalogue.currency) for fact in content.facts.values()):
            declared = [str(fact.value) for fact in content.facts.values() if fact.type == claim.kind]
            found.append(FactFinding(code=f"undeclared_{claim.kind}", variant=place, field=field, found=claim.text, facts=declared))
    if field == "coupon" and words.strip() and words.strip() not in known and not any(f.code == "undeclared_code" for f in found):
        declared = [str(fact.value) for fact in content.facts.values() if fact.type == "code"]
        if words.strip() not in declared and SOMEBODYS not in words:
            found.append(FactFinding(code="undeclared_code", variant=place, field=field, found=words.strip(), facts=declared))
    own = _names(content, catalogue)
    for name in own:
        words = words.replace(name, " ")
    others = {name for product in catalogue.products for name in product.name.values() if len(name) >= LEAST_NAME and name not in own}
    for name in sorted(others, key=lambda each: (-len(each), each)):
        if whole(name).search(words):
            declared = [str(fact.value) for fact in content.facts.values() if fact.type == "product"]
            found.append(FactFinding(code="undeclared_product", variant=place, field=field, found=name, facts=declared))
            words = words.replace(name, " ")
    return found


def _written_as(content: ContentDefinition, facts: Mapping[str, str]) -> list[str]:
    """Forms of facts that are told from a claim by their words alone; figures are compared by value."""
    known: list[str] = []
    for name, fact in content.facts.items():
        foreign = fact.type == "price" and fact.currency is not None
        if fact.say or foreign or fact.type in ("text", "code", "product"):
            known.append(facts[name])
        if fact.type in ("text", "code"):
            known.append(str(fact.value))
    return known


def _names(content: ContentDefinition, catalogue: Catalogue) -> list[str]:
    """What the products among the facts are called, in every language; the longest first."""
    skus = [str(fact.value) for fact in content.facts.values() if fact.type == "product"]
    named = [name for sku in skus if sku in catalogue.by_sku for name in catalogue.by_sku[sku].name.values()]
    named += [text for fact in content.facts.values() if fact.type == "product" for text in fact.say.values()]
    return sorted(set(named), key=lambda each: (-len(each), each))


def _facts_read(text: str) -> list[str]:
    """The facts that a template reads, by name; a template that cannot be read is somebody else's finding."""
    if not is_template(text):
        return []
    try:
        return [name.removeprefix("facts.").partition(".")[0] for name in reads(text) if name.startswith("facts.")]
    except TemplateError:
        return []
