"""Frames: what a reader is told when one is damaged."""

from __future__ import annotations

import struct

import crc32c
import msgspec
import pytest

from gyeol.events.frames import (
    COMPRESS_FROM,
    HEADER_BYTES,
    JOINED,
    RAW,
    ZSTD,
    decode_frame,
    decode_header,
    encode_frame,
    frame_problem,
    opened_frame,
    sealed_frame,
)
from gyeol.events.log import FrameHeader
from gyeol.events.sections import Decisions, Tick
from gyeol.kernel.errors import InternalError, StateError, VersionConflictError


def header(count: int = 1) -> FrameHeader:
    return FrameHeader(first_offset=4711, count=count, engine_now_ms=5, definitions="ab" * 16)


FRAME = encode_frame(header(2), [Decisions([b"one"]), Tick()])


def resealed(data: bytes) -> bytes:
    """The frame with a right checksum, whatever else is wrong with it."""
    head, payload = data[: HEADER_BYTES - 4], data[HEADER_BYTES:]
    return head + struct.pack("<I", crc32c.crc32c(payload, crc32c.crc32c(head))) + payload


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes"),
        (FRAME[:20], "20 bytes"),
        (b"GIF8" + FRAME[4:], "begins with"),
        (FRAME[:-1], "its header says"),
        (FRAME + b"x", "its header says"),
        (FRAME[:-1] + b"x", "checksum"),
        (resealed(FRAME[:6] + b"\x07" + FRAME[7:]), "codec 7"),
        (resealed(FRAME[:6] + bytes([ZSTD]) + FRAME[7:]), "cannot be read"),
        (resealed(FRAME[:-1] + b"\xc1"), "cannot be read"),
        (resealed(FRAME[:16] + (9).to_bytes(4, "little") + FRAME[20:]), "9 records"),
    ],
    ids=["empty", "half a header", "magic", "too short", "too long", "flipped", "codec", "no zstd", "no msgpack", "count"],
)
def test_a_damaged_frame_is_named(data: bytes, says: str) -> None:
    with pytest.raises(StateError) as error:
        decode_frame(data)
    assert error.value.code == "frame_corrupt"
    assert says in error.value.message and "backup" in error.value.message
    if len(data) >= HEADER_BYTES and data[:4] == b"GYEO":
        assert error.value.facts["offset"] == 4711 and "offset 4711" in error.value.message


def test_a_frame_of_a_newer_release_is_refused_not_guessed() -> None:
    with pytest.raises(VersionConflictError) as error:
        decode_frame(resealed(FRAME[:4] + (99).to_bytes(2, "little") + FRAME[6:]))
    assert error.value.facts == {"offset": 4711, "version": 99}


@pytest.mark.parametrize("count", [1, 3])
def test_a_header_must_fit_its_sections(count: int) -> None:
    with pytest.raises(InternalError):
        encode_frame(header(count), [Decisions([b"one"]), Tick()])
    with pytest.raises(InternalError):
        encode_frame(header(0), [])


def test_large_payloads_are_packed_and_small_ones_are_not() -> None:
    small = encode_frame(header(), [Decisions([b"x" * 100])])
    large = encode_frame(header(), [Decisions([b"x" * COMPRESS_FROM])])
    assert (small[6], large[6]) == (RAW, ZSTD) and len(large) < 200
    for data in (small, large):
        assert frame_problem(data) is None
        assert encode_frame(decode_frame(data).header, decode_frame(data).sections) == data


def test_a_frame_that_is_joined_says_so_and_keeps_it() -> None:
    joined = msgspec.structs.replace(header(2), joined=True)
    data = encode_frame(joined, [Decisions([b"one"]), Tick()])
    assert (int.from_bytes(data[4:6], "little"), data[7], FRAME[7]) == (JOINED, 1, 0), "an earlier release must not fold it alone"
    assert decode_header(data) == decode_frame(data).header == joined
    sealed = sealed_frame(data, lambda payload, about: payload[::-1])
    assert decode_header(sealed) == joined
    assert opened_frame(sealed, lambda payload, about: payload[::-1]) == data


def test_a_header_alone_and_equality() -> None:
    assert decode_header(FRAME) == header(2)
    assert msgspec.structs.asdict(decode_frame(FRAME).header)["definitions"] == "ab" * 16
