"""A start that fails half-way: nothing stays open, and the folder is free for the next one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from gyeol.app import opening
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, data_folder
from gyeol.kernel.errors import BackendError


def open_files(folder: Path) -> list[str]:
    """What this process has open below a folder."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = entry.readlink()
        except OSError:  # the one that the list is read by
            continue
        if target.is_relative_to(folder):
            found.append(target.name)
    return sorted(found)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("step", ["bridge", "open_files", "recover", "refill_dedupe"])
def test_a_start_that_fails_half_way_lets_go_of_everything(workspace: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    OpenCore(workspace, Settings()).close()

    def fails(*_: Any, **__: Any) -> None:
        raise BackendError("disk_gone", "the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(opening, step, fails)
        with pytest.raises(BackendError, match="the disk is gone"):
            OpenCore(workspace, Settings())
    assert open_files(data_folder(workspace)) == []
    OpenCore(workspace, Settings()).close()
