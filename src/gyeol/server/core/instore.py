"""``POST /v1/instore`` on the public port, for server keys: who stands at the till, and what to say."""

from __future__ import annotations

import msgspec

from gyeol.app.instore import InstoreRequest
from gyeol.app.till_desk import Till
from gyeol.server.core.coupons import MAX_BODY_BYTES, TillDoor
from gyeol.server.core.http import Request

PATH = "/v1/instore"
_decode = msgspec.json.Decoder(InstoreRequest).decode


class InstoreDoor:
    """Reads requests of tills and kiosks and answers them.

    Args:
        door: What they share with other requests of tills.
        till: The core.
    """

    def __init__(self, door: TillDoor, till: Till) -> None:
        self._door, self._till = door, till

    async def post(self, request: Request) -> None:
        """Answer one request."""
        read = self._door.read(request, _decode, MAX_BODY_BYTES)
        if read is not None:
            await self._door.answer(request, self._till.instore(*read), lambda answer: 200)
