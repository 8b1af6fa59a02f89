"""How values are written in a language: prices, shares, dates, times, and the facts of a content by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time

from gyeol.content.model import FactDefinition, ProductDefinition
from gyeol.content.rendering import language_order
from gyeol.kernel.money import exponent

_SIGNS = {"KRW": "₩", "USD": "$", "EUR": "€", "JPY": "¥", "GBP": "£"}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def korean(language: str) -> bool:
    """Whether a language is Korean."""
    return language.split("-")[0].lower() == "ko"


def money(minor: int, currency: str, language: str) -> str:
    """An amount as people read it.

    Example:
        >>> money(2250, "KRW", "ko"), money(2250, "KRW", "en"), money(350, "USD", "en")
        ('2,250원', '₩2,250', '$3.50')
    """
    digits = exponent(currency)
    amount = f"{minor / 10**digits:,.{digits}f}" if digits else f"{minor:,}"
    if currency == "KRW" and korean(language):
        return f"{amount}원"
    return f"{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{amount} {currency}"


def number(value: str | int | float) -> str:
    """A number with separators, without a fraction of zero."""
    return value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:,.6f}".rstrip("0").rstrip(".")


def day(text: str, language: str) -> str:
    """An ISO date without its year: ``8월 31일``, ``31 August``. Raises ValueError."""
    on = date.fromisoformat(text[:10])
    return f"{on.month}월 {on.day}일" if korean(language) else f"{on.day} {MONTHS[on.month - 1]}"


def clock(text: str, language: str) -> str:
    """A time of day: ``오전 11시 30분``, ``11:30 a.m.``. Raises ValueError."""
    at = time.fromisoformat(text if len(text) > 4 else f"0{text}")
    half = at.hour % 12 or 12
    if korean(language):
        return f"{'오전' if at.hour < 12 else '오후'} {half}시" + (f" {at.minute}분" if at.minute else "")
    return f"{half}:{at.minute:02d} {'a.m.' if at.hour < 12 else 'p.m.'}"


def by_language(texts: Mapping[str, str], language: str) -> str:
    """A text in a language, or in the one there is; empty without any."""
    order = language_order(list(texts), language)
    return texts[order[0]] if order else ""


def fact_text(fact: FactDefinition, language: str, products: Mapping[str, ProductDefinition], currency: str) -> str:
    """A fact as it is written; a product that is not in the catalogue stands for itself.

    Raises:
        ValueError: The value is none of its type.
    """
    if fact.say:
        return by_language(fact.say, language)
    value = fact.value
    match fact.type:
        case "price":
            return money(int(value), fact.currency or currency, language)
        case "percent":
            return f"{number(value)}%"
        case "number":
            return number(value)
        case "date":
            return day(str(value), language)
        case "time":
            return clock(str(value), language)
        case "product":
            product = products.get(str(value))
            return str(value) if product is None else by_language(product.name, language)
        case _:
            return str(value)


def product_texts(products: Sequence[ProductDefinition], language: str, currency: str) -> dict[str, dict[str, str]]:
    """The catalogue as templates of a language read it: sku → name, price, image, link, category."""
    return {
        product.sku: {
            "sku": product.sku,
            "name": by_language(product.name, language),
            "price": "" if product.price_minor is None else money(product.price_minor, product.currency or currency, language),
            "image": product.image,
            "link": product.link,
            "category": product.category,
        }
        for product in products
    }
