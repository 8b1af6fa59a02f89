"""Encodings of text files, and whether a file is written in one."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import IO

ENCODINGS = ("utf-8-sig", "cp949", "utf-16")
"""Tried in this order; CP949 (EUC-KR and what spreadsheets on Korean machines write) holds all of EUC-KR."""
CHUNK = 1 << 22
"""Bytes that are read at once."""


def decodes(opened: Callable[[], IO[bytes]], encoding: str) -> bool:
    """Whether all of a file can be read in an encoding.

    Args:
        opened: Opens it.
        encoding: As Python names it.

    Raises:
        OSError: It cannot be read.
        EOFError: It is packed, and breaks off.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with opened() as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
