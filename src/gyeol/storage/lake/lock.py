"""The lock of a lake: one process writes it, and who comes next waits until it has left."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from gyeol.kernel.errors import BackendError, StateError

PATIENCE_S = 25.0
"""The side process of a core that was killed sees so within a second, and leaves within 20 s."""
_LOOK_S = 0.05


class LakeLock:
    """Held from the making until ``release``, or until the process is gone. The folder itself is locked: there is no file to leave behind.

    Args:
        folder: The lake's; it exists.
        patience_s: How long to wait for who has it.

    Raises:
        StateError: Another process still has it after that.
        BackendError: The folder cannot be opened.
    """

    def __init__(self, folder: Path, patience_s: float = PATIENCE_S) -> None:
        try:
            self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise BackendError(
                "cannot_write", f"{folder}: {error}. Name a folder that may be read and written.", path=str(folder)
            ) from error
        deadline = time.monotonic() + patience_s
        while not self._taken():
            if time.monotonic() >= deadline:
                os.close(self._fd)
                raise StateError(
                    "lake_in_use",
                    f"Another process still writes {folder} after {patience_s:g} s of waiting. The side process of a core that was killed "
                    "leaves by itself; end any other `gyeol` that uses this workspace, then try again.",
                    path=str(folder),
                )
            time.sleep(_LOOK_S)

    def _taken(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def release(self) -> None:
        """Let the next one write; nothing if it was released before."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def lake_held(folder: Path) -> bool:
    """Whether a process has the lake in a folder now; one that is not there is held by nobody. Raises BackendError."""
    if not folder.is_dir():
        return False
    try:
        LakeLock(folder, patience_s=0.0).release()
    except StateError:
        return True
    return False
