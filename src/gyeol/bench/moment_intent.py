"""Intent on a made-up coffee chain that nothing was learned from; what a person's Moment costs, and what actions cost the fold."""

from __future__ import annotations

import time

import msgspec
import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import workspace_of, write_workspace
from gyeol.bench.report import MS, SHARE, US, Figures, say
from gyeol.bench.training.intent import CUSTOMERS, EVENTS, SEED, Floats, prefixes
from gyeol.context.behaviour.actions import ACTIONS
from gyeol.context.intent.model import INTENTS, chances
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_events
from gyeol.engine.state import EngineState
from gyeol.events.rows import batch_of
from gyeol.kernel.instants import Int64
from gyeol.workspace.load import load

FRESH = SEED + 30
"""A company that was neither learned from nor calibrated on."""
PATHS = {key: f"properties.{key}" for key in ("path", "product", "category", "query", "price")}
BATCH, PEOPLE = 1_000, 2_000
_BINS = 15
START_MS = 1_780_000_000_000


def measure(setting: Setting, figures: Figures) -> None:
    """Macro-F1 and calibration beside the rule of the last event; processor time."""
    part = 4 if setting.quick else 1
    seen, new = (prefixes(seed, CUSTOMERS // part, EVENTS // part) for seed in (FRESH, FRESH + 1))
    chance = chances(new.vectors)
    rule = np.array([np.bincount(seen.intent[seen.last == each], minlength=len(INTENTS)).argmax() for each in range(len(ACTIONS))])
    figures.add("intent.macro_f1", macro_f1(chance.argmax(axis=1), new.intent), SHARE)
    figures.add("intent.last_event.macro_f1", macro_f1(rule[new.last], new.intent), SHARE)
    figures.add("intent.ece", calibration_error(chance, new.intent), SHARE)
    placed = chances(new.vectors, new.signs)
    figures.add("intent.signs.macro_f1", macro_f1(placed.argmax(axis=1), new.intent), SHARE)
    figures.add("intent.signs.ece", calibration_error(placed, new.intent), SHARE)
    figures.note("intent: sessions up to each of their actions; the rule of the last event was learned from another company")
    spent = {name: _fold(setting, name, paths, figures, 4_000 if setting.quick else 40_000) for name, paths in (("off", {}), ("on", PATHS))}
    say(f"  intent: {spent['off']:.1f} us an event without actions, {spent['on']:.1f} with all of them")


def macro_f1(guessed: Int64, truth: Int64) -> float:
    """The mean of the F1 of all intents."""
    kinds = range(len(INTENTS))
    both = [2 * ((guessed == k) & (truth == k)).sum() / max(int((guessed == k).sum() + (truth == k).sum()), 1) for k in kinds]
    return float(np.mean(both))


def calibration_error(chance: Floats, truth: Int64) -> float:
    """How far chances lie from shares of hits, over 15 bins of equal width.

    Source: Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017, section 2.
    """
    sure, right = chance.max(axis=1), chance.argmax(axis=1) == truth
    bins = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    held = [bins == each for each in range(_BINS) if (bins == each).any()]
    return float(sum(mask.mean() * abs(sure[mask].mean() - right[mask].mean()) for mask in held))


def _fold(setting: Setting, name: str, paths: dict[str, str], figures: Figures, events: int) -> float:
    """Processor time of folding an event in batches of 1,000, microseconds; with actions also of one person's Moment."""
    folder = setting.folder / f"moment-{name}"
    plain = load(write_workspace(folder, workspace_of())).definitions
    workspace = msgspec.structs.replace(plain.workspace, moment=paths)
    definitions = Definitions.from_json(msgspec.structs.replace(plain, workspace=workspace).as_json())
    state = EngineState(definitions, bytes(32))
    state.now_ms = START_MS + events * 50
    spent = 0.0
    for start in range(0, events, BATCH):
        made = [event_of(i) for i in range(start, min(start + BATCH, events))]
        batch = batch_of(
            made, paths=state.reading.paths, plan=definitions.plan, vocabularies=state.reading.vocabularies, first_offset=start
        )
        begun = time.process_time()
        fold_events(state, batch, Effects(first_offset=start, end_offset=start + batch.n, at_ms=state.now_ms))
        spent += time.process_time() - begun
    took = spent / events * 1e6
    figures.add(f"moment.behaviour_{name}.fold_us_per_event", took, US)
    if paths:
        rows = range(min(500, state.traits.rows))
        begun = time.process_time()
        for row in rows:
            state.moments.one(state.now_ms, (), row)
        figures.add("moment.person_ms", (time.process_time() - begun) / len(rows) * 1_000, MS)
    return took


def event_of(i: int) -> dict[str, object]:
    """A made-up event: a page, a look, a search or something put in the cart, in turn."""
    product = {"product": f"P{i % 397}", "category": f"c{i % 11}", "price": 1000 + i % 50}
    kinds: tuple[tuple[str | None, dict[str, object]], ...] = (
        (None, {"path": f"/menu/{i % 97}"}),
        ("Product Viewed", dict(product)),
        ("Products Searched", {"query": f"라떼 {i % 301}"}),
        ("Product Added", dict(product)),
    )
    event, properties = kinds[i % len(kinds)]
    told: dict[str, object] = {"type": "page"} if event is None else {"type": "track", "event": event}
    return {**told, "userId": f"u{i * 7919 % PEOPLE}", "timestamp": START_MS + i * 50, "properties": properties}
