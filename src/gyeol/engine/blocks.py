"""Trees of arrays as blocks in files: only blocks that changed are written again, each is checked when it is read.

A block is 4,096 rows of one array (or as many as make 64 KiB), compressed and sealed, with the crc32c of its bytes. A manifest says for
every array where its blocks stand; blocks that are the same as in the manifest before it are not written but named again, in the file of
blocks where they are. So a snapshot costs what changed since the last one.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import crc32c
import msgspec
import numpy as np
import numpy.typing as npt
import zstandard

from gyeol.kernel.cut import Cut
from gyeol.kernel.errors import StateError
from gyeol.privacy.sealing import PLAIN, Seal

ROWS = 4_096
"""Rows of a block. Source: DESIGN.md, section 6."""
LEAST_BYTES = 65_536
"""Below it blocks hold more rows, and small arrays stand in the manifest: a block costs 40 bytes there and a call to read."""
MOST_FILES = 12
"""A manifest names blocks in so many files at most; those of the oldest are written anew."""
LEAST_LIVE = 0.5
"""A file of blocks of which less is still in use is not named again: its living blocks are written anew, and it can go."""

DAMAGED_BLOCK = "snapshot_block_damaged"
"""Code of the error for a block that is not what was written."""
_SMALL, _BLOCKS = 1, 2
_ABOUT = b"snapshot block"
_encoder = msgspec.msgpack.Encoder()
PLACE = np.dtype([("file", "<u4"), ("at", "<u8"), ("size", "<u4"), ("crc", "<u4"), ("rows", "<u4"), ("hash", "V16")])
"""Where one block stands: file number, first byte, bytes, crc32c of these bytes, rows, hash of the rows as they are in memory."""
AnyArray = npt.NDArray[Any]
Places = npt.NDArray[np.void]


class Leaf(msgspec.Struct, array_like=True, frozen=True):
    """An array in a manifest. ``text``: it is bytes, not an array."""

    dtype: str
    shape: tuple[int, ...]
    axis: int
    places: bytes
    text: bool = False

    @property
    def table(self) -> Places:
        """(n,) of ``PLACE``."""
        return np.frombuffer(self.places, PLACE)


def cut(value: AnyArray) -> Cut:
    """An array along its longest axis, which is turned to the front: rows of people, whatever the order of the axes."""
    turned = np.moveaxis(value, int(np.argmax(value.shape)), 0)
    rows = max(ROWS, LEAST_BYTES // max(1, turned[:1].nbytes))
    return Cut(turned, np.append(np.arange(rows, len(turned), rows), len(turned)).astype(np.int64))


class BlockWriter:
    """Writes trees into one new file of blocks.

    Args:
        file: The new file; written from its start.
        number: Its number.
        known: Leaves of the manifest before, by path; blocks in ``stale`` files are not named again.
        stale: Numbers of files that are to go.
        seal: Seals the blocks.
    """

    def __init__(self, file: BinaryIO, number: int, known: Mapping[str, Leaf], stale: frozenset[int], seal: Seal = PLAIN) -> None:
        self._file, self._number, self._known, self._stale, self._seal = file, number, known, stale, seal
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self.at = 0

    def plain(self, path: str, value: object) -> object:
        """The tree as the manifest holds it; the blocks that are not known are written."""
        if isinstance(value, Cut):
            if value.array.nbytes > LEAST_BYTES:
                return self._leaf(path, value, 0, text=False)
            value = value.array
        if isinstance(value, np.ndarray):
            if value.nbytes <= LEAST_BYTES:
                flat = np.ascontiguousarray(value)
                return msgspec.msgpack.Ext(_SMALL, _encoder.encode((flat.dtype.str, flat.shape, flat.tobytes())))
            return self._leaf(path, cut(value), int(np.argmax(value.shape)), text=False)
        if isinstance(value, bytes | bytearray | memoryview):
            flat = np.frombuffer(value, np.uint8)
            return bytes(value) if len(flat) <= LEAST_BYTES else self._leaf(path, cut(flat), 0, text=True)
        if isinstance(value, dict):
            return {key: self.plain(f"{path}/{key}", item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(f"{path}/{i}", item) for i, item in enumerate(value)]
        return value

    def _leaf(self, path: str, given: Cut, axis: int, *, text: bool) -> msgspec.msgpack.Ext:
        before = self._known.get(path)
        array, ends = given.array, given.ends.tolist()
        same = before is not None and (before.dtype, before.axis) == (array.dtype.str, axis) and before.shape[1:] == array.shape[1:]
        known = before.table if before is not None and same else np.empty(0, PLACE)
        places = np.zeros(len(ends), PLACE)
        start = 0
        for i, end in enumerate(ends):
            block = np.ascontiguousarray(array[start:end])
            data = block.reshape(-1).view(np.uint8).data
            digest = hashlib.blake2b(data, digest_size=16).digest()
            if i < len(known) and known[i]["hash"].tobytes() == digest and int(known[i]["file"]) not in self._stale:
                places[i] = known[i]
            else:
                packed = self._seal.close(self._compress(data), _ABOUT)
                self._file.write(packed)
                places[i] = (self._number, self.at, len(packed), crc32c.crc32c(packed), end - start, digest)
                self.at += len(packed)
            start = end
        leaf = Leaf(array.dtype.str, array.shape, axis, places.tobytes(), text)
        return msgspec.msgpack.Ext(_BLOCKS, _encoder.encode(leaf))


class BlockReader:
    """Reads the blocks of a manifest; every block is checked.

    Args:
        paths: File of each number; opened when first needed.
        seal: Opens the blocks.
    """

    def __init__(self, paths: Mapping[int, Path], seal: Seal = PLAIN) -> None:
        self._paths, self._seal = paths, seal
        self._maps: dict[int, mmap.mmap] = {}
        self._decompress = zstandard.ZstdDecompressor().decompress

    def array(self, path: str, leaf: Leaf) -> AnyArray | bytes:
        """The array of a leaf, writable, or its bytes.

        Raises:
            StateError: A block is damaged or its file is missing (code ``snapshot_block_damaged``); it is named.
        """
        out = np.empty(leaf.shape, np.dtype(leaf.dtype))
        start = 0
        for index, (number, at, size, crc, rows) in enumerate(leaf.table[["file", "at", "size", "crc", "rows"]].tolist()):
            data = memoryview(self._map(number, path))[at : at + size]
            if len(data) != size or crc32c.crc32c(data) != crc:
                raise damaged(path, f"block {index} in {self._paths[number]}, bytes {at} to {at + size}")
            try:
                packed = self._seal.open(bytes(data), _ABOUT)
            except StateError as error:
                raise damaged(path, error.message) from error
            part = np.frombuffer(self._decompress(packed), out.dtype)
            out[start : start + rows] = part.reshape(rows, *leaf.shape[1:])
            start += rows
        if leaf.text:
            return out.tobytes()
        return out if leaf.axis == 0 else np.ascontiguousarray(np.moveaxis(out, 0, leaf.axis))

    def _map(self, number: int, path: str) -> mmap.mmap:
        found = self._maps.get(number)
        if found is None:
            file = self._paths.get(number)
            if file is None or not file.exists() or not file.stat().st_size:
                raise damaged(path, f"the file of blocks {number} is missing")
            with file.open("rb") as opened:
                found = self._maps[number] = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        return found


class Branch(Mapping[str, object]):
    """A dictionary of a manifest whose arrays are read when asked for, each time anew: nothing is in memory twice."""

    def __init__(self, path: str, items: dict[str, object], reader: BlockReader) -> None:
        self._path, self._items, self._reader = path, items, reader

    def __getitem__(self, key: str) -> object:
        value, path = self._items[key], f"{self._path}/{key}"
        if isinstance(value, Leaf):
            return self._reader.array(path, value)
        return Branch(path, value, self._reader) if isinstance(value, dict) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def damaged(path: str, what: str) -> StateError:
    """The error for a block that cannot be used."""
    return StateError(DAMAGED_BLOCK, f"the snapshot's {path} is damaged: {what}", block=path)


def read_tree(data: bytes) -> dict[str, object]:
    """The tree of a manifest, with ``Leaf`` where arrays stand in blocks. Raises msgspec.MsgspecError for what is none."""
    return msgspec.msgpack.decode(data, type=dict[str, Any], ext_hook=_ext)


def _ext(code: int, data: memoryview) -> object:
    if code == _BLOCKS:
        return msgspec.msgpack.decode(data, type=Leaf)
    dtype, shape, raw = msgspec.msgpack.decode(data, type=tuple[str, tuple[int, ...], bytes])
    return np.frombuffer(raw, np.dtype(dtype)).reshape(shape).copy()


def leaves(tree: Mapping[str, object], path: str = "") -> dict[str, Leaf]:
    """All leaves in blocks by path, in the order of the tree."""
    found: dict[str, Leaf] = {}
    for key, value in tree.items():
        if isinstance(value, Leaf):
            found[f"{path}/{key}"] = value
        elif isinstance(value, dict):
            found |= leaves(value, f"{path}/{key}")
    return found


def stale_files(known: Mapping[str, Leaf], sizes: Mapping[int, int]) -> frozenset[int]:
    """The files whose blocks are to be written anew: mostly dead ones, and the oldest beyond ``MOST_FILES``.

    Args:
        known: Leaves of the newest manifest.
        sizes: Bytes of each file.
    """
    live: dict[int, int] = {}
    for leaf in known.values():
        table = leaf.table
        for number in np.unique(table["file"]).tolist():
            live[number] = live.get(number, 0) + int(table["size"][table["file"] == number].sum())
    sparse = {number for number, used in live.items() if used < LEAST_LIVE * sizes.get(number, 0)}
    return frozenset(sparse | set(sorted(live)[: -(MOST_FILES - 1)]))


def files_of(known: Mapping[str, Leaf]) -> set[int]:
    """The files of blocks that a manifest names."""
    return {number for leaf in known.values() for number in np.unique(leaf.table["file"]).tolist()}
