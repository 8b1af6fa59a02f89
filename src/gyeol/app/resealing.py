"""Another data key: given to what is written from now on, and to everything that is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from gyeol.app.book import ABOUT
from gyeol.app.data_key import DATA_KEY, fresh_key, given_keys, note_ids, noted_ids, write_keys
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder
from gyeol.app.private_files import write_private
from gyeol.app.settings import Settings, data_folder
from gyeol.engine.snapshot import CHAINS, write_snapshot
from gyeol.kernel.errors import ConfigError, InternalError
from gyeol.privacy.sealing import Vault, key_id
from gyeol.storage.log.files import log_files
from gyeol.storage.log.mending import cut_aside
from gyeol.storage.log.rewriting import reseal

Tell = Callable[[str, int, int], None]


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """One data key.

    Args:
        id: Names it; tells nothing of it.
        writes: Whether new data is sealed under it.
        in_use: Whether something may be sealed under it.
        source: Where it was found; empty when it was not.
    """

    id: str
    writes: bool
    in_use: bool
    source: str


class Resealed(msgspec.Struct, frozen=True, kw_only=True):
    """What was sealed anew. ``copies``: plain copies of an earlier release's state.db that were deleted."""

    key: str
    frames: int
    rows: int
    copies: int


def keys_of(workspace: Path) -> list[KeyView]:
    """The data keys of a workspace: those given, in their order, then those that are missing."""
    folder = DataFolder(data_folder(workspace), create=False)
    given, noted = given_keys(folder.path), noted_ids(folder.path)
    ids = [] if given is None else [key_id(key) for key in given.keys]
    source = "" if given is None else given.source
    found = [KeyView(id=each, writes=at == 0, in_use=each in noted, source=source) for at, each in enumerate(ids)]
    return [*found, *(KeyView(id=each, writes=False, in_use=True, source="") for each in noted if each not in ids)]


def rotate(workspace: Path) -> str:
    """Put a new key before those of the key file; returns its id. What is there stays under the older keys until ``rewrite``.

    Raises:
        StateError: The workspace runs.
        ConfigError: The keys come from the environment, or are not the folder's.
    """
    folder = DataFolder(data_folder(workspace), create=False)
    folder.lock()
    try:
        folder.vault(make=True)
        given = given_keys(folder.path)
        if given is None or given.file is None:
            told = f"The data key comes from {DATA_KEY}. Put a new one before it there, separated by a comma; then `gyeol keys rewrite`."
            raise ConfigError("data_key_elsewhere", told)
        fresh = fresh_key()
        write_keys(given.file, [fresh, *given.keys])
        folder.vault(make=True)
        return key_id(fresh)
    finally:
        folder.unlock()


def rewrite(workspace: Path, settings: Settings, tell: Tell = lambda what, done, total: None) -> Resealed:
    """Seal everything in the data folder under the key that writes; the others are then forgotten, also by the key file.

    Broken off it can be called again: every key stays until all is done. It is also what seals the frames that an earlier release wrote.

    Raises:
        StateError: The workspace runs.
        ConfigError: A key is missing.
    """
    path = data_folder(workspace)
    DataFolder(path, create=False)
    session = EmbeddedSession(workspace, settings)
    try:
        session.engine.flush()
        parts, seal = session.parts, session.parts.seal
        if not isinstance(seal, Vault):
            raise InternalError("no_vault", f"{path} was opened for writing without a data key")
        for chain in CHAINS:
            tell("snapshots", CHAINS.index(chain), len(CHAINS))
            write_snapshot(parts.folder.snapshots, parts.engine.state, whole=True, seal=seal)
        files = [*log_files(parts.folder.log), *cut_aside(parts.folder.log)]
        frames = 0
        for done, file in enumerate(files):
            tell("log", done, len(files))
            frames += reseal(file, seal)
        tell("state.db", 0, 0)
        rows = parts.store.reseal()
        if parts.folder.sums.exists():
            write_private(parts.folder.sums, seal.close(seal.open(parts.folder.sums.read_bytes(), ABOUT), ABOUT))
        for derived in path.glob(f"{parts.folder.suggestions.name}*"):
            derived.unlink()  # made again from the log
        copies = sorted(path.glob("state.db.before-*"))
        for copy in copies:
            copy.unlink()
        note_ids(path, [seal.writes])
        given = given_keys(path)
        if given is not None and given.file is not None and len(given.keys) > 1:
            write_keys(given.file, given.keys[:1])
        return Resealed(key=seal.writes, frames=frames, rows=rows, copies=len(copies))
    finally:
        session.close()
