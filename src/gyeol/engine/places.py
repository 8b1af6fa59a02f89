"""Usual places are learned while events are folded, of those who agree to the purpose ``location``; who withdraws is forgotten at once."""

from __future__ import annotations

import numpy as np

from gyeol.context.place.movement import stay_of
from gyeol.context.place.whereabouts import WORST_M
from gyeol.engine.state import EngineState
from gyeol.events.batch import EventBatch
from gyeol.kernel.instants import Int64
from gyeol.privacy.consent import LOCATION


def learn_places(state: EngineState, batch: EventBatch, nodes: Int64) -> None:
    """Take the positions of a batch in.

    Args:
        state: Its haunts are changed.
        batch: The events.
        nodes: (n,) the node of each; -1: nobody's.
    """
    path = state.moments.paths.get("cell")
    if path is None or not state.definitions.workspace.usual_places or not state.consent.speaks_of(LOCATION):
        return
    lat, lon = batch.column(f"{path}.latitude", "number"), batch.column(f"{path}.longitude", "number")
    events = np.flatnonzero(lat.known & lon.known & (nodes >= 0))
    if not len(events):
        return
    vague = batch.column(f"{path}.accuracy", "number")
    zone_path, clock = state.moments.paths.get("zone"), state.moments.clock
    said = None if zone_path is None else batch.texts(zone_path)
    agreed: dict[int, bool] = {}
    for i in events.tolist():
        north, east, node = float(lat.values[i]), float(lon.values[i]), int(nodes[i])
        if not (abs(north) <= 90 and abs(east) <= 180) or (vague.known[i] and vague.values[i] > WORST_M):
            continue
        if node not in agreed:
            agreed[node] = state.moments.agreed(state.graph.members(int(state.graph.person[node])))
        if agreed[node]:
            zone, _ = clock.zone_of(said[i]) if said is not None else (clock.zone, True)
            stay = stay_of(int(batch.time_ms[i]), north, east, zone)
            if stay is not None:
                state.moments.haunts.add(node, *stay)


def forget_places(state: EngineState) -> None:
    """Let go of what was learned of people who withdrew since it was last looked."""
    for node in state.consent.taken_back():
        members = state.graph.members(int(state.graph.person[node]))
        if not state.moments.agreed(members):
            state.moments.haunts.forget(members)
