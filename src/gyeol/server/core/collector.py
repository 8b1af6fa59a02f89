"""Events in: the Segment and RudderStack endpoints. Answers after the durable write, exactly 200, with a verdict for each event."""

from __future__ import annotations

import msgspec

from gyeol.app.intake import Intake
from gyeol.events.ingest import Incoming
from gyeol.events.model import SourceDefinition, Verdict
from gyeol.events.wire import Body, decode_batch, decode_single, inflate
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import BackendError, InputError
from gyeol.server.core.http import Request, TooLargeError, retry_after
from gyeol.server.core.keys import key_in_header, key_in_query

BATCH_PATHS = frozenset(("/v1/batch", "/v1/import", "/v1/b", "/beacon/v1/batch"))
SINGLE_PATHS = {
    **{f"/v1/{name}": name for name in ("track", "identify", "page", "screen", "group", "alias")},
    **{f"/v1/{name[0]}": name for name in ("track", "identify", "page", "screen", "group", "alias")},
}
_ALL_WELL = b'{"success":true}'
_encode = msgspec.json.Encoder().encode


class Collector:
    """Reads requests, names their source, and answers with what the core said.

    Args:
        intake: The core.
        clock: Gives ``receivedAt``.
        max_body_bytes: Limit before and after decompression.
    """

    def __init__(self, intake: Intake, clock: Clock, max_body_bytes: int) -> None:
        self._intake, self._clock, self._limit = intake, clock, max_body_bytes

    def post(self, request: Request) -> None:
        """Answer a POST of one event or a batch."""
        busy = self._intake.busy()
        if busy is not None:
            request.turn_away_while(busy)
            return
        received_ms = self._clock.now_ms()
        try:
            body = self._read(request.path, inflate(request.within(self._limit), self._limit))
        except TooLargeError:
            request.turn_away(413, "body_too_large", f"The body has more than {self._limit:,} bytes; send smaller batches.")
            return
        except InputError as error:
            too_large = error.code == "body_too_large"
            request.turn_away(413 if too_large else 400, error.code, str(error.problems[0].what) + "; " + error.problems[0].mend + ".")
            return
        found = self.source(request, body.write_key)
        if found is None:
            request.turn_away(401, "unknown_write_key", "No enabled source has this write key. Take the key from the workspace's sources.")
            return
        self._collect(request, body, found, received_ms)

    def source(self, request: Request, in_body: str | None) -> tuple[int, SourceDefinition] | None:
        """The source that the request's key names: of the header, the body or the query, in that order."""
        key = key_in_header(request) or in_body or key_in_query(request)
        return None if key is None else self._intake.source(key)

    def _read(self, path: str, body: bytes) -> Body:
        return decode_single(body, SINGLE_PATHS[path]) if path in SINGLE_PATHS else decode_batch(body)

    def _collect(self, request: Request, body: Body, found: tuple[int, SourceDefinition], received_ms: int) -> None:
        index, source = found
        if not body.events:
            request.answer(200, _ALL_WELL)
            return
        incoming = Incoming(
            source=source,
            source_index=index,
            events=body.events,
            received_ms=received_ms,
            sent_at=body.sent_at,
            context=body.context,
            integrations=body.integrations,
            ip=request.client_ip if source.trust == "client" else None,
            path_type=body.path_type,
            repaired=body.repaired,
        )

        def done(verdicts: list[Verdict], error: Exception | None) -> None:
            if error is None:
                request.answer(200, reply_of(verdicts))
            elif isinstance(error, BackendError):
                request.turn_away(503, error.code, error.message, *retry_after(5))
            else:
                request.failed(error)

        try:
            self._intake.take(incoming, done)
        except BackendError as error:
            done([], error)


def reply_of(verdicts: list[Verdict]) -> bytes:
    """The body of the answer: a verdict for each event that is not simply accepted, and counts when there is one."""
    told = [i for i, verdict in enumerate(verdicts) if verdict.status != "accepted" or verdict.notes]
    if not told:
        return _ALL_WELL
    counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
    for verdict in verdicts:
        counts[verdict.status] += 1
    return _encode({"success": True, "counts": counts, "verdicts": [{"index": i, **msgspec.to_builtins(verdicts[i])} for i in told]})
