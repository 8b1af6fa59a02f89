"""The collector of cyclic garbage, kept from looking at what lives as long as the process.

What counts references frees nearly everything here. The collector looks through every container again and again, and finds nothing: in
an import that took a tenth of the processor time, and in a server it stalls all requests for tens of milliseconds.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 20, 100)
"""New containers before the youngest generation is looked at, and how often the next ones are; Python's own begin at 700."""


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """While it lasts what is there already is not looked at, and what is new seldom; afterwards as before."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
