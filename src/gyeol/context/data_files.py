"""Files that definitions name by what is in them: borders of regions, tables of addresses. A file of another content is another file.

What a digest names never changes, so whoever can open it says so once (``offer``), and it is opened when somebody first needs it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from gyeol.kernel.errors import StateError

MOST_OPEN = 6
"""Held at once: those in force, and those before them while a log is folded that names both."""
_openers: dict[str, Callable[[], object]] = {}
_held: dict[str, object] = {}
_lock = threading.Lock()


def offer(digest: str, open_: Callable[[], object]) -> None:
    """Say how the content of a digest is opened; the last one to say so is asked."""
    _openers[digest] = open_


def opened(digest: str) -> object:
    """What the content of a digest is, opened once.

    Raises:
        StateError: Nobody has it.
    """
    found = _held.get(digest)
    if found is not None:
        return found
    with _lock:
        if digest not in _held:
            if digest not in _openers:
                told = f"a file that the definitions name is not there (content {digest}). Put the folder back from a backup."
                raise StateError("data_file_missing", told, digest=digest)
            while len(_held) >= MOST_OPEN:
                del _held[next(iter(_held))]
            _held[digest] = _openers[digest]()
        return _held[digest]
