"""Which write key a request carries. Accepted in the order of the wire rules; none of the places is required."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from urllib.parse import parse_qs

from gyeol.server.core.http import Request


def key_in_header(request: Request) -> str | None:
    """The key in ``Authorization: Basic base64(key:)`` (the colon may be missing), or None."""
    return _basic(request.headers.get(b"authorization", b""))


@lru_cache(maxsize=1024)
def _basic(header: bytes) -> str | None:
    if header[:6].lower() != b"basic ":
        return None
    try:
        text = base64.b64decode(header[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text.partition(":")[0] or None


def key_in_query(request: Request) -> str | None:
    """The key in ``?writeKey=``, or None."""
    found = parse_qs(request.query.decode("latin-1")).get("writeKey")
    return found[0] if found else None
