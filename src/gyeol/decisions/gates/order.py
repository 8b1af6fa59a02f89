"""The gates in the order in which they are asked: the first that refuses is the reason that is kept.

Source: DESIGN §8 (consent, law, suppression, complaint, intent, eligibility, caps, holdout).
The holdout is last: only those who would have had an offer are held out.
"""

from __future__ import annotations

from gyeol.decisions.gates.complaint import ComplaintGate
from gyeol.decisions.gates.consent import ConsentGate
from gyeol.decisions.gates.eligibility import EligibilityGate
from gyeol.decisions.gates.gate import Gate
from gyeol.decisions.gates.holdout import HoldoutGate
from gyeol.decisions.gates.intent import IntentGate
from gyeol.decisions.gates.law import LawGate
from gyeol.decisions.gates.offer_cap import OfferCapGate
from gyeol.decisions.gates.placement_cap import PlacementCapGate
from gyeol.decisions.gates.suppression import SuppressionGate
from gyeol.decisions.gates.validity import ValidityGate

GATES: tuple[Gate, ...] = (
    ValidityGate(),
    ConsentGate(),
    LawGate(),
    SuppressionGate(),
    ComplaintGate(),
    IntentGate(),
    EligibilityGate(),
    OfferCapGate(),
    PlacementCapGate(),
    HoldoutGate(),
)
"""Every gate there is."""
