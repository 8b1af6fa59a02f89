"""The ten calls by name: what crosses the socket comes out as it went in."""

from __future__ import annotations

import inspect
import typing

import msgspec
import pytest

from gyeol.app import core_api
from gyeol.app.core_api import Core, DecideReply, DecideRequest, PlanReply, PlanRequest, StatusRequest, SubmitReply, SubmitRequest
from gyeol.app.remote_core import METHODS, RemoteCore, dispatch
from gyeol.decisions.model import Decision, Refusal
from gyeol.kernel.reason import Reason


def calls(kind: type) -> dict[str, tuple[object, object]]:
    found = {}
    for name, function in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            hints = typing.get_type_hints(function, vars(core_api))
            found[name] = (hints["request"], hints["return"])
    return found


def test_the_table_is_the_protocol() -> None:
    assert METHODS == calls(Core) == calls(RemoteCore)
    assert len(METHODS) == 10


class Answers:
    """A core that remembers and answers from a list."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def decide(self, request: DecideRequest) -> DecideReply:
        self.asked.append(request)
        refusal = Refusal(offer="b", gate="holdout", reason=Reason(code="holdout", params={"share": 0.1}), score=1.5)
        decision = Decision(
            id="d", placement="p", node=3, person="x", at_ms=1, chosen=None, fallback=True, reasons=[], refusals=[refusal],
            moment={"a": [1]},
            propensity=1.0, catalogue="1", definitions="h",
        )  # fmt: skip
        return DecideReply(decisions=[decision], content={"a": {"ko": {"title": "결"}}})

    def plan(self, request: PlanRequest) -> PlanReply:
        self.asked.append(request)
        return PlanReply(before=None, after="h", changes=[{"kind": "traits", "fields": [{"before": None, "after": 1}]}])

    def submit(self, request: SubmitRequest) -> SubmitReply:
        self.asked.append(request)
        return SubmitReply(results=[])


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("decide", DecideRequest(person="ann", placements=["p"], context={"device": "app"})),
        ("plan", PlanRequest(definitions=b'{"workspace": 1}')),
        ("submit", SubmitRequest(sections=[b"\x00\xff"], act=True)),
    ],
)
def test_nothing_changes_on_the_way(method: str, request_: msgspec.Struct) -> None:
    core = Answers()
    wire: list[bytes] = []

    def call(name: str, params: object) -> object:
        wire.append(msgspec.msgpack.encode([name, params]))
        named, values = msgspec.msgpack.decode(wire[-1])
        reply = dispatch(core, named, values)  # type: ignore[arg-type]  # the calls under test are there
        return msgspec.msgpack.decode(msgspec.msgpack.encode(msgspec.to_builtins(reply, builtin_types=(bytes,))))

    reply = getattr(RemoteCore(call), method)(request_)
    assert core.asked == [request_]
    assert reply == getattr(core, method)(request_)


def test_a_call_that_does_not_exist_or_does_not_fit() -> None:
    with pytest.raises(KeyError):
        dispatch(Answers(), "erase", {})  # type: ignore[arg-type]  # the call is refused before the core is asked
    with pytest.raises(msgspec.ValidationError):
        dispatch(Answers(), "decide", {"placements": "home"})  # type: ignore[arg-type]  # see above
    empty: dict[str, object] = {
        "after": None,
        "people": [],
        "facts": None,
        "subjects": [],
        "contents": False,
        "coupons": None,
        "accounts": [],
    }
    assert msgspec.to_builtins(StatusRequest()) == empty
