"""What behaviour costs the whole way of an event: judged, appended, made durable, folded, written to state.db."""

from __future__ import annotations

import time

import msgspec

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.bench.bench import Setting
from gyeol.bench.definitions import workspace_of, write_workspace
from gyeol.bench.moment_intent import BATCH, PATHS, START_MS, event_of
from gyeol.bench.report import SHARE, US, Figures, say
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.instants import instant_text

ROUNDS = 3
"""The share is taken of the least of so many runs each, in turn: other work on the machine only ever adds."""
_WARM = 4


def measure(setting: Setting, figures: Figures) -> None:
    """Processor time of all threads for an event in batches of 1,000, without behaviour and with all of it; and what share is kept."""
    events = 10_000 if setting.quick else 40_000
    spent: dict[str, list[float]] = {"off": [], "on": []}
    for number in range(ROUNDS):
        for name, paths in (("off", {}), ("on", PATHS)):
            spent[name].append(_ingested(setting, f"{name}-{number}", paths, events))
    off, on = min(spent["off"]), min(spent["on"])
    figures.add("moment.behaviour_off.ingest_us_per_event", off, US)
    figures.add("moment.behaviour_on.ingest_us_per_event", on, US)
    figures.add("moment.behaviour_kept_share", off / on, SHARE)
    figures.note("moment.behaviour_kept_share: events a second of processor time with all behaviour facts, as a share of those without any")
    say(f"  behaviour: {off:.1f} us an event without, {on:.1f} with all facts: {off / on:.0%} are kept")


def _ingested(setting: Setting, name: str, paths: dict[str, str], events: int) -> float:
    content = workspace_of()
    content["workspace"]["moment"] = paths
    folder = write_workspace(setting.folder / f"kept-{name}", content)
    session = EmbeddedSession(folder, Settings(), clock=ManualClock(START_MS + events * 50))
    try:
        source = session.parts.engine.definitions.sources[0]
        batches = [[_raw(i) for i in range(start, start + BATCH)] for start in range(0, events + _WARM * BATCH, BATCH)]
        begun = 0.0
        for number, raw in enumerate(batches):
            if number == _WARM:
                session.engine.flush()
                begun = time.process_time()
            session.run(Collect(Incoming(source=source, source_index=0, events=raw, received_ms=START_MS + events * 50)))
        session.engine.flush()
        return (time.process_time() - begun) / events * 1e6
    finally:
        session.close()


def _raw(i: int) -> bytes:
    event = event_of(i)
    return msgspec.json.encode({**event, "messageId": f"m{i}", "timestamp": instant_text(START_MS + i * 50)})
