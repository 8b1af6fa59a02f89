"""One command's work on a workspace: through the running pair if there is one, else with the folder opened under its lock."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gyeol.app.folder import DataFolder
from gyeol.app.settings import Settings, data_folder

if TYPE_CHECKING:
    from gyeol.app.core_api import Core
    from gyeol.engine.recovery import Progress

Answer = dict[str, object]
PATIENCE_S = 20.0
"""How long the API may take to come up beside a core that runs already."""


class Session(Protocol):
    """What commands need."""

    @property
    def core(self) -> Core:
        """The ten calls."""
        ...

    def call(self, operation: str, **values: object) -> Answer:
        """An operation of ``Desk`` by name, answered as plain JSON values."""
        ...

    def settle(self) -> None:
        """Bring everything that was done into state.db and lake, as far as this process has to."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


def open_session(workspace: Path, settings: Settings, progress: Progress | None = None) -> Session:
    """The running pair of a workspace, or the folder itself.

    Raises:
        StateError: Another process, which serves no API, holds the folder.
    """
    path = data_folder(workspace)
    if path.is_dir():
        folder = DataFolder(path, create=False)
        deadline = time.monotonic() + PATIENCE_S
        while (runtime := folder.runtime()) is None and folder.held_by_another() and time.monotonic() < deadline:
            time.sleep(0.1)  # it may be starting, or about to end
        if runtime is not None:
            from gyeol.app.running import RunningSession  # a command that finds a folder needs no HTTP

            return RunningSession(folder, runtime.internal_url)
    from gyeol.app.embedded import EmbeddedSession  # the whole engine: 0.9 s that a command beside a running pair need not wait

    return EmbeddedSession(workspace, settings, progress)
