"""``POST /v1/coupons/…`` on the public port, for server keys: issue, hold, release, redeem, reverse, reconcile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from gyeol.app.coupon_api import CouponRequest, ReconcileRequest
from gyeol.app.intake import Intake
from gyeol.app.till_desk import Till
from gyeol.engine.coupons import AskKind
from gyeol.events.model import SourceDefinition
from gyeol.events.wire import inflate
from gyeol.kernel.errors import BackendError, GyeolError, InputError, LimitError, NotFoundError
from gyeol.server.core.collector import Collector
from gyeol.server.core.http import Request, TooLargeError, retry_after

PATHS: dict[str, AskKind] = {
    "/v1/coupons/issue": "issue",
    "/v1/coupons/hold": "hold",
    "/v1/coupons/release": "release",
    "/v1/coupons/redeem": "redeem",
    "/v1/coupons/reverse": "reverse",
}
RECONCILE = "/v1/coupons/reconcile"
MAX_BODY_BYTES, MAX_JOURNAL_BYTES = 16_384, 1_048_576
NOT_FOUND = frozenset(("unknown_code", "bad_code", "bad_signature", "unknown_pool", "unknown_person"))
"""Answered with 404; every other refusal with 409."""
T = TypeVar("T")
_decode_one = msgspec.json.Decoder(CouponRequest).decode
_decode_journal = msgspec.json.Decoder(ReconcileRequest).decode


class TillDoor:
    """What all requests of tills have in common: a server key, a core that has time, a body that can be read.

    Args:
        intake: The core.
        collector: Names the source of a key.
    """

    def __init__(self, intake: Intake, collector: Collector) -> None:
        self._intake, self._collector = intake, collector

    def read(self, request: Request, decode: Callable[[bytes], T], most_bytes: int) -> tuple[T, SourceDefinition] | None:
        """The body and whose key the request bears; None when it is answered already."""
        found = self._collector.source(request, None)
        if found is None:
            request.turn_away(401, "unknown_write_key", "Send the write key as `Authorization: Basic base64(key:)`.")
            return None
        if found[1].trust != "server":
            told = "Tills ask with the key of a server source: anybody can read a client's key."
            request.turn_away(403, "server_key_needed", told)
            return None
        busy = self._intake.busy_deciding()
        if busy is not None:
            request.turn_away_while(busy)
            return None
        try:
            return decode(inflate(request.within(most_bytes), most_bytes)), found[1]
        except TooLargeError:
            request.turn_away(413, "body_too_large", f"A request of a till has at most {most_bytes:,} bytes.")
        except (msgspec.MsgspecError, InputError, RecursionError) as error:
            request.turn_away(400, "bad_request", f"The body cannot be read: {error}")
        return None

    async def answer(self, request: Request, asked: Awaitable[T], told: Callable[[T], int]) -> None:
        """Answer with what a question comes to; ``told`` gives the status of the answer."""
        try:
            answer = await asked
        except InputError as error:
            request.refuse(400, error.code, {"success": False, "error": error.as_json()})
        except LimitError as error:
            wait_s = error.facts.get("wait_s")
            request.turn_away(429, error.code, error.message, *retry_after(wait_s if isinstance(wait_s, int) else 60))
        except NotFoundError as error:
            request.turn_away(404, error.code, error.message)
        except BackendError as error:
            request.turn_away(503, error.code, error.message, *retry_after(2))
        except GyeolError as error:
            request.failed(error)
        else:
            request.answer_json(told(answer), msgspec.to_builtins(answer))


class CouponDoor:
    """Reads requests about coupons and answers them.

    Args:
        door: What they share with other requests of tills.
        till: The core.
    """

    def __init__(self, door: TillDoor, till: Till) -> None:
        self._door, self._till = door, till

    async def post(self, request: Request) -> None:
        """Answer one request about one coupon: 200 when it was done, else 404 or 409 with the code in ``status``."""
        read = self._door.read(request, _decode_one, MAX_BODY_BYTES)
        if read is not None:
            asked, source = read
            asked.kind = PATHS[request.path]
            await self._door.answer(
                request,
                self._till.coupon(asked, source),
                lambda answer: 200 if answer.success else 404 if answer.status in NOT_FOUND else 409,
            )

    async def reconcile(self, request: Request) -> None:
        """Answer with what became of a till's journal."""
        read = self._door.read(request, _decode_journal, MAX_JOURNAL_BYTES)
        if read is not None:
            await self._door.answer(request, self._till.reconcile(*read), lambda answer: 200)
