"""Why a message was lawful: what the gates compared when they let it pass."""

from __future__ import annotations

from gyeol.channels.model import Licence
from gyeol.decisions.engine import Passed

CAPS = ("offer_cap", "placement_cap", "frequency", "fatigue", "contact_budget")
"""Gates that count how often."""


def licence(passed: Passed, checked_at_ms: int) -> Licence:
    """The licence of a message whose offer every gate let pass."""
    law = passed.compared.get("law", {})
    rules = law.get("rules")
    return Licence(
        consent=passed.compared.get("consent", {}),
        rules=[str(rule) for rule in rules] if isinstance(rules, list) else [],
        label=str(law.get("label", "")),
        local_hour=str(law.get("local_hour", "")),
        caps={name: values for name, values in passed.compared.items() if name in CAPS and values},
        holdout=passed.compared.get("holdout", {}),
        checked_at_ms=checked_at_ms,
        free_refusal=law.get("free_refusal") is True,
    )
