"""``gyeol up``: the core in this process, the side process as its child, started again when it dies."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gyeol.app.folder import DataFolder
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, as_environment, data_folder
from gyeol.engine.recovery import Progress
from gyeol.kernel.errors import ConfigError
from gyeol.server.core.process import CoreProcess
from gyeol.server.logs import configure
from gyeol.server.ports import check_internal_port
from gyeol.storage.lake.lock import lake_held

_log = logging.getLogger("gyeol.core")
_STEADY_S = 30.0
_LONGEST_PAUSE_S = 30.0
_LONGEST_STOP_S = 22.0
"""The side process forces its own end after 20 s (``LONGEST_STOP_S`` of ``server/side/process.py``)."""


def ending(code: int) -> str:
    """How a child ended, in words: ``subprocess`` gives the negative number of the signal that a process died by."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


class Side:
    """The side process, kept alive.

    Args:
        command: What starts it.
        environment: Of the settings, beside this process's own.
    """

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command, self._environment = command, {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="gyeol-side", daemon=True)

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_LONGEST_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._thread.is_alive():
            self._thread.join(_LONGEST_STOP_S)

    def _keep(self) -> None:
        pause_s = 0.5
        while not self._stopping.is_set():
            begun = time.monotonic()
            # Its own process group: Ctrl-C reaches the core, which ends the side in order.
            self._process = subprocess.Popen(self._command, env=self._environment, start_new_session=True)
            code = self._process.wait()
            if self._stopping.is_set():
                return
            pause_s = 0.5 if time.monotonic() - begun > _STEADY_S else min(2 * pause_s, _LONGEST_PAUSE_S)
            told = "the side process %s; it starts again in %g s"
            _log.warning(told, ending(code), pause_s, extra={"code": "side_ended", "exit_code": code})
            self._stopping.wait(pause_s)


def up(
    workspace: Path,
    settings: Settings,
    ready: Callable[[OpenCore], None],
    progress: Progress | None = None,
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Run the pair until SIGINT or SIGTERM.

    Args:
        workspace: Its folder.
        settings: Ports and limits.
        ready: Called once events are taken.
        progress: Told how far a recovery is.
        stopping: Called when it is told to stop, while events are still taken.

    Raises:
        ConfigError: A port is in use, or the internal port would be open to others.
        StateError: Another process uses the folder.
    """
    configure(settings.log, settings.log_level, "core")
    _check_internal_port(workspace, settings)
    side: list[Side] = []

    def begin(parts: OpenCore) -> None:
        child = Side([sys.executable, "-m", "gyeol.server.side", str(workspace), str(os.getpid())], as_environment(settings))
        child.start()
        side.append(child)
        ready(parts)

    def end() -> None:
        stopping()
        for child in side:
            child.stop()

    process = CoreProcess(workspace, settings, begin, progress, end)
    try:
        process.run()
    finally:
        end()


def _check_internal_port(workspace: Path, settings: Settings) -> None:
    """See ``check_internal_port``; but events do not wait for the side process of a core that was killed to leave the port.

    It leaves within seconds, and lets go of the lake after the port; until then the new one ends, and is started again.
    """
    try:
        check_internal_port(settings)
        return
    except ConfigError as error:
        data = data_folder(workspace)
        if error.code != "port_in_use" or not data.is_dir():
            raise
    if lake_held(DataFolder(data, create=False).lake):
        told = "the side process of a core that was killed still has port %d; the new one takes over when it has left"
        _log.warning(told, settings.internal_port, extra={"code": "side_leaving"})
    else:  # somebody else's; or it has left since it was looked at
        check_internal_port(settings)
