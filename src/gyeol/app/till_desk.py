"""What tills and kiosks ask of the core, over the public port with the key of a server source."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

from gyeol.app.coupon_api import CouponAnswer, CouponRequest, ReconcileAnswer, ReconcileRequest
from gyeol.app.coupon_counter import Counter
from gyeol.app.guesses import Guesses
from gyeol.app.instore import InstoreAnswer, InstoreRequest, Visit, answer_of
from gyeol.content.coupons.model import Pool
from gyeol.content.coupons.signed import is_signed
from gyeol.content.coupons.verdicts import REFUSED_GUESSES
from gyeol.engine.coupons import CouponJob, CouponSaid
from gyeol.engine.jobs import Ask, Decide, Decided, Job
from gyeol.events.model import SourceDefinition
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import LimitError
from gyeol.kernel.reason import Reason


class Till(Protocol):
    """What the public port needs for tills; ``TillDesk`` is one."""

    async def coupon(self, request: CouponRequest, source: SourceDefinition) -> CouponAnswer:
        """What became of a request, durable. Raises InputError, LimitError (``too_many_guesses``), BackendError."""
        ...

    async def reconcile(self, request: ReconcileRequest, source: SourceDefinition) -> ReconcileAnswer:
        """What became of a till's journal, durable. Raises InputError, LimitError (``too_many_guesses``), BackendError."""
        ...

    async def instore(self, request: InstoreRequest, source: SourceDefinition) -> InstoreAnswer:
        """Who stands at the till and what to say. Raises InputError, LimitError (``too_many_guesses``), NotFoundError, BackendError."""
        ...


class TillDesk:
    """Answers tills.

    Args:
        identity_key: Of the data folder.
        pools: Those in force.
        placements: Names of those in force.
        clock: The machine's clock.
        run: Has the engine answer a job, durably.
        token: A text that nobody can guess.
    """

    def __init__(
        self,
        identity_key: bytes,
        pools: Callable[[], dict[str, Pool]],
        placements: Callable[[], tuple[str, ...]],
        clock: Clock,
        run: Callable[[Job], Awaitable[object]],
        token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self.counter, self._guesses = Counter(identity_key, pools), Guesses()
        self._placements, self._clock, self._run, self._token = placements, clock, run, token

    async def coupon(self, request: CouponRequest, source: SourceDefinition) -> CouponAnswer:
        """See ``Till``."""
        ask = self.counter.ask(request)
        typed = bool(request.code) and not is_signed(request.code)
        if isinstance(ask, Reason) or typed:
            self._may_guess(source.name, request.store)
        if isinstance(ask, Reason):
            self._guesses.note(source.name, request.store, self._clock.now_ms())
            return self.counter.answer(request, ask)
        said = await self._run(CouponJob([ask], source.name, f"source:{source.name}"))
        answer = self.counter.answer(request, cast(list[CouponSaid], said)[0])
        if typed and answer.status in REFUSED_GUESSES:
            self._guesses.note(source.name, request.store, self._clock.now_ms())
        return answer

    def _may_guess(self, source: str, store: str) -> None:
        wait_ms = self._guesses.wait_ms(source, store, self._clock.now_ms())
        if wait_ms:
            told = "Too many wrong codes came from this key and store; signed QR codes are still taken. Try again in a minute."
            raise LimitError("too_many_guesses", told, wait_s=-(-wait_ms // 1000))

    async def reconcile(self, request: ReconcileRequest, source: SourceDefinition) -> ReconcileAnswer:
        """See ``Till``."""
        asks = self.counter.acceptances(request)
        if any(not is_signed(entry.qr or entry.code) for entry in request.entries):
            self._may_guess(source.name, request.store)
        said = await self._run(CouponJob(asks, source.name, f"source:{source.name}")) if asks else []
        answer = self.counter.reconciled(request, cast(list[CouponSaid], said))
        for line in answer.lines:
            if line.status in REFUSED_GUESSES:
                self._guesses.note(source.name, request.store, self._clock.now_ms())
        return answer

    async def instore(self, request: InstoreRequest, source: SourceDefinition) -> InstoreAnswer:
        """See ``Till``."""
        # Whoever guessed it could ask, as that visitor, for the code that the visitor was given.
        key = f"instore:{self._token()}"
        visit = Visit(request, self.counter, key, self._placements())
        code = request.code or request.qr
        if code and not is_signed(code):
            self._may_guess(source.name, request.store)
        decided: list[Decided] = []
        if visit.placements:
            decided = cast(list[Decided], await self._run(Decide(visit.find, visit.placements, visit.context(), key, request.lang)))
        else:
            await self._run(Ask(visit.look))
        if visit.guessed:
            self._guesses.note(source.name, request.store, self._clock.now_ms())
        return answer_of(visit, decided)
