"""Files for their owner only: written whole or not at all, refused when others may read what they hold."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from gyeol.kernel.errors import BackendError, ConfigError


def write_private(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    temporary = path.with_name(path.name + ".new")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _keep_name(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error


def _keep_name(folder: Path) -> None:
    """Make the names in a folder durable: without the name of its key file, what was sealed and answered meanwhile could not be read."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_private(path: Path) -> bytes:
    """The bytes of a file that holds keys.

    Raises:
        ConfigError: Others than its owner may read or change it, or it cannot be read.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            told = f"{path} holds keys and has the mode {mode:04o}: others may read it. Run `chmod 600 {path}`, and think about new keys."
            raise ConfigError("key_file_open", told, path=str(path), mode=f"{mode:04o}")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("key_file_unreadable", f"{path}: {error.strerror or error}. Let this user read it.", path=str(path)) from error


def unwritable(path: Path, error: OSError) -> BackendError:
    """The error for a disk that does not take our bytes, with how to mend it."""
    mend = {
        errno.ENOSPC: "the disk is full: free some space and start again",
        errno.EROFS: "the file system is read-only: name a folder on another one",
        errno.EACCES: "this user may not write there: change the owner or name another folder",
        errno.EPERM: "this user may not write there: change the owner or name another folder",
    }.get(error.errno or 0, "look at the disk and start again")
    return BackendError("cannot_write", f"{path}: {error.strerror or error}; {mend}.", path=str(path), errno=error.errno)
