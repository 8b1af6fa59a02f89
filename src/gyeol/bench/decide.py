"""``decide``: decisions among 50 offers over HTTP at 200/s, warm, each durably recorded."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import PLACEMENT, WRITE_KEY, workspace_of, write_workspace
from gyeol.bench.kit import Offer, Stream, make_stream, run_load
from gyeol.bench.open_loop import Chain, offer_chains
from gyeol.bench.report import COUNT, MS, US, Figures, say
from gyeol.bench.serving import core_server
from gyeol.kernel.errors import InternalError

OFFERS, RATE, CONNECTIONS = 50, 200.0, 16
_WARM = 200


def measure(setting: Setting, figures: Figures) -> None:
    """Decisions for people of a stream that was taken before."""
    events, seconds = (20_000, 4.0) if setting.quick else (100_000, 15.0)
    stream = make_stream(setting.streams, events=events, people=30_000, seed=7, form="ndjson", end=setting.end)
    questions = _questions(stream)
    for run in range(setting.runs):
        say(f"  run {run + 1} of {setting.runs}")
        with core_server(write_workspace(setting.folder / f"run{run}", workspace_of(offers=OFFERS))) as core:
            run_load(core.served.url, WRITE_KEY, stream.path, Offer(rate=400_000, batch=100, seconds=60, connections=16))
            core.status()
            asked = [questions[i % len(questions)] for i in range(int(seconds * RATE))]
            offer_chains(core.served.port, WRITE_KEY, questions[:_WARM], RATE, CONNECTIONS)
            before = core.served.cpu_s()
            taken, replies = offer_chains(core.served.port, WRITE_KEY, asked, RATE, CONNECTIONS)
            spent, status = core.served.cpu_s() - before, core.status()
        recorded = min(_WARM, len(questions)) + len(asked)
        if status.decisions != recorded:
            raise InternalError("bench_wrong", f"{status.decisions} decisions are recorded, {recorded} were answered")
        figures.add("decide.p50_ms", float(np.quantile(taken, 0.5)), MS)
        figures.add("decide.p99_ms", float(np.quantile(taken, 0.99)), MS)
        figures.add("decide.cpu_us", spent / len(asked) * 1e6, US)
        figures.add("decide.offers_chosen", len({_chosen(reply) for reply in replies}), COUNT)


def _questions(stream: Stream) -> list[Chain]:
    """One for each userId of the stream, in order of first sight."""
    decode = msgspec.json.Decoder().decode
    users = dict.fromkeys(decode(line).get("userId") for line in stream.path.read_bytes().splitlines()[:50_000])
    return [[("/v1/decide", msgspec.json.encode({"placements": [PLACEMENT], "userId": user}))] for user in users if user]


def _chosen(reply: bytes) -> str:
    return str(msgspec.json.decode(reply)["decisions"][0]["offer"])
