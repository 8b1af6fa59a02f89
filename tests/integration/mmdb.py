"""A small writer of MaxMind's form (.mmdb), so that tests need no other's data. Source: MaxMind DB File Format Specification 2.0."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

_MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)
Value = str | int | list[str] | dict[str, "Value"]


def write_mmdb(path: Path, countries: Mapping[str, str]) -> None:
    """Write networks of IPv4 (``1.2.3.0/24``) and the country of each."""
    below: list[list[int | None]] = [[None, None]]
    leaves: dict[tuple[int, int], bytes] = {}
    for text, code in countries.items():
        network = ipaddress.IPv4Network(text)
        at, bits = 0, int(network.network_address)
        for depth in range(network.prefixlen - 1):
            side = bits >> (31 - depth) & 1
            if below[at][side] is None:
                below.append([None, None])
                below[at][side] = len(below) - 1
            at = below[at][side] or 0
        leaves[at, bits >> (32 - network.prefixlen) & 1] = _encoded({"country": {"iso_code": code}})
    data = bytearray()
    tree = bytearray()
    for number, node in enumerate(below):
        for side, next_ in enumerate(node):
            leaf = leaves.get((number, side))
            if leaf is not None:
                tree += (len(below) + len(_SEPARATOR) + len(data)).to_bytes(3, "big")
                data += leaf
            else:
                tree += (len(below) if next_ is None else next_).to_bytes(3, "big")
    about: dict[str, Value] = {
        "node_count": len(below), "record_size": 24, "ip_version": 4, "database_type": "Test-Country", "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_780_000_000, "description": {"en": "test"},
    }  # fmt: skip
    path.write_bytes(bytes(tree) + _SEPARATOR + bytes(data) + _MARKER + _encoded(about))


def _encoded(value: Value, size_type: int = 5) -> bytes:
    """``size_type``: of a whole number: 5, 6 and 9 are unsigned of 16, 32 and 64 bits."""
    if isinstance(value, dict):
        kinds = {"node_count": 6, "build_epoch": 9}
        return bytes([7 << 5 | len(value)]) + b"".join(_encoded(key) + _encoded(item, kinds.get(key, 5)) for key, item in value.items())
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(_encoded, value))
    if isinstance(value, int):
        raw = value.to_bytes(8, "big").lstrip(b"\0")
        return bytes([size_type << 5 | len(raw)]) + raw if size_type < 8 else bytes([len(raw), size_type - 7]) + raw
    raw = value.encode()
    return bytes([2 << 5 | len(raw)]) + raw
