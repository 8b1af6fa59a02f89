"""Frames as bytes. Readers keep every old version: ``tests/golden/frames`` holds files of each.

Version 1, little-endian, 52 bytes before the payload:

    magic "GYEO" · version u16 · codec u8 (0 raw, 1 zstd) · joined u8 · first_offset u64 · count u32 · engine_now_ms i64
    · definitions 16 bytes · payload length u32 · crc32c u32 over all of the above and the payload

The payload is the MessagePack array of the sections, in the order of their offsets.

Version 2 is how a log keeps version 1 on its disk: the same header, the payload sealed under the data key with the header (version 2,
length 0) authenticated beside it. ``sealed_frame`` and ``opened_frame`` turn one into the other; all else only sees version 1.

``joined`` is 1 for a frame that is folded with the one before it (ADR 0018). Opened, it has version 3, else the same as version 1: a
release that does not know of it must not fold it alone.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable

import crc32c
import msgspec
import zstandard

from gyeol.events.log import FrameHeader
from gyeol.events.sections import Frame, Section, section_count
from gyeol.kernel.errors import InternalError, StateError, VersionConflictError

MAGIC = b"GYEO"
VERSION = 1
SEALED = 2
"""Version of frames whose payload is sealed."""
JOINED = 3
"""Version of frames that are folded with the one before them."""
RAW, ZSTD = 0, 1
COMPRESS_FROM = 4_096
"""Bytes of payload from which zstd pays: 0.7 µs an event of 600 bytes in batches of 100 (1/8 of the bytes), but 7 µs for one alone."""

_HEAD = struct.Struct("<4sHBBQIq16sI")
_CRC = struct.Struct("<I")
HEADER_BYTES = _HEAD.size + _CRC.size
Closing = Callable[[bytes, bytes], bytes]
"""Seals or opens bytes that are about something: (bytes, about) → bytes."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Section])


class _Zstd(threading.local):
    """zstd contexts are not safe to share between threads."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=1).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_zstd = _Zstd()


def encode_frame(header: FrameHeader, sections: list[Section]) -> bytes:
    """The bytes of a frame.

    Args:
        header: ``count`` must be the sum of the sections' records.
        sections: In the order of their records.

    Raises:
        InternalError: The header does not fit the sections.
    """
    count = sum(map(section_count, sections))
    if count != header.count or count == 0:
        told = f"the frame at offset {header.first_offset} says {header.count} records, its sections have {count}"
        raise InternalError("frame_count", told)
    payload = _encoder.encode(sections)
    codec = RAW
    if len(payload) >= COMPRESS_FROM:
        payload, codec = _zstd.compress(payload), ZSTD
    definitions = bytes.fromhex(header.definitions)
    version = JOINED if header.joined else VERSION
    head = _HEAD.pack(MAGIC, version, codec, header.joined, header.first_offset, count, header.engine_now_ms, definitions, 0)
    return _framed(head, payload)


def frame_problem(data: bytes) -> str | None:
    """What is wrong with the bytes of a frame, or None. It does not read the payload, only its checksum: 20 µs a megabyte."""
    if len(data) < HEADER_BYTES:
        return f"it has {len(data)} bytes, fewer than the {HEADER_BYTES} of a header"
    if data[:4] != MAGIC:
        return f"it begins with {data[:4]!r}, not {MAGIC!r}"
    length = _HEAD.unpack_from(data)[-1]
    if len(data) != HEADER_BYTES + length:
        return f"it has {len(data) - HEADER_BYTES} bytes of payload, its header says {length}"
    wanted = _CRC.unpack_from(data, _HEAD.size)[0]
    found = crc32c.crc32c(memoryview(data)[HEADER_BYTES:], crc32c.crc32c(data[: _HEAD.size]))
    return None if found == wanted else f"its checksum is {found:08x}, {wanted:08x} was written"


def decode_header(data: bytes) -> FrameHeader:
    """The header alone, unchecked; for listing frames."""
    _, _, _, joined, first_offset, count, engine_now_ms, definitions, _ = _HEAD.unpack_from(data)
    return FrameHeader(
        first_offset=first_offset, count=count, engine_now_ms=engine_now_ms, definitions=definitions.hex(), joined=bool(joined)
    )


def decode_frame(data: bytes) -> Frame:
    """The frame of some bytes.

    Raises:
        StateError: The bytes are torn or changed (code ``frame_corrupt``).
        VersionConflictError: A newer release wrote them (code ``frame_newer``).
    """
    problem = frame_problem(data)
    if problem is not None:
        raise corrupt(data, problem)
    version = int.from_bytes(data[4:6], "little")
    if version == SEALED:
        raise StateError("frame_sealed", f"the frame at offset {decode_header(data).first_offset} is sealed: read it through the log")
    read = _READERS.get(version)
    if read is None:
        offset = decode_header(data).first_offset
        raise VersionConflictError(
            "frame_newer",
            f"the frame at offset {offset} has format version {version}, this release reads up to {JOINED}: use the release that wrote it",
            offset=offset,
            version=version,
        )
    return read(data)


def is_sealed_frame(data: bytes) -> bool:
    """Whether a frame's payload is sealed."""
    return data[4:6] == SEALED.to_bytes(2, "little")


