"""One thread for products of small matrices: OpenBLAS would share each among all cores, whose threads then wait for each other.

With both cores of a machine busy, texts took four times the processor time of one thread.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PREFIXES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")
_lock = threading.Lock()
_within: list[int] = []
"""How many threads there were when the first of those who are within came."""


@functools.cache
def _calls() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """How to ask for the number of threads and how to set it; None where NumPy multiplies with another library."""
    try:
        library = ctypes.CDLL(importlib.import_module("numpy._core._multiarray_umath").__file__)
    except (ImportError, OSError):
        return None
    for name in _PREFIXES:
        if hasattr(library, name.format("set")):
            return getattr(library, name.format("get")), getattr(library, name.format("set"))
    return None


@contextmanager
def one_thread() -> Iterator[None]:
    """Products in the block are made by the thread that asks for them; the last one out sets the number that was."""
    calls = _calls()
    if calls is None:
        yield
        return
    asked, set_ = calls
    with _lock:
        _within.append(_within[0] if _within else asked())
        set_(1)
    try:
        yield
    finally:
        with _lock:
            before = _within.pop()
            if not _within:
                set_(before)
