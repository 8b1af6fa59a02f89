"""Events of a catalogue as facts of articles: price, price drop, stock, back in stock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from gyeol.context.record import FactInput
from gyeol.kernel.instants import instant_text

USUAL = ("Product Updated", "Product Restocked", "Inventory Updated", "Price Changed")
"""Events that are read when the workspace names none."""
MOST_ARTICLES = 1_000_000
"""Articles whose last price and stock are remembered."""
SOURCE = "catalogue"


class SupplySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events tell of articles, and where; only those of sources with ``trust: server`` are believed.

    Args:
        events: Names; none: the usual ones (``USUAL``).
        sku: Path of the article.
        price: Path of its price; declare it as money, so that it is in minor units.
        stock: Path of how many are left.
    """

    events: list[str] = []
    sku: str = "properties.product_id"
    price: str = "properties.price"
    stock: str = "properties.stock"

    @property
    def read(self) -> tuple[str, ...]:
        """Names of the events."""
        return tuple(self.events) or USUAL


class Offered(NamedTuple):
    """What an event says of an article; None: nothing."""

    sku: str
    at_ms: int
    price: float | None = None
    stock: float | None = None


class Supply:
    """Turns what is said of articles into facts; remembers the last of each, so that a change can be told."""

    def __init__(self) -> None:
        self._last: dict[str, Offered] = {}

    def facts(self, said: Iterable[Offered]) -> list[FactInput]:
        """What changed: in the order of the log; an event older than the last one of its article tells nothing new."""
        return [fact for each in said for fact in self._of(each)]

    def _of(self, said: Offered) -> Iterator[FactInput]:
        before = self._last.get(said.sku)
        if before is not None and said.at_ms < before.at_ms:
            return
        price = said.price if said.price is not None else before.price if before is not None else None
        stock = said.stock if said.stock is not None else before.stock if before is not None else None
        if said.sku in self._last or len(self._last) < MOST_ARTICLES:
            self._last[said.sku] = Offered(said.sku, said.at_ms, price, stock)
        if said.price is not None:
            yield _fact(said, "price", said.price)
            if before is not None and before.price is not None and before.price != said.price:
                yield _fact(said, "price_drop", round(max(0.0, 1 - said.price / before.price), 4) if before.price > 0 else 0.0)
        if said.stock is not None:
            yield _fact(said, "stock", said.stock)
            if before is not None and before.stock is not None and (before.stock > 0) != (said.stock > 0):
                yield _fact(said, "back_in_stock", said.stock > 0)


def _fact(said: Offered, name: str, value: float | bool) -> FactInput:
    return FactInput(name=name, value=value, about={"sku": said.sku}, source=SOURCE, observed_at=instant_text(said.at_ms))
