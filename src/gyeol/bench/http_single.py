"""``http``: single events, durable, 64 keep-alive clients; beside a server that only answers, in the same run."""

from __future__ import annotations

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import WRITE_KEY, workspace_of, write_workspace
from gyeol.bench.holding import Held, highest_held
from gyeol.bench.kit import Load, Offer, Stream, make_stream, run_load
from gyeol.bench.report import MIB, MS, PER_S, US, Figures, say
from gyeol.bench.serving import Served, core_server, noop_server

CONNECTIONS = 64
TOO_MUCH = 60_000.0


def measure(setting: Setting, figures: Figures) -> None:
    """The highest rates held, the tail there, processor time an event."""
    saturating, seconds, events = (8_000, 3.0, 400_000) if setting.quick else (40_000, 5.0, 1_500_000)
    stream = make_stream(setting.streams, events=events, people=100_000, seed=8, form="ndjson", end=setting.end)
    for run in range(setting.runs):
        say(f"  run {run + 1} of {setting.runs}: a server that only answers")
        with noop_server() as served:
            held = _held(served, stream, saturating, seconds)
            figures.add("http.single_noop_per_s", held.rate, PER_S)
            figures.add("http.single_noop_cpu_us", held.cpu_us, US)
        say(f"  run {run + 1} of {setting.runs}: the core")
        with core_server(write_workspace(setting.folder / f"run{run}", workspace_of())) as core:
            held = _held(core.served, stream, saturating, seconds)
            figures.add("http.single_per_s", held.rate, PER_S)
            figures.add("http.single_saturated_per_s", held.saturated, PER_S)
            figures.add("http.single_cpu_us", held.cpu_us, US)
            if held.load.p99_ms is not None:
                figures.add("http.single_p99_ms", held.load.p99_ms, MS)
            figures.add("http.peak_rss_mib", core.served.memory_mib(), MIB)


def _held(served: Served, stream: Stream, saturating: int, seconds: float) -> Held:
    def run(offer: Offer) -> Load:
        return run_load(served.url, WRITE_KEY, stream.path, offer)

    first = Offer(rate=TOO_MUCH, batch=1, seconds=60, connections=CONNECTIONS, most=saturating)
    return highest_held(run, served.cpu_s, first, seconds, stream.truth.lines)
