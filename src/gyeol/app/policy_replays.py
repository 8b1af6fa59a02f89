"""Replays beside a running core: the log is read as it lies there, and nothing is asked of the core. One at a time."""

from __future__ import annotations

import threading
from contextlib import closing

import msgspec

from gyeol.app.data_files import offer_files
from gyeol.app.folder import DataFolder
from gyeol.app.policy_asking import goal_asked, settings_asked, span_asked
from gyeol.app.policy_past import PastFolder, Span
from gyeol.app.policy_valuing import Valued, value_past
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import StateError, wrong
from gyeol.measures.policy.evaluation import MIN_ESS, Settings
from gyeol.measures.policy.outcomes import Goal
from gyeol.privacy.sealing import Seal
from gyeol.storage.log.sqlite import SqliteLog


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules that are tried on past traffic.

    Args:
        definitions: They; null: those in force, so that only the value is of interest.
        placement: Only this one; a value needs one.
        goal, within, value: What is a reward; without ``goal`` what the placement's offers agree on.
        since, until: Decisions from an instant on, and before one.
        estimator, min_ess: Of the value.
    """

    definitions: Definitions | None = None
    placement: str | None = None
    goal: str | None = None
    within: str = "7d"
    value: str | None = None
    since: str | None = None
    until: str | None = None
    estimator: str = "dr"
    min_ess: float = MIN_ESS


class Replays:
    """Takes past decisions again; safe for threads.

    Args:
        folder: Of the running core.
        seal: Opens its log and snapshots.
    """

    def __init__(self, folder: DataFolder, seal: Seal) -> None:
        self._folder, self._seal = folder, seal
        self._busy = threading.Lock()

    def run(self, asked: ReplayRequest) -> Valued:
        """What the rules would have chosen, and what that would have earned.

        Raises:
            InputError: The definitions do not fit together, or a value of the request is wrong.
            StateError: Another replay is running (``replay_running``): each folds the whole log in memory; or the log no longer reaches
                back far enough (``log_shortened``).
        """
        span = span_asked(asked.since, asked.until, asked.placement, "")
        goal = goal_asked(asked.goal, asked.within, asked.value, "")
        settings = settings_asked(asked.estimator, asked.min_ess, prefix="")
        if not self._busy.acquire(blocking=False):
            raise StateError("replay_running", "another replay is running, and each folds the whole log; ask again when it has ended.")
        try:
            return self._run(asked, span, goal, settings)
        finally:
            self._busy.release()

    def _run(self, asked: ReplayRequest, span: Span, goal: Goal | None, settings: Settings) -> Valued:
        with closing(SqliteLog(self._folder.log, read_only=True, seal=self._seal)) as log:
            past = PastFolder(self._folder, log, self._seal)
            definitions = asked.definitions or past.in_force
            if definitions is None:
                raise wrong("log", "nothing_recorded", "the log is empty", "there is no past traffic to try rules on yet")
            offer_files(definitions, past.applied.files)
            return value_past(past, definitions, span, goal, settings)
