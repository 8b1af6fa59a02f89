"""What somebody who works here tells of coupons: a job each, answered once it is durable."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from gyeol.app.coupon_api import CouponAnswer, CouponsTold, ReconcileAnswer, ReconcileRequest
from gyeol.app.coupon_counter import Counter
from gyeol.engine.coupons import CouponJob, CouponSaid
from gyeol.engine.jobs import Job
from gyeol.kernel.reason import Reason

Run = Callable[[Job], object]


def tell_coupons(run: Run, counter: Counter, told: CouponsTold) -> list[CouponAnswer]:
    """One answer a question, in order.

    Raises:
        InputError: A question has fields that are missing or out of bounds; nothing was done then.
    """
    asks = [counter.ask(request, inside=True) for request in told.requests]
    fit = [ask for ask in asks if not isinstance(ask, Reason)]
    said = iter(cast(list[CouponSaid], run(CouponJob(fit, "", told.by, told.why))) if fit else [])
    return [
        counter.answer(request, ask if isinstance(ask, Reason) else next(said)) for request, ask in zip(told.requests, asks, strict=True)
    ]


def tell_journal(run: Run, counter: Counter, request: ReconcileRequest) -> ReconcileAnswer:
    """What becomes of a till's journal. Raises InputError."""
    asks = counter.acceptances(request)
    said = cast(list[CouponSaid], run(CouponJob(asks, "", f"till:{request.till}"))) if asks else []
    return counter.reconciled(request, said)
