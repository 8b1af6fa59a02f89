"""What behaviour costs the whole way of an event: judged, appended, made durable, folded, written to state.db."""

from __future__ import annotations

import statistics
import time

import msgspec

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.bench.bench import Setting
from gyeol.bench.definitions import workspace_of, write_workspace
from gyeol.bench.moment_behaviour import BATCH, PATHS, START_MS, event_of
from gyeol.bench.report import SHARE, US, Figures, say
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.instants import instant_text

ROUNDS, PARTS = 5, 4
"""Each round opens both sides anew and takes their events in so many parts, side by side."""
_WARM = 4


def measure(setting: Setting, figures: Figures) -> None:
    """Processor time of all threads for an event in batches of 1,000, without behaviour and with all of it; and what share is kept.

    Both sides take the same events part by part, and take turns at who is first; what else the machine does then falls on both alike.
    The share is the median over the pairs of parts.
    """
    batches = 2 if setting.quick else 10
    off: list[float] = []
    on: list[float] = []
    for number in range(ROUNDS):
        sides = [Side(setting, f"{name}-{number}", paths, batches * PARTS) for name, paths in (("off", {}), ("on", PATHS))]
        try:
            for part in range(PARTS):
                for side, spent in list(zip(sides, (off, on), strict=True))[:: 1 if (number + part) % 2 else -1]:
                    spent.append(side.take(batches))
        finally:
            for side in sides:
                side.close()
    shares = [one / other for one, other in zip(off, on, strict=True)]
    for without, kept, share in zip(off, on, shares, strict=True):
        figures.add("moment.behaviour_off.ingest_us_per_event", without, US)
        figures.add("moment.behaviour_on.ingest_us_per_event", kept, US)
        figures.add("moment.behaviour_kept_share", share, SHARE)
    figures.note("moment.behaviour_kept_share: events a second of processor time with all behaviour facts, as a share of those without any")
    us = statistics.median(off), statistics.median(on)
    say(f"  behaviour: {us[0]:.1f} us an event without, {us[1]:.1f} with all facts: {statistics.median(shares):.0%} are kept")


class Side:
    """An engine that takes the stream.

    Args:
        setting: Of the benchmark.
        name: Of its folder.
        paths: ``moment`` of its workspace.
        batches: How many it will take, beside those that warm it.
    """

    def __init__(self, setting: Setting, name: str, paths: dict[str, str], batches: int) -> None:
        content = workspace_of()
        content["workspace"]["moment"] = paths
        self._now_ms = START_MS + (batches + _WARM) * BATCH * 50
        folder = write_workspace(setting.folder / f"kept-{name}", content)
        self._session = EmbeddedSession(folder, Settings(), clock=ManualClock(self._now_ms))
        self._next = 0
        self.take(_WARM)

    def take(self, batches: int) -> float:
        """Take the next batches, until all of it is written; microseconds of processor time an event."""
        source = self._session.parts.engine.definitions.sources[0]
        starts = [self._next + i * BATCH for i in range(batches)]
        self._next += batches * BATCH
        raw = [[_raw(i) for i in range(start, start + BATCH)] for start in starts]
        begun = time.process_time()
        for events in raw:
            self._session.run(Collect(Incoming(source=source, source_index=0, events=events, received_ms=self._now_ms)))
        self._session.engine.flush()
        return (time.process_time() - begun) / (batches * BATCH) * 1e6

    def close(self) -> None:
        """Let go of its folder."""
        self._session.close()


def _raw(i: int) -> bytes:
    event = event_of(i)
    return msgspec.json.encode({**event, "messageId": f"m{i}", "timestamp": instant_text(START_MS + i * 50)})
