"""``GET /gyeol.js`` on the public port: the script that renders decisions into the slots of a web page. Its source is ``web/helper``."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gyeol.server.core.http import Request

PATH = "/gyeol.js"
BUILT = Path(__file__).parents[1] / "side" / "static" / "gyeol.js"
"""Written by ``make web``, beside the console's files; in the wheel."""
_KIND = (b"content-type", b"text/javascript; charset=utf-8")
_CACHE = (b"cache-control", b"public, max-age=3600")  # an hour after an upgrade every page has the new one
_ANYWHERE = (b"cross-origin-resource-policy", b"cross-origin")


class Helper:
    """Answers with the script, read once."""

    def __init__(self) -> None:
        self._script = BUILT.read_bytes() if BUILT.is_file() else None
        self._etag = b'"%s"' % hashlib.blake2b(self._script or b"", digest_size=12).hexdigest().encode()

    async def get(self, request: Request) -> None:
        """Answer one request."""
        if self._script is None:
            request.turn_away(404, "not_built", "The page script is not built: run `make web`.")
        elif request.headers.get(b"if-none-match") == self._etag:
            request.answer(304, b"", (b"etag", self._etag), _CACHE, _ANYWHERE)
        else:
            request.answer(200, self._script, (b"etag", self._etag), _CACHE, _ANYWHERE, kind=_KIND)
