"""Learned policies: where each stands, the switch, and the beginning with history."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from gyeol.app.core_api import Submitted
from gyeol.app.policy_desk import PoliciesAnswer, PolicySwitch, PolicyWarm
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.decisions.ranking.warm import Warm
from gyeol.server.side.routes.people import Asked


class SwitchRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who switches, and why. ``verdict``: as ``gyeol policy evaluate --keep`` wrote it; null: the policy only learns from now on."""

    by: str = "api"
    why: str = ""
    verdict: Verdict | None = None


class WarmRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who begins with what, and why. ``history``: as ``gyeol policy warm --out`` writes it; ``dry_run``: only whether it would be taken."""

    history: Warm
    by: str = "api"
    why: str = ""
    dry_run: bool = False


@get("/v1/policies", sync_to_thread=True)
def policies(desk: Asked) -> PoliciesAnswer:
    """All learned policies, which of them decide, and how much each has learned."""
    return desk.policies()


@post("/v1/policies/{name:str}/switch", status_code=200, sync_to_thread=True)
def switch(desk: Asked, name: FromPath[str], data: JSONBody[SwitchRequest]) -> Submitted:
    """Have a policy decide, or only learn."""
    return desk.policy_switch(PolicySwitch(name=name, by=data.by, why=data.why, verdict=data.verdict))


@post("/v1/policies/{name:str}/warm", status_code=200, sync_to_thread=True)
def warm(desk: Asked, name: FromPath[str], data: JSONBody[WarmRequest]) -> Submitted:
    """Have a policy begin with history."""
    return desk.policy_warm(PolicyWarm(name=name, by=data.by, why=data.why, history=data.history, dry_run=data.dry_run))


ROUTES = [policies, switch, warm]
