"""Bytes at rest: sealed under the data key (AES-256-GCM) before they reach a disk, opened where they are read (ADR 0019).

A sealed value, little-endian:

    0xC1 · version u8 · key id 8 bytes · salt 16 bytes · nonce 12 bytes · ciphertext · tag 16 bytes

What the value is about (which frame, which row) is authenticated with it, so no sealed value passes for another one.

Nonces: each writer draws a salt of 128 bits and derives a key of its own from it (HKDF-SHA256), then a random nonce of 96 bits for every
value, and another salt after 2**24 values. A pair (key, nonce) comes twice with a chance below 2**-49 for one salt, below 2**-33 in 10**12
values; two processes, a fork or a restored copy of the folder never share a counter, because there is none.
Source: NIST SP 800-38D, section 8.2.2 and 8.3 (at most 2**32 random nonces under one key).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gyeol.kernel.errors import ConfigError, StateError

KEY_BYTES = 32
MARK = 0xC1
"""First byte of every sealed value: MessagePack never uses it, and no JSON, frame or SQLite file begins with it."""
VERSION = 1
VALUES_A_SALT = 2**24
_KEY_ID, _SALT, _NONCE, _TAG = 8, 16, 12, 16
_HEAD = 2 + _KEY_ID + _SALT
OVERHEAD = _HEAD + _NONCE + _TAG
"""Bytes that sealing adds to a value."""
_MOST_DERIVED = 4_096
_INFO = b"gyeol data at rest 1"


class Seal(Protocol):
    """What keeps bytes before they are written, and gives them back."""

    @property
    def writes(self) -> str:
        """Names the key under which it writes; empty when it writes plainly."""
        ...

    def close(self, data: bytes, about: bytes) -> bytes:
        """The bytes to write."""
        ...

    def open(self, data: bytes, about: bytes) -> bytes:
        """The bytes that were given to ``close``; bytes that never were sealed come back as they are."""
        ...


class Plain:
    """Seals nothing: for tests, rehearsals and what never reaches a disk."""

    writes = ""

    def close(self, data: bytes, about: bytes) -> bytes:
        """See ``Seal``."""
        return data

    def open(self, data: bytes, about: bytes) -> bytes:
        """See ``Seal``.

        Raises:
            ConfigError: The bytes are sealed (code ``data_key_unknown``).
        """
        if is_sealed(data):
            raise _unknown(key_of(data))
        return data


PLAIN = Plain()


class Vault:
    """Seals under the first of some keys and opens what any of them sealed. Safe to use from several threads, and after a fork.

    Args:
        keys: Of ``KEY_BYTES`` bytes each.
        random: Gives so many unpredictable bytes.
    """

    def __init__(self, keys: Sequence[bytes], random: Callable[[int], bytes] = os.urandom) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ConfigError("bad_data_key", f"A data key has {KEY_BYTES} bytes.")
        self._keys = {bytes.fromhex(key_id(key)): key for key in keys}
        self._random = random
        self._first = bytes.fromhex(key_id(keys[0]))
        self._derived: dict[bytes, AESGCM] = {}
        self._writer = self._salted()

    @property
    def writes(self) -> str:
        """Id of the key under which it seals."""
        return self._first.hex()

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all its keys, the first one first."""
        return tuple(each.hex() for each in self._keys)

    def close(self, data: bytes, about: bytes) -> bytes:
        """The value sealed.

        Args:
            data: The value.
            about: What it is: the same must be given to ``open``.
        """
        head, cipher, values = self._writer
        # No lock: one held by another thread would stay held in a forked child. At worst two threads draw a salt each.
        if next(values) >= VALUES_A_SALT:
            self._writer = self._salted()
            head, cipher, values = self._writer
            next(values)
        nonce = self._random(_NONCE)
        return b"".join((head, nonce, cipher.encrypt(nonce, data, about)))

    def open(self, data: bytes, about: bytes) -> bytes:
        """The value; one that never was sealed comes back as it is: folders of earlier releases hold such.

        Raises:
            ConfigError: It was sealed under a key that is not here (code ``data_key_unknown``).
            StateError: It was changed, or is about something else (code ``seal_broken``).
            VersionConflictError: A newer release sealed it.
        """
        if not is_sealed(data):
            return data
        if len(data) < OVERHEAD or data[1] != VERSION:
            raise _broken(about, "it is too short" if len(data) < OVERHEAD else f"its version is {data[1]}, this release reads {VERSION}")
        head = data[:_HEAD]
        cipher = self._derived.get(head) or self._derive(head)
        try:
            return cipher.decrypt(data[_HEAD : _HEAD + _NONCE], memoryview(data)[_HEAD + _NONCE :], about)
        except InvalidTag:
            raise _broken(about, "its tag does not fit") from None

    def _salted(self) -> tuple[bytes, AESGCM, Iterator[int]]:
        """What the next values are sealed with: their head, the cipher of a fresh salt, and a count of them."""
        head = bytes((MARK, VERSION)) + self._first + self._random(_SALT)
        return head, self._derive(head), count()

    def _derive(self, head: bytes) -> AESGCM:
        key = self._keys.get(head[2 : 2 + _KEY_ID])
        if key is None:
            raise _unknown(head[2 : 2 + _KEY_ID].hex())
        cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, head[-_SALT:], _INFO).derive(key))
        if len(self._derived) >= _MOST_DERIVED:
            self._derived.clear()
        self._derived[head] = cipher
        return cipher


def key_id(key: bytes) -> str:
    """16 hex digits that name a key and tell nothing of it. Two of a folder's keys share one with a chance of 2**-64."""
    return hashlib.blake2b(key, digest_size=_KEY_ID, person=b"gyeol key id").hexdigest()


def is_sealed(data: bytes | memoryview) -> bool:
    """Whether bytes begin as a sealed value does."""
    return len(data) > 0 and data[0] == MARK


def key_of(data: bytes | memoryview) -> str:
    """Id of the key under which a value was sealed; empty for one that was not."""
    return bytes(data[2 : 2 + _KEY_ID]).hex() if is_sealed(data) else ""


def about(*parts: str | int) -> bytes:
    """What a value is about, as one text: ``("outbox", key)`` gives ``outbox/key``."""
    return "/".join(map(str, parts)).encode()


def missing_from(ids: Iterable[str], known: Iterable[str]) -> list[str]:
    """The key ids that are not among those known, in their order."""
    there = set(known)
    return [each for each in ids if each not in there]


def _unknown(found: str) -> ConfigError:
    told = (
        f"Data is sealed under the key {found}, which is not here. Give it with the present one (GYEOL_DATA_KEY or the key file, the "
        "present key first)."
    )
    return ConfigError("data_key_unknown", told, key=found)


def _broken(what: bytes, why: str) -> StateError:
    name = what.decode(errors="replace")[:80]
    return StateError("seal_broken", f"{name!r} was changed on the disk, or is not what it is read as: {why}. Put it back from a backup.")
