"""What doctor finds on a machine: what it is, why it matters, how to mend it. Each function looks at one thing and changes nothing.

Written for somebody who was woken at night and has never seen this folder.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import msgspec

from gyeol.app.core_api import Check
from gyeol.app.problems import LEAST_FREE_BYTES, LONGEST_BACKLOG_MS
from gyeol.channels.model import MessageState
from gyeol.channels.outbox import Outbox
from gyeol.kernel.instants import DAY_MS

MOST_BEHIND = 100_000
FSYNCS = 20
SLOW_FSYNC_MS, BAD_FSYNC_MS = 20.0, 200.0
"""Source: a disk of a laptop or a cloud volume takes 0.2 to 5 ms; beyond 20 the aim of 15 ms from receipt to decision is out of reach."""
FEW_DAYS, SOME_DAYS = 3, 14
CLOCK_AHEAD_MS, CLOCK_FAR_MS = 2_000, 300_000
LEAST_MEMORY_BYTES = 500_000_000
_MOST_LISTED = 1_000
_TROUBLED = ("unknown", "failed", "bounced", "complained")


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """How the engine's threads are; a folder that was only opened has none of it.

    Args:
        backlog: Events that wait.
        waiting_ms: How long what waits longest has waited.
        refusing: Why nothing is taken.
        state_problem: Why state.db does not take what the engine did.
    """

    backlog: int = 0
    waiting_ms: int = 0
    refusing: str = ""
    state_problem: str = ""


def engine_check(pulse: Pulse) -> Check:
    """Whether events and decisions are taken."""
    return Check(
        name="engine",
        good=not pulse.refusing,
        detail=pulse.refusing or "events and decisions are taken",
        why="every request is answered 503; SDKs keep what they have for a while and try again, then they drop it",
        mend="mend what it says; the engine looks every few seconds whether it can go on, and no restart is needed",
    )


def state_check(behind: int, pulse: Pulse) -> Check:
    """Whether state.db follows the log."""
    problem = f"; it takes nothing: {pulse.state_problem}" if pulse.state_problem else ""
    return Check(
        name="state_db",
        good=behind < MOST_BEHIND and not problem,
        detail=f"{behind:,} records behind the log{problem}",
        why="messages leave only once state.db holds them, and when it is too far behind requests are answered 503",
        mend="look at the space, the permissions and the speed of its disk",
    )


def backlog_check(pulse: Pulse) -> Check:
    """Whether events wait, and for how long."""
    waited_s = pulse.waiting_ms / 1_000
    late = pulse.waiting_ms > LONGEST_BACKLOG_MS
    return Check(
        name="backlog",
        good=pulse.backlog < MOST_BEHIND and not late,
        detail=f"{pulse.backlog:,} events wait for the engine" + (f", the oldest for {waited_s:,.1f} s" if waited_s else ""),
        why="what waits is not known to decisions yet; when too much waits, requests are answered 429 and must be sent again",
        mend=(
            "see `fsync` and `memory` below and what else runs on this machine; an import or `gyeol apply` that is under way ends by "
            "itself; else send more slowly"
        ),
    )


def fsync_check(folder: Path) -> Check:
    """How long the disk takes to keep 4 KB for good: the least that any answer to an event takes."""
    took: list[float] = []
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            for _ in range(FSYNCS):
                file.write(bytes(4_096))
                file.flush()
                begun = time.perf_counter()
                os.fsync(file.fileno())
                took.append(1_000 * (time.perf_counter() - begun))
    except OSError as error:
        return Check(
            name="fsync",
            good=False,
            detail=f"nothing can be written in {folder}: {error.strerror}",
            why="nothing more can be taken",
            mend="free some space, or give this user the right to write there",
        )
    middle, worst = statistics.median(took), max(took)
    return Check(
        name="fsync",
        good=middle < BAD_FSYNC_MS,
        watch=middle >= SLOW_FSYNC_MS,
        detail=f"{middle:.1f} ms in the middle, {worst:.1f} ms at worst, of {FSYNCS}",
        why="an event is answered after one fsync, so nothing is ever answered faster than this",
        mend="use a local SSD instead of a network disk; look for what else writes to it (iostat, iotop)",
        figures={"median_ms": round(middle, 3), "max_ms": round(worst, 3)},
    )


def disk_check(folder: Path, log_files: Iterable[tuple[str, int]], today: date, free_bytes: int | None = None) -> Check:
    """Whether there is room, and for how long at the rate at which the log grew.

    Args:
        folder: Whose disk.
        log_files: (day as ISO date, bytes) of the log's files.
        today: Its file is not whole yet, so it does not count.
        free_bytes: Asked of the system when None.
    """
    free = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    whole = [size for day, size in log_files if day != today.isoformat()]
    daily = sum(whole) / len(whole) if whole else 0.0
    days = free / daily if daily else None
    lasts = "" if days is None else f", which last {min(days, 3_650):,.0f} days at the log's {daily / 1e6:,.1f} MB a day"
    return Check(
        name="disk",
        good=free > LEAST_FREE_BYTES and (days is None or days > FEW_DAYS),
        watch=days is not None and days < SOME_DAYS,
        detail=f"{free // 1_000_000:,} MB free{lasts}",
        why="when the disk is full no event and no decision is taken any more; state.db and lake grow beside the log",
        mend="free some space, use a larger disk, or keep fewer days of the log (GYEOL_KEEP_LOG_DAYS)",
        figures={"free_bytes": free} | ({} if days is None else {"days": round(days, 1)}),
    )


def clock_check(clock: str, log_ms: int, machine_ms: int) -> Check:
    """Whether the machine's clock agrees with the log's, which never goes back.

    Args:
        clock: ``wall`` or ``data``.
        log_ms: The log's ``engine_now``.
        machine_ms: The machine's clock.
    """
    ahead_ms = log_ms - machine_ms
    if clock == "data" or ahead_ms <= CLOCK_AHEAD_MS:
        behind = "" if clock == "data" or not log_ms else f"; the last record is {_span(-ahead_ms)} old"
        return Check(name="clock", good=True, detail=("it follows the data" if clock == "data" else "agrees with the log's") + behind)
    return Check(
        name="clock",
        good=ahead_ms <= CLOCK_FAR_MS,
        watch=True,
        detail=f"the machine's clock is {_span(ahead_ms)} behind the last record of the log",
        why="the log's time stands still until the machine's has caught up: windows, quiet hours, caps and timers wait with it",
        mend="set the clock (chronyc tracking, timedatectl); if it was ahead before and is right now, it catches up by itself",
        figures={"behind_ms": ahead_ms},
    )


def dedupe_check(size: int, capacity: int) -> Check:
    """Whether ids are remembered for the seven days that are promised."""
    return Check(
        name="dedupe",
        good=True,
        watch=size > 0.9 * capacity,
        detail=f"{size:,} message ids remembered of {capacity:,} at most",
        why="when it is full the oldest ids are forgotten before seven days are over, and a very late repetition would count twice",
        mend="raise GYEOL_DEDUPE_CAPACITY (10 to 20 bytes of disk each) and start again",
    )


def letters_check(counts: Mapping[str, int]) -> Check:
    """Whether rejected events wait to be looked at."""
    told = ", ".join(f"{count:,} {code}" for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Check(
        name="dead_letters",
        good=True,
        watch=bool(counts),
        detail=told or "no rejected event waits",
        why="these events are kept but count for nothing until they are corrected and replayed",
        mend="`gyeol dead-letter` shows them; mend the sender, or correct and replay them",
    )


def messages_check(outbox: Outbox) -> Check:
    """Whether messages did not arrive, by channel."""
    counts = outbox.counts()
    found: list[str] = []
    for state in (each for each in get_args(MessageState) if each in _TROUBLED and counts.get(each)):
        channels = Counter(entry.message.channel for entry in outbox.list(state, _MOST_LISTED).entries)
        most = ", ".join(f"{name} {count:,}" for name, count in sorted(channels.items()))
        found.append(f"{counts[state]:,} {state} ({most}{' of the newest 1,000' if counts[state] > _MOST_LISTED else ''})")
    waiting = counts.get("queued", 0)
    return Check(
        name="messages",
        good=True,
        watch=bool(found),
        detail="; ".join(found) or f"{waiting:,} wait to be sent, none failed",
        why="failed and bounced ones did not arrive; of unknown ones nobody knows, so they are not sent again",
        mend="look at the reasons on the Deliveries screen or with `gyeol sql`; ask the provider about unknown ones",
    )


def memory_check(status: str, memory: str) -> Check:
    """How much memory this process holds, and how much the machine has left.

    Args:
        status: Text of ``/proc/self/status``; empty where there is none.
        memory: Text of ``/proc/meminfo``.
    """
    held, available, total = _kilobytes(status, "VmRSS"), _kilobytes(memory, "MemAvailable"), _kilobytes(memory, "MemTotal")
    if held is None or available is None or total is None:
        return Check(name="memory", good=True, detail="this system does not tell")
    return Check(
        name="memory",
        good=available > LEAST_MEMORY_BYTES / 2,
        watch=available < max(LEAST_MEMORY_BYTES, held / 2),
        detail=f"{held // 1_000_000:,} MB held by this process, {available // 1_000_000:,} of {total // 1_000_000:,} MB free",
        why="a snapshot may need half as much again for a moment; when none is left the system ends processes",
        mend="stop what else runs here, or use a larger machine; people are what takes memory, about 1 KB each",
        figures={"held_bytes": held, "available_bytes": available},
    )


def memory_now() -> Check:
    """``memory_check`` of this process."""
    return memory_check(_text(Path("/proc/self/status")), _text(Path("/proc/meminfo")))


def today_utc() -> date:
    """The day whose file the log is writing."""
    return datetime.now(UTC).date()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _kilobytes(text: str, name: str) -> int | None:
    """The bytes of a line ``Name: 123 kB``."""
    line = next((line for line in text.splitlines() if line.startswith(name + ":")), None)
    return None if line is None else 1_024 * int(line.split()[1])


def _span(ms: int) -> str:
    """A duration for people."""
    if ms < 120_000:
        return f"{max(0, ms) / 1_000:,.0f} s"
    if ms < 7_200_000:
        return f"{ms / 60_000:,.0f} min"
    return f"{ms / 3_600_000:,.1f} h" if ms < 3 * DAY_MS else f"{ms / DAY_MS:,.0f} days"
