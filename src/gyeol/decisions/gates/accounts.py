"""What the gates that ask accounts share."""

from __future__ import annotations

from collections.abc import Iterable

from gyeol.decisions.gates.gate import Question
from gyeol.decisions.terms import Account


def exceeded(accounts: Iterable[Account], question: Question) -> tuple[Account, str, int, int] | None:
    """The first account that one more decision would overdraw: (it, ``day`` or ``total``, taken, its limit).

    A message that is gated again has its share already.
    """
    request = question.request
    if request.recorded_at_ms is not None:
        return None
    for account in accounts:
        taken = request.person.taken(account.name, request.now_ms)
        if account.day is not None and taken.day + account.amount > account.day:
            return account, "day", taken.day, account.day
        if account.total is not None and taken.total + account.amount > account.total:
            return account, "total", taken.total, account.total
    return None


def left(accounts: Iterable[Account], question: Question) -> dict[str, object]:
    """What was taken of each account, its share of a message that is gated again included."""
    request = question.request
    found: dict[str, object] = {}
    for account in accounts:
        taken = request.person.taken(account.name, request.now_ms)
        found[account.name] = {"taken_today": taken.day, "taken": taken.total, "day": account.day, "total": account.total}
    return found
