"""The state as a file: written whole or not at all, checked when read, never guessed."""

from __future__ import annotations

import os
from pathlib import Path

import crc32c
import msgspec
import zstandard

from gyeol.engine.packing import pack, unpack
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import BackendError

FORMAT = 1
KEPT = 2
"""The newest so many snapshots are kept: one to use, one in case that one is damaged."""
_SUFFIX = ".snapshot"


class SnapshotHead(msgspec.Struct, array_like=True, frozen=True):
    """What stands before the state.

    Args:
        format: Version of this file's form.
        offset: Everything before it is in the state.
        definitions: Hash of the definitions that the state was folded under.
        crc: crc32c of the compressed state.
    """

    format: int
    offset: int
    definitions: str
    crc: int


def write_snapshot(folder: Path, state: EngineState) -> Path:
    """Write the state; older snapshots but one are removed.

    Raises:
        BackendError: The disk did not take it; older snapshots are untouched.
    """
    body = zstandard.ZstdCompressor(level=1).compress(pack(state.dump()))
    head = SnapshotHead(FORMAT, state.offset, state.definitions.hash, crc32c.crc32c(body))
    path = folder / f"{state.offset:020d}{_SUFFIX}"
    temporary = path.with_suffix(".new")
    try:
        with temporary.open("wb") as file:
            first = msgspec.msgpack.encode(head)
            file.write(len(first).to_bytes(4, "little") + first + body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        for old in sorted(folder.glob("*" + _SUFFIX))[:-KEPT]:
            old.unlink()
    except OSError as error:
        raise BackendError(
            "snapshot_unwritable", f"{path}: {error.strerror}. The log keeps everything; starting will take longer.", path=str(path)
        ) from error
    return path


def load_snapshot(folder: Path, state: EngineState, not_after: int) -> int:
    """Fill an empty state from the newest usable snapshot: whole, of the same definitions, not past ``not_after``.

    Returns:
        The offset from which the log is to be folded; 0 when no snapshot was usable.
    """
    for path in sorted(folder.glob("*" + _SUFFIX), reverse=True):
        data = path.read_bytes()
        length = int.from_bytes(data[:4], "little")
        try:
            head = msgspec.msgpack.decode(data[4 : 4 + length], type=SnapshotHead)
        except msgspec.MsgspecError:
            continue
        body = memoryview(data)[4 + length :]
        if (
            head.format != FORMAT
            or head.definitions != state.definitions.hash
            or head.offset > not_after
            or crc32c.crc32c(body) != head.crc
        ):
            continue
        parts = unpack(zstandard.ZstdDecompressor().decompress(body))
        assert isinstance(parts, dict)
        state.load(parts)
        return head.offset
    return 0
