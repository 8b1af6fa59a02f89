"""Hashes with a fixed meaning: they are stored, compared across machines and reproduced in SQL, so they never change."""

from __future__ import annotations

import hashlib

import xxhash

_UNIT = float(2**53)


def event_hash(text: str) -> int:
    """64-bit hash of a messageId (xxh3), unsigned. Fast; used for dedupe and as the tie-breaker of equal times."""
    return xxhash.xxh3_64_intdigest(text.encode())


def value_hash(text: str) -> int:
    """64-bit hash of a property value, unsigned: the low half of its MD5.

    The same as DuckDB's ``md5_number_lower``, so that `distinct` and `top` keep the same values in the stream and in SQL.
    """
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def keyed_hash(key: bytes, *parts: str) -> str:
    """32 hex digits (128 bits) that nobody without the key can link to the parts. BLAKE2b keyed; parts are length-prefixed."""
    digest = hashlib.blake2b(digest_size=16, key=key)
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "little"))
        digest.update(raw)
    return digest.hexdigest()


def content_digest(data: bytes) -> str:
    """32 hex digits (128 bits) of a file's content: BLAKE2b."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def sticky_share(salt: str, subject: str) -> float:
    """A number in [0, 1) fixed for ever by (salt, subject): holdouts and experiment arms are cut from it."""
    digest = hashlib.blake2b(f"{len(salt)}:{salt}{subject}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) / _UNIT
