"""Codes: unguessable, easy to read aloud and to type, with a character that tells a slip of the hand.

The alphabet has 31 characters, none of which looks like another (no 0 O, no 1 I L). 31 is a prime, so a sum weighted by the places tells
every single wrong character and every two that were swapped. Source: the principle of ISBN-10 (ISO 2108), modulo 31 instead of 11.
"""

from __future__ import annotations

import hashlib
import unicodedata

from gyeol.kernel.hashing import keyed_hash

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capital letters without look-alikes."""
SHORTEST, LONGEST = 8, 30
"""Characters of a generated code: seven drawn ones are 34 bits, nine (the default) 44; weights repeat beyond 30 places."""
_PLACE = {character: place for place, character in enumerate(ALPHABET)}
_REF = "cp_"


def generate(key: bytes, pool: str, serial: int, length: int) -> str:
    """The code with a number in a pool: nobody without the key can tell it from chance, and with it it is always the same.

    Args:
        key: 32 bytes that stay in the data folder.
        pool: Name of the pool.
        serial: 0, 1, 2, …
        length: Characters, the check character among them, from ``SHORTEST`` to ``LONGEST``.

    Example:
        >>> generate(bytes(32), "welcome", 0, 10)
        'S89SMT9FGF'
    """
    digest = hashlib.blake2b(f"{serial}:{pool}".encode(), key=key, digest_size=64, person=b"gyeol coupon").digest()
    rest = int.from_bytes(digest, "little")
    drawn = []
    for _ in range(length - 1):
        rest, place = divmod(rest, len(ALPHABET))
        drawn.append(ALPHABET[place])
    body = "".join(drawn)
    return body + check_character(body)


def check_character(body: str) -> str:
    """The character that belongs behind some others of the alphabet.

    Example:
        >>> check_character("ABCDEFGHJ") != check_character("ABCDEFGJH")
        True
    """
    total = sum((place + 2) * _PLACE[character] for place, character in enumerate(reversed(body)))
    return ALPHABET[-total % len(ALPHABET)]


def well_formed(code: str) -> bool:
    """Whether a code could be one that Gyeol made: every character of the alphabet, and the last one right."""
    return len(code) >= SHORTEST and all(c in _PLACE for c in code) and check_character(code[:-1]) == code[-1]


def normalised(text: str) -> str:
    """A code as it is compared: NFKC, capital letters, no spaces and hyphens."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if not c.isspace() and c not in "-‐‑‒–—_")


def ref_of(key: bytes, code: str) -> str:
    """What a code is called where it must not be told, as in addresses and the lake: only the key links it to the code."""
    return _REF + keyed_hash(key, "coupon", normalised(code))


def is_ref(text: str) -> bool:
    """Whether a text names a coupon without telling its code."""
    return len(text) == len(_REF) + 32 and text.startswith(_REF)


def masked(code: str) -> str:
    """A code as lists show it: the last three characters."""
    return "…" + code[-3:]
