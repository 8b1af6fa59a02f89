"""``sweep``: 200 conditions over a million people, as at the edge of an hour; beside DuckDB and Polars on the same columns."""

from __future__ import annotations

import time

import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import SOURCE, workspace_of, write_workspace
from gyeol.bench.duckdb_sweep import DuckDbSweep
from gyeol.bench.kit import Stream, make_stream
from gyeol.bench.peers import installed
from gyeol.bench.polars_sweep import PolarsSweep
from gyeol.bench.report import COUNT, MIB, SECONDS, Figures, own_peak_mib, say
from gyeol.engine.columns import RowColumns
from gyeol.engine.fold import BLOCK_ROWS
from gyeol.engine.state import EngineState
from gyeol.events.columns import ColumnsBatch
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import InternalError
from gyeol.kernel.instants import Int64
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import ImportSettings
from gyeol.workspace.load import load

HOUR_MS = 3_600_000
_AT_ONCE = 10


def measure(setting: Setting, figures: Figures) -> None:
    """Sweeps at one hour after another, so that windows move and people enter and leave; the sizes are checked against the peers'."""
    wanted = 100_000 if setting.quick else 1_000_000
    workspace = write_workspace(setting.folder / "sweep", workspace_of(audiences="audiences_200"))
    state = EngineState(load(workspace).definitions, bytes(32))
    stream = make_stream(setting.streams, events=100_000, people=100_000, seed=7, form="parquet", end=setting.end)
    say(f"  folding {wanted:,} people")
    state.now_ms = WallClock().now_ms()
    rows = _fold_people(state, stream, wanted)
    figures.add("sweep.people", len(rows), COUNT)
    figures.add("sweep.conditions", len(state.memberships.names), COUNT)
    figures.add("sweep.first_seconds", _sweep(state, rows)[0], SECONDS)
    for run in range(setting.runs):
        state.now_ms += HOUR_MS
        before = time.process_time()
        took, transitions = _sweep(state, rows)
        figures.add("sweep.cpu_seconds", time.process_time() - before, SECONDS)
        figures.add("sweep.seconds", took, SECONDS)
        figures.add("sweep.transitions", transitions, COUNT)
        say(f"  run {run + 1} of {setting.runs}: {took:.2f} s")
    figures.add("sweep.peak_rss_mib", own_peak_mib(), MIB)
    figures.note("sweep.seconds: one thread, presenting included")
    mine = state.memberships.sizes(rows)
    for name, peer in (("DuckDB", DuckDbSweep), ("Polars", PolarsSweep)):
        if installed(name, figures):
            _beside(name, peer(state, rows), mine, setting.runs, figures)


def _beside(name: str, peer: DuckDbSweep | PolarsSweep, mine: dict[str, int], runs: int, figures: Figures) -> None:
    """The same conditions by a peer, whose sizes must be ours."""
    key = f"sweep.{name.lower()}_seconds"
    for _ in range(runs):
        took, sizes = peer.run()
        figures.add(key, took, SECONDS)
        say(f"  {name}: {took:.2f} s")
        wrong = [audience for audience, size in sizes.items() if mine[audience] != size]
        if wrong:
            raise InternalError("bench_wrong", f"sizes differ from {name}'s for {', '.join(wrong[:10])}")
    figures.note(f"{key}: {peer.threads} threads over a table of the presented columns")


def _sweep(state: EngineState, rows: Int64) -> tuple[float, int]:
    """Seconds, and how many entered or left."""
    begun = time.perf_counter()
    found = 0
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        columns = RowColumns(state.traits, block, state.now_ms, state.moment)
        found += len(state.memberships.evaluate(block, columns, state.now_ms))
    return time.perf_counter() - begun, found


def _fold_people(state: EngineState, stream: Stream, wanted: int) -> Int64:
    """Fold a stream for as many copies of its people as are wanted: real histories, each at rows of its own."""
    settings = ImportSettings(sources=state.sources[:-1], source=SOURCE, received_ms=state.now_ms)
    index: dict[str, int] = {}
    parts: list[tuple[ColumnsBatch, Int64]] = []
    with open_import(str(stream.path), None, settings) as plan:
        for group in plan:
            batch = ColumnsBatch(group.events, 0, state.reading)
            names = [user or device or "" for user, device in zip(batch.texts("userId"), batch.texts("anonymousId"), strict=True)]
            parts.append((batch, np.array([index.setdefault(name, len(index)) for name in names], np.int64)))
    copies = -(-wanted // len(index))
    rows = state.traits.rows_of_nodes(np.arange(copies * len(index)))
    for batch, people in parts:
        events = np.arange(batch.n)
        for first in range(0, copies, _AT_ONCE):
            numbers = np.arange(first, min(first + _AT_ONCE, copies))
            of = (numbers[:, None] * len(index) + people).ravel()
            state.traits.fold(batch, np.tile(events, len(numbers)), rows[of], state.now_ms)
    return rows[:wanted]
