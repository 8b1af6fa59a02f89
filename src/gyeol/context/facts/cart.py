"""moment.cart_items, cart_product, cart_age_minutes, cart_value: what was put in the cart and not yet ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from gyeol.context.behaviour.people import MINUTE_MS, ByActions, Teller, Told
from gyeol.context.behaviour.recorded import ADD, ORDER, REMOVE, Read, Step, traits_of
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS
from gyeol.profiles.model import TraitDefinition

LASTS_MS = DAY_MS
"""A cart is remembered so long after something was put in. Our own choice."""


class Cart(ByActions):
    """Put in less taken out since the last order, among the last 32 actions of 24 hours. Each counts as one piece."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "cart_items": NameInfo(type="number", label={"ko": "장바구니 상품 수", "en": "things in the cart"}, unit="items"),
        "cart_product": NameInfo(type="text", label={"ko": "마지막으로 담은 상품", "en": "product last put in the cart"}),
        "cart_age_minutes": NameInfo(
            type="number", label={"ko": "담은 지 지난 시간(분)", "en": "minutes since the last addition"}, unit="minutes"
        ),
        "cart_value": NameInfo(type="number", label={"ko": "장바구니 금액", "en": "value of the cart"}),
    }
    lately_ms = LASTS_MS

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths) if "product" in paths else []

    def teller(self, read: Read, now_ms: int) -> Teller:
        """An empty cart has 0 items; what else there is to say of it is unknown."""
        return lambda past, place: in_cart(past, now_ms)


def in_cart(history: Sequence[Step], now_ms: int) -> Told:
    """The facts by the actions so far, newest first."""
    inside = things_in(history, now_ms)
    values: dict[str, float | str | None] = {"cart_items": float(len(inside))}
    until = (now_ms // MINUTE_MS + 1) * MINUTE_MS
    if inside:
        prices = [step.price for step in inside if step.price is not None]
        values |= {
            "cart_product": inside[-1].product,
            "cart_age_minutes": (now_ms - inside[-1].at_ms) / 60_000,
            "cart_value": sum(prices) if prices else None,
        }
    return Told(values, now_ms, until)


def things_in(history: Sequence[Step], now_ms: int) -> list[Step]:
    """What was put in and is still there, oldest first, by the actions so far, newest first."""
    inside: list[Step] = []
    for step in reversed(history):
        if step.action == ORDER:
            inside = []
        elif step.action == ADD and step.at_ms > now_ms - LASTS_MS:
            inside.append(step)
        elif step.action == REMOVE:
            at = next((i for i in range(len(inside) - 1, -1, -1) if step.product in (None, inside[i].product)), None)
            if at is not None:
                del inside[at]
    return inside
