"""Is the person tired of what we show?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.gates.promotion import promotes
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class FatigueGate:
    """Stops promotion when much was shown since the last click and nothing was taken.

    Weariness is Σ 2^(−age / half_life) over the promotion that was shown since the person's last ``Offer Clicked`` or ``Offer Taken``,
    over all nodes; from ``most`` on nothing more is shown until it has faded or the person answers. Ten showings a day with a half-life
    of three days settle near 10 / (1 − 2^(−1/3)) ≈ 48. Source: exponential decay, as the trait kind ``decay``.
    """

    name = "fatigue"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Promotion, where the workspace says when people are tired of it."""
        return candidate.weary is not None and placement.promotional and candidate.offer.promotional

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``fatigued``."""
        weary = candidate.weary
        if weary is None or not promotes(question):
            return None
        compared = self.compared(candidate, question)
        weariness = compared["weariness"]
        assert isinstance(weariness, float)
        return Reason(code="fatigued", params=compared) if weariness >= weary.most else None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """How tired the person is, of how many showings, and since when. A message's own decision makes nobody tired."""
        weary, request = candidate.weary, question.request
        if weary is None:
            return {}
        weariness, shown, answered_ms = request.person.weariness(request.now_ms, weary.half_life_ms, weary.picks)
        own_ms = request.recorded_at_ms
        if own_ms is not None and own_ms > answered_ms and shown:
            shown -= 1
            weariness = max(0.0, weariness - 2.0 ** (-(request.now_ms - own_ms) / weary.half_life_ms))
        told: dict[str, object] = {"weariness": round(weariness, 6), "most": weary.most, "shown": shown, "half_life": weary.half_life}
        return {**told, "answered_ms": answered_ms} if answered_ms else told
