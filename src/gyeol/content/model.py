"""Definitions of what is said: a content with its facts and variants, and the catalogue of products that texts may speak of."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.kernel.canonical import digest

Tone = Literal["brief", "warm", "cheering", "careful", "apologetic", "retaining"]
FactType = Literal["text", "product", "price", "percent", "number", "date", "time", "code", "link"]
ANY = "any"
"""Stands in a variant's key where it fits everything."""


class ProductDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product that texts may speak of: ``{{ catalogue['C01'].name }}``.

    Args:
        sku: Unique.
        name: By language.
        price_minor: In whole minor units; None: it has none to be said.
        currency: ISO 4217; None: the workspace's.
        image: Address of its picture.
        link: Address of its page.
        category: For reports.
    """

    sku: str
    name: dict[str, str]
    price_minor: int | None = None
    currency: str | None = None
    image: str = ""
    link: str = ""
    category: str = ""


class FactDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is true of an offer, however it is said; declared once, read as ``{{ facts.<name> }}``.

    Args:
        type: What the value is: price (minor units), percent, number, date (2026-08-31), time (11:00), code, link, product (sku), text.
        value: The value.
        say: By language what is written instead of the value in its usual form, such as ``8월 말까지``.
        currency: Of a price; None: the workspace's.
        required: Whether every variant must say it.
    """

    type: FactType
    value: str | int | float
    say: dict[str, str] = {}
    currency: str | None = None
    required: bool = False


class PictureDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the pictures that a variant may show: a product of the catalogue by its ``sku``, or an ``address``.

    Args:
        sku: Whose picture it is.
        address: Of a picture that is no product's.
        alt: What it shows, for who does not see it; empty: the product's name in the variant's language.
    """

    sku: str = ""
    address: str = ""
    alt: str = ""


class VariantDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to say it.

    Args:
        language: ``ko``, ``en``, ``en-GB``.
        fields: title, body, subject, preheader, html, mjml, text, image, link, coupon, …: Liquid templates.
        channels: Media (email, app, web, sms, push, kakao, till, …) that it is written for; empty: any.
        tone: ``moment.tone`` that it is written for; None: any.
        stage: Journey stage that it is written for; None: any.
        persona: Audience that it is written for; None: everybody.
        images: Pictures to choose from by the colours that the reader likes, the usual one first: ``{{ image }}``, ``{{ image_alt }}``,
            and the fields ``image`` and ``alt`` where they are not written.
    """

    language: str
    fields: dict[str, str]
    channels: list[str] = []
    tone: Tone | None = None
    stage: str | None = None
    persona: str | None = None
    images: list[PictureDefinition] = []

    @property
    def key(self) -> str:
        """What it is called within its content: ``app,web/ko/brief``, with ``/stage=…`` and ``/persona=…`` where it has them."""
        parts = [",".join(self.channels) or ANY, self.language, self.tone or ANY]
        parts += [f"{name}={value}" for name, value in (("stage", self.stage), ("persona", self.persona)) if value is not None]
        return "/".join(parts)


class ContentDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One core message in all its variants, whose facts do not differ.

    Args:
        name: Unique.
        message: The core message in one sentence, by language: what every variant says.
        facts: By name.
        variants: In the order of the file.
        stale_after: ``90d``: after so long without an edit or an approval it is to be looked at again.
    """

    name: str
    variants: list[VariantDefinition]
    message: dict[str, str] = {}
    facts: dict[str, FactDefinition] = {}
    stale_after: str = "90d"
    label: dict[str, str] = {}

    @property
    def version(self) -> str:
        """16 hex digits that change with any word and any fact."""
        return digest([self.facts, self.variants])[:16]

    def version_of(self, variant: VariantDefinition) -> str:
        """16 hex digits that change with any word of one variant, and with the facts."""
        return digest([self.facts, variant])[:16]


class Pictured(msgspec.Struct, frozen=True, kw_only=True):
    """Which picture somebody saw, and why.

    Args:
        image: Its address.
        reason: ``colours_liked``, ``little_known`` (the first is shown), ``no_lead`` (the first is shown).
        colour: The colour of the picture that counted most, ``#rrggbb``; empty unless ``colours_liked``.
        liked: The colour among those that they look at which it is nearest to.
        distance: ΔE between the two; 2.3 can just be seen.
        looked_at: Products with a colour like it that they viewed, added or bought, the ones that counted most first; at most 5.
    """

    image: str
    reason: str
    colour: str = ""
    liked: str = ""
    distance: float | None = None
    looked_at: list[str] = []


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """Which words somebody read: kept with the decision and the message, so that they can be shown later.

    Args:
        content: Name of the content.
        variant: Key of the variant.
        version: Of the variant, see ``ContentDefinition.version_of``.
        tone: ``moment.tone`` that was asked for; empty: it was not known.
        picture: Which one of several was shown; None: there was nothing to choose.
    """

    content: str
    variant: str
    version: str
    tone: str = ""
    picture: Pictured | None = None
