"""What every benchmark is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from gyeol.bench.report import Figures


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """How a benchmark is to run.

    Args:
        folder: An empty folder of its own; removed afterwards.
        streams: Where generated streams are kept; all runs and benchmarks of one command share it.
        runs: How often each figure is measured.
        quick: Smaller amounts and shorter spans: to see that it works, not to quote.
        end: End of the streams' event time.
    """

    folder: Path
    streams: Path
    runs: int
    quick: bool
    end: str


Bench = Callable[[Setting, Figures], None]
"""Measures and adds to the figures."""
