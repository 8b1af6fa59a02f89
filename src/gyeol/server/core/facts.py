"""``POST /v1/facts`` on the public port, for server keys: what a till, a stock system or a model observed."""

from __future__ import annotations

import msgspec

from gyeol.app.intake import FactsRequest, Intake
from gyeol.events.wire import inflate
from gyeol.kernel.errors import BackendError, GyeolError, InputError, LimitError
from gyeol.server.core.collector import Collector
from gyeol.server.core.http import Request, TooLargeError, retry_after

MAX_BODY_BYTES = 1_048_576
_decode = msgspec.json.Decoder(FactsRequest).decode


class FactTaker:
    """Reads facts and answers what became of them.

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
            request.turn_away(401, "unknown_write_key", "Send the write key as `Authorization: Basic base64(key:)`.")
            return
        if found[1].trust != "server":
            request.turn_away(403, "server_key_needed", "Facts are taken with the key of a server source: anybody can read a client's key.")
            return
        busy = self._intake.busy()
        if busy is not None:
            request.turn_away_while(busy)
            return
        try:
            told = _decode(inflate(request.within(MAX_BODY_BYTES), MAX_BODY_BYTES))
        except TooLargeError:
            request.turn_away(413, "body_too_large", f"A request with facts has at most {MAX_BODY_BYTES:,} bytes.")
            return
        except (msgspec.MsgspecError, InputError, RecursionError) as error:
            request.turn_away(400, "bad_request", f"The body holds no facts: {error}")
            return
        try:
            answers = await self._intake.observe(told, found[1])
        except InputError as error:
            request.refuse(400, error.code, {"success": False, "error": error.as_json()})
        except LimitError as error:
            request.turn_away(409, error.code, error.message)
        except BackendError as error:
            request.turn_away(503, error.code, error.message, *retry_after(2))
        except GyeolError as error:
            request.failed(error)
        else:
            request.answer_json(200, {"facts": [msgspec.to_builtins(each) for each in answers]})
