"""What every benchmark is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from gyeol.bench.report import Figures
from gyeol.kernel.errors import NotFoundError


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """How a benchmark is to run.

    Args:
        folder: An empty folder of its own; removed afterwards.
        streams: Where generated streams are kept; all runs and benchmarks of one command share it.
        runs: How often each figure is measured.
        quick: Smaller amounts and shorter spans: to see that it works, not to quote.
        end: End of the streams' event time.
        parts: Only these parts of a benchmark that has several; empty: all.
    """

    folder: Path
    streams: Path
    runs: int
    quick: bool
    end: str
    parts: tuple[str, ...] = ()


Bench = Callable[[Setting, Figures], None]
"""Measures and adds to the figures."""


def parts_of(setting: Setting, there: dict[str, Bench]) -> list[Bench]:
    """The parts that are wanted, in their order.

    Raises:
        NotFoundError: There is no such part.
    """
    unknown = [name for name in setting.parts if name not in there]
    if unknown:
        raise NotFoundError("unknown_part", f"there is no part {unknown[0]!r}; there are: {', '.join(there)}", name=unknown[0])
    return [part for name, part in there.items() if not setting.parts or name in setting.parts]
