"""The state in files: two chains of blocks that share nothing, so that a damaged one leaves the other (ADR 0016).

Each chain holds one snapshot: a manifest and the files of blocks that it names. A new snapshot goes to the chain whose snapshot is
older and writes only the blocks that changed since. It is there once its manifest has its name; what a crash leaves before that is
swept away with the next one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import crc32c
import msgspec

from gyeol.engine.blocks import DAMAGED_BLOCK, BlockReader, BlockWriter, Branch, Leaf, damaged, files_of, leaves, read_tree, stale_files
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import BackendError, StateError, VersionConflictError
from gyeol.privacy.sealing import PLAIN, Seal, about, key_of

FORMAT = 3
"""1 was a file with everything in it: nothing was ever left out of the log then, so such files are passed over. 2: nothing was sealed."""
_READABLE = (2, 3)
CHAINS = ("a", "b")
_MANIFEST, _BLOCKS, _DRAFT, _DAMAGED = ".manifest", ".blocks", ".draft", ".damaged"


class SnapshotHead(msgspec.Struct, array_like=True, frozen=True):
    """What stands before the manifest's tree.

    Args:
        format: Version of this file's form.
        offset: Everything before it is in the state.
        definitions: Hash of the definitions that the state was folded under.
        crc: crc32c of the tree's bytes as they stand in the file.
    """

    format: int
    offset: int
    definitions: str
    crc: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest that is whole: its file, its head, its tree's bytes."""

    path: Path
    head: SnapshotHead
    body: bytes

    def tree(self, seal: Seal) -> dict[str, object]:
        """The tree, with ``Leaf`` where arrays stand.

        Raises:
            StateError: It is none, or not what was sealed (code ``snapshot_block_damaged``).
            ConfigError: The key is not here.
        """
        try:
            return read_tree(seal.open(self.body, _about(self.head)))
        except (msgspec.MsgspecError, UnicodeDecodeError, StateError) as error:
            raise damaged(str(self.path), f"its tree cannot be read ({error})") from error

    def leaves(self, seal: Seal) -> dict[str, Leaf]:
        """All leaves in blocks."""
        return leaves(self.tree(seal))


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot that is written and on disk, but has not its name yet."""

    offset: int
    path: Path

    @property
    def final(self) -> Path:
        """The manifest that it becomes."""
        return self.path.with_suffix("")


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """The state that a start begins with.

    Args:
        state: Of the newest usable snapshot, or empty.
        offset: From which the log is to be folded.
        problems: What is damaged, and was passed over.
    """

    state: EngineState
    offset: int
    problems: tuple[str, ...] = ()


def write_snapshot(folder: Path, state: EngineState, *, whole: bool = False, seal: Seal = PLAIN) -> Path:
    """Write the state and give it its name.

    Args:
        folder: Of snapshots.
        state: At the end of a record.
        whole: Write every block anew, so that nothing of older snapshots of the chain is kept.
        seal: Seals what is written.

    Raises:
        BackendError: The disk did not take it; the snapshots that were there are untouched.
    """
    return publish(draft_snapshot(folder, state.parts(), state.offset, state.definitions.hash, whole=whole, seal=seal), seal)


def draft_snapshot(
    folder: Path,
    parts: Iterable[tuple[str, object]],
    offset: int,
    definitions: str,
    *,
    whole: bool = False,
    seal: Seal = PLAIN,
) -> Draft:
    """Write the parts of a state, durably, as a draft.

    Args:
        folder: Of snapshots.
        parts: Name and tree of each part; one is in memory at a time.
        offset: Everything before it is in the state.
        definitions: Hash of those in force.
        whole: See ``write_snapshot``.
        seal: See ``write_snapshot``.

    Raises:
        BackendError: The disk did not take it (code ``snapshot_unwritable``).
    """
    chain = folder / next_chain(folder)
    try:
        chain.mkdir(parents=True, exist_ok=True)
        before = manifest_of(chain)
        _sweep(chain, before, seal)
        sizes = {int(path.stem): path.stat().st_size for path in chain.glob("*" + _BLOCKS)}
        # Blocks under another key, or under none, are not named again.
        same = before is not None and key_of(before.body) == seal.writes
        known = before.leaves(seal) if before is not None and same and not whole else {}
        number = max(sizes, default=0) + 1
        path = chain / f"{number:08d}{_BLOCKS}"
        with path.open("wb") as file:
            writer = BlockWriter(file, number, known, stale_files(known, sizes), seal)
            tree: dict[str, object] = {}
            for name, part in parts:
                tree[name] = writer.plain(f"/{name}", part)
                del part
            _synced(file)
        head = SnapshotHead(FORMAT, offset, definitions, 0)
        body = seal.close(msgspec.msgpack.encode(tree), _about(head))
        first = msgspec.msgpack.encode(msgspec.structs.replace(head, crc=crc32c.crc32c(body)))
        draft = Draft(offset=offset, path=chain / f"{offset:020d}{_MANIFEST}{_DRAFT}")
        with draft.path.open("wb") as file:
            file.write(len(first).to_bytes(4, "little") + first + body)
            _synced(file)
    except OSError as error:
        raise _unwritable(chain, error) from error
    return draft


def publish(draft: Draft, seal: Seal = PLAIN) -> Path:
    """Give a draft its name; the chain's older snapshot goes. ``seal``: with which it was written.

    Raises:
        BackendError: It could not be renamed; the older one is still there.
    """
    final = draft.final
    try:
        draft.path.replace(final)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        for path in final.parent.glob("*" + _MANIFEST):
            if path != final:
                path.unlink()
        _sweep(final.parent, manifest_of(final.parent), seal)
        for path in final.parent.parent.glob("*.snapshot"):  # of format 1
            path.unlink()
    except OSError as error:
        raise _unwritable(final, error) from error
    return final


def load_snapshot(folder: Path | None, fresh: Callable[[], EngineState], not_after: int, seal: Seal = PLAIN) -> Loaded:
    """The state of the newest usable snapshot: whole, of the same definitions, not past ``not_after``.

    Args:
        folder: Of snapshots; None: use none.
        fresh: Makes an empty state.
        not_after: What lies behind a later offset has not been acted upon.
        seal: Opens what was sealed.

    Returns:
        The state; an empty one when no snapshot was usable. A damaged snapshot is put aside, named, and never built upon.

    Raises:
        StateError: A snapshot was written under another identity key.
        ConfigError: It is sealed under a key that is not here.
    """
    problems: list[str] = []
    found = [] if folder is None else manifests(folder, problems)
    state = fresh()
    for manifest in sorted(found, key=lambda each: -each.head.offset):
        if manifest.head.definitions != state.definitions.hash or manifest.head.offset > not_after:
            continue
        try:
            state.load(Branch("", manifest.tree(seal), _reader(manifest.path.parent, seal)))
        except VersionConflictError as error:
            problems.append(f"{manifest.path}: {error.message}")  # it may be of use to the release that wrote it
            state = fresh()
            continue
        except StateError as error:
            if error.code != DAMAGED_BLOCK:
                raise  # such as another identity key: the snapshot is well, the folder is not
            problems.append(_set_aside(manifest.path, error.message))
            state = fresh()
            continue
        except (KeyError, ValueError, AssertionError, msgspec.MsgspecError) as error:
            problems.append(_set_aside(manifest.path, f"{type(error).__name__}: {error}"))
            state = fresh()
            continue
        return Loaded(state=state, offset=manifest.head.offset, problems=tuple(problems))
    return Loaded(state=state, offset=0, problems=tuple(problems))


def manifests(folder: Path, problems: list[str] | None = None) -> list[Manifest]:
    """The snapshots of both chains; damaged manifests are put aside and told in ``problems`` when it is given."""
    found = []
    for chain in CHAINS:
        for path in sorted((folder / chain).glob("*" + _MANIFEST)):
            manifest = _read(path)
            if manifest is not None:
                found.append(manifest)
            elif problems is not None:
                problems.append(_set_aside(path, "its manifest is torn or changed"))
    return found


def safe_offset(folder: Path, definitions: str | None = None) -> int:
    """The offset of the older of two snapshots: a start needs nothing of the log before it, even if the newer one is damaged; else 0.

    Args:
        folder: Of snapshots.
        definitions: Only snapshots of this hash count: one of others may have to be folded anew from the start. None: any.
    """
    found = [each for each in manifests(folder) if definitions in (None, each.head.definitions)]
    return min(each.head.offset for each in found) if len(found) == len(CHAINS) else 0


def latest_offset(folder: Path) -> tuple[int, str]:
    """Offset and definitions of the newest snapshot; (-1, "") without one."""
    return max(((each.head.offset, each.head.definitions) for each in manifests(folder)), default=(-1, ""))


def written_s(folder: Path) -> float | None:
    """When the newest snapshot was written, in Unix seconds; None without one."""
    found = []
    for path in folder.glob("*/*" + _MANIFEST):
        with suppress(FileNotFoundError):  # a newer one has just replaced it
            found.append(path.stat().st_mtime)
    return max(found, default=None)


def set_aside(folder: Path) -> list[Path]:
    """Manifests that were found damaged and put aside; the next snapshot of their chain deletes them."""
    return sorted(path for chain in CHAINS for path in (folder / chain).glob("*" + _DAMAGED))


def next_chain(folder: Path) -> str:
    """The chain whose snapshot is older, or that has none."""
    offsets = dict.fromkeys(CHAINS, -1)
    for manifest in manifests(folder):
        offsets[manifest.path.parent.name] = manifest.head.offset
    return min(CHAINS, key=lambda chain: (offsets[chain], chain))


def manifest_of(chain: Path) -> Manifest | None:
    """The readable snapshot of a chain, the newest of several; None without one."""
    found = [manifest for path in sorted(chain.glob("*" + _MANIFEST)) if (manifest := _read(path)) is not None]
    return found[-1] if found else None


def _read(path: Path) -> Manifest | None:
    """A manifest, or None for one that is torn, changed or of another format."""
    data = path.read_bytes()
    length = int.from_bytes(data[:4], "little")
    try:
        head = msgspec.msgpack.decode(data[4 : 4 + length], type=SnapshotHead)
        body = memoryview(data)[4 + length :]
        if head.format not in _READABLE or crc32c.crc32c(body) != head.crc:
            return None
        return Manifest(path=path, head=head, body=bytes(body))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _about(head: SnapshotHead) -> bytes:
    return about("snapshot", head.offset, head.definitions)


def _reader(chain: Path, seal: Seal) -> BlockReader:
    return BlockReader({int(path.stem): path for path in chain.glob("*" + _BLOCKS)}, seal)


def _set_aside(path: Path, told: str) -> str:
    aside = path.with_name(path.name + _DAMAGED)
    path.replace(aside)
    return f"{aside}: {told}; the other snapshot or the log is used instead"


def _sweep(chain: Path, kept: Manifest | None, seal: Seal) -> None:
    """Delete what no manifest of the chain names: drafts of a crash, blocks that nobody needs, and what was put aside."""
    named = set() if kept is None else files_of(kept.leaves(seal))
    for path in chain.iterdir():
        if path.suffix in (_DRAFT, _DAMAGED) or (path.suffix == _BLOCKS and int(path.stem) not in named):
            path.unlink()


def _synced(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError) -> BackendError:
    told = f"{path}: {error.strerror}. The log keeps everything; starting will take longer."
    return BackendError("snapshot_unwritable", told, path=str(path), errno=error.errno)
