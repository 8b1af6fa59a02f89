"""A session through the pair that runs: its API for everything, and the core's socket for imports."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import msgspec

from gyeol.app.core_client import CoreClient
from gyeol.app.folder import DataFolder
from gyeol.app.session import PATIENCE_S, Answer
from gyeol.kernel import errors
from gyeol.kernel.errors import BackendUnavailableError, GyeolError

if TYPE_CHECKING:
    from gyeol.app.core_api import Core

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
    "policy_warm": ("POST", "/v1/policies/{name}/warm"),
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


class RunningSession:
    """The pair that runs: its API for everything, and the core's socket for imports.

    Args:
        folder: The data folder.
        url: Of the internal port.
    """

    def __init__(self, folder: DataFolder, url: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {folder.secrets().admin_token}"}, timeout=120.0)
        self._path = folder.socket
        self._socket: CoreClient | None = None

    @property
    def core(self) -> Core:
        """The ten calls, over the core's socket."""
        from gyeol.app.remote_core import RemoteCore  # its answers are structs of the whole engine; most commands only need the API

        if self._socket is None:
            self._socket = CoreClient(self._path, timeout_s=600.0)
        return RemoteCore(self._socket.call)

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
        if self._socket is not None:
            self._socket.close()


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
