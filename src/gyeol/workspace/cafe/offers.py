"""What each offer really changes, in which context: the frozen truth that decisions are judged by.

The chance that somebody takes an offer within a day is the logistic function of a constant and of named features with fixed weights. Its
value is that chance times the margin, less what it costs. Nothing here is learned; the checksum of the table goes with every result.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "hot",
    "cold",
    "wet",
    "morning",
    "afternoon",
    "evening",
    "weekend",
    "joy",
    "upset",
    "price_sensitive",
    "sweet_tooth",
    "iced_lover",
    "regular",
    "lapsed",
    "near",
    "cart",
)
"""Each 0 to 1. ``near``: within 300 m of a shop; ``cart``: something lies in the cart; ``lapsed``: no order for 30 days."""


class Offer(NamedTuple):
    """An offer's truth.

    Args:
        id: Its name in the definitions.
        margin: Of an order that it brings, won.
        cost: Of making it to somebody who takes it, won.
        base: Log-odds where all features are 0.
        weights: Feature → what it adds to the log-odds.
    """

    id: str
    margin: int
    cost: int
    base: float
    weights: dict[str, float]


OFFERS: tuple[Offer, ...] = (
    Offer(
        "iced_second_half", 3400, 1100, -3.2, {"hot": 1.9, "iced_lover": 1.0, "afternoon": 0.5, "near": 0.7, "cold": -1.6, "upset": -0.9}
    ),
    Offer(
        "warm_menu", 3300, 900, -3.3, {"cold": 1.8, "wet": 0.8, "evening": 0.4, "iced_lover": -0.9, "hot": -1.8, "near": 0.6, "upset": -0.8}
    ),
    Offer(
        "morning_set",
        3900,
        1300,
        -3.4,
        {"morning": 2.4, "weekend": -1.3, "near": 0.9, "regular": 0.5, "price_sensitive": 0.4, "upset": -0.7},
    ),
    Offer("dessert_pairing", 4800, 1200, -3.5, {"afternoon": 1.1, "weekend": 1.2, "sweet_tooth": 1.5, "joy": 0.7, "upset": -1.0}),
    Offer(
        "new_menu", 3600, 600, -3.4, {"joy": 0.9, "weekend": 0.4, "regular": 0.7, "price_sensitive": -0.7, "upset": -1.4, "lapsed": -0.3}
    ),
    Offer("double_stamps", 3000, 450, -3.1, {"regular": 1.4, "morning": 0.5, "lapsed": -1.2, "near": 0.4, "upset": -0.8}),
    Offer("apology_coupon", 3400, 2000, -4.4, {"upset": 3.1, "joy": -0.6, "regular": 0.4}),
    Offer("come_back", 3900, 1900, -3.9, {"lapsed": 2.4, "price_sensitive": 0.9, "regular": -0.9, "upset": -0.4, "weekend": 0.3}),
    Offer("cart_reminder", 4100, 800, -3.9, {"cart": 2.7, "evening": 0.6, "price_sensitive": 0.5, "upset": -0.9, "near": 0.3}),
)

_WEIGHTS = np.array([[offer.weights.get(name, 0.0) for name in FEATURES] for offer in OFFERS])
_BASE = np.array([offer.base for offer in OFFERS])
_MARGIN = np.array([float(offer.margin - offer.cost) for offer in OFFERS])


def chances(contexts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance that each offer is taken.

    Args:
        contexts: Features in the order of ``FEATURES``, shape (n, 16).

    Returns:
        Shape (n, offers).
    """
    return np.asarray(1 / (1 + np.exp(-(contexts @ _WEIGHTS.T + _BASE))))


def values(contexts: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each offer is worth in the mean, in won; shape (n, offers)."""
    return np.asarray(chances(contexts) * _MARGIN)


def checksum() -> str:
    """Of the table, so that results tell by which truth they were made."""
    told = repr([(offer.id, offer.margin, offer.cost, offer.base, sorted(offer.weights.items())) for offer in OFFERS])
    return hashlib.sha256((repr(FEATURES) + told).encode()).hexdigest()[:16]
