"""Text that must stay on one line: subjects, names of senders."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNING = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of text: in a header they only serve to disguise it."""


def plain_line(text: str) -> str:
    """The text without what could end a header or disguise it: line ends and other control characters become spaces.

    Example:
        >>> plain_line("Hello\\r\\nBcc: victim@example.com")
        'Hello Bcc: victim@example.com'
    """
    return " ".join(_TURNING.sub("", _SPECIAL.sub(" ", text)).split())
