"""The model of intent: softmax over what is counted of a session, with weights of our own.

The weights were learned by ``python -m gyeol.bench.training.intent`` from sessions of the made-up coffee chain, where what people intend is
known, and are calibrated on sessions that were not learned from. Where somebody is, and the weather there, are added by rule (``signs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.behaviour.session import FEATURES, Session, features
from gyeol.context.intent.signs import SIGNS, WEIGHTS, Sign

Intent = Literal["browse", "compare", "buy", "use", "help", "leave", "unknown"]
INTENTS: tuple[Intent, ...] = ("browse", "compare", "buy", "use", "help", "leave")
SURE = 0.4
"""Below this chance the intent is unknown: with six of them a guess has 0.17."""
TTL_MS = 10 * 60_000
"""An intent counts for ten minutes after the last action, our own choice: a third of what ends a session."""
SIGN_WEIGHTS = np.array([[WEIGHTS[sign].get(intent, 0.0) for sign in SIGNS] for intent in INTENTS])
EVIDENCE = 3
"""How many features of the session are named as the reason, and signs beside them."""


class Weights(msgspec.Struct, frozen=True):
    """The model's file.

    Args:
        intents: Rows of ``weights``.
        features: Columns of ``weights``.
        weights: Log-odds.
        trained_on: What it was learned from.
    """

    intents: list[str]
    features: list[str]
    weights: list[list[float]]
    trained_on: str


class Guess(msgspec.Struct, frozen=True):
    """What somebody seems to intend.

    Args:
        intent: ``unknown`` where no chance reaches ``SURE``.
        confidence: The chance of the likeliest intent, calibrated.
        chances: Of all six.
        evidence: What spoke for the likeliest: feature or sign → log-odds over the mean of the intents, the strongest first.
    """

    intent: Intent
    confidence: float
    chances: dict[str, float]
    evidence: dict[str, float]


def chances(vectors: NDArray[np.float64], signs: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """The chance of each intent.

    Args:
        vectors: Features of sessions, shape (n, len(FEATURES)).
        signs: Which signs there are (1 or 0), shape (n, len(SIGNS)); None: none.

    Returns:
        Shape (n, 6); rows sum to 1.
    """
    odds = vectors @ _matrix().T
    if signs is not None:
        odds += signs @ SIGN_WEIGHTS.T
    odds -= odds.max(axis=1, keepdims=True)
    likely = np.exp(odds)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def guess(session: Session, signs: Sequence[Sign] = ()) -> Guess:
    """What somebody seems to intend by a session so far, and by where they are."""
    vector = features(session)
    there = np.array([float(name in signs) for name in SIGNS])
    chance = chances(vector[None, :], there[None, :])[0]
    best = int(chance.argmax())
    speaks = vector * _leaning()[best]
    named = [i for i in np.argsort(-speaks)[: EVIDENCE + 1].tolist() if speaks[i] > 0.05 and FEATURES[i] != "constant"]
    reasons = [(FEATURES[i], float(speaks[i])) for i in named[:EVIDENCE]]
    if signs:
        beside = there * (SIGN_WEIGHTS[best] - SIGN_WEIGHTS.mean(axis=0))
        reasons += [(name, float(value)) for name, value in zip(SIGNS, beside, strict=True) if value > 0.05]
    return Guess(
        intent=INTENTS[best] if chance[best] >= SURE else "unknown",
        confidence=round(float(chance[best]), 4),
        chances={name: round(float(value), 4) for name, value in zip(INTENTS, chance, strict=True)},
        evidence={name: round(value, 3) for name, value in sorted(reasons, key=lambda each: -each[1])},
    )


@lru_cache(maxsize=1)
def _leaning() -> NDArray[np.float64]:
    """How far each weight lies over the mean of the intents."""
    matrix = _matrix()
    return np.asarray(matrix - matrix.mean(axis=0))


@lru_cache(maxsize=1)
def _matrix() -> NDArray[np.float64]:
    raw = files(__package__).joinpath("intent.json").read_bytes()
    weights = msgspec.json.decode(raw, type=Weights)
    if tuple(weights.features) != FEATURES or tuple(weights.intents) != INTENTS:
        raise ValueError("intent.json was learned from other features: run python -m gyeol.bench.training.intent")
    return np.array(weights.weights)
