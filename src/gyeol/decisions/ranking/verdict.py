"""What an evaluation said of a learned policy, as ``gyeol policy evaluate`` stores it and ``gyeol policy switch`` asks for it."""

from __future__ import annotations

from typing import Literal

import msgspec

Judgement = Literal["better", "worse", "cannot_tell"]
"""Against the baseline; only ``better`` may switch a policy on."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation of one policy under one set of definitions.

    Args:
        id: Names the verdict; unique in the workspace.
        policy: Name of the policy that was evaluated.
        definitions: Hash of the definitions that it was evaluated under.
        estimator: ``ips``, ``snips``, ``dr``, ``switch_dr`` or ``experiment``.
        estimate: Mean reward a decision under the policy.
        low: Lower end of the interval of ``estimate``.
        high: Upper end of it.
        ess: Effective sample size behind the estimate; of an experiment: decisions of its smaller arm.
        baseline: Mean reward a decision of what the policy would replace.
        verdict: ``better`` only when the interval lies above the baseline and the effective sample size suffices.
        at_ms: When it was made.
        warmed: Hashes of the histories that the policy had begun with, oldest first; None: of a release that did not say.
    """

    id: str
    policy: str
    definitions: str
    estimator: str
    estimate: float
    low: float
    high: float
    ess: float
    baseline: float
    verdict: Judgement
    at_ms: int = 0
    warmed: list[str] | None = None
