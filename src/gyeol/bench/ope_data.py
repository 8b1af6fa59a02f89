"""The Open Bandit data as logs: a campaign of a fashion shop, shown at random and by Thompson sampling.

Source: Saito, Aihara, Matsutani & Narita 2021, Open Bandit Dataset and Pipeline, NeurIPS Datasets and Benchmarks.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gyeol.app.policy_files import FileLog, LogColumns, read_log
from gyeol.bench.kit import kit_folder
from gyeol.measures.policy.logged import Floats

CAMPAIGNS = ("all", "men")
LOGS = ("random", "bts")
COLUMNS = LogColumns(action="item_id", reward="click", propensity="propensity_score", context=[f"user_feature_{i}" for i in range(4)])


def bandit_folder() -> Path:
    """Where the data lie: ``data/bandit`` beside the frozen kit."""
    return kit_folder().parent / "data" / "bandit"


def logged_by(policy: str, campaign: str) -> FileLog:
    """10,000 rows of a campaign as shown by ``random`` or ``bts``."""
    return read_log(bandit_folder() / f"obd_{policy}_{campaign}.parquet", COLUMNS)


def shares_of(log: FileLog, actions: tuple[str, ...]) -> Floats:
    """(positions, actions) how often each item stood in each slot: the policy of a log, as far as it looks at nobody."""
    held = log.logged
    place = np.array([actions.index(name) for name in log.actions])
    found = np.zeros((held.positions, len(actions)))
    np.add.at(found, (held.position, place[held.action]), 1.0)
    shares: Floats = found / found.sum(axis=1, keepdims=True)
    return shares
