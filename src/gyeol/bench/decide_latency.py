"""Decisions among 50 and among 500 offers over HTTP, open loop, warm, each durably recorded by the real core process."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import PLACEMENT, WRITE_KEY, workspace_of, write_workspace
from gyeol.bench.kit import Offer, Stream, make_stream, run_load
from gyeol.bench.open_loop import Chain, offer_chains
from gyeol.bench.report import COUNT, MS, PER_S, US, Figures, say
from gyeol.bench.serving import ServedCore, core_server
from gyeol.kernel.errors import InternalError

RATES: dict[int, float] = {50: 200.0, 500: 20.0}
"""Requests a second, by how many offers they choose from: ten times the offers are ten times the work, so the same share of a core."""
CONNECTIONS = 16
_WARM_S = 1.0


def measure(setting: Setting, figures: Figures) -> None:
    """Decisions for people of a stream that was taken before."""
    events, seconds = (20_000, 4.0) if setting.quick else (100_000, 15.0)
    stream = make_stream(setting.streams, events=events, people=30_000, seed=7, form="ndjson", end=setting.end)
    questions = _questions(stream)
    for offers, rate in RATES.items():
        for run in range(setting.runs):
            say(f"  {offers} offers, run {run + 1} of {setting.runs}")
            folder = write_workspace(setting.folder / f"offers{offers}run{run}", workspace_of(offers=offers))
            with core_server(folder) as core:
                run_load(core.served.url, WRITE_KEY, stream.path, Offer(rate=400_000, batch=100, seconds=60, connections=16))
                core.status()
                _decide(core, questions, offers, rate, seconds, figures)


def _decide(core: ServedCore, questions: list[Chain], offers: int, rate: float, seconds: float, figures: Figures) -> None:
    asked = [questions[i % len(questions)] for i in range(int(seconds * rate))]
    warm = questions[: int(_WARM_S * rate)]
    offer_chains(core.served.port, WRITE_KEY, warm, rate, CONNECTIONS)
    before = core.served.cpu_s()
    taken, replies = offer_chains(core.served.port, WRITE_KEY, asked, rate, CONNECTIONS)
    spent, status = core.served.cpu_s() - before, core.status()
    recorded = len(warm) + len(asked)
    if status.decisions != recorded:
        raise InternalError("bench_wrong", f"{status.decisions} decisions are recorded, {recorded} were answered")
    figures.add(f"decide.p50_ms_{offers}", float(np.quantile(taken, 0.5)), MS)
    figures.add(f"decide.p99_ms_{offers}", float(np.quantile(taken, 0.99)), MS)
    figures.add(f"decide.cpu_us_{offers}", spent / len(asked) * 1e6, US)
    figures.add(f"decide.rate_{offers}", rate, PER_S)
    figures.add(f"decide.offers_chosen_{offers}", len({_chosen(reply) for reply in replies}), COUNT)


def _questions(stream: Stream) -> list[Chain]:
    """One for each userId of the stream, in order of first sight."""
    decode = msgspec.json.Decoder().decode
    users = dict.fromkeys(decode(line).get("userId") for line in stream.path.read_bytes().splitlines()[:50_000])
    return [[("/v1/decide", msgspec.json.encode({"placements": [PLACEMENT], "userId": user}))] for user in users if user]


def _chosen(reply: bytes) -> str:
    return str(msgspec.json.decode(reply)["decisions"][0]["offer"])
