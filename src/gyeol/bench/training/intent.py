"""Learns the weights of ``context/intent`` from a year of the made-up coffee chain: of actions and of signs of place and weather together.

``python -m gyeol.bench.training.intent`` writes ``intent.json``; the same seed gives the same file. How good they are on years of which
nothing was learned ``gyeol bench moment --part intent`` measures.
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
from gyeol.context.facts.commute import Commute
from gyeol.context.facts.kind import Situation
from gyeol.context.intent.model import INTENTS, counting
from gyeol.context.intent.signs import SIGNS, sign_of, signs_beside
from gyeol.context.place.fence import Position
from gyeol.context.weather.reading import Reading
from gyeol.workspace.cafe import clicks, places
from gyeol.workspace.cafe.company import SEOUL, simulate
from gyeol.workspace.cafe.menu import SEARCHES
from gyeol.workspace.cafe.visits import TILL, Visits

Floats = NDArray[np.float64]
SEED, CUSTOMERS, EVENTS, DAYS = 11, 12_000, 160_000, 365
"""A year: a summer has no cold days. Hot ones are few in it: a summer with half as many people again is learned from beside it."""
SUMMER_DAYS = 92
ROUNDS, RIDGE = 60, 2e-4
PLACED = 0.5
"""Share of the visits of which a position is told. Who tells it intends no other things than who does not."""
STRAYS = 0.15
"""Share of what is typed that belongs to another intent."""
TOLD = 0.5
"""Share of the chats whose text is told: not every workspace tells it."""
WITHOUT_SIGNS = Path(__file__).with_name("intent_without_signs.json")
"""Weights that were learned of actions alone."""
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
        signs: Which signs there were (1 or 0), shape (n, len(SIGNS)).
        placed: Whether a position was told.
    """

    vectors: Floats
    last: NDArray[np.int64]
    intent: NDArray[np.int64]
    signs: Floats
    placed: NDArray[np.bool_]


def prefixes(seed: int, customers: int = CUSTOMERS, events: int = EVENTS, days: int = DAYS) -> Prefixes:
    """Sessions of a company of that seed, each up to each of its actions; see ``simulate``."""
    company = simulate(seed, customers, events, days)
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
    signs, placed = signs_of(came, np.random.default_rng((seed, 8)))
    return Prefixes(vectors, action, intent, signs[visit], placed[visit])


def signs_of(came: Visits, rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """The signs of each visit, shape (n, len(SIGNS)), and of which visits a position was told (n,): as events would tell them."""
    placed = (came.channel != TILL) & (rng.random(len(came.person)) < PLACED)
    lats, lons = places.told(came.places.lat, came.places.lon, rng)
    was_lats, was_lons = places.told(came.places.was_lat, came.places.was_lon, rng)
    signs = np.zeros((len(placed), len(SIGNS)))
    for i in np.flatnonzero(placed).tolist():
        at_ms = int(came.at_ms[i])
        path = [Position(at_ms, float(lats[i]), float(lons[i]))]
        if came.places.going[i]:
            path.insert(0, Position(at_ms - places.WALK_MS, float(was_lats[i]), float(was_lons[i])))
        sign = sign_of(path, at_ms, places.SHOPS)
        if sign is None:
            continue
        signs[i, SIGNS.index(sign)] = 1
        if sign != "far_from_stores":
            weather = Reading(lat=path[-1].lat, lon=path[-1].lon, at_ms=at_ms, temperature_c=float(came.temperature[i]))
            (commute,) = Commute().observe(Situation(now_ms=at_ms, zone=SEOUL, country="KR"))
            beside = signs_beside(weather.feels, "rain" if came.wet[i] else "clear", commute.value)
            signs[i, [SIGNS.index(each) for each in beside]] = 1
    return signs, placed


def learn(some: Prefixes, *, signs: bool = True, rounds: int = ROUNDS, ridge: float = RIDGE) -> Floats:
    """Weights of the softmax, shape (6, features and signs): Nesterov's gradient from zero, in the metric of a bound of the curvature.

    What is written in a chat weighs as much as what is searched for: hardly anybody but who needs help chats in the coffee chain.
    Source of the bound: Böhning, Multinomial logistic regression algorithm, Ann. Inst. Statist. Math. 44 (1992) 197.

    Args:
        some: What to learn from.
        signs: Whether of signs as well; else they weigh nothing.
        rounds: Of the gradient.
        ridge: Of the squared weights.
    """
    vectors = columns(some)
    for chat, search in _TIED:
        vectors[:, search] += vectors[:, chat]
        vectors[:, chat] = 0
    if not signs:
        vectors[:, len(FEATURES) :] = 0
    n, k = len(some.intent), len(INTENTS)
    truth = np.eye(k)[some.intent]
    weights = np.zeros((k, vectors.shape[1]))
    before = weights
    step = np.linalg.inv(vectors.T @ vectors / (2 * n) + ridge * np.eye(vectors.shape[1]))
    for turn in range(rounds):
        ahead = weights + turn / (turn + 3) * (weights - before)
        gradient = (vectors.T @ (softmax(vectors @ ahead.T) - truth)).T / n + ridge * ahead
        before, weights = weights, ahead - gradient @ step
    for chat, search in _TIED:
        weights[:, chat] = weights[:, search]
    return weights


def temper(weights: Floats, held_out: Prefixes) -> Floats:
    """Weights scaled so that the chances are calibrated on sessions that were not learned from."""
    scales = np.linspace(0.6, 1.6, 101)
    rows = np.arange(len(held_out.intent))
    odds = columns(held_out) @ weights.T
    losses = [-np.log(softmax(odds * scale)[rows, held_out.intent] + 1e-12).mean() for scale in scales]
    return np.asarray(weights * scales[int(np.argmin(losses))])


def together(one: Prefixes, other: Prefixes) -> Prefixes:
    """Those of both."""
    return Prefixes(
        vectors=np.concatenate([one.vectors, other.vectors]),
        last=np.concatenate([one.last, other.last]),
        intent=np.concatenate([one.intent, other.intent]),
        signs=np.concatenate([one.signs, other.signs]),
        placed=np.concatenate([one.placed, other.placed]),
    )


def columns(some: Prefixes) -> Floats:
    """What the weights are of, shape (n, features and signs)."""
    return np.hstack([some.vectors, counting(some.vectors, some.signs)])


def softmax(odds: Floats) -> Floats:
    """Chances of log-odds, shape (n, 6)."""
    likely = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def main() -> None:
    """Learn, temper, write: the model, and beside this file one that knows no signs, which benchmarks hold against it."""
    summer = prefixes(SEED + 2, 3 * CUSTOMERS // 2, 3 * EVENTS // 2, SUMMER_DAYS)
    some = together(prefixes(SEED), summer)
    held_out = prefixes(SEED + 1, CUSTOMERS // 3, EVENTS // 3)
    for signs, file in ((True, Path(gyeol.context.intent.__file__).with_name("intent.json")), (False, WITHOUT_SIGNS)):
        weights = temper(learn(some, signs=signs), held_out)
        told = {
            "intents": INTENTS,
            "features": FEATURES,
            "signs": SIGNS,
            "weights": [[round(float(value), 4) for value in row] for row in weights],
            "trained_on": f"the made-up coffee chain, seeds {SEED}, {SEED + 2} and, to calibrate, {SEED + 1}",
        }
        file.write_text(json.dumps(told) + "\n", encoding="utf-8")


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
