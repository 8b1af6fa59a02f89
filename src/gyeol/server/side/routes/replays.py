"""Past traffic under other rules."""

from __future__ import annotations

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from gyeol.app.policy_replays import ReplayRequest, Replays
from gyeol.app.policy_valuing import Valued


def replay_routes(replays: Replays) -> list[HTTPRouteHandler]:
    """The route of replays."""

    @post("/v1/policy/replay", status_code=200, sync_to_thread=True)
    def replay(data: JSONBody[ReplayRequest]) -> Valued:
        """Take past decisions again under other definitions: reach, refusals, who would have seen something else, what it would earn."""
        return replays.run(data)

    return [replay]
