"""Sessions: actions of one person with less than half an hour between them, on whatever device; and what can be counted of one."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.behaviour.actions import ACTIONS, NUMBER

GAP_MS = 30 * 60_000
"""After so long without an action the next one begins a session. Source: the convention of web analytics since the W3C's log format."""
MOST_PRODUCTS = 32
"""Different products of a session that are told apart; more count as one."""
_VIEW = NUMBER["view"]
_A = len(ACTIONS)

FEATURES = (
    *(f"count.{name}" for name in ACTIONS),
    *(f"last.{name}" for name in ACTIONS),
    "steps",
    "tempo",
    "one_product",
    "many_products",
    "constant",
)
"""Names of what is counted, in the order of ``features``."""


class Session(msgspec.Struct):
    """What is kept of a session while it goes on.

    Args:
        begun_ms: Of its first action.
        last_ms: Of its last one.
        counts: By action.
        last: The last action's number; -1: none yet.
        products: How often each product was looked at.
    """

    begun_ms: int
    last_ms: int
    counts: list[int] = msgspec.field(default_factory=lambda: [0] * _A)
    last: int = -1
    products: dict[str, int] = {}

    @property
    def steps(self) -> int:
        """How many actions."""
        return sum(self.counts)

    @property
    def seconds(self) -> float:
        """From the first to the last action."""
        return (self.last_ms - self.begun_ms) / 1000

    def over(self, now_ms: int) -> bool:
        """Whether an action now would begin another session."""
        return now_ms - self.last_ms >= GAP_MS


def step(session: Session | None, at_ms: int, action: int, product: str | None = None) -> Session:
    """The session after one more action; a new one where the last is over. An action older than the session's last is counted as well.

    Args:
        session: So far; it is changed.
        at_ms: When.
        action: Number in ``ACTIONS``.
        product: What was looked at, added or bought.
    """
    if session is None or session.over(at_ms):
        session = Session(begun_ms=at_ms, last_ms=at_ms)
    session.counts[action] += 1
    if at_ms >= session.last_ms:
        session.last, session.last_ms = action, at_ms
    session.begun_ms = min(session.begun_ms, at_ms)
    if product is not None and (product in session.products or len(session.products) < MOST_PRODUCTS):
        session.products[product] = session.products.get(product, 0) + 1
    return session


def session_from(steps: Iterable[tuple[int, int, str | None]]) -> Session:
    """The session that some actions are, as ``step`` makes it of one after the other.

    Args:
        steps: When, the number of the action, what was looked at; ascending, at least one, none half an hour after the one before.
    """
    counts, products = [0] * _A, dict[str, int]()
    at_ms, action, begun_ms = 0, -1, None
    for at_ms, action, product in steps:
        begun_ms = at_ms if begun_ms is None else begun_ms
        counts[action] += 1
        if product is not None and (product in products or len(products) < MOST_PRODUCTS):
            products[product] = products.get(product, 0) + 1
    assert begun_ms is not None
    return Session(begun_ms=begun_ms, last_ms=at_ms, counts=counts, last=action, products=products)


def features(session: Session) -> NDArray[np.float64]:
    """What is counted of a session, shape (len(FEATURES),)."""
    vector = np.zeros(len(FEATURES))
    vector[:_A] = np.log1p(session.counts)
    if session.last >= 0:
        vector[_A + session.last] = 1.0
    most = max(session.products.values(), default=0)
    vector[2 * _A :] = tail(session.steps, session.seconds, most, len(session.products))
    return vector


def tail(steps: int, seconds: float, most: int, products: int) -> tuple[float, float, float, float, float]:
    """The features that are no counts of actions: length, tempo, staying with one product, looking at many, a constant."""
    tempo = math.log1p(seconds / (steps - 1)) if steps > 1 else 0.0
    return math.log1p(steps), tempo, math.log1p(max(most - 1, 0)), math.log1p(products), 1.0
