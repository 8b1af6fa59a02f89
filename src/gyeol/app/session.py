"""One command's work on a workspace: through the running pair if there is one, else with the folder opened under its lock."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import httpx
import msgspec

from gyeol.app.brand_desk import ComposeRequest, LintRequest
from gyeol.app.content_desk import PreviewRequest
from gyeol.app.core import LocalCore
from gyeol.app.core_api import Core, DecideRequest, PeopleRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.coupon_api import ReconcileRequest
from gyeol.app.coupon_desk import CouponTell
from gyeol.app.desk import Desk
from gyeol.app.folder import DataFolder
from gyeol.app.opening import OpenCore
from gyeol.app.past_work import PastWork
from gyeol.app.policy_desk import PolicySwitch
from gyeol.app.remote_core import RemoteCore
from gyeol.app.settings import Settings, data_folder
from gyeol.app.suggesting import Suggester
from gyeol.app.suggestion_opening import nodes_of_frame, open_suggester
from gyeol.engine.commands import IDENTITY_COMMANDS
from gyeol.engine.embedded import EmbeddedEngine
from gyeol.engine.jobs import Job
from gyeol.engine.recovery import Progress
from gyeol.kernel import errors
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import BackendUnavailableError, GyeolError
from gyeol.storage.lake.lake import Lake

Answer = dict[str, object]


class Session(Protocol):
    """What commands need."""

    @property
    def core(self) -> Core:
        """The ten calls."""
        ...

    def call(self, operation: str, **values: object) -> Answer:
        """An operation of ``Desk`` by name, answered as plain JSON values."""
        ...

    def settle(self) -> None:
        """Bring everything that was done into state.db and lake, as far as this process has to."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


ROUTES: dict[str, tuple[str, str]] = {
    "status": ("GET", "/v1/status"),
    "people": ("GET", "/v1/people"),
    "person": ("GET", "/v1/people/{id}"),
    "timeline": ("GET", "/v1/people/{id}/timeline"),
    "decisions": ("GET", "/v1/people/{id}/decisions"),
    "messages": ("GET", "/v1/people/{id}/messages"),
    "merge": ("POST", "/v1/people/merge"),
    "cut": ("POST", "/v1/people/cut"),
    "move": ("POST", "/v1/people/move"),
    "split": ("POST", "/v1/people/split"),
    "suggestions": ("GET", "/v1/suggestions"),
    "accept_suggestion": ("POST", "/v1/suggestions/{id}/accept"),
    "reject_suggestion": ("POST", "/v1/suggestions/{id}/reject"),
    "run_suggestions": ("POST", "/v1/suggestions/run"),
    "partners": ("GET", "/v1/partners"),
    "groups": ("GET", "/v1/groups"),
    "group": ("GET", "/v1/groups/{kind}/{id}"),
    "quarantine": ("GET", "/v1/identity/quarantine"),
    "release": ("POST", "/v1/identity/quarantine/release"),
    "confirm": ("POST", "/v1/identity/quarantine/confirm"),
    "shared": ("GET", "/v1/identity/shared"),
    "audit": ("GET", "/v1/audit"),
    "audiences": ("GET", "/v1/audiences"),
    "why": ("GET", "/v1/audiences/{audience}/people/{person}"),
    "decide": ("POST", "/v1/decide"),
    "moment": ("GET", "/v1/people/{id}/moment"),
    "facts": ("GET", "/v1/facts"),
    "contents": ("GET", "/v1/contents"),
    "content": ("GET", "/v1/contents/{name}"),
    "content_diff": ("GET", "/v1/contents/{name}/diff"),
    "content_coverage": ("GET", "/v1/contents/coverage"),
    "content_preview": ("POST", "/v1/contents/preview"),
    "lint": ("POST", "/v1/lint"),
    "saved_lint": ("GET", "/v1/lint"),
    "consistency": ("GET", "/v1/consistency/{name}"),
    "compose": ("POST", "/v1/compose"),
    "content_submit": ("POST", "/v1/contents/{name}/submit"),
    "content_approve": ("POST", "/v1/contents/{name}/approve"),
    "content_return": ("POST", "/v1/contents/{name}/return"),
    "add_facts": ("POST", "/v1/facts"),
    "policies": ("GET", "/v1/policies"),
    "policy_switch": ("POST", "/v1/policies/{name}/switch"),
    "coupons": ("GET", "/v1/coupons"),
    "coupon_ledger": ("GET", "/v1/coupons/{pool}/ledger"),
    "person_coupons": ("GET", "/v1/people/{id}/coupons"),
    "coupon_doubts": ("GET", "/v1/coupon-doubts"),
    "coupon_figures": ("GET", "/v1/measures/coupons"),
    "tell_coupon": ("POST", "/v1/coupons"),
    "reconcile_coupons": ("POST", "/v1/coupons/reconcile"),
    "decision": ("GET", "/v1/decisions/{id}"),
    "decisions_export": ("GET", "/v1/people/{id}/decisions/export"),
    "dead_letters": ("GET", "/v1/dead-letters"),
    "dead_letter": ("GET", "/v1/dead-letters/{id}"),
    "replay_dead_letter": ("POST", "/v1/dead-letters/{id}/replay"),
    "plan": ("POST", "/v1/definitions/plan"),
    "apply": ("POST", "/v1/definitions/apply"),
    "kpis": ("GET", "/v1/measures/kpis"),
    "funnel": ("GET", "/v1/measures/funnels/{name}"),
    "stages": ("GET", "/v1/measures/stages"),
    "campaigns": ("GET", "/v1/measures/campaigns"),
    "sql": ("POST", "/v1/sql"),
}
"""Operations and the routes that answer them."""

