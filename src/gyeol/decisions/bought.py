"""What tells whether somebody has bought what is offered: a trait of our own for each event that an offer names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from gyeol.decisions.limits import Bought
from gyeol.decisions.model import OfferDefinition
from gyeol.profiles.model import TraitDefinition


def bought_trait(bought: Bought) -> TraitDefinition:
    """The count of the events that ``bought`` names; equal ones have one trait.

    Traits survive merges, replays, late events and changes of the definitions, so the gate need not remember anything itself.
    """
    told = f"{bought.event}\n{bought.where or ''}\n{bought.within or ''}"
    name = "bought_" + hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
    return TraitDefinition(name=name, kind="count", event=bought.event, where=bought.where, window=bought.within)


def bought_traits(offers: Iterable[OfferDefinition]) -> list[TraitDefinition]:
    """The traits that offers ask for, in their order."""
    found = [bought_trait(offer.bought) for offer in offers if offer.bought is not None]
    return list({trait.name: trait for trait in found}.values())
