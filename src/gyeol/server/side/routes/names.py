"""What people call the things that screens otherwise know by their codes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from gyeol.engine.definitions import Definitions

Texts = dict[str, str]
"""Language (``ko``, ``en``) → text."""


class NamesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Code → what it is called, by kind; what the files give no words for is left out. ``creatives``: by offer; ``products``: by sku."""

    offers: dict[str, Texts] = {}
    creatives: dict[str, dict[str, Texts]] = {}
    journeys: dict[str, Texts] = {}
    campaigns: dict[str, Texts] = {}
    products: dict[str, Texts] = {}
    stores: dict[str, Texts] = {}


def names_of(definitions: Definitions) -> NamesAnswer:
    """The words of definitions."""
    creatives = {
        offer.name: {name: creative.label for name, creative in offer.creatives.items() if creative.label} for offer in definitions.offers
    }
    return NamesAnswer(
        offers={one.name: one.label for one in definitions.offers if one.label},
        creatives={offer: named for offer, named in creatives.items() if named},
        journeys={one.name: one.label for one in definitions.journeys if one.label},
        campaigns={one.name: one.label for one in definitions.campaigns if one.label},
        products={one.sku: one.name for one in definitions.catalogue if one.name},
        stores={one.name: one.label for one in definitions.stores if one.label},
    )


def names_routes(in_force: Callable[[], Definitions] | None) -> list[HTTPRouteHandler]:
    """The route of names. ``in_force``: the definitions; None: nothing has a name."""

    @get("/v1/names", sync_to_thread=True)
    def names() -> NamesAnswer:
        """What people call offers, their creatives, journeys, campaigns, products and stores."""
        return NamesAnswer() if in_force is None else names_of(in_force())

    return [names]
