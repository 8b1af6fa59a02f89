"""Is there a code for this person?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class CouponGate:
    """Refuses an offer whose pool of coupons is empty, closed or unknown, and one of which the person has had so many as they may.

    A code that the person has and can still use passes: it is shown again.
    """

    name = "coupon"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with a coupon."""
        return candidate.offer.coupon is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``coupon_unavailable`` or ``coupon_limit``."""
        pool = candidate.offer.coupon
        assert pool is not None
        return question.request.person.coupons.refusal(pool, question.request.now_ms)

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The pool."""
        return {"pool": candidate.offer.coupon}
