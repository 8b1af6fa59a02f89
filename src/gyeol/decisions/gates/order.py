"""The gates in the order in which they are asked: the first that refuses is the reason that is kept.

Source: DESIGN §8 (consent, law, suppression, complaint, intent, eligibility, freshness of the Moment, caps and fatigue, budget and
inventory, holdout). What says most about the person comes first, what is true of everybody after it.
The holdout is last: only those who would have had an offer are held out.
"""

from __future__ import annotations

from gyeol.decisions.gates.bought import BoughtGate
from gyeol.decisions.gates.budget import BudgetGate
from gyeol.decisions.gates.complaint import ComplaintGate
from gyeol.decisions.gates.consent import ConsentGate
from gyeol.decisions.gates.contact_budget import ContactBudgetGate
from gyeol.decisions.gates.coupon import CouponGate
from gyeol.decisions.gates.eligibility import EligibilityGate
from gyeol.decisions.gates.elsewhere import ElsewhereGate
from gyeol.decisions.gates.fatigue import FatigueGate
from gyeol.decisions.gates.frequency import FrequencyGate
from gyeol.decisions.gates.freshness import FreshnessGate
from gyeol.decisions.gates.gate import Gate
from gyeol.decisions.gates.holdout import HoldoutGate
from gyeol.decisions.gates.intent import IntentGate
from gyeol.decisions.gates.inventory import InventoryGate
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
    FreshnessGate(),
    BoughtGate(),
    OfferCapGate(),
    PlacementCapGate(),
    FrequencyGate(),
    FatigueGate(),
    ContactBudgetGate(),
    BudgetGate(),
    InventoryGate(),
    CouponGate(),
    ElsewhereGate(),
    HoldoutGate(),
)
"""Every gate there is."""
