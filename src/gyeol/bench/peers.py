"""Which of the peers that benchmarks run beside are there."""

from __future__ import annotations

from importlib.util import find_spec

from gyeol.bench.report import Figures


def installed(peer: str, figures: Figures) -> bool:
    """Whether a peer is installed; without it the figures say so.

    Args:
        peer: ``DuckDB`` or ``Polars``.
        figures: Get a note.
    """
    if find_spec(peer.lower()) is not None:
        return True
    figures.note(f"{peer} is not installed, so it does not run beside: pip install 'gyeol[bench]'")
    return False
