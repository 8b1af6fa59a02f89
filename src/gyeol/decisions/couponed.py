"""The coupon of a chosen offer: what its content may read of it, and the record of its issue."""

from __future__ import annotations

from gyeol.content.coupons.person import Shown
from gyeol.content.coupons.records import Issued
from gyeol.decisions.model import Decision, OfferDefinition
from gyeol.decisions.person import PersonView
from gyeol.kernel.reason import Reason


def with_coupon(
    person: PersonView, offer: OfferDefinition | None, decision: Decision, now_ms: int
) -> tuple[PersonView, Shown | None, Issued | None]:
    """The person as the offer's content sees them, the code that is shown, and the record when it is a new one.

    Args:
        person: Whom the decision is for.
        offer: The chosen one; None: nothing was.
        decision: For which the code is issued.
        now_ms: ``engine_now``.
    """
    if offer is None or offer.coupon is None:
        return person, None, None
    taken = person.coupons.taken(offer.coupon, now_ms, decision.id, offer.name)
    if isinstance(taken, Reason):
        return person, None, None
    shown, issued = taken
    return person.with_values(shown.values()), shown, issued
