"""Backup of a workspace while it runs, and restoring one.

Each part is copied at one of its own moments, in an order in which each part may lag behind those copied after it: snapshots, state.db,
the lake, the log, the definitions. That is what a crash leaves, too, and a start repairs it from the log. The log is copied last, so the
backup holds everything that was acknowledged before its copy began.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from gyeol import __version__
from gyeol.app.data_key import KEY_FILE, note_ids, noted_ids, write_keys
from gyeol.app.folder import VERDICTS, DataFolder, Secrets
from gyeol.app.opening import OpenCore
from gyeol.app.private_files import read_private, write_private
from gyeol.app.settings import Settings, data_folder
from gyeol.channels.model import Delivery, MessageState
from gyeol.engine.embedded import EmbeddedEngine
from gyeol.engine.jobs import Deliver
from gyeol.engine.snapshot import CHAINS
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import BackendError, ConfigError, InputError, Problem, StateError
from gyeol.storage.log.files import log_files
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.storage.state.revision import copy_database
from gyeol.storage.state.store import SqlStateStore

FORMAT = 1
MANIFEST = "backup.json"
DATA, WORKSPACE = "data", "workspace"
_ATTEMPTS = 20
_PAGE = 500
RESTORED = "restored"
"""Reason of messages that a restored folder does not send."""
Tell = Callable[[str, int, int], None]


class BackedUpFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a backup, relative to its folder. ``hash``: BLAKE2b-128 of its bytes, hexadecimal."""

    path: str
    bytes: int
    hash: str


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    Args:
        format: Of this description.
        release: That wrote it.
        at_ms: When it was finished.
        end_offset: Of the log: everything before it is in the backup.
        acted_offset: Of state.db.
        lake: Whether the lake is in it.
        secrets: Whether the folder's keys are; without them nothing can be read and no person id made, so they must be given back by
            other means.
        files: All of its files.
    """

    format: int
    release: str
    at_ms: int
    end_offset: int
    acted_offset: int
    lake: bool
    secrets: bool
    files: list[BackedUpFile]


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restored folder begins with. ``held``: messages that waited, or were on their way, and will not be sent."""

    end_offset: int
    people: int
    held: int


