"""What partners are told."""

from __future__ import annotations

import msgspec

from gyeol.app.core_people import Texts


class PartnerOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One offer of a partner.

    Args:
        decisions: How often it was chosen. people: For how many.
        shown, clicked: As pages and apps tell with ``Offer Shown`` and ``Offer Clicked``; of placements that tell nothing they are 0.
    """

    name: str
    label: Texts = {}
    decisions: int = 0
    people: int = 0
    shown: int = 0
    clicked: int = 0


class PartnerReport(msgspec.Struct, frozen=True, kw_only=True):
    """One partner.

    Args:
        taken, taken_today: Offers that count against the limits: decided, and neither lapsed nor given back.
        left, left_today: What the limits leave; null: there is none.
        spent_minor, spent_today_minor: Money that its offers took, in minor units of ``currency``.
        budget_minor, budget_day_minor: What they may take.
    """

    name: str
    label: Texts
    taken: int
    taken_today: int
    left: int | None
    left_today: int | None
    currency: str
    spent_minor: int
    spent_today_minor: int
    budget_minor: int | None
    budget_day_minor: int | None
    offers: list[PartnerOffer]


class PartnersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All partners, in the order of the definitions; counts of offers are as of the lake's offset."""

    partners: list[PartnerReport]
    lake_offset: int
