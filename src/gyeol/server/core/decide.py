"""``POST /v1/decide`` on the public port: what to say to this person here and now."""

from __future__ import annotations

import msgspec

from gyeol.app.intake import DecideRequest, Intake
from gyeol.events.model import SourceDefinition
from gyeol.events.wire import inflate
from gyeol.kernel.errors import BackendError, GyeolError, InputError, NotFoundError
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

    def post(self, request: Request) -> None:
        """Answer one request."""
        found = self._collector.source(request, None)
        if found is None:
            request.turn_away(401, "unknown_write_key", "Send the write key as `Authorization: Basic base64(key:)`.")
            return
        busy = self._intake.busy_deciding()
        if busy is not None:
            request.turn_away_while(busy)
            return
        try:
            asked = _decode(inflate(request.within(MAX_BODY_BYTES), MAX_BODY_BYTES))
        except TooLargeError:
            request.turn_away(413, "body_too_large", f"A request for decisions has at most {MAX_BODY_BYTES:,} bytes.")
            return
        except (msgspec.MsgspecError, InputError, RecursionError) as error:  # the last: brackets within brackets, a thousand deep
            request.turn_away(400, "bad_request", f"The body is not a request for decisions: {error}")
            return
        self._answer(request, asked, found[1])

    def _answer(self, request: Request, asked: DecideRequest, source: SourceDefinition) -> None:
        def done(decisions: list[dict[str, object]], error: Exception | None) -> None:
            if error is None:
                request.answer_json(200, {"decisions": decisions})
            else:
                _refuse(request, error)

        try:
            self._intake.choose(asked, source, done)
        except GyeolError as error:
            _refuse(request, error)


def _refuse(request: Request, error: Exception) -> None:
    match error:
        case InputError():
            request.refuse(400, error.code, {"success": False, "error": error.as_json()})
        case NotFoundError():
            request.turn_away(404, error.code, error.message)
        case BackendError():
            request.turn_away(503, error.code, error.message, *retry_after(2))
        case _:
            request.failed(error)
