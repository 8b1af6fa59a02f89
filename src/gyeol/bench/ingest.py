"""``ingest``: batches of 100 over HTTP into the real core process on one core, durable and folded, with the client on the other."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from gyeol.app.core_api import StatusReply
from gyeol.bench.bench import Setting
from gyeol.bench.definitions import WRITE_KEY, workspace_of, write_workspace
from gyeol.bench.holding import highest_held
from gyeol.bench.kit import Load, Offer, Stream, make_stream, run_load
from gyeol.bench.report import MIB, MS, PER_S, US, Figures, say
from gyeol.bench.serving import ServedCore, core_server
from gyeol.kernel.errors import InternalError

BATCH, CONNECTIONS = 100, 32
TOO_MUCH = 400_000.0
"""Events a second that no server on one core takes."""


def measure(setting: Setting, figures: Figures) -> None:
    """The highest rate held, the tail at half of it, processor time an event, peak memory; the first stream's counts are checked."""
    first_events, more_events, seconds = (40_000, 500_000, 5.0) if setting.quick else (150_000, 2_000_000, 8.0)
    first = make_stream(setting.streams, events=first_events, people=30_000, seed=7, form="ndjson", end=setting.end)
    more = make_stream(setting.streams, events=more_events, people=100_000, seed=8, form="ndjson", end=setting.end)
    figures.add("ingest.decode_events_per_s", decoded_per_s(first.path), PER_S)
    for run in range(setting.runs):
        say(f"  run {run + 1} of {setting.runs}")
        workspace = write_workspace(setting.folder / f"run{run}", workspace_of())
        with core_server(workspace) as core:
            _one(core, first, more, seconds, figures)


def _one(core: ServedCore, first: Stream, more: Stream, seconds: float, figures: Figures) -> None:
    everything = Offer(rate=TOO_MUCH, batch=BATCH, seconds=60, connections=CONNECTIONS)
    before = core.served.cpu_s()
    load = run_load(core.served.url, WRITE_KEY, first.path, everything)
    status = core.status()
    figures.add("ingest.cpu_us_per_event", (core.served.cpu_s() - before) / load.events * 1e6, US)
    check_counts(status, first, load)

    def run(offer: Offer) -> Load:
        return run_load(core.served.url, WRITE_KEY, more.path, offer)

    saturating = Offer(rate=TOO_MUCH, batch=BATCH, seconds=60, connections=CONNECTIONS, most=first.truth.lines)
    reserved = int(load.achieved_per_s * seconds)  # for the run at half the rate
    held = highest_held(run, core.served.cpu_s, saturating, seconds, more.truth.lines - reserved)
    figures.add("ingest.events_per_s", held.rate, PER_S)
    figures.add("ingest.saturated_events_per_s", held.saturated, PER_S)
    rate = (held.rate or held.saturated) / 2
    half = run(msgspec.structs.replace(saturating, rate=rate, skip=held.used, seconds=seconds, most=more.truth.lines))
    if half.p99_ms is not None:
        figures.add("ingest.p99_ms_at_half", half.p99_ms, MS)
    figures.add("ingest.peak_rss_mib", core.served.memory_mib(), MIB)


def check_counts(status: StatusReply, stream: Stream, load: Load) -> None:
    """See that a core that was sent all of a stream has counted what is true of it.

    Raises:
        InternalError: It has not: the figures would be of an engine that is wrong.
    """
    truth = stream.truth
    found = {"accepted": status.events, "duplicates": status.duplicates, "rejected": status.rejected, "people": status.people}
    right = {"accepted": truth.valid_unique, "duplicates": truth.duplicates, "rejected": truth.invalid, "people": truth.people}
    if set(load.status) != {"200"} or found != right:
        raise InternalError("bench_wrong", f"the engine counted {found}, true are {right}; replies by status: {load.status}")


def decoded_per_s(path: Path) -> float:
    """The ceiling of the same run: events a second that msgspec decodes to plain objects, and nothing else, on one core."""
    lines = path.read_bytes().splitlines()[:50_000]
    decode = msgspec.json.Decoder().decode
    begun = time.perf_counter()
    for line in lines:
        decode(line)
    return len(lines) / (time.perf_counter() - begun)
