"""The highest rate that a server holds: what it takes when offered far too much, then steps up from below until one does not hold."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gyeol.bench.kit import Load, Offer
from gyeol.bench.report import say

FIRST_SHARE, STEP = 0.8, 1.08
"""The steps begin at this share of the saturated rate, each this much above the last."""
MOST_STEPS = 8


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Args:
        rate: The highest rate that was held, events answered 200 a second; 0 when none was.
        saturated: Events a second when offered far too much.
        cpu_us: Processor time of the server for an event when saturated, all its threads.
        load: The run that held, or the saturated one when none did.
        used: Lines of the stream that were sent.
        answered: Of those, events answered 200.
    """

    rate: float
    saturated: float
    cpu_us: float
    load: Load
    used: int
    answered: int


def highest_held(run: Callable[[Offer], Load], cpu_s: Callable[[], float], first: Offer, seconds: float, lines: int) -> Held:
    """Search.

    Args:
        run: Offers a load and waits for every reply.
        cpu_s: The server's processor seconds so far.
        first: The saturating offer: a rate that no server holds, bounded by ``most``. Later offers go on in the stream where it ended.
        seconds: Of each step.
        lines: Of the stream that may be used; the search ends before they do.
    """
    before = cpu_s()
    load = best = run(first)
    cpu_us = (cpu_s() - before) / max(1, load.events_ok) * 1e6
    used, answered, saturated = first.skip + load.events + load.skipped_no_endpoint, load.events_ok, load.achieved_per_s
    say(f"    saturated: {saturated:,.0f}/s")
    rate, share = 0.0, FIRST_SHARE
    for _ in range(MOST_STEPS):
        if used + share * saturated * seconds > lines:
            say("    the stream does not reach further")
            break
        offer = msgspec.structs.replace(first, rate=share * saturated, skip=used, seconds=seconds, most=20_000_000)
        load = run(offer)
        used += load.events + load.skipped_no_endpoint
        answered += load.events_ok
        say(f"    offered {load.offered_per_s:,.0f}/s: {'held' if load.held else 'not held'}, p99 {load.p99_ms} ms")
        if load.held:
            rate, best, share = load.achieved_per_s, load, share * STEP
        elif rate or share < FIRST_SHARE / 3:
            break
        else:
            share /= 1.5
    return Held(rate=rate, saturated=saturated, cpu_us=cpu_us, load=best, used=used, answered=answered)
