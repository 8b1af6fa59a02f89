"""The benchmarks by name, and how one is run."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from gyeol.bench import content, decide, fold, http_single, identity, importing, ingest, latency, moment, recover, retailer, sweep
from gyeol.bench.bench import Bench, Setting
from gyeol.bench.kit import PROJECT, this_hour
from gyeol.bench.report import Figures, Report, machine, say
from gyeol.kernel.errors import NotFoundError

BENCHES: dict[str, Bench] = {
    "ingest": ingest.measure,
    "import": importing.measure,
    "http": http_single.measure,
    "latency": latency.measure,
    "decide": decide.measure,
    "sweep": sweep.measure,
    "fold": fold.measure,
    "recover": recover.measure,
    "identity": identity.measure,
    "moment": moment.measure,
    "content": content.measure,
    "retailer": retailer.measure,
}
"""In the order in which ``all`` runs them."""
ALL = "all"
RESULTS = PROJECT / "benchmarks" / "results"


def run_benches(name: str, *, runs: int, quick: bool, parts: tuple[str, ...] = ()) -> list[Report]:
    """Run one benchmark, or all.

    Args:
        name: One of ``BENCHES``, or ``all``.
        runs: How often each figure is measured.
        quick: Small amounts, to see that it works.
        parts: Only these parts of ``decide`` and ``moment``; empty: all.

    Raises:
        NotFoundError: There is no such benchmark, or no such part.
        InternalError: The engine counted something wrong: no figures are given then.
    """
    if name != ALL and name not in BENCHES:
        raise NotFoundError("unknown_bench", f"there is no benchmark {name!r}; there are: {', '.join([*BENCHES, ALL])}", name=name)
    with tempfile.TemporaryDirectory(prefix="gyeol-bench-") as place:
        streams = Path(place) / "streams"
        streams.mkdir()
        end = this_hour()
        names = list(BENCHES) if name == ALL else [name]
        return [
            _run(each, Setting(folder=_made(Path(place) / each), streams=streams, runs=runs, quick=quick, end=end, parts=parts))
            for each in names
        ]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _run(name: str, setting: Setting) -> Report:
    facts = machine()
    say(f"{name} (load average {facts.load_average[0]:.1f} on {facts.cores} cores)")
    figures = Figures()
    if facts.load_average[0] > 0.5:
        figures.note(f"the load average was {facts.load_average[0]:.1f} at the start: other work took part of the machine")
    if setting.quick:
        figures.note("a quick run: small amounts, not to be quoted")
    BENCHES[name](setting, figures)
    return Report(name=name, machine=facts, runs=setting.runs, figures=figures.all(), notes=figures.notes)


def save(report: Report) -> Path:
    """Write a result to ``benchmarks/results``; returns the file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{report.name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return path
