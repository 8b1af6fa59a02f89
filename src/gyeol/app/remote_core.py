"""The ten calls of ``core_api.Core`` by name: how a server answers them and how a client makes them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gyeol.app.core_api import (
    AudienceReply,
    AudienceRequest,
    ClaimReply,
    ClaimRequest,
    Core,
    DecideReply,
    DecideRequest,
    PeopleReply,
    PeopleRequest,
    PersonReply,
    PersonRequest,
    PlanReply,
    PlanRequest,
    ReportReply,
    ReportRequest,
    StatusReply,
    StatusRequest,
    SubmitReply,
    SubmitRequest,
    VerifyReply,
    VerifyRequest,
)

METHODS: dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    "status": (StatusRequest, StatusReply),
    "submit": (SubmitRequest, SubmitReply),
    "decide": (DecideRequest, DecideReply),
    "people": (PeopleRequest, PeopleReply),
    "person": (PersonRequest, PersonReply),
    "audience": (AudienceRequest, AudienceReply),
    "plan": (PlanRequest, PlanReply),
    "claim": (ClaimRequest, ClaimReply),
    "report": (ReportRequest, ReportReply),
    "verify": (VerifyRequest, VerifyReply),
}
"""Request and reply of each call by name. A test asserts that they are those of ``Core``."""


def dispatch(core: Core, method: str, params: object) -> msgspec.Struct:
    """Answer a call that came by name.

    Raises:
        KeyError: There is no such call.
        msgspec.ValidationError: The parameters do not fit it.
    """
    request = msgspec.convert(params if params is not None else {}, METHODS[method][0])
    reply: msgspec.Struct = getattr(core, method)(request)
    return reply


class RemoteCore:
    """A ``Core`` over a caller by name, such as ``CoreClient.call``.

    Args:
        call: (method, parameters as plain values) → the reply as plain values.
    """

    def __init__(self, call: Callable[[str, object], object]) -> None:
        self._call = call

    def status(self, request: StatusRequest) -> StatusReply:
        """See ``Core``."""
        return msgspec.convert(self._call("status", _plain(request)), StatusReply)

    def submit(self, request: SubmitRequest) -> SubmitReply:
        """See ``Core``."""
        return msgspec.convert(self._call("submit", _plain(request)), SubmitReply)

    def decide(self, request: DecideRequest) -> DecideReply:
        """See ``Core``."""
        return msgspec.convert(self._call("decide", _plain(request)), DecideReply)

    def people(self, request: PeopleRequest) -> PeopleReply:
        """See ``Core``."""
        return msgspec.convert(self._call("people", _plain(request)), PeopleReply)

    def person(self, request: PersonRequest) -> PersonReply:
        """See ``Core``."""
        return msgspec.convert(self._call("person", _plain(request)), PersonReply)

    def audience(self, request: AudienceRequest) -> AudienceReply:
        """See ``Core``."""
        return msgspec.convert(self._call("audience", _plain(request)), AudienceReply)

    def plan(self, request: PlanRequest) -> PlanReply:
        """See ``Core``."""
        return msgspec.convert(self._call("plan", _plain(request)), PlanReply)

    def claim(self, request: ClaimRequest) -> ClaimReply:
        """See ``Core``."""
        return msgspec.convert(self._call("claim", _plain(request)), ClaimReply)

    def report(self, request: ReportRequest) -> ReportReply:
        """See ``Core``."""
        return msgspec.convert(self._call("report", _plain(request)), ReportReply)

    def verify(self, request: VerifyRequest) -> VerifyReply:
        """See ``Core``."""
        return msgspec.convert(self._call("verify", _plain(request)), VerifyReply)


def _plain(request: msgspec.Struct) -> object:
    """A request as msgpack carries it; bytes stay bytes."""
    return msgspec.to_builtins(request, builtin_types=(bytes,))
