"""Which revision state.db has, and bringing it to ours. Alembic is loaded only when there is something to bring."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from gyeol.kernel.errors import NotFoundError, VersionConflictError
from gyeol.privacy.sealing import Seal
from gyeol.storage.state.bodies import scrub

REVISIONS = ("r0001", "r0002", "r0003")
"""Every revision this release knows, oldest first; the files in ``migrations/versions``."""

HEAD = REVISIONS[-1]
_PLAIN = "r0001"
"""The revision in which bodies were not sealed."""


def found_revision(engine: Engine) -> str | None:
    """The revision of a database; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def check_readable(engine: Engine, path: Path) -> None:
    """Refuse a database that a reader of this release cannot read.

    Raises:
        NotFoundError: The core has not made its tables yet.
        VersionConflictError: It has another revision.
    """
    found = found_revision(engine)
    if found is None:
        raise NotFoundError("state_empty", f"{path} has no tables yet. Start the core first; it makes them.", path=str(path))
    if found != HEAD:
        raise _conflict(path, found)


def bring_to_head(engine: Engine, path: Path, seal: Seal) -> None:
    """Make or migrate the tables; a database with tables is copied beside itself first.

    Args:
        engine: For writing.
        path: The file.
        seal: Seals bodies that earlier releases left plain; the copy beside the file stays as it was.

    Raises:
        VersionConflictError: A newer release wrote it.
    """
    found = found_revision(engine)
    if found == HEAD:
        return
    if found is not None:
        if found not in REVISIONS:
            raise _conflict(path, found)
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            copy_database(driver, path.with_name(f"{path.name}.before-{HEAD}"), replace=True)
    _upgrade(engine, seal)
    if found == _PLAIN and seal.writes:
        engine.dispose()
        scrub(path)


def _upgrade(engine: Engine, seal: Seal) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["seal"] = seal
        command.upgrade(config, "head")


def _conflict(path: Path, found: str) -> VersionConflictError:
    if found in REVISIONS:
        message = f"{path} has revision {found}, this release reads {HEAD}. Start the core of this release once; it migrates the file."
    else:
        message = (
            f"{path} has revision {found}, which a newer release wrote; this one knows up to {HEAD}. "
            f"Use that release, or put back the backup that it made before migrating ({path.name}.before-{found})."
        )
    return VersionConflictError("state_revision", message, path=str(path), found=found, known=HEAD)


def copy_database(source: sqlite3.Connection, target: Path, *, replace: bool = False) -> None:
    """A consistent copy, whole or not there at all.

    Raises:
        FileExistsError: The target exists and ``replace`` is false.
    """
    if target.exists() and not replace:
        raise FileExistsError(17, "exists already; name another file", str(target))
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        copy = sqlite3.connect(part)
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
