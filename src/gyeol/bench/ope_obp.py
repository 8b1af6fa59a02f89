"""The same estimates by the `obp` library, where it can be imported: the peer whose numbers ours must be, to 1e-9.

``python -m gyeol.bench.ope_obp small`` prints the numbers that ``tests/golden/policy/obp.json`` keeps, ``… open_bandit`` those of
``open_bandit.json`` beside it, so that tests need no obp. It asks for
Python below 3.11 and for PyTorch, of which its estimators use nothing: ``pip install --no-deps --ignore-requires-python obp==0.5.7``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import numpy as np

from gyeol.bench.ope_data import CAMPAIGNS, logged_by, shares_of
from gyeol.kernel.instants import Int64
from gyeol.measures.policy.candidates import Shares
from gyeol.measures.policy.logged import Floats, Logged
from gyeol.measures.policy.reward_model import models_of, rewards_of

SEED, SWITCH_AT = 7, 1.5


def obp_there() -> bool:
    """Whether obp can be imported."""
    try:
        importlib.import_module("obp.ope")
    except Exception:  # of whatever its many imports raise, all mean: not here
        return False
    return True


def obp_values(logged: Logged, shares: Floats, rewards: Floats, switch_at: float) -> dict[str, float]:
    """obp's estimates of a policy that is the same in each row.

    Args:
        logged: The log.
        shares: (positions, actions) of the policy.
        rewards: (n, actions) of a model: what dm, dr and switch-dr lean on.
        switch_at: See ``estimators.SWITCH_AT``.
    """
    ope: Any = importlib.import_module("obp.ope")
    table = np.broadcast_to(shares.T[None, :, :], (logged.n, len(logged.actions), logged.positions))
    given = {
        "reward": logged.reward,
        "action": logged.action,
        "pscore": logged.propensity,
        "position": logged.position,
        "action_dist": np.ascontiguousarray(table),
        "estimated_rewards_by_reg_model": np.repeat(rewards[:, :, None], logged.positions, axis=2),
    }
    estimators = {
        "ips": ope.InverseProbabilityWeighting(),
        "snips": ope.SelfNormalizedInverseProbabilityWeighting(),
        "dm": ope.DirectMethod(),
        "dr": ope.DoublyRobust(),
        "switch_dr": ope.SwitchDoublyRobust(lambda_=switch_at),
    }
    return {name: float(estimator.estimate_policy_value(**given)) for name, estimator in estimators.items()}


def small_log(rows: int = 400, actions: int = 6, positions: int = 2) -> tuple[Logged, Floats]:
    """A made-up log that is the same everywhere, and the shares of a policy: sines, no random numbers."""
    at = np.arange(rows)
    weights = 1.2 + np.sin(np.outer(at, np.arange(1, actions + 1)) * 0.7)
    chances = weights / weights.sum(axis=1, keepdims=True)
    action: Int64 = (np.cumsum(chances, axis=1) < ((at * 0.6180339887) % 1.0)[:, None]).sum(axis=1).clip(0, actions - 1)
    context = np.stack([np.sin(at * 0.31), np.cos(at * 0.17)], axis=1)
    worth = 0.3 + 0.1 * context[:, 0] + 0.08 * action
    reward = (((at * 0.7548776662) % 1.0) < worth).astype(np.float64)
    shares = 1.0 + np.arange(positions)[:, None] + np.arange(actions)[None, :] ** 2.0
    logged = Logged(
        actions=tuple(f"a{i}" for i in range(actions)),
        action=action,
        reward=reward,
        propensity=chances[at, action],
        person=at // 3,
        position=at % positions,
        context=context,
    )
    return logged, shares / shares.sum(axis=1, keepdims=True)


def rewards_for(logged: Logged) -> Floats:
    """(n, actions) of our own cross-fitted model."""
    models, fold = models_of(logged, SEED)
    return rewards_of(logged, models, fold, slice(0, logged.n))


def policy_of(shares: Floats) -> Shares:
    """Those shares as a policy of ours."""
    return Shares("shares", shares)


def compared(campaign: str) -> tuple[Logged, Floats]:
    """What was shown at random in a campaign of the Open Bandit data, and the shares of its Thompson sampling."""
    shown = logged_by("random", campaign)
    return shown.logged, shares_of(logged_by("bts", campaign), shown.actions)


def main() -> None:
    """Print the golden numbers."""
    which = sys.argv[1]
    there: dict[str, dict[str, Callable[[], tuple[Logged, Floats]]]] = {
        "small": {"": small_log},
        "open_bandit": {name: partial(compared, name) for name in CAMPAIGNS},
    }
    logs = there[which]
    values: dict[str, dict[str, float]] = {}
    for name, make in logs.items():
        logged, shares = make()
        values[name] = obp_values(logged, shares, rewards_for(logged), SWITCH_AT)
    version = importlib.import_module("obp").__version__
    recipe = f"python -m gyeol.bench.ope_obp {which}"
    told = {"obp": version, "recipe": recipe, "switch_at": SWITCH_AT, "values": values.get("", values)}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n")


if __name__ == "__main__":
    main()
