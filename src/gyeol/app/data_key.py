"""The data key: where it comes from, and whether it is the one that the folder was sealed under (ADR 0019).

In this order: ``GYEOL_DATA_KEY`` in the environment, the file that ``GYEOL_DATA_KEY_FILE`` names, ``data.key`` in the data folder, which is
made on first use. Each holds one key or several: the first one writes, the others still read. ``keys.json`` in the folder holds the ids
(hashes) of the keys that something may be sealed under, so that a wrong key is known before anything is read or written.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gyeol.app.private_files import read_private, write_private
from gyeol.kernel.errors import ConfigError
from gyeol.privacy.sealing import KEY_BYTES, PLAIN, Seal, Vault, missing_from

DATA_KEY, DATA_KEY_FILE = "GYEOL_DATA_KEY", "GYEOL_DATA_KEY_FILE"
KEY_FILE, IDS_FILE = "data.key", "keys.json"
_HOW = "make one with `openssl rand -base64 32`"


class KeyIds(msgspec.Struct, frozen=True, kw_only=True):
    """What ``keys.json`` holds. ``ids``: of the keys that something may be sealed under; the newest first."""

    format: int = 1
    ids: list[str] = []


class DataKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Keys and where they came from.

    Args:
        keys: The first one writes.
        source: The variable's name, or the file's path.
        file: The file, when they came from one.
    """

    keys: list[bytes]
    source: str
    file: Path | None = None


def open_vault(folder: Path, *, make: bool, environment: Mapping[str, str] | None = None) -> Seal:
    """What seals and opens the bytes of a data folder.

    Args:
        folder: The data folder.
        make: Whether this process may write there: a key is then made when the folder has none, and the key's id noted.
        environment: Instead of the process's.

    Returns:
        A ``Vault``; ``PLAIN`` for a folder in which nothing was sealed yet, when ``make`` is false.

    Raises:
        ConfigError: No key, a wrong one, one that is none, or a file that others may read. Nothing was written.
    """
    noted = noted_ids(folder)
    found = given_keys(folder, environment)
    if found is None:
        if noted:
            raise ConfigError("no_data_key", f"{folder} is sealed under the key {noted[0]}, and no data key is given. {_give(folder)}")
        if not make:
            return PLAIN
        found = _made(folder, environment)
    vault = Vault(found.keys)
    missing = missing_from(noted, vault.ids)
    if missing:
        told = (
            f"{folder} holds data sealed under the key {', '.join(missing)}; {found.source} has {', '.join(vault.ids)}. "
            f"Nothing was changed. {_give(folder)} Several keys are given one after another, the one that is to write first."
        )
        raise ConfigError("wrong_data_key", told, missing=missing, given=list(vault.ids))
    if make and (not noted or noted[0] != vault.writes):
        note_ids(folder, [vault.writes, *(each for each in noted if each != vault.writes)])
    return vault


def given_keys(folder: Path, environment: Mapping[str, str] | None = None) -> DataKeys | None:
    """The keys that are there; None without any.

    Raises:
        ConfigError: They are no keys, or others may read their file.
    """
    env = os.environ if environment is None else environment
    text = env.get(DATA_KEY)
    if text is not None:
        return DataKeys(keys=read_keys(text.split(","), DATA_KEY), source=DATA_KEY)
    path = _file(folder, env)
    if not path.exists():
        return None
    return DataKeys(keys=read_keys(read_private(path).decode(errors="replace").split(), str(path)), source=str(path), file=path)


def read_keys(texts: Sequence[str], source: str) -> list[bytes]:
    """Keys written as base64.

    Raises:
        ConfigError: One is not ``KEY_BYTES`` bytes in base64, or there is none.
    """
    found = []
    for text in texts:
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ConfigError("bad_data_key", f"{source} holds something that is not {KEY_BYTES} bytes in base64; {_HOW}.")
        found.append(key)
    if not found:
        raise ConfigError("bad_data_key", f"{source} holds no key; {_HOW}.")
    return list(dict.fromkeys(found))


def write_keys(path: Path, keys: Sequence[bytes]) -> None:
    """A key file, one key a line, for its owner only.

    Raises:
        BackendError: It cannot be written.
    """
    write_private(path, b"".join(base64.b64encode(key) + b"\n" for key in keys))


def noted_ids(folder: Path) -> list[str]:
    """Ids of the keys that something in a folder may be sealed under, the newest first; empty when nothing is.

    Raises:
        ConfigError: The note cannot be read.
    """
    path = folder / IDS_FILE
    if not path.exists():
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeyIds).ids
    except (msgspec.MsgspecError, OSError) as error:
        raise ConfigError("bad_key_ids", f"{path} cannot be read ({error}). Put it back from a backup.", path=str(path)) from error


def note_ids(folder: Path, ids: Sequence[str]) -> None:
    """Note under which keys something may be sealed, before it is."""
    write_private(folder / IDS_FILE, msgspec.json.encode(KeyIds(ids=list(ids))))


def fresh_key() -> bytes:
    """A new key."""
    return secrets.token_bytes(KEY_BYTES)


def _made(folder: Path, environment: Mapping[str, str] | None) -> DataKeys:
    path = _file(folder, os.environ if environment is None else environment)
    keys = [fresh_key()]
    write_keys(path, keys)
    return DataKeys(keys=keys, source=str(path), file=path)


def _file(folder: Path, environment: Mapping[str, str]) -> Path:
    named = environment.get(DATA_KEY_FILE)
    return Path(named) if named else folder / KEY_FILE


def _give(folder: Path) -> str:
    return f"Set {DATA_KEY} to it, {DATA_KEY_FILE} to a file that holds it, or put that file at {folder / KEY_FILE}."
