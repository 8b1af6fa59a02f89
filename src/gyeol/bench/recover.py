"""``recover``: how long a core with a million people and three million identifiers takes to start, and the memory it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys

import msgspec

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.importing import run_import
from gyeol.app.settings import Settings
from gyeol.bench.bench import Setting
from gyeol.bench.definitions import SOURCE, workspace_of, write_workspace
from gyeol.bench.population import write_population
from gyeol.bench.recovering import Recovery
from gyeol.bench.report import COUNT, MIB, MS, SECONDS, Figures, say
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import InternalError


def measure(setting: Setting, figures: Figures) -> None:
    """Start with a snapshot at the log's end, each time in a process of its own; and once with no snapshot, from the log alone."""
    people = 50_000 if setting.quick else 1_000_000
    workspace = write_workspace(setting.folder / "recover", workspace_of())
    say(f"  importing {people:,} people")
    now_ms = WallClock().now_ms()
    write_population(setting.folder / "people.parquet", people, now_ms)
    session = EmbeddedSession(workspace, Settings())
    definitions = session.parts.engine.definitions
    run_import(
        session, definitions, str(setting.folder / "people.parquet"), None, act=False, source=SOURCE, received_ms=now_ms, base=workspace
    )
    session.close()
    for run in range(setting.runs):
        found = _start(str(workspace), people)
        say(f"  run {run + 1} of {setting.runs}: {found.seconds:.2f} s, {found.snapshot_rss_mib:,.0f} MiB")
        figures.add("recover.seconds", found.seconds, SECONDS)
        figures.add("recover.rss_mib", found.snapshot_rss_mib, MIB)
        figures.add("recover.started_rss_mib", found.rss_mib, MIB)
        figures.add("recover.snapshot_seconds", found.snapshot_seconds, SECONDS)
        figures.add("recover.snapshot_pause_ms", found.pause_ms, MS)
    figures.add("recover.people", found.people, COUNT)
    figures.add("recover.identifiers", found.identifiers, COUNT)
    shutil.rmtree(workspace / ".gyeol" / "snapshots")
    figures.add("recover.from_log_seconds", _start(str(workspace), people).seconds, SECONDS)


def _start(workspace: str, people: int) -> Recovery:
    done = subprocess.run([sys.executable, "-m", "gyeol.bench.recovering", workspace], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise InternalError("bench_recovery_failed", "the core did not start; its words are on stderr")
    found = msgspec.json.decode(done.stdout.splitlines()[-1], type=Recovery)
    if found.people != people:
        raise InternalError("bench_wrong", f"{found.people} people came back, {people} were there")
    return found
