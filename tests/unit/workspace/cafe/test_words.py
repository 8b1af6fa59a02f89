"""What the coffee chain says: every offer has words for every tone where it is shown, within its own brand guide."""

from __future__ import annotations

from pathlib import Path

import gyeol
from gyeol.content.variants import INSTEAD, Reader, choose
from gyeol.decisions.model import OfferDefinition
from gyeol.workspace.cafe.offers import OFFERS
from gyeol.workspace.load import load

CAFE = Path(gyeol.__file__).parent / "workspace" / "examples" / "cafe"
DEFINITIONS = load(CAFE).definitions


def test_nothing_is_found_wrong_neither_with_the_definitions_nor_with_the_words() -> None:
    assert load(CAFE).warnings == []


def test_every_offer_has_words_in_every_tone_in_both_languages() -> None:
    contents = {content.name: content for content in DEFINITIONS.contents}
    channels = {placement.name: placement.channel for placement in DEFINITIONS.placements}
    holes = [
        (offer.name, name, language, tone)
        for offer in DEFINITIONS.offers
        for name in _named(offer)
        for channel in {channels[place] for place in offer.placements}
        for language in ("ko", "en")
        for tone in INSTEAD
        if (found := choose(contents[name], Reader(medium=channel, language=language, tone=tone))) is None or found.language != language
    ]
    assert holes == []


def test_the_offers_of_the_truth_are_all_there_and_none_asks_for_consent_on_our_own_screens() -> None:
    assert {offer.id for offer in OFFERS} <= {offer.name for offer in DEFINITIONS.offers}
    assert [offer.name for offer in DEFINITIONS.offers if offer.purpose is not None] == [], "journeys name the purpose of their messages"
    assert all(journey.message.purpose == "offers" for journey in DEFINITIONS.journeys)


def test_one_placement_learns_and_every_offer_in_it_has_the_same_goal() -> None:
    (place,) = [placement for placement in DEFINITIONS.placements if placement.ranking not in ("rule", "formula")]
    assert place.ranking in [policy.name for policy in DEFINITIONS.policies]
    assert len({repr(offer.goal) for offer in DEFINITIONS.offers if place.name in offer.placements}) == 1


def _named(offer: OfferDefinition) -> list[str]:
    """The contents that an offer and its creatives name."""
    said = [offer.content, *(creative.content for creative in offer.creatives.values() if creative.content)]
    assert all(isinstance(name, str) for name in said), offer.name
    return [name for name in said if isinstance(name, str)]
