"""One byte string for one value: keys sorted, no spaces, UTF-8. Hashes of definitions and payloads are taken over it."""

from __future__ import annotations

import hashlib

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def canonical_json(value: object) -> bytes:
    """The canonical JSON of a value made of dicts, lists, text, numbers, booleans, None and msgspec structs."""
    return _encoder.encode(value)


def digest(value: object) -> str:
    """32 hex digits over the canonical JSON."""
    return hashlib.blake2b(canonical_json(value), digest_size=16).hexdigest()