def payload_of(data: bytes) -> memoryview:
    """The payload's bytes as they stand in the frame."""
    return memoryview(data)[HEADER_BYTES:]


def sealed_frame(data: bytes, close: Closing) -> bytes:
    """A frame as it is kept on a disk.

    Args:
        data: A whole frame of version 1.
        close: Seals bytes: (payload, what it is about).
    """
    _, _, codec, joined, first_offset, count, now_ms, definitions, _ = _HEAD.unpack_from(data)
    about = _HEAD.pack(MAGIC, SEALED, codec, joined, first_offset, count, now_ms, definitions, 0)
    return _framed(about, close(data[HEADER_BYTES:], about))


def opened_frame(data: bytes, open_: Closing) -> bytes:
    """The frame that was sealed; one that was not comes back as it is. Its bytes were checked with ``frame_problem``.

    Raises:
        GyeolError: What ``open_`` raises when it has not the key, or the payload is not what was sealed.
    """
    if not is_sealed_frame(data):
        return data
    _, _, codec, joined, first_offset, count, now_ms, definitions, _ = _HEAD.unpack_from(data)
    about = _HEAD.pack(MAGIC, SEALED, codec, joined, first_offset, count, now_ms, definitions, 0)
    payload = open_(data[HEADER_BYTES:], about)
    head = _HEAD.pack(MAGIC, JOINED if joined else VERSION, codec, joined, first_offset, count, now_ms, definitions, 0)
    return _framed(head, payload)


def _framed(head: bytes, payload: bytes) -> bytes:
    """Header (whose length is filled in), checksum and payload."""
    head = head[:-4] + len(payload).to_bytes(4, "little")
    return b"".join((head, _CRC.pack(crc32c.crc32c(payload, crc32c.crc32c(head))), payload))


def corrupt(data: bytes, problem: str, *, where: str = "", expected_offset: int | None = None) -> StateError:
    """The error for a damaged frame: which one, what is wrong, how to go on."""
    told = decode_header(data).first_offset if len(data) >= HEADER_BYTES and data[:4] == MAGIC else None
    offset = expected_offset if expected_offset is not None else told
    place = f"the frame at offset {'unknown' if offset is None else offset}" + (f" in {where}" if where else "")
    return StateError(
        "frame_corrupt",
        f"{place} is damaged: {problem}. Put back this file of the log from a backup; or, to give up that frame and all after it, "
        "move the file and the later ones away and start again: the newest snapshot before that offset is then the state.",
        offset=offset,
        file=where,
    )


def _read(data: bytes) -> Frame:
    payload: bytes | memoryview = memoryview(data)[HEADER_BYTES:]
    header = decode_header(data)
    codec = data[6]
    try:
        if codec == ZSTD:
            payload = _zstd.decompress(payload)
        elif codec != RAW:
            raise corrupt(data, f"its codec {codec} is unknown to version {data[4]}")
        sections = _decoder.decode(payload)
    except (zstandard.ZstdError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise corrupt(data, f"its checksum is right but its payload cannot be read ({error})") from error
    if sum(map(section_count, sections)) != header.count:
        raise corrupt(data, f"its header says {header.count} records, its sections have {sum(map(section_count, sections))}")
    return Frame(header=header, sections=sections)


_READERS: dict[int, Callable[[bytes], Frame]] = {VERSION: _read, JOINED: _read}
