"""A signed code as a picture: SVG or PNG, by segno, which is loaded when the first one is drawn."""

from __future__ import annotations

import io
from typing import Literal

Kind = Literal["svg", "png"]
QUIET_MODULES = 4
"""White around the code. Source: ISO/IEC 18004, 5.3.8."""
MODULE_PIXELS = 8


def draw(text: str, kind: Kind) -> bytes:
    """The QR of a text, error correction M (15 % may be lost: a phone's screen is clean).

    Args:
        text: What it holds.
        kind: ``svg`` (UTF-8) or ``png`` (black and white, ``MODULE_PIXELS`` a module).

    Raises:
        ValueError: The text is too long for any QR.
    """
    import segno

    made = segno.make_qr(text, error="m", boost_error=False)
    out = io.BytesIO()
    made.save(out, kind=kind, scale=MODULE_PIXELS, border=QUIET_MODULES)
    return out.getvalue()
