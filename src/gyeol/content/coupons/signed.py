"""Signed codes: what a QR holds, so that a till can tell a good one without a network. It says nothing of whose it is.

    GYC1: + Base32 (RFC 4648, no padding) of   version u8 = 1 · expires u40 (Unix seconds, 0: never) · length of the pool u8 · pool UTF-8
                                               · length of the code u8 · code UTF-8 · Ed25519 signature of all before it, 64 bytes

Only capital letters, digits and a colon: a QR keeps these in its alphanumeric mode, 5.5 bits a character (ISO/IEC 18004).
Source: RFC 8032 (Ed25519); ADR 0025.
"""

from __future__ import annotations

import base64
import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MARK = "GYC1:"
VERSION = 1
SIGNATURE_BYTES = 64
_HEAD = 6
LONGEST_TEXT = 1_000


class Signed(msgspec.Struct, frozen=True):
    """What a signed code says. ``expires_s``: the first Unix second at which it is no longer good; 0: it does not end."""

    pool: str
    code: str
    expires_s: int


class Signer:
    """Signs codes with the data folder's key.

    Args:
        identity_key: The folder's; the key of signatures is derived from it and the same for ever.
    """

    def __init__(self, identity_key: bytes) -> None:
        seed = hashlib.blake2b(b"ed25519", key=identity_key, digest_size=32, person=b"gyeol coupon qr").digest()
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, pool: str, code: str, expires_ms: int) -> str:
        """What the QR of a code holds.

        Args:
            pool: At most 255 bytes.
            code: At most 255 bytes.
            expires_ms: As in ``records.Issued``.
        """
        said = bytes([VERSION]) + (-(-expires_ms // 1000)).to_bytes(5, "big")
        for text in (pool, code):
            raw = text.encode()
            said += bytes([len(raw)]) + raw
        return MARK + base64.b32encode(said + self._key.sign(said)).decode().rstrip("=")


def verify(text: str, public_key: bytes) -> Signed | None:
    """What a signed code says; None when it is none of ours, or was changed.

    Args:
        text: What the QR held.
        public_key: 32 bytes, as ``gyeol coupons key`` prints them in hex.
    """
    raw = _unpacked(text)
    if raw is None:
        return None
    said, signature = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, said)
        return _read(said)
    except (InvalidSignature, ValueError, IndexError):
        return None


def is_signed(text: str) -> bool:
    """Whether a text wants to be a signed code; ``verify`` says whether it is one."""
    return text[: len(MARK)].upper() == MARK


def _unpacked(text: str) -> bytes | None:
    body = text.strip().upper()
    if not body.startswith(MARK) or len(body) > LONGEST_TEXT:
        return None
    body = body[len(MARK) :]
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError:  # also for letters that are no ASCII, which is no binascii.Error
        return None
    return raw if len(raw) > SIGNATURE_BYTES + _HEAD else None


def _read(said: bytes) -> Signed | None:
    """The parts of a payload whose signature is good. Raises ValueError, IndexError for one that another version wrote."""
    if said[0] != VERSION:
        return None
    texts, at = [], _HEAD
    for _ in range(2):
        end = at + 1 + said[at]
        texts.append(said[at + 1 : end].decode())
        at = end
    return Signed(pool=texts[0], code=texts[1], expires_s=int.from_bytes(said[1:_HEAD], "big"))
