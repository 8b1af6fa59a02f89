"""``import``: Parquet and ndjson files into an engine in this process, from file to folded state and durable log; a reader of its own."""

from __future__ import annotations

import resource
import shutil
import time
from pathlib import Path

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.importing import ImportSummary, run_import
from gyeol.app.settings import Settings
from gyeol.bench.bench import Setting
from gyeol.bench.definitions import SOURCE, workspace_of, write_workspace
from gyeol.bench.kit import Stream, make_stream
from gyeol.bench.report import MIB, PER_S, US, Figures, own_peak_mib, say
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import InternalError


def measure(setting: Setting, figures: Figures) -> None:
    """Events a second and processor time an event by form of file; counts are checked against the truth."""
    events = 100_000 if setting.quick else 1_000_000
    for form in ("parquet", "ndjson"):
        stream = make_stream(setting.streams, events=events, people=events // 10, seed=7, form=form, end=setting.end)
        for run in range(setting.runs):
            say(f"  {form}, run {run + 1} of {setting.runs}")
            workspace = write_workspace(setting.folder / f"{form}{run}", workspace_of())
            _one(workspace, stream, form, figures)
            shutil.rmtree(workspace)
    figures.add("import.peak_rss_mib", own_peak_mib(), MIB)
    figures.note("a process of its own reads a large file: import.*_cpu_us_per_event counts both, import.*_fold_cpu_us_per_event and")
    figures.note("import.peak_rss_mib the folding one")


def _one(workspace: Path, stream: Stream, form: str, figures: Figures) -> None:
    session = EmbeddedSession(workspace, Settings(dedupe_capacity=20_000_000))
    try:
        wall, own, processor = time.perf_counter(), time.process_time(), _processor_s()
        summary = run_import(
            session,
            session.parts.engine.definitions,
            str(stream.path),
            None,
            act=False,
            source=SOURCE,
            received_ms=WallClock().now_ms(),
            base=workspace,
        )
        session.engine.flush()
        took, folding, spent = time.perf_counter() - wall, time.process_time() - own, _processor_s() - processor
        _check(summary, session.parts.engine.state.people.people, stream)
    finally:
        session.close()
    say(f"    {summary.rows / took:,.0f}/s, {spent / summary.rows * 1e6:.2f} us of processor an event, {folding / spent:.0%} of it folding")
    figures.add(f"import.{form}_events_per_s", summary.rows / took, PER_S)
    figures.add(f"import.{form}_cpu_us_per_event", spent / summary.rows * 1e6, US)
    figures.add(f"import.{form}_fold_cpu_us_per_event", folding / summary.rows * 1e6, US)


def _processor_s() -> float:
    """Processor seconds of this process and of the readers that it has waited for."""
    readers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + readers.ru_utime + readers.ru_stime


def _check(summary: ImportSummary, people: int, stream: Stream) -> None:
    truth = stream.truth
    found = (summary.accepted, summary.duplicates, summary.rejected, people)
    right = (truth.valid_unique, truth.duplicates, truth.invalid, truth.people)
    if found != right:
        raise InternalError("bench_wrong", f"the import counted {found}, true are {right} (accepted, duplicates, rejected, people)")
