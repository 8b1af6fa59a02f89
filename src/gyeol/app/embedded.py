"""A session on the folder itself: engine, state.db and lake in this process, no server."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec

from gyeol.app.brand_desk import ComposeRequest, LintRequest
from gyeol.app.content_desk import PreviewRequest
from gyeol.app.core import LocalCore
from gyeol.app.core_api import DecideRequest, PeopleRequest
from gyeol.app.coupon_api import ReconcileRequest
from gyeol.app.coupon_desk import CouponTell
from gyeol.app.desk import Desk
from gyeol.app.opening import OpenCore
from gyeol.app.past_work import PastWork
from gyeol.app.policy_desk import PolicySwitch, PolicyWarm
from gyeol.app.session import Answer
from gyeol.app.settings import Settings
from gyeol.app.suggesting import Suggester
from gyeol.app.suggestion_opening import nodes_of_frame, open_suggester
from gyeol.engine.commands import IDENTITY_COMMANDS
from gyeol.engine.embedded import EmbeddedEngine
from gyeol.engine.jobs import Job
from gyeol.engine.recovery import Progress
from gyeol.kernel.clock import Clock
from gyeol.storage.lake.lake import Lake

_STRUCTS: dict[str, type[msgspec.Struct]] = {
    "people": PeopleRequest,
    "decide": DecideRequest,
    "content_preview": PreviewRequest,
    "policy_switch": PolicySwitch,
    "policy_warm": PolicyWarm,
    "lint": LintRequest,
    "compose": ComposeRequest,
    "tell_coupon": CouponTell,
    "reconcile_coupons": ReconcileRequest,
}
_SIGNED = (
    *IDENTITY_COMMANDS, "accept_suggestion", "reject_suggestion", "apply", "replay_dead_letter", "add_facts", "tell_coupon",
)  # fmt: skip
"""Operations that are told who asks."""
BY = "cli"


class EmbeddedSession:
    """The folder opened in this process: engine, state.db and lake, no server.

    Args:
        workspace: The workspace's folder.
        settings: See ``Settings``.
        progress: Told how far a recovery is.
        clock: The machine's unless a test gives another.
    """

    def __init__(self, workspace: Path, settings: Settings, progress: Progress | None = None, clock: Clock | None = None) -> None:
        self.parts = OpenCore(workspace, settings, clock=clock, progress=progress)
        self.engine = EmbeddedEngine(self.parts.engine, self.parts.log, self.parts.store, self.parts.changed)
        self.core = LocalCore(self.parts, self.run)
        self._lake: Lake | None = None
        self._suggester: Suggester | None = None
        self._closed = False
        try:
            self.core.apply_first()
            self.engine.take(self.parts.pending)
            for effects in self.parts.unanswered:
                self.engine.answer(effects)
            self.engine.flush()
        except BaseException:
            self.parts.close()
            raise

    def run(self, job: Job) -> object:
        """Have the engine answer a job; raises what it failed with."""
        self.engine.run([job])
        if job.error is not None:
            raise job.error
        return job.answer

    @property
    def lake(self) -> Lake:
        """The lake, opened at first use."""
        if self._lake is None:
            parts = self.parts
            self._lake = Lake(parts.folder.lake, parts.log, parts.store, parts.applied.get, commit_rows=parts.settings.lake_commit_rows)
        return self._lake

    @property
    def desk(self) -> Desk:
        """The operations behind the API's routes."""
        return Desk(self.core, self.parts.store, self.lake, self.parts.applied.get, suggester=self.suggester)

    @property
    def suggester(self) -> Suggester:
        """The suggestions, opened at first use."""
        if self._suggester is None:
            parts = self.parts
            nodes = partial(nodes_of_frame, parts.store, lambda: self.lake)
            opened = open_suggester(self.core, parts.store, parts.log, parts.folder, parts.seal, parts.applied.get, nodes, parts.settings)
            self._suggester = opened
        return self._suggester

    def call(self, operation: str, **values: object) -> Answer:
        """An operation of ``Desk`` by name."""
        self.engine.flush()
        method = getattr(self.desk, operation)
        request = _STRUCTS.get(operation)
        if operation in _SIGNED:
            values["by"] = BY
        answer = method(msgspec.convert(values, request)) if request is not None else method(**values)
        self.engine.flush()
        if operation == "apply" and self.parts.engine.state.traits.owed:
            self.settle()
        told = msgspec.to_builtins(answer)
        assert isinstance(told, dict)
        return told

    def settle(self) -> None:
        """Bring everything that was done into state.db and lake."""
        self.engine.flush()
        offset = self.lake.catch_up()
        self.parts.store.forget_nodes(offset)
        self.parts.retention.lake_offset = offset
        PastWork(self.core, self.lake, self.parts.log, self.parts.applied.get).all(lambda: self.parts.engine.definitions.hash)
        self.engine.flush()

    def close(self) -> None:
        """Write a snapshot and let go; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self.engine.flush()
        if self._lake is not None:
            self._lake.close()
        if self._suggester is not None:
            self._suggester.store.close()
        self.parts.snapshot()
        self.parts.close()
