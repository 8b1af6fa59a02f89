"""Learns the weights of ``context/intent`` from the made-up coffee chain, and measures them on another year of it.

``python -m gyeol.bench.training.intent`` writes ``intent.json``; the same seed gives the same file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import gyeol.context.intent
from gyeol.context.behaviour.actions import ACTIONS, NUMBER, action_of, written
from gyeol.context.behaviour.session import FEATURES
from gyeol.context.intent.model import INTENTS
from gyeol.context.intent.signs import NEAR_M
from gyeol.context.place.stores import StoreDefinition
from gyeol.context.weather.reading import FEELS_FROM
from gyeol.workspace.cafe import clicks
from gyeol.workspace.cafe.company import simulate
from gyeol.workspace.cafe.menu import SEARCHES
from gyeol.workspace.cafe.visits import TILL, Visits

Floats = NDArray[np.float64]
SEED, CUSTOMERS, EVENTS = 11, 12_000, 160_000
ROUNDS, RIDGE = 300, 2e-4
STRAYS = 0.15
"""Share of what is typed that belongs to another intent."""
TOLD = 0.5
"""Share of the chats whose text is told: not every workspace tells it."""
_A = len(ACTIONS)
_TIED = [
    (block + NUMBER[f"chat_{kind}"], block + NUMBER[f"search_{kind}"])
    for block in (0, _A)
    for kind in ("compare", "buy", "use", "help", "leave")
]
"""Columns that have the same weights."""


class Prefixes(NamedTuple):
    """Sessions up to each of their actions.

    Args:
        vectors: Features, shape (n, len(FEATURES)).
        last: The last action's number.
        intent: What was really intended.
        signs: What of place and weather there was, shape (n, len(SIGNS)).
    """

    vectors: Floats
    last: NDArray[np.int64]
    intent: NDArray[np.int64]
    signs: Floats


def prefixes(seed: int, customers: int = CUSTOMERS, events: int = EVENTS) -> Prefixes:
    """Sessions of a company of that seed, each up to each of its actions."""
    company = simulate(seed, customers, events)
    did, came = company.clicks, company.visits
    order = np.lexsort((did.at_ms, did.visit))
    order = order[came.channel[did.visit[order]] != TILL]
    visit, at_ms, product = did.visit[order], did.at_ms[order], did.product[order]
    intent = came.intent[visit]
    action = _actions(did.action[order], intent, np.random.default_rng((seed, 7)))
    first = np.flatnonzero(np.diff(visit, prepend=-1))
    begun = np.repeat(first, np.diff(np.append(first, len(visit))))
    vectors = np.zeros((len(visit), len(FEATURES)))
    for number in range(_A):
        counted = np.cumsum(action == number)
        vectors[:, number] = np.log1p(counted - counted[begun] + (action[begun] == number))
    vectors[np.arange(len(visit)), _A + action] = 1.0
    steps = np.arange(len(visit)) - begun + 1
    seconds = (at_ms - at_ms[begun]) / 1000
    vectors[:, 2 * _A] = np.log1p(steps)
    vectors[:, 2 * _A + 1] = np.where(steps > 1, np.log1p(seconds / np.maximum(steps - 1, 1)), 0)
    vectors[:, 2 * _A + 2], vectors[:, 2 * _A + 3] = _products(first, product)
    vectors[:, -1] = 1.0
    return Prefixes(vectors, action, intent, signs_of(company.visits, np.random.default_rng((seed, 8)))[visit])


def signs_of(came: Visits, rng: np.random.Generator) -> Floats:
    """The signs of each visit, shape (n, len(SIGNS)): half of the people tell where they are, some hundred metres from their store.

    The weather is the company's. Nothing of it changes what somebody intends, so that chances with these signs show what a rule costs
    that is wrong here.
    """
    away = np.hypot(rng.normal(0, 440, len(came.person)), rng.normal(0, 440, len(came.person)))
    told = rng.random(len(came.person)) < 0.5
    inside = told & (away <= StoreDefinition(name="", lat=0, lon=0).radius_m)
    going = told & ~inside & (rng.random(len(came.person)) < 0.2)
    near = told & ~inside & ~going & (away <= NEAR_M)
    there = inside | going | near
    feels = {word: start for start, word in FEELS_FROM}
    hot, cold = came.temperature >= feels["hot"], came.temperature < feels["cool"]
    return np.stack([inside, going, near, there & hot, there & cold, there & came.wet], axis=1).astype(np.float64)


def learn(some: Prefixes, rounds: int = ROUNDS, ridge: float = RIDGE) -> Floats:
    """Weights of the softmax, shape (6, features): Nesterov's gradient with a fixed step, from zero.

    What is written in a chat weighs as much as what is searched for: hardly anybody but who needs help chats in the coffee chain.
    """
    vectors = some.vectors.copy()
    for chat, search in _TIED:
        vectors[:, search] += vectors[:, chat]
        vectors[:, chat] = 0
    n, k = len(some.intent), len(INTENTS)
    truth = np.eye(k)[some.intent]
    weights = np.zeros((k, len(FEATURES)))
    before = weights
    step = 2.0 / (np.linalg.norm(vectors, 2) ** 2 / n)
    for turn in range(rounds):
        ahead = weights + turn / (turn + 3) * (weights - before)
        gradient = (_softmax(vectors @ ahead.T) - truth).T @ vectors / n + ridge * ahead
        before, weights = weights, ahead - step * gradient
    for chat, search in _TIED:
        weights[:, chat] = weights[:, search]
    return weights


def temper(weights: Floats, held_out: Prefixes) -> Floats:
    """Weights scaled so that the chances are calibrated on sessions that were not learned from."""
    scales = np.linspace(0.6, 1.6, 101)
    rows = np.arange(len(held_out.intent))
    odds = held_out.vectors @ weights.T
    losses = [-np.log(_softmax(odds * scale)[rows, held_out.intent] + 1e-12).mean() for scale in scales]
    return np.asarray(weights * scales[int(np.argmin(losses))])


def main() -> None:
    """Learn, temper, write."""
    weights = temper(learn(prefixes(SEED)), prefixes(SEED + 1, CUSTOMERS // 3, EVENTS // 3))
    told = {
        "intents": INTENTS,
        "features": FEATURES,
        "weights": [[round(float(value), 4) for value in row] for row in weights],
        "trained_on": f"the made-up coffee chain, seeds {SEED} and {SEED + 1}",
    }
    Path(gyeol.context.intent.__file__).with_name("intent.json").write_text(json.dumps(told) + "\n", encoding="utf-8")


def _softmax(odds: Floats) -> Floats:
    likely = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def _actions(action: NDArray[np.int64], intent: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """The simulation's actions as events would tell them: by paths, names, and what is typed."""
    words = [word for name in INTENTS for word in SEARCHES[name]]
    first = np.cumsum([0] + [len(SEARCHES[name]) for name in INTENTS])
    typed = np.array([action_of("track", "Products Searched", None, word) for word in words])
    own = first[intent] + (rng.random(len(intent)) * (first[intent + 1] - first[intent])).astype(np.int64)
    query = np.where(rng.random(len(intent)) < STRAYS, rng.integers(0, len(words), len(intent)), own)
    named = {
        clicks.VIEW: "Product Viewed",
        clicks.ADD: "Product Added",
        clicks.ORDER: "Order Completed",
        clicks.CHAT: "Support Message Sent",
    }
    table = np.array(
        [
            action_of("page", None, clicks.PAGES[i], None)
            if i in clicks.PAGES
            else action_of("track", named.get(i, "Searched"), None, None)
            for i in range(len(clicks.ACTIONS))
        ]
    )
    # People write to the shop what others type into its search.
    chats = np.array([written(word) for word in words])[query]
    says = (action == clicks.CHAT) & (rng.random(len(intent)) < TOLD)
    return np.where(action == clicks.SEARCH, typed[query], np.where(says, chats, table[action]))


def _products(first: NDArray[np.int64], product: NDArray[np.int64]) -> tuple[Floats, Floats]:
    most, many = np.zeros(len(product)), np.zeros(len(product))
    for start, end in zip(first.tolist(), [*first[1:].tolist(), len(product)], strict=True):
        seen: dict[int, int] = {}
        for i in range(start, end):
            if product[i] >= 0:
                seen[int(product[i])] = seen.get(int(product[i]), 0) + 1
            most[i], many[i] = max(seen.values(), default=0), len(seen)
    return np.log1p(np.maximum(most - 1, 0)), np.log1p(many)


if __name__ == "__main__":
    main()
