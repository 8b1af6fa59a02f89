"""Learned policies: where each stands, the switch, and the beginning with history."""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import CommandRequest, Core, StatusRequest, SubmitRequest, Submitted
from gyeol.app.policy_views import PolicyStanding
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.decisions.ranking.warm import Warm


class PoliciesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All policies, in the order of the files."""

    policies: list[PolicyStanding]


class PolicySwitch(msgspec.Struct, frozen=True, kw_only=True):
    """Which policy, by which verdict (None: it only learns from now on), by whom and why."""

    name: str
    by: str
    why: str = ""
    verdict: Verdict | None = None


class PolicyWarm(msgspec.Struct, frozen=True, kw_only=True):
    """Which policy begins with which history, by whom and why; ``dry_run``: it is only told whether it may."""

    name: str
    by: str
    history: Warm
    why: str = ""
    dry_run: bool = False


class PolicyDesk:
    """Answers about policies."""

    _core: Core

    def policies(self) -> PoliciesAnswer:
        """All policies."""
        return PoliciesAnswer(policies=self._core.status(StatusRequest()).policies)

    def policy_switch(self, asked: PolicySwitch) -> Submitted:
        """Have a policy decide, by a verdict that is better, about it and of the definitions in force; without one it only learns again.

        Refused (a value) otherwise, also where the policy began with a history since it was judged.
        """
        verdict = None if asked.verdict is None else msgspec.to_builtins(asked.verdict)
        command = CommandRequest(kind="policy_switch", body={"policy": asked.name, "verdict": verdict}, by=asked.by, why=asked.why)
        return self._core.submit(SubmitRequest(commands=[command])).results[0]

    def policy_warm(self, asked: PolicyWarm) -> Submitted:
        """Have a policy begin with a history, once: a verdict by which it decides ends, for it judged the policy without.

        Refused (a value) where it was read for another policy, or counts already.
        """
        body = msgspec.to_builtins(msgspec.structs.replace(asked.history, policy=asked.name, ends_verdict=True))
        command = CommandRequest(kind="policy_warm", body=body, by=asked.by, why=asked.why)
        return self._core.submit(SubmitRequest(commands=[command], preview=asked.dry_run)).results[0]
