"""What is done within a visit: a chain of actions that each intent walks in its own way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gyeol.workspace.cafe.menu import PRODUCTS
from gyeol.workspace.cafe.people import Floats, Ints
from gyeol.workspace.cafe.visits import BUY, COMPARE, HELP, INTENTS, TILL, Visits

ACTIONS = (
    "home", "menu", "view", "search", "compare", "add", "cart", "order", "stamps", "stores", "wallet", "faq", "chat", "settings", "stop",
)  # fmt: skip
HOME, MENU, VIEW, SEARCH, COMPARING, ADD, CART, ORDER, STAMPS, FINDER, WALLET, FAQ, CHAT, SETTINGS, STOP = range(len(ACTIONS))
PAGES = {HOME: "/", MENU: "/menu", COMPARING: "/menu/compare", CART: "/cart", STAMPS: "/stamps", FINDER: "/stores", WALLET: "/coupons",
         FAQ: "/help", SETTINGS: "/settings", STOP: "/settings/notifications"}  # fmt: skip
"""Actions that only show a page, and its path."""
LONGEST = 14

_LIKES: dict[str, dict[int, float]] = {
    "browse": {HOME: 3, MENU: 4, VIEW: 6, SEARCH: 1, FINDER: 0.5},
    "compare": {MENU: 3, VIEW: 6, SEARCH: 1.5, COMPARING: 3, CART: 0.3, FAQ: 0.3},
    "buy": {HOME: 1, MENU: 2, VIEW: 3, SEARCH: 1, ADD: 3.5, CART: 2.5, ORDER: 3, WALLET: 1.2},
    "use": {HOME: 1.5, STAMPS: 4, FINDER: 3, WALLET: 3, SEARCH: 1, MENU: 0.5},
    "help": {FAQ: 4, CHAT: 3, SEARCH: 2, WALLET: 1, SETTINGS: 0.7, HOME: 0.7},
    "leave": {SETTINGS: 4, STOP: 3, FAQ: 1.2, SEARCH: 1.2, HOME: 0.8},
}
_AFTER: dict[int, dict[int, float]] = {
    VIEW: {ADD: 2.5, COMPARING: 1.8, VIEW: 1.3},
    MENU: {VIEW: 2.5, MENU: 0.3},
    ADD: {CART: 3.5, ADD: 0.4, ORDER: 1.5},
    CART: {ORDER: 4, CART: 0.2, VIEW: 0.7},
    SEARCH: {VIEW: 2.0, FAQ: 1.6, SEARCH: 0.6},
    FAQ: {CHAT: 2.5, FAQ: 0.7},
    SETTINGS: {STOP: 3.0, SETTINGS: 0.3},
}
_GO_ON = {"browse": 0.72, "compare": 0.78, "buy": 0.80, "use": 0.50, "help": 0.66, "leave": 0.60}
_SECONDS = {"browse": 26, "compare": 38, "buy": 13, "use": 10, "help": 22, "leave": 15}
_FLOOR = 0.12
"""A little of everything happens with every intent: people stray."""


class Clicks(NamedTuple):
    """What was done, one in each row; ``visit`` is the row of its visit."""

    visit: Ints
    action: Ints
    at_ms: Ints
    product: Ints


def walk(visits: Visits, rng: np.random.Generator) -> Clicks:
    """What is done in each visit; at the till it is one order."""
    steps = _steps()
    go_on = np.array([_GO_ON[name] for name in INTENTS])
    seconds = np.array([_SECONDS[name] for name in INTENTS])
    till = np.flatnonzero(visits.channel == TILL)
    rows, actions, times = [till], [np.full(len(till), ORDER)], [visits.at_ms[till]]
    walking = np.flatnonzero(visits.channel != TILL)
    last = np.full(len(walking), len(ACTIONS))
    now = visits.at_ms[walking]
    for _ in range(LONGEST):
        chance = steps[visits.intent[walking], last]
        action = (chance.cumsum(axis=1) < rng.random(len(walking))[:, None]).sum(axis=1)
        rows.append(walking)
        actions.append(action)
        times.append(now)
        stays = (action != ORDER) & (rng.random(len(walking)) < go_on[visits.intent[walking]])
        walking, last, now = walking[stays], action[stays], now[stays]
        now = now + (rng.lognormal(0, 0.7, len(walking)) * seconds[visits.intent[walking]] * 1_000).astype(np.int64) + 400
    visit, action, at_ms = np.concatenate(rows), np.concatenate(actions), np.concatenate(times)
    return Clicks(visit, action, at_ms, _product(visits, visit, action, rng))


def _steps() -> Floats:
    """Chance of each action by intent and action before it; shape (intents, actions + 1, actions)."""
    steps = np.full((len(INTENTS), len(ACTIONS) + 1, len(ACTIONS)), _FLOOR)
    for i, name in enumerate(INTENTS):
        for action, weight in _LIKES[name].items():
            steps[i, :, action] += weight
    for before, after in _AFTER.items():
        for action, factor in after.items():
            steps[:, before, action] *= factor
    # Nobody orders what is in no cart, first of all.
    steps[:, len(ACTIONS), [ADD, CART, ORDER, CHAT, STOP]] *= 0.15
    steps[[i for i, name in enumerate(INTENTS) if name != "buy"], :, ORDER] *= 0.25
    return np.asarray(steps / steps.sum(axis=2, keepdims=True))


def _product(visits: Visits, visit: Ints, action: Ints, rng: np.random.Generator) -> Ints:
    """Somebody who buys or compares stays with what they have in mind, one who browses looks about."""
    true_to_it = np.isin(visits.intent[visit], (BUY, COMPARE, HELP)) | (action == ORDER) | (action == ADD)
    strays = rng.random(len(visit)) < np.where(true_to_it, 0.2, 0.7)
    product = np.where(strays, rng.integers(0, len(PRODUCTS), len(visit)), visits.product[visit])
    return np.where(np.isin(action, (VIEW, ADD, ORDER)), product, -1)
