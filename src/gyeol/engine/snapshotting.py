"""Snapshots beside the engine: a forked child holds the state as it was at one record, and writes it while the engine goes on.

The pause is the fork: 10 ms with a gigabyte in memory (ADR 0016). The child does nothing but read arrays and write two files; it holds
none of the parent's files, and ends when the parent has gone.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from gyeol.engine.snapshot import Draft, draft_snapshot, publish
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import BackendError, GyeolError, InternalError
from gyeol.privacy.sealing import PLAIN, Seal

_BUG = 255
_POLL_S = 0.05
_PATIENCE_S = 60.0
_LONGEST_S = 1_800.0
"""A child that writes for longer hangs: it is ended, or no snapshot would ever be taken again."""


class Snapshotter:
    """Takes snapshots of a state that goes on being folded.

    Args:
        folder: Of snapshots.
        usable: Whether everything before an offset is durable and in state.db: only then a snapshot may replace an older one.
        taken: Called, in another thread, with the offset of each new snapshot.
        seal: Seals what is written.

    Attributes:
        problem: Why the last one failed; None when it did not.
        pause_s: How long the engine waited for the last one.
        took_s: How long writing the last one took; 0 before the first.
    """

    def __init__(
        self, folder: Path, usable: Callable[[int], bool], taken: Callable[[int], None] = lambda offset: None, seal: Seal = PLAIN
    ) -> None:
        self._folder, self._usable, self._taken, self._seal = folder, usable, taken, seal
        self._thread: threading.Thread | None = None
        self._child = 0
        self._lock = threading.Lock()
        self._stopping, self._given_up = threading.Event(), threading.Event()
        self.problem: GyeolError | None = None
        self.pause_s = self.took_s = 0.0
        self._begun_s = 0.0

    @property
    def child(self) -> int:
        """The process that writes; 0 when none does."""
        return self._child

    @property
    def busy(self) -> bool:
        """Whether one is being taken."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, state: EngineState) -> bool:
        """Take one of the state as it is now, at the end of a record; returns at once. False: the last one is still being written."""
        if self.busy or self._stopping.is_set():
            return False
        self._given_up.clear()
        begun = time.perf_counter()
        # Only this process holds the end that is written to: when it dies, however, the child reads the other one's end and dies too.
        watched, lifeline = os.pipe()
        try:
            self._child = os.fork()
        except OSError as error:
            os.close(watched)
            os.close(lifeline)
            told = f"the process could not be forked ({error.strerror}); the log keeps everything, starting will take longer"
            self.problem = BackendError("snapshot_unwritable", told)
            return True
        if self._child == 0:
            _write(self._folder, state, self._seal, watched)
        os.close(watched)
        self.pause_s, self._begun_s = time.perf_counter() - begun, begun
        child, offset = self._child, state.offset
        self._thread = threading.Thread(target=self._finish, args=(child, lifeline, offset), name="gyeol-snapshot", daemon=True)
        self._thread.start()
        return True

    def wait(self, timeout_s: float = _PATIENCE_S) -> None:
        """Wait until none is being taken."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def stop(self) -> None:
        """End the one that is being taken, if any; none is begun any more."""
        self._stopping.set()
        self.give_up()

    def give_up(self) -> None:
        """End the one that is being taken, if any: its state may hold records that never became durable.

        Others may be given their offsets, and then nothing would show that it is a state that never was.
        """
        self._given_up.set()
        with self._lock:
            if self._child:
                os.kill(self._child, signal.SIGKILL)
        self.wait()

    def _ended(self, child: int) -> int:
        """Wait for the child's end; returns its exit code."""
        deadline = time.monotonic() + _LONGEST_S
        while True:
            with self._lock:  # once it is reaped its number may be another process's
                found, status = os.waitpid(child, os.WNOHANG)
                if found:
                    self._child = 0
                    return os.waitstatus_to_exitcode(status)
                if time.monotonic() > deadline:
                    os.kill(child, signal.SIGKILL)
            time.sleep(_POLL_S)

    def _finish(self, child: int, lifeline: int, offset: int) -> None:
        code = self._ended(child)
        os.close(lifeline)
        if self._given_up.is_set() or self._stopping.is_set():
            return
        if code:
            what = os.strerror(code) if 0 < code < _BUG else "the process that writes it failed" if code == _BUG else f"signal {-code}"
            self.problem = BackendError("snapshot_unwritable", f"{self._folder}: {what}. The log keeps everything; starting takes longer.")
            return
        deadline = time.monotonic() + _PATIENCE_S
        while not self._usable(offset):
            if time.monotonic() > deadline:
                told = f"state.db stayed behind offset {offset}, so the snapshot of it was given up; the older ones are still there"
                self.problem = BackendError("snapshot_too_early", told)
                return
            if self._given_up.wait(_POLL_S):
                return
        try:
            publish(_draft(self._folder, offset), self._seal)
            self.problem, self.took_s = None, time.perf_counter() - self._begun_s
            self._taken(offset)
        except GyeolError as error:
            self.problem = error
        except Exception as error:
            # The thread's end would be silent: what it was must be told.
            self.problem = InternalError("snapshot_failed", f"{type(error).__name__}: {error}")


def _draft(folder: Path, offset: int) -> Draft:
    """The draft that the child has left."""
    found = sorted(folder.glob(f"*/{offset:020d}.manifest.draft"))
    if not found:
        raise BackendError("snapshot_unwritable", f"{folder}: the draft at offset {offset} has gone", path=str(folder))
    return Draft(offset=offset, path=found[-1])


def _end_with_parent(watched: int) -> None:
    """Wait for the end of a pipe that only the parent writes to, and end; the parent never writes."""
    os.read(watched, 1)
    os._exit(_BUG)


def _write(folder: Path, state: EngineState, seal: Seal, watched: int) -> None:
    """The child's whole life. It never returns: nothing of the parent's may run here."""
    code = _BUG
    try:
        gc.disable()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        # The lock of the folder, sockets and databases are the parent's: held here they would outlive it.
        os.closerange(3, watched)
        os.closerange(watched + 1, os.sysconf("SC_OPEN_MAX"))
        threading.Thread(target=_end_with_parent, args=(watched,), daemon=True).start()
        draft_snapshot(folder, state.parts(), state.offset, state.definitions.hash, seal=seal)
        code = 0
    except BackendError as error:
        found = error.facts.get("errno")
        code = found if isinstance(found, int) else _BUG
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)
