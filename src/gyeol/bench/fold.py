"""``fold``: ten million events into the traits of their people; beside DuckDB and Polars grouping the same events by person."""

from __future__ import annotations

import time

import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import SOURCE, workspace_of, write_workspace
from gyeol.bench.fold_duckdb import DuckDbFold
from gyeol.bench.fold_peers import Grouped, Instants
from gyeol.bench.fold_polars import PolarsFold
from gyeol.bench.kit import Stream, make_stream
from gyeol.bench.peers import installed
from gyeol.bench.report import COUNT, MIB, SECONDS, Figures, own_peak_mib, say
from gyeol.engine.state import EngineState
from gyeol.events.columns import ColumnsBatch
from gyeol.events.sections import EventColumns
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import InternalError
from gyeol.kernel.instants import Int64
from gyeol.profiles.table import TraitTable
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import ImportSettings
from gyeol.workspace.load import load

COPIES = 10
Parts = list[tuple[EventColumns, Int64]]
"""Sections of events, with the number of each event's person."""


def measure(setting: Setting, figures: Figures) -> None:
    """Fold a stream for ten copies of its people, then present every trait of everybody; the peers' totals must be the same."""
    lines, people = (100_000, 10_000) if setting.quick else (1_000_000, 100_000)
    workspace = write_workspace(setting.folder / "fold", workspace_of())
    state = EngineState(load(workspace).definitions, bytes(32))
    stream = make_stream(setting.streams, events=lines, people=people, seed=7, form="parquet", end=setting.end)
    state.now_ms = WallClock().now_ms()
    parts, size = _read(state, stream)
    events = COPIES * sum(section.count for section, _ in parts)
    figures.add("fold.events", events, COUNT)
    figures.add("fold.people", COPIES * size, COUNT)
    for run in range(setting.runs):
        begun, spent = time.perf_counter(), time.process_time()
        table = _folded(state, parts, size)
        totals = _totals(table, np.arange(COPIES * size), state.now_ms)
        took, processor = time.perf_counter() - begun, time.process_time() - spent
        figures.add("fold.seconds", took, SECONDS)
        figures.add("fold.cpu_us_per_event", processor / events * 1e6, "us")
        say(f"  run {run + 1} of {setting.runs}: {took:.2f} s")
    figures.add("fold.peak_rss_mib", own_peak_mib(), MIB)
    figures.note("fold.seconds: one thread, in sections of 20,000 events, presenting all traits of everybody included")
    grouped = Grouped(state, [(ColumnsBatch(section, 0, state.reading), of) for section, of in parts], size, COPIES)
    instants = Instants(state.now_ms, state.zone)
    for name, peer in (("DuckDB", DuckDbFold), ("Polars", PolarsFold)):
        if installed(name, figures):
            _beside(name, peer(grouped, state.definitions.traits, instants), totals, setting.runs, figures)


def _beside(name: str, peer: DuckDbFold | PolarsFold, totals: dict[str, float], runs: int, figures: Figures) -> None:
    """The same traits by a peer, whose totals must be ours."""
    key = f"fold.{name.lower()}_seconds"
    for _ in range(runs):
        took, theirs = peer.run()
        figures.add(key, took, SECONDS)
        say(f"  {name}: {took:.2f} s")
    wrong = [trait for trait, total in theirs.items() if not np.isclose(total, totals[trait], rtol=1e-9)]
    if wrong:
        raise InternalError("bench_wrong", f"totals differ from {name}'s for {', '.join(wrong)}")
    figures.note(f"{key}: {peer.threads} threads over a table in memory; without the sequence, which is no aggregate")


def _read(state: EngineState, stream: Stream) -> tuple[Parts, int]:
    """The stream's sections, and how many people it has."""
    settings = ImportSettings(sources=state.sources[:-1], source=SOURCE, received_ms=state.now_ms)
    index: dict[str, int] = {}
    parts: Parts = []
    with open_import(str(stream.path), None, settings) as plan:
        for group in plan:
            batch = ColumnsBatch(group.events, 0, state.reading)
            names = [user or device or "" for user, device in zip(batch.texts("userId"), batch.texts("anonymousId"), strict=True)]
            parts.append((group.events, np.array([index.setdefault(name, len(index)) for name in names], np.int64)))
    return parts, len(index)


def _folded(state: EngineState, parts: Parts, size: int) -> TraitTable:
    """A new table with everything folded; each copy decodes its columns anew, as if it were other events."""
    definitions = state.definitions
    table = TraitTable(definitions.traits, state.reading.vocabularies, state.zone, definitions.plan, definitions.workspace.currency)
    rows = table.rows_of_nodes(np.arange(COPIES * size))
    for copy in range(COPIES):
        for section, of in parts:
            batch = ColumnsBatch(section, 0, state.reading)
            table.fold(batch, np.arange(batch.n), rows[of + copy * size], state.now_ms)
    return table


def _totals(table: TraitTable, rows: Int64, now_ms: int) -> dict[str, float]:
    """The total of each numeric trait over everybody, all traits presented."""
    totals: dict[str, float] = {}
    for trait in table.traits:
        column = table.column(trait.name, rows, now_ms)
        if column.kind == "number":
            totals[trait.name] = float(column.values[column.known].astype(np.float64).sum())
    return totals
