"""The model of intent: softmax over what is counted of a session, and over signs of place and weather, with weights of our own.

All weights were learned together by ``python -m gyeol.bench.training.intent`` from sessions of the made-up coffee chain, where what people
intend and where they are is known, and are calibrated on sessions that were not learned from. But for what is written in chats: people of
the chain chat when they need help, hardly ever else, so a chat weighs by rule what the same words weigh when they are searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.behaviour.actions import NUMBER
from gyeol.context.behaviour.session import FEATURES, Session, features
from gyeol.context.intent.signs import SIGNS, Sign

Intent = Literal["browse", "compare", "buy", "use", "help", "leave", "unknown"]
INTENTS: tuple[Intent, ...] = ("browse", "compare", "buy", "use", "help", "leave")
SURE = 0.4
"""Below this chance the intent is unknown: with six of them a guess has 0.17."""
TTL_MS = 10 * 60_000
"""An intent counts for ten minutes after the last action, our own choice: a third of what ends a session."""
EVIDENCE = 3
"""How many features of the session are named as the reason, and signs beside them."""
_SAID = [NUMBER[f"{how}_{what}"] for how in ("search", "chat") for what in ("help", "leave")]


class Weights(msgspec.Struct, frozen=True):
    """The model's file.

    Args:
        intents: Rows of ``weights``.
        features: Columns of ``weights``: first those of the session.
        signs: The columns after them.
        weights: Log-odds.
        trained_on: What it was learned from.
    """

    intents: list[str]
    features: list[str]
    signs: list[str]
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
    of_session, of_signs = _matrix()
    odds = vectors @ of_session.T
    if signs is not None:
        odds += counting(vectors, signs) @ of_signs.T
    odds -= odds.max(axis=1, keepdims=True)
    likely = np.exp(odds)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def counting(vectors: NDArray[np.float64], signs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The signs that count: none for who said in the session that they want help, or to leave, since it stops promotion.

    Args:
        vectors: Features of sessions, shape (n, len(FEATURES)).
        signs: Which signs there are, shape (n, len(SIGNS)).
    """
    return np.where(vectors[:, _SAID].any(axis=1, keepdims=True), 0.0, signs)


def guess(session: Session, signs: Sequence[Sign] = ()) -> Guess:
    """What somebody seems to intend by a session so far, and by where they are."""
    vector = features(session)
    there = np.array([[float(name in signs) for name in SIGNS]])
    chance = chances(vector[None, :], there)[0]
    best = int(chance.argmax())
    of_session, of_signs = _leaning()
    speaks = vector * of_session[best]
    named = [i for i in np.argsort(-speaks)[: EVIDENCE + 1].tolist() if speaks[i] > 0.05 and FEATURES[i] != "constant"]
    reasons = [(FEATURES[i], float(speaks[i])) for i in named[:EVIDENCE]]
    if signs:
        beside = counting(vector[None, :], there)[0] * of_signs[best]
        reasons += [(name, float(value)) for name, value in zip(SIGNS, beside, strict=True) if value > 0.05]
    return Guess(
        intent=INTENTS[best] if chance[best] >= SURE else "unknown",
        confidence=round(float(chance[best]), 4),
        chances={name: round(float(value), 4) for name, value in zip(INTENTS, chance, strict=True)},
        evidence={name: round(value, 3) for name, value in sorted(reasons, key=lambda each: -each[1])},
    )


@lru_cache(maxsize=1)
def _leaning() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each weight lies over the mean of the intents: of the session, of signs."""
    of_session, of_signs = _matrix()
    return of_session - of_session.mean(axis=0), of_signs - of_signs.mean(axis=0)


@lru_cache(maxsize=1)
def _matrix() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The weights of the session's features, shape (6, len(FEATURES)), and of the signs, shape (6, len(SIGNS))."""
    raw = files(__package__).joinpath("intent.json").read_bytes()
    weights = msgspec.json.decode(raw, type=Weights)
    if (tuple(weights.features), tuple(weights.signs), tuple(weights.intents)) != (FEATURES, SIGNS, INTENTS):
        raise ValueError("intent.json was learned from other features: run python -m gyeol.bench.training.intent")
    matrix = np.array(weights.weights)
    return matrix[:, : len(FEATURES)], matrix[:, len(FEATURES) :]