_STRUCTS: dict[str, type[msgspec.Struct]] = {
    "people": PeopleRequest,
    "decide": DecideRequest,
    "content_preview": PreviewRequest,
    "policy_switch": PolicySwitch,
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
PATIENCE_S = 20.0
"""How long the API may take to come up beside a core that runs already."""


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
        return _answer(msgspec.to_builtins(answer))

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


class RunningSession:
    """The pair that runs: its API for everything, and the core's socket for imports.

    Args:
        folder: The data folder.
        url: Of the internal port.
    """

    def __init__(self, folder: DataFolder, url: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {folder.secrets().admin_token}"}, timeout=120.0)
        self._socket = CoreClient(folder.socket, timeout_s=600.0)
        self.core: Core = RemoteCore(self._socket.call)

    def call(self, operation: str, **values: object) -> Answer:
        """An operation by name, over HTTP."""
        verb, template = ROUTES[operation]
        names = [name for name in values if "{" + name + "}" in template]
        path = template.format(**{name: quote(str(values.pop(name)), safe="") for name in names})
        if operation in ("plan", "apply"):
            values["definitions"] = msgspec.to_builtins(values["definitions"])
        if verb == "GET":
            request = self._client.build_request(verb, path, params={k: str(v) for k, v in values.items() if v is not None})
        else:
            headers = {"Content-Type": "application/json"}
            request = self._client.build_request(verb, path, content=msgspec.json.encode(values), headers=headers)
        reply = self._send(request)
        if reply.status_code >= 400:
            raise _failure(reply)
        return _answer(msgspec.json.decode(reply.content))

    def _send(self, request: httpx.Request) -> httpx.Response:
        """The reply; a side process that is still starting is waited for."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._client.send(request)
            except httpx.ConnectError as error:
                if time.monotonic() > deadline:
                    raise _unreachable(error) from error
                time.sleep(0.1)
            except httpx.HTTPError as error:
                raise _unreachable(error) from error

    def settle(self) -> None:
        """Nothing: the side process keeps the lake."""

    def close(self) -> None:
        """Close connections."""
        self._client.close()
        self._socket.close()


def open_session(workspace: Path, settings: Settings, progress: Progress | None = None) -> Session:
    """The running pair of a workspace, or the folder itself.

    Raises:
        StateError: Another process, which serves no API, holds the folder.
    """
    path = data_folder(workspace)
    if path.is_dir():
        folder = DataFolder(path, create=False)
        deadline = time.monotonic() + PATIENCE_S
        while (runtime := folder.runtime()) is None and folder.held_by_another() and time.monotonic() < deadline:
            time.sleep(0.1)  # it may be starting, or about to end
        if runtime is not None:
            return RunningSession(folder, runtime.internal_url)
    return EmbeddedSession(workspace, settings, progress)


def _unreachable(error: httpx.HTTPError) -> BackendUnavailableError:
    return BackendUnavailableError("side_unreachable", f"The API does not answer: {error}. Look at the output of `gyeol up`.")


def _answer(value: object) -> Answer:
    assert isinstance(value, dict)
    return value


def _failure(reply: httpx.Response) -> GyeolError:
    """The error that the API answered, of the family that its status means."""
    try:
        told = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        told = {}
    told = told if isinstance(told, dict) else {}
    code, message = str(told.get("code", f"http_{reply.status_code}")), str(told.get("message", reply.text[:500]))
    family = {400: errors.InputError, 404: errors.NotFoundError, 409: errors.StateError, 503: errors.BackendUnavailableError}.get(
        reply.status_code, errors.InternalError
    )
    if family is errors.InputError:
        facts = told.get("facts")
        given = facts.get("problems", []) if isinstance(facts, dict) else []
        try:
            problems = msgspec.convert(given, list[errors.Problem])
        except msgspec.ValidationError:
            problems = []
        return errors.InputError(code, problems, message)
    failure: GyeolError = family(code, message)
    return failure
