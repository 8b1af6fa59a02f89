"""``POST /v1/decide`` on the public port: what to say to this person here and now."""

from __future__ import annotations

import msgspec

from gyeol.app.intake import DecideRequest, Intake
from gyeol.events.model import SourceDefinition
from gyeol.events.wire import inflate
from gyeol.kernel.errors import BackendError, InputError, NotFoundError
from gyeol.server.core.collector import Collector
from gyeol.server.core.http import Request, TooLargeError, retry_after

MAX_BODY_BYTES = 65_536
_decode = msgspec.json.Decoder(DecideRequest).decode


class Decider:
    """Reads requests for decisions and answers them.

    Args:
        intake: The core.
        collector: Names the source of a key.
    """

    def __init__(self, intake: Intake, collector: Collector) -> None:
        self._intake, self._collector = intake, collector

    async def post(self, request: Request) -> None:
        """Answer one request."""
        found = self._collector.source(request, None)
        if found is None:
            await request.refuse(401, "unknown_write_key", "Send the write key as `Authorization: Basic base64(key:)`.")
            return
        busy = self._intake.busy()
        if busy is not None:
            await request.refuse(429 if busy.kind == "overloaded" else 503, busy.code, busy.message, *retry_after(busy.retry_after_s))
            return
        try:
            asked = _decode(inflate(await request.body(MAX_BODY_BYTES), MAX_BODY_BYTES))
        except TooLargeError:
            await request.refuse(413, "body_too_large", f"A request for decisions has at most {MAX_BODY_BYTES:,} bytes.")
            return
        except (msgspec.MsgspecError, InputError) as error:
            await request.refuse(400, "bad_request", f"The body is not a request for decisions: {error}")
            return
        await self._answer(request, asked, found[1])

    async def _answer(self, request: Request, asked: DecideRequest, source: SourceDefinition) -> None:
        try:
            decisions = await self._intake.decide(asked, source)
        except InputError as error:
            await request.reply_json(400, {"success": False, "error": error.as_json()})
        except NotFoundError as error:
            await request.refuse(404, error.code, error.message)
        except BackendError as error:
            await request.refuse(503, error.code, error.message, *retry_after(2))
        else:
            await request.reply_json(200, {"decisions": decisions})
