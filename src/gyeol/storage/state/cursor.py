"""Where a page of a list ended: an instant and a key, as text that callers hand back unread."""

from __future__ import annotations

from gyeol.kernel.errors import InputError, Problem


def cursor_text(at_ms: int, key: str) -> str:
    """The cursor after the entry with this instant and key."""
    return f"{at_ms}.{key}"


def read_cursor(text: str) -> tuple[int, str]:
    """The instant and key of a cursor.

    Raises:
        InputError: No list gave this cursor.
    """
    at, dot, key = text.partition(".")
    if not dot or not key or not at.removeprefix("-").isdecimal():
        raise _bad(text)
    return int(at), key


def read_offset(text: str) -> int:
    """The offset that a cursor is.

    Raises:
        InputError: No list gave this cursor.
    """
    if not text.isdecimal():
        raise _bad(text)
    return int(text)


def _bad(text: str) -> InputError:
    what = f"{text!r} is not a cursor of this list"
    return InputError("bad_cursor", [Problem(path="cursor", code="bad_cursor", what=what, mend="leave it out to begin with the newest")])
