"""moment.cart_price_drop, moment.cart_low_stock: what is in the cart has become cheaper, or is nearly gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from gyeol.context.behaviour.people import MINUTE_MS, ByActions, Teller, Told
from gyeol.context.behaviour.recorded import Read, Step, traits_of
from gyeol.context.beside import Beside
from gyeol.context.fact import Fact
from gyeol.context.facts.cart import LASTS_MS, things_in
from gyeol.context.subject import Subject
from gyeol.expressions.schema import NameInfo
from gyeol.profiles.model import TraitDefinition

FEW = 5
"""So many or fewer of an article are nearly gone. Our own choice: shops say "only 5 left"."""

READS = ("price", "price_drop", "stock")
"""What is looked at of each article."""


class CartSupply(ByActions):
    """The cart, beside what is recorded of the articles in it: ``price``, ``price_drop`` and ``stock`` by ``sku``.

    A drop is the share of the price at which a thing was put in; where the event said no price, what ``price_drop`` told since then.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "cart_price_drop": NameInfo(type="number", label={"ko": "장바구니 상품의 가격 인하율", "en": "price drop of what is in the cart"}),
        "cart_low_stock": NameInfo(type="flag", label={"ko": "장바구니 상품 품절 임박", "en": "what is in the cart is nearly gone"}),
    }
    lately_ms = LASTS_MS

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths) if "product" in paths else []

    def teller(self, read: Read, now_ms: int) -> Teller:
        """The largest drop of all things in the cart (0: none is cheaper); whether any of those whose stock is known is scarce."""
        beside = read.beside
        return lambda past, place: None if beside is None else _told(things_in(past, now_ms), beside, now_ms)


def _told(inside: Sequence[Step], beside: Beside, now_ms: int) -> Told | None:
    drops: list[float] = []
    scarce: list[bool] = []
    for step in inside:
        if step.product is None:
            continue
        about = Subject("sku", step.product)
        drop = drop_of(step, about, beside)
        if drop is not None:
            drops.append(drop)
        left = beside.fact(about, "stock")
        if left is not None:
            scarce.append(_number(left) <= FEW)
    if not drops and not scarce:
        return None
    values = {"cart_price_drop": max(drops, default=None), "cart_low_stock": any(scarce) if scarce else None}
    return Told(values, now_ms, (now_ms // MINUTE_MS + 1) * MINUTE_MS)


def drop_of(step: Step, about: Subject, beside: Beside) -> float | None:
    """By which share an article became cheaper since it was put in; 0: it did not; None: nobody knows."""
    price = beside.fact(about, "price")
    if price is not None and step.price is not None and step.price > 0:
        return round(max(0.0, 1 - _number(price) / step.price), 4)
    told = beside.fact(about, "price_drop")
    return _number(told) if told is not None and told.observed_at_ms >= step.at_ms else None


def _number(fact: Fact) -> float:
    assert isinstance(fact.value, int | float)
    return float(fact.value)
