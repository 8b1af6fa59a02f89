"""The frames that the golden files hold, and the script that writes them.

    python tests/golden/frames/samples.py

writes the files of the present version that do not exist yet. Files are never written again: they stand for what releases have written.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from gyeol.events.frames import JOINED, SEALED, VERSION, encode_frame, sealed_frame
from gyeol.events.log import FrameHeader
from gyeol.events.sections import (
    Command,
    Commands,
    Decisions,
    Deliveries,
    EventColumns,
    EventRows,
    Facts,
    ImportOrigin,
    PackedColumn,
    RejectedEvent,
    Rejections,
    Section,
    Tick,
    section_count,
)
from gyeol.privacy.sealing import Vault

HERE = Path(__file__).parent
DEFINITIONS = "00112233445566778899aabbccddeeff"


def int64(*values: int) -> bytes:
    return np.array(values, "<i8").tobytes()


def rows(n: int) -> EventRows:
    """Events as HTTP brings them."""
    at = [1_780_000_000_000 + 1000 * i for i in range(n)]
    return EventRows(
        source=np.array([i % 2 for i in range(n)], "<i2").tobytes(),
        time=int64(*at),
        received=int64(*(t + 5 for t in at)),
        original=int64(*at),
        sent=int64(*([-1] * n)),
        flags=np.array([i % 3 for i in range(n)], "<u2").tobytes(),
        raw=[
            f'{{"type":"track","event":"상품 조회","userId":"u{i}","messageId":"m{i}","properties":{{"price":{i}.5}}}}'.encode()
            for i in range(n)
        ],
        type_code=bytes(n),
        id_hash=np.arange(1, n + 1, dtype="<u8").tobytes(),
        payload_hash=np.arange(n, dtype="<u8").tobytes(),
        ip=["203.0.113.7"] * n,
        sources=["app", "web"],
    )


COLUMNS = EventColumns(
    count=3,
    source=np.zeros(3, "<i2").tobytes(),
    time=int64(1, 2, 3),
    received=int64(9, 9, 9),
    original=int64(1, 2, -1),
    sent=int64(-1, -1, -1),
    flags=np.full(3, 512, "<u2").tobytes(),
    columns={
        "event": PackedColumn("text", "<i4", np.array([0, 1, 0], "<i4").tobytes(), b"", ["구매", "Viewed"]),
        "properties.price": PackedColumn("number", "<f8", np.array([1.5, 0.0, -2.0], "<f8").tobytes(), b"\x05"),
        "properties.vip": PackedColumn("flag", "|b1", b"\x01\x00\x01"),
        "properties.items": PackedColumn("list", "json", b'[[1],null,["a"]]', b"\x05"),
    },
    type_code=bytes(3),
    id_hash=np.arange(1, 4, dtype="<u8").tobytes(),
    origin=ImportOrigin("f00d", 2, True),
    sources=["store"],
    act=True,
)

SAMPLES: dict[str, tuple[int, list[Section]]] = {
    "tick": (0, [Tick()]),
    "rows": (7, [rows(2)]),
    "rows_zstd": (2**40, [rows(60)]),
    "columns": (100, [COLUMNS]),
    "all": (
        1000,
        [
            rows(1),
            Rejections([RejectedEvent("dl_1001", 1, "no_type", "type is missing", b"{}", 5, "m", "203.0.113.7", "web")], ["app", "web"]),
            Commands([Command("merge", "kim", 6, "같은 사람", {"a": "user_id:1", "b": "user_id:2"})]),
            Decisions([b"\x80", b"\x81"]),
            Deliveries([b"\x82"]),
            Facts([b"\x83"]),
            Tick(),
        ],
    ),
}


SEAL = Vault([b"golden frames are under this key"])


def encoded(first_offset: int, sections: list[Section], *, joined: bool = False) -> bytes:
    """The bytes that this release writes."""
    count = sum(map(section_count, sections))
    now_ms = 1_780_000_123_456
    return encode_frame(
        FrameHeader(first_offset=first_offset, count=count, engine_now_ms=now_ms, definitions=DEFINITIONS, joined=joined), sections
    )


def main() -> None:
    """Write what is missing."""
    for name, (first_offset, sections) in SAMPLES.items():
        plain = encoded(first_offset, sections)
        for version, data in ((VERSION, plain), (SEALED, sealed_frame(plain, SEAL.close))):
            path = HERE / f"v{version}_{name}.bin"
            if not path.exists():
                path.write_bytes(data)
                sys.stdout.write(f"wrote {path.name}\n")
    path = HERE / f"v{JOINED}_rows.bin"
    if not path.exists():
        path.write_bytes(encoded(*SAMPLES["rows"], joined=True))


if __name__ == "__main__":
    main()
