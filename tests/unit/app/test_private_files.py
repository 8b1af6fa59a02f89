"""A key file is durable when ``write_private`` returns: its bytes before it gets its name, the name afterwards."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gyeol.app.private_files import write_private


def test_bytes_and_name_survive_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(fd: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file")
        fsync(fd)

    def named(source: Path, target: Path) -> None:
        done.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", named)
    write_private(tmp_path / "data.key", b"key")
    assert done == ["file", "name", "folder"]
    assert (tmp_path / "data.key").read_bytes() == b"key"
    assert stat.S_IMODE((tmp_path / "data.key").stat().st_mode) == 0o600
