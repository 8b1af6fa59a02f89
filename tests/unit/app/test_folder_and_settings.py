"""The data folder's lock, secrets and format; settings from the environment."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gyeol.app.folder import DataFolder
from gyeol.app.private_files import write_private
from gyeol.app.settings import Settings, as_environment, data_folder, read_settings
from gyeol.kernel.errors import BackendError, ConfigError, InputError, StateError, VersionConflictError


def test_one_writer(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.lock()
    with pytest.raises(StateError) as told:
        DataFolder(tmp_path / "data").lock()
    assert str(os.getpid()) in told.value.message
    folder.unlock()
    DataFolder(tmp_path / "data").lock()


def test_a_killed_writer_leaves_no_lock_and_its_runtime_file_is_not_believed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    take = f"f = DataFolder(Path({str(folder.path)!r})); f.lock(); os._exit(9)"
    code = f"import os; from pathlib import Path; from gyeol.app.folder import DataFolder; {take}"
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    folder.runtime_file.write_text('{"pid": 1, "public_url": "http://127.0.0.1:1", "internal_url": "http://127.0.0.1:2"}')
    assert folder.runtime() is None and not folder.held_by_another()
    folder.lock()


def test_secrets_are_made_once_and_are_nobody_elses(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    first = folder.secrets()
    assert DataFolder(tmp_path / "data").secrets() == first
    assert stat.S_IMODE((folder.path / "secrets.json").stat().st_mode) == 0o600
    assert len({first.identity_key, first.decide_key}) == 2


def test_a_newer_folder_and_a_strange_one_are_left_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder.path / "format").write_text("99\n")
    with pytest.raises(VersionConflictError):
        DataFolder(folder.path)
    (folder.path / "format").write_text("soon\n")
    with pytest.raises(StateError):
        DataFolder(folder.path)
    with pytest.raises(ConfigError):
        DataFolder(tmp_path / "nothing", create=False)


def test_a_disk_that_cannot_be_written_says_which_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackendError) as told:
        DataFolder(tmp_path / "file" / "data")
    assert "file" in told.value.message
    with pytest.raises(BackendError):
        write_private(tmp_path / "missing" / "x", b"")


def test_the_socket_fits_where_sockets_must_fit(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 80) / ("b" * 80)
    assert len(str(DataFolder(deep).socket)) < 104
    assert DataFolder(deep).socket == DataFolder(deep).socket != DataFolder(deep / "c").socket


def test_settings_come_from_the_environment_and_all_problems_are_told() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"GYEOL_PUBLIC_PORT": "9000", "GYEOL_SEND": "false"}, internal_port=9001, public_host=None) == Settings(
        public_port=9000, internal_port=9001, send=False
    )
    with pytest.raises(InputError) as told:
        read_settings({"GYEOL_PUBLIC_PORT": "many", "GYEOL_LAKE_COMMIT_S": "soon"})
    assert [p.path for p in told.value.problems] == ["GYEOL_PUBLIC_PORT", "GYEOL_LAKE_COMMIT_S"]
    odd = Settings(public_port=1, lake_commit_s=2.5, send=False)
    assert read_settings(as_environment(odd)) == odd


def test_the_data_folder_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_folder(Path("shop")) == tmp_path / "shop" / ".gyeol"
