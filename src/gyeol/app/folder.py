"""The data folder: its lock, its secrets, its format. One folder, one writer."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import string
import tempfile
import time
from pathlib import Path

import msgspec

from gyeol.app.data_key import open_vault
from gyeol.app.private_files import read_private, unwritable, write_private
from gyeol.kernel.errors import ConfigError, StateError, VersionConflictError
from gyeol.privacy.sealing import Seal

MOST_SOCKET_CHARS = 100
"""Source: sockaddr_un's sun_path has 108 bytes on Linux, 104 on macOS."""

LOCK_PATIENCE_S = 0.5
IDENTITY_KEY = "GYEOL_IDENTITY_KEY"
VERDICTS = "verdicts"
"""Folder of a data folder, a file for each verdict on a policy that was kept."""
FOLDER_FORMAT = 2
"""Grows when a release changes what lies in the folder in a way that an older release cannot read. 2: what may be personal is sealed."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """Keys made once for a folder; the file is readable by its owner only."""

    identity_key: str
    admin_token: str
    decide_key: str


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """Where the running pair listens, for the CLI."""

    pid: int
    public_url: str
    internal_url: str


class DataFolder:
    """Paths below ``<workspace>/.gyeol`` and the lock on it.

    Args:
        path: The folder; made when missing.
        create: Whether to make it.

    Raises:
        VersionConflictError: A newer release wrote the folder.
        BackendError: The folder cannot be made or written (read-only disk, no permission).
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self._lock_fd: int | None = None
        if create:
            self._make()
        elif not path.is_dir():
            raise ConfigError(
                "no_data", f"{path} does not exist: nothing was collected here yet. Run `gyeol up` or `gyeol import` first.", path=str(path)
            )
        self._check_format()

    log = property(lambda self: self.path / "log")
    state = property(lambda self: self.path / "state.db")
    snapshots = property(lambda self: self.path / "snapshots")
    dedupe = property(lambda self: self.path / "dedupe")
    lake = property(lambda self: self.path / "lake")
    definitions = property(lambda self: self.path / "definitions")
    hold = property(lambda self: self.path / "backup.lock")
    read_place = property(lambda self: self.path / "events_read.json")
    sums = property(lambda self: self.path / "sums.json")
    suggestions = property(lambda self: self.path / "suggestions.db")

    @property
    def socket(self) -> Path:
        """Where core and side meet. A socket's path may have some 100 bytes; a deep folder's lies in the system's temporary folder."""
        path = self.path / "core.sock"
        if len(str(path)) < MOST_SOCKET_CHARS:
            return path
        return Path(tempfile.gettempdir()) / f"gyeol-{hashlib.blake2b(str(path).encode(), digest_size=8).hexdigest()}.sock"

    runtime_file = property(lambda self: self.path / "runtime.json")

    def _make(self) -> None:
        try:
            for folder in (self.path, self.log, self.snapshots, self.dedupe, self.lake, self.definitions):
                folder.mkdir(parents=True, exist_ok=True)
            marker = self.path / "format"
            if not marker.exists():
                marker.write_text(f"{FOLDER_FORMAT}\n")
        except OSError as error:
            raise unwritable(self.path, error) from error

    def _check_format(self) -> None:
        marker = self.path / "format"
        text = marker.read_text().strip() if marker.exists() else ""
        if not text.isdigit():
            raise StateError(
                "not_a_data_folder", f"{self.path} has no readable `format` file, so it is not a Gyeol data folder. Name another folder."
            )
        if int(text) > FOLDER_FORMAT:
            raise VersionConflictError(
                "newer_folder",
                f"{self.path} was written by a newer release (format {text}; this one reads up to {FOLDER_FORMAT}). "
                "Install the newer release; "
                "nothing was changed.",
                found=int(text),
                readable=FOLDER_FORMAT,
            )

    def lock(self) -> None:
        """Become the folder's one writer.

        Raises:
            StateError: Another process holds the lock; its id is in the message.
        """
        path = self.path / "lock"
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unwritable(self.path, error) from error
        # Another process may only be looking whether the lock is held.
        deadline = time.monotonic() + LOCK_PATIENCE_S
        refused = _refused(fd)
        while refused is not None and time.monotonic() < deadline:
            time.sleep(0.02)
            refused = _refused(fd)
        if refused is not None:
            holder = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise StateError(
                "folder_in_use",
                f"{self.path} is in use by process {holder or '?'}. "
                "Stop it, or let the command talk to it (it does so by itself while `gyeol up` runs).",
                pid=holder,
            ) from refused
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._lock_fd = fd

    def unlock(self) -> None:
        """Let others write."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def vault(self, *, make: bool = False) -> Seal:
        """What seals and opens the folder's bytes.

        Args:
            make: This process holds the lock and is about to write: a key is made when there is none, and the folder gets this format.

        Raises:
            ConfigError: The data key is missing or wrong, or others may read its file; nothing was written.
        """
        seal = open_vault(self.path, make=make)
        if make and (self.path / "format").read_text().strip() != str(FOLDER_FORMAT):
            write_private(self.path / "format", f"{FOLDER_FORMAT}\n".encode())
        return seal

    def secrets(self) -> Secrets:
        """The folder's keys; made on first use. ``GYEOL_IDENTITY_KEY`` (64 hex digits) in the environment replaces the identity key.

        Raises:
            ConfigError: The variable is no such key, or others may read the file.
        """
        kept = self._kept_secrets()
        given = os.environ.get(IDENTITY_KEY)
        if given is None:
            return kept
        if len(given) != 64 or not all(digit in string.hexdigits for digit in given):
            raise ConfigError("bad_identity_key", f"{IDENTITY_KEY} must have 64 hexadecimal digits: make one with `openssl rand -hex 32`.")
        return msgspec.structs.replace(kept, identity_key=given)

    def _kept_secrets(self) -> Secrets:
        path = self.path / "secrets.json"
        if path.exists():
            return msgspec.json.decode(read_private(path), type=Secrets)
        made = Secrets(identity_key=secrets.token_hex(32), admin_token=secrets.token_urlsafe(24), decide_key=secrets.token_hex(32))
        write_private(path, msgspec.json.encode(made))
        return made

    def runtime(self) -> Runtime | None:
        """Where a running pair listens; None when none runs (a file left by a killed one is not believed)."""
        if not self.runtime_file.exists() or not self.held_by_another():
            return None
        try:
            found = msgspec.json.decode(self.runtime_file.read_bytes(), type=Runtime)
            holder = (self.path / "lock").read_text().strip()
        except (msgspec.DecodeError, OSError):
            return None
        return found if str(found.pid) == holder else None

    def held_by_another(self) -> bool:
        """Whether another process is the folder's writer now."""
        path = self.path / "lock"
        if self._lock_fd is not None or not path.exists():
            return False
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        except OSError:
            return True
        finally:
            os.close(fd)


def _refused(fd: int) -> OSError | None:
    """Try to take the lock; why it could not be had."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error
    return None
