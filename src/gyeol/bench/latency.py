"""``latency``: from an event's scheduled time to a decision that knows what the event changed, while 2,000 events/s come in one by one."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import PLACEMENT, WRITE_KEY, workspace_of, write_workspace
from gyeol.bench.kit import Offer, load_report, make_stream, start_load
from gyeol.bench.open_loop import Chain, offer_chains
from gyeol.bench.report import MS, PER_S, Figures, say
from gyeol.bench.serving import core_server
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import InternalError
from gyeol.kernel.instants import instant_text

RATE, CONNECTIONS = 2_000.0, 64
PROBES_PER_S, PROBE_CONNECTIONS = 50.0, 16
_OFFERED = "bought"


def measure(setting: Setting, figures: Figures) -> None:
    """Probes: an order by a new person, then at once a decision whose only offer is for those who have ordered."""
    seconds = 5.0 if setting.quick else 20.0
    stream = make_stream(setting.streams, events=150_000, people=30_000, seed=7, form="ndjson", end=setting.end)
    for run in range(setting.runs):
        say(f"  run {run + 1} of {setting.runs}")
        content = workspace_of(offers=1)
        content["offers"].append({"name": _OFFERED, "placements": [PLACEMENT], "eligibility": "orders >= 1", "score": "1"})
        with core_server(write_workspace(setting.folder / f"run{run}", content)) as core:
            chains = [_probe(i) for i in range(int(seconds * PROBES_PER_S))]
            offer = Offer(rate=RATE, batch=1, seconds=seconds + 1, connections=CONNECTIONS)
            client = start_load(core.served.url, WRITE_KEY, stream.path, offer)
            taken, replies = offer_chains(core.served.port, WRITE_KEY, chains, PROBES_PER_S, PROBE_CONNECTIONS)
            load = load_report(client)
        _check(replies)
        figures.add("latency.p50_ms", float(np.quantile(taken, 0.5)), MS)
        figures.add("latency.p99_ms", float(np.quantile(taken, 0.99)), MS)
        figures.add("latency.ack_p50_ms", load.p50_ms or 0.0, MS)
        figures.add("latency.ack_p99_ms", load.p99_ms or 0.0, MS)
        figures.add("latency.achieved_per_s", load.achieved_per_s, PER_S)
        if not load.held:
            figures.note(f"latency run {run + 1} did not hold {RATE:,.0f}/s: its latencies are of an overload")


def _probe(index: int) -> Chain:
    """An event, and the question that its answer must know of."""
    user = f"probe-{index}"
    event = {
        "event": "Order Completed",
        "userId": user,
        "messageId": f"{user}-order",
        "timestamp": instant_text(WallClock().now_ms()),
        "properties": {"order_id": user, "revenue": 10_000, "currency": "KRW"},
    }
    question = {"placements": [PLACEMENT], "userId": user}
    return [("/v1/track", msgspec.json.encode(event)), ("/v1/decide", msgspec.json.encode(question))]


def _check(replies: list[bytes]) -> None:
    told = [msgspec.json.decode(reply)["decisions"][0]["offer"] for reply in replies]
    late = sum(offer != _OFFERED for offer in told)
    if late:
        raise InternalError("bench_wrong", f"{late} of {len(told)} decisions did not know of the event that was acknowledged before")
