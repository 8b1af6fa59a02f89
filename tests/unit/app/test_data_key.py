"""Where the data key comes from, and what is refused before anything is written."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from gyeol.app.data_key import DATA_KEY, DATA_KEY_FILE, IDS_FILE, KEY_FILE, noted_ids, open_vault, write_keys
from gyeol.app.folder import FOLDER_FORMAT, DataFolder
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, data_folder
from gyeol.kernel.errors import ConfigError
from gyeol.privacy.sealing import PLAIN, Vault, key_id
from gyeol.workspace.starter import init

ONE, TWO = bytes(range(32)), bytes(range(32, 64))


def text(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_key_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    assert open_vault(tmp_path, make=False, environment={}) is PLAIN
    made = open_vault(tmp_path, make=True, environment={})
    path = tmp_path / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(path.read_text())) == 32
    for again in (open_vault(tmp_path, make=True, environment={}), open_vault(tmp_path, make=False, environment={})):
        assert again.writes == made.writes and again.open(made.close(b"x", b""), b"") == b"x"
    assert noted_ids(tmp_path) == [made.writes]
    assert path.read_text().strip() not in (tmp_path / IDS_FILE).read_text()


def test_the_environment_comes_first_then_the_named_file(tmp_path: Path) -> None:
    named = tmp_path / "elsewhere.key"
    write_keys(named, [TWO])
    write_keys(tmp_path / KEY_FILE, [ONE])
    both = {DATA_KEY: text(ONE, TWO), DATA_KEY_FILE: str(named)}
    assert open_vault(tmp_path, make=False, environment=both).writes == key_id(ONE)
    assert open_vault(tmp_path, make=False, environment={DATA_KEY_FILE: str(named)}).writes == key_id(TWO)
    assert open_vault(tmp_path, make=False, environment={}).writes == key_id(ONE)


def test_a_named_file_that_is_not_there_is_made_for_a_folder_in_which_nothing_is_sealed(tmp_path: Path) -> None:
    named = {DATA_KEY_FILE: str(tmp_path / "new.key")}
    made = open_vault(tmp_path, make=True, environment=named)
    assert not (tmp_path / KEY_FILE).exists()
    (tmp_path / "new.key").unlink()
    with pytest.raises(ConfigError) as raised:
        open_vault(tmp_path, make=True, environment=named)
    assert raised.value.code == "no_data_key" and made.writes in raised.value.message


def test_a_wrong_key_is_refused_and_an_older_one_read(tmp_path: Path) -> None:
    open_vault(tmp_path, make=True, environment={DATA_KEY: text(ONE)})
    before = files(tmp_path)
    for make in (True, False):
        with pytest.raises(ConfigError) as raised:
            open_vault(tmp_path, make=make, environment={DATA_KEY: text(TWO)})
        assert raised.value.code == "wrong_data_key"
        assert key_id(ONE) in raised.value.message and key_id(TWO) in raised.value.message
    assert files(tmp_path) == before
    rotated = open_vault(tmp_path, make=True, environment={DATA_KEY: text(TWO, ONE)})
    assert rotated.writes == key_id(TWO) and noted_ids(tmp_path) == [key_id(TWO), key_id(ONE)]
    with pytest.raises(ConfigError):  # something may still be under the first one
        open_vault(tmp_path, make=True, environment={DATA_KEY: text(TWO)})


@pytest.mark.parametrize("bad", ["", "short", text(b"31 bytes are not enough for AES"), text(ONE) + ",", "é" * 44, text(ONE)[:-1] + "!"])
def test_what_is_no_key_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ConfigError) as raised:
        open_vault(tmp_path, make=True, environment={DATA_KEY: bad})
    assert raised.value.code == "bad_data_key" and "openssl" in raised.value.message
    assert files(tmp_path) == {}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_may_read_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    write_keys(tmp_path / KEY_FILE, [ONE])
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(ConfigError) as raised:
        open_vault(tmp_path, make=False, environment={})
    assert raised.value.code == "key_file_open" and "chmod 600" in raised.value.message
    folder = DataFolder(tmp_path / "data")
    folder.secrets()
    (folder.path / "secrets.json").chmod(mode)
    with pytest.raises(ConfigError):
        folder.secrets()


def test_a_start_with_a_wrong_or_missing_key_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_KEY, raising=False)
    keys = iter(("web-key-for-tests", "server-key-for-tests"))
    init(tmp_path / "shop", None, lambda: next(keys))
    OpenCore(tmp_path / "shop", Settings()).close()
    folder = data_folder(tmp_path / "shop")
    right = (folder / KEY_FILE).read_bytes()
    for other, code in ((None, "no_data_key"), (TWO, "wrong_data_key")):
        (folder / KEY_FILE).unlink()
        if other is not None:
            write_keys(folder / KEY_FILE, [other])
        before = {name: data for name, data in files(folder).items() if name != "lock"}
        with pytest.raises(ConfigError) as raised:
            OpenCore(tmp_path / "shop", Settings())
        assert raised.value.code == code
        assert {name: data for name, data in files(folder).items() if name != "lock"} == before
        write_keys(folder / KEY_FILE, [ONE])
    (folder / KEY_FILE).write_bytes(right)
    OpenCore(tmp_path / "shop", Settings()).close()


def test_a_folder_of_the_release_before_gets_a_key_and_the_new_format(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder.path / "format").write_text("1\n")
    assert folder.vault() is PLAIN
    assert isinstance(folder.vault(make=True), Vault)
    assert (folder.path / "format").read_text() == f"{FOLDER_FORMAT}\n"