@contextmanager
def held(folder: DataFolder) -> Iterator[None]:
    """Keep retention from dropping files of the log meanwhile."""
    fd = os.open(folder.hold, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield
    finally:
        os.close(fd)


def back_up(
    workspace: Path, target: Path, *, lake: bool = True, secrets: bool = True, tell: Tell = lambda what, done, total: None
) -> Backup:
    """Copy a workspace and its data into a new folder; there is none if it fails.

    Args:
        workspace: May be served meanwhile.
        target: Must not exist.
        lake: Also the lake; without it figures and SQL know the past only as far as it can be made again.
        secrets: Also the folder's keys: ``secrets.json``, and the data key if it lies in the folder.
        tell: Told how far it is.

    Raises:
        ConfigError: There is no data, or the target exists.
        BackendError: Something cannot be read or written.
    """
    folder = DataFolder(data_folder(workspace), create=False)
    if target.exists():
        raise ConfigError("backup_exists", f"{target} exists already; name another folder: a backup is never written over.")
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with held(folder):
            _copy_parts(folder, part / DATA, lake=lake, secrets=secrets, tell=tell)
        _copy_workspace(workspace, part / WORKSPACE)
        found = _described(part, lake=lake, secrets=secrets)
        write_private(part / MANIFEST, msgspec.json.encode(found))
        part.replace(target)
    except (OSError, sqlite3.Error, shutil.Error) as error:
        shutil.rmtree(part, ignore_errors=True)
        told = f"{target}: the backup could not be written ({error}); nothing of it was kept. Free space, or name another disk."
        raise BackendError("backup_failed", told, path=str(target)) from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return found


def _copy_parts(folder: DataFolder, data: Path, *, lake: bool, secrets: bool, tell: Tell) -> None:
    data.mkdir(parents=True)
    (data / "format").write_text((folder.path / "format").read_text())
    _copy_keys(folder, data, secrets=secrets)
    tell("snapshots", 0, 0)
    for chain in CHAINS:
        _copy_chain(folder.snapshots / chain, data / "snapshots" / chain)
    tell("state.db", 0, 0)
    if folder.state.exists():
        _copy_sqlite(folder.state, data / "state.db")
    if lake and (folder.lake / "catalog.sqlite").exists():
        tell("lake", 0, 0)
        (data / "lake").mkdir()
        _copy_sqlite(folder.lake / "catalog.sqlite", data / "lake" / "catalog.sqlite")
        # Files that the catalog names stay for an hour, those that it does not name yet do no harm.
        _copy_tree(folder.lake / "data", data / "lake" / "data")
    (data / "log").mkdir()
    files = log_files(folder.log)
    for done, path in enumerate(files):
        tell("log", done, len(files))
        _copy_sqlite(path, data / "log" / path.name)
    shutil.copytree(folder.definitions, data / "definitions")
    if (folder.path / VERDICTS).is_dir():
        _copy_tree(folder.path / VERDICTS, data / VERDICTS)


def _copy_keys(folder: DataFolder, data: Path, *, secrets: bool) -> None:
    """The ids of the data keys; with ``secrets`` the folder's keys, too. A data key that lies elsewhere is never copied."""
    if secrets:
        write_private(data / "secrets.json", msgspec.json.encode(folder.secrets()))
        if (folder.path / KEY_FILE).exists():
            write_private(data / KEY_FILE, read_private(folder.path / KEY_FILE))
    if noted_ids(folder.path):
        note_ids(data, noted_ids(folder.path))


def _copy_chain(chain: Path, target: Path) -> None:
    """A chain of snapshots: the core may replace it while it is copied, then it is copied again."""
    for _ in range(_ATTEMPTS):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        manifests = sorted(chain.glob("*.manifest")) if chain.is_dir() else []
        try:
            for path in [*chain.glob("*.blocks"), *manifests] if manifests else []:
                shutil.copyfile(path, target / path.name)
        except FileNotFoundError:
            continue
        if manifests == sorted(chain.glob("*.manifest")):
            return
    shutil.rmtree(target)  # a start without it reads the other chain, or the log


def _copy_sqlite(path: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=10.0)) as source:
        copy_database(source, target)


def _copy_tree(source: Path, target: Path) -> None:
    """Files below a folder; those that go meanwhile are passed over."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, place)
        except FileNotFoundError:
            place.unlink(missing_ok=True)


def _copy_workspace(workspace: Path, target: Path) -> None:
    """The workspace's own files: definitions, maps, whatever else lies there; not its data, and no Git."""
    left_out = shutil.ignore_patterns(data_folder(workspace).name, ".git", "__pycache__")
    shutil.copytree(workspace, target, ignore=left_out, symlinks=True)


def _described(part: Path, *, lake: bool, secrets: bool) -> Backup:
    log = SqliteLog(part / DATA / "log", read_only=True)
    state = part / DATA / "state.db"
    acted = 0
    if state.exists():
        with closing(SqlStateStore(state, read_only=True)) as store:
            acted = store.acted_offset()
    for leftover in (*part.rglob("*-wal"), *part.rglob("*-shm")):
        leftover.unlink()
    files = []
    for path in sorted(path for path in part.rglob("*") if path.is_file() and not path.is_symlink()):
        _synced(path)
        files.append(BackedUpFile(path=str(path.relative_to(part)), bytes=path.stat().st_size, hash=_hash(path)))
    return Backup(
        format=FORMAT,
        release=__version__,
        at_ms=WallClock().now_ms(),
        end_offset=log.end_offset(),
        acted_offset=acted,
        lake=lake,
        secrets=secrets,
        files=files,
    )


