"""The report to partners: what became of their offers, and what is left of their limits."""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import Core, StatusRequest
from gyeol.app.figures import Figures
from gyeol.app.partner_answers import PartnerOffer, PartnerReport, PartnersAnswer
from gyeol.decisions.spending import money_of, pieces_of
from gyeol.engine.definitions import Definitions


def partners_answer(core: Core, definitions: Definitions, figures: Figures) -> PartnersAnswer:
    """What became of each partner's offers.

    Args:
        core: Knows what was taken, to the last decision.
        definitions: Those in force.
        figures: Under them: what the lake counts.
    """
    wanted = [name for each in definitions.partners for name in (money_of("partner", each.name), pieces_of("partner", each.name))]
    taken = {each.account: each for each in core.status(StatusRequest(accounts=wanted)).accounts}
    counted, offset = figures.offers()
    found = []
    for partner in definitions.partners:
        money, pieces = taken[money_of("partner", partner.name)], taken[pieces_of("partner", partner.name)]
        offers = [counted.get(offer.name, PartnerOffer(name=offer.name)) for offer in definitions.offers if offer.partner == partner.name]
        labels = {offer.name: offer.label for offer in definitions.offers}
        found.append(
            PartnerReport(
                name=partner.name,
                label=partner.label,
                taken=pieces.total,
                taken_today=pieces.today,
                left=_left(partner.total, pieces.total),
                left_today=_left(partner.day, pieces.today),
                currency=definitions.workspace.currency,
                spent_minor=money.total,
                spent_today_minor=money.today,
                budget_minor=None if partner.budget is None else partner.budget.total_minor,
                budget_day_minor=None if partner.budget is None else partner.budget.day_minor,
                offers=[msgspec.structs.replace(offer, label=labels[offer.name]) for offer in offers],
            )
        )
    return PartnersAnswer(partners=found, lake_offset=offset)


def _left(most: int | None, taken: int) -> int | None:
    return None if most is None else max(0, most - taken)