def read_backup(source: Path) -> Backup:
    """The description of a backup, all of whose files are whole.

    Raises:
        ConfigError: The folder is no backup.
        StateError: A newer release wrote it.
        InputError: Files are missing or changed; all are named.
    """
    path = source / MANIFEST
    if not path.exists():
        raise ConfigError("no_backup", f"{source} holds no {MANIFEST}, so it is no backup of `gyeol backup`.")
    found = msgspec.json.decode(path.read_bytes(), type=Backup)
    if found.format > FORMAT:
        raise StateError("newer_backup", f"{source} was written by release {found.release}; restore it with that one, or a newer one.")
    problems = []
    for file in found.files:
        there = source / file.path
        if not there.is_file():
            problems.append(Problem(path=file.path, code="missing", what="the file is missing", mend="take another backup"))
        elif there.stat().st_size != file.bytes or _hash(there) != file.hash:
            problems.append(Problem(path=file.path, code="changed", what="the file is not what was written", mend="take another backup"))
    if problems:
        raise InputError("backup_damaged", problems)
    return found


def restore(
    source: Path,
    workspace: Path,
    *,
    resend: bool = False,
    secrets: Secrets | None = None,
    data_keys: Sequence[bytes] = (),
    settings: Settings | None = None,
) -> Restored:
    """Put a backup's data, and the workspace's files unless there are any, into a workspace.

    What waited to be sent when the backup was made may have been sent since by the folder that it was made of; nobody can tell. So it is
    not sent: such messages end as ``refused`` with the reason ``restored`` (those on their way as ``unknown``), and journeys that were
    still to begin do not begin.

    Args:
        source: The backup.
        workspace: Must have no data yet.
        resend: Send them all the same: only if the other folder never ran again.
        secrets: The keys, for a backup without them.
        data_keys: As ``secrets``; none: the backup's, or those that the environment gives.
        settings: See ``Settings``.

    Raises:
        ConfigError: There is data already, or keys are wanted.
        InputError: The backup is damaged.
    """
    found = read_backup(source)
    data = data_folder(workspace)
    if data.exists():
        raise ConfigError("data_exists", f"{data} exists already; name a workspace without data, or move that folder away.")
    if not found.secrets and secrets is None:
        told = f"{source} holds no keys. Put the `secrets.json` of the folder that it was made of beside {MANIFEST}."
        raise ConfigError("no_secrets", told)
    if not workspace.exists() or not any(workspace.iterdir()):
        shutil.copytree(source / WORKSPACE, workspace, dirs_exist_ok=True, symlinks=True)
    # A place of its own until what waited is held: a restore that is cut short leaves nothing that a start would send from.
    stage = workspace / ".restoring"
    part = data_folder(stage)
    shutil.rmtree(stage, ignore_errors=True)
    try:
        shutil.copytree(source / DATA, part)
        if secrets is not None:
            write_private(part / "secrets.json", msgspec.json.encode(secrets))
        if data_keys:
            write_keys(part / KEY_FILE, data_keys)
        begun = _begin(stage, settings or Settings(), resend=resend) if found.end_offset else Restored(end_offset=0, people=0, held=0)
        part.replace(data)
    except (OSError, shutil.Error) as error:
        raise BackendError("restore_failed", f"{data}: {error}; nothing was put there. Free space and try again.") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return begun


def _begin(workspace: Path, settings: Settings, *, resend: bool) -> Restored:
    """Open the restored folder once, without senders: write what state.db had not seen, and hold what is not to be sent."""
    core = OpenCore(workspace, settings)
    try:
        engine = EmbeddedEngine(core.engine, core.log, core.store, core.under)
        engine.take(core.pending)
        if resend:
            for effects in core.unanswered:
                engine.answer(effects)
        engine.flush()
        stopped = 0 if resend else _hold(core, engine)
        result = Restored(end_offset=core.engine.state.offset, people=core.engine.state.people.people, held=stopped)
        core.snapshot()
        return result
    finally:
        core.close()


def _hold(core: OpenCore, engine: EmbeddedEngine) -> int:
    """End every message that has not left; a record each, as for any delivery."""
    at_ms, stopped = core.clock.now_ms(), 0
    outbox = core.store.outbox
    ends: tuple[tuple[MessageState, MessageState], ...] = (("queued", "refused"), ("sending", "unknown"))
    for state, then in ends:
        while entries := outbox.list(state, _PAGE).entries:
            job = Deliver([Delivery(send_key=e.message.send_key, state=then, at_ms=at_ms, reason=RESTORED) for e in entries])
            engine.run([job])
            if job.error is not None:
                raise job.error
            engine.flush()
            stopped += len(entries)
    return stopped


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _synced(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
