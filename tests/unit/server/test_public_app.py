"""What the public port answers when the core cannot: 429 and 503 with when to come back, 500 for what nobody foresaw; decisions go on."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import msgspec
import pytest

from gyeol.app.intake import Busy, Chosen, Collected, DecideRequest
from gyeol.events.ingest import Incoming
from gyeol.events.model import SourceDefinition, Verdict
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendUnavailableError, NotFoundError
from gyeol.server.core.app import PublicApp
from gyeol.server.core.http import Request

SOURCE = SourceDefinition(name="server", trust="server", write_key="k")
KEY = {b"authorization": b"Basic " + base64.b64encode(b"k:")}


class Core:
    """An ``Intake`` that says what it is told to."""

    def __init__(self) -> None:
        self.full: Busy | None = None
        self.full_deciding: Busy | None = None
        self.error: Exception | None = None
        self.taken: list[Incoming] = []

    def source(self, write_key: str) -> tuple[int, SourceDefinition] | None:
        return (0, SOURCE) if write_key == "k" else None

    def busy(self) -> Busy | None:
        return self.full

    def busy_deciding(self) -> Busy | None:
        return self.full_deciding

    def take(self, incoming: Incoming, done: Collected) -> None:
        self.taken.append(incoming)
        done([Verdict(status="accepted") for _ in incoming.events], self.error)

    def placements(self) -> dict[str, str]:
        return {"p": "web"}

    async def decide(self, request: DecideRequest, source: SourceDefinition) -> list[dict[str, object]]:
        if self.error is not None:
            raise self.error
        return [{"id": "d_1", "placement": "p", "offer": "hello", "fallback": False, "content": {}, **WITH_REASONS}]

    def choose(self, request: DecideRequest, source: SourceDefinition, done: Chosen) -> None:
        done([{"offer": "hello"}], self.error)


class Wire:
    """Keeps the reply."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, "", b""

    def answer(self, head: bytes, body: bytes) -> None:
        assert self.status == 0, "a request is answered once"
        self.status, self.headers, self.body = int(head[9:12]), head.decode(), body


def post(core: Core, path: str, value: object, headers: dict[bytes, bytes] = KEY) -> Wire:
    wire = Wire()
    intake: Any = core
    nobody: Any = None
    app = PublicApp(intake, ManualClock(1_000), 10_000, nobody)
    app(Request("POST", path, b"", headers, "127.0.0.1", msgspec.json.encode(value), False, wire))
    return wire


WITH_REASONS: dict[str, object] = {"holdout": False, "person": "x", "reasons": [{"code": "only_candidate"}]}
BATCH = {"batch": [{"type": "track", "event": "E", "userId": "u"}]}
WHAT = {"placement": "p", "userId": "u"}


def test_events_are_turned_away_and_decisions_are_not() -> None:
    core = Core()
    core.full = Busy("overloaded", "too_fast", "too much", 3)
    refused = post(core, "/v1/batch", BATCH)
    assert refused.status == 429 and json.loads(refused.body)["error"]["code"] == "too_fast"
    assert "retry-after: 3\r\n" in refused.headers and "x-ratelimit-reset: 3\r\n" in refused.headers
    assert core.taken == []
    assert post(core, "/v1/decide", WHAT).status == 200
    core.full_deciding = Busy("unavailable", "state_behind", "later", 5)
    assert post(core, "/v1/decide", WHAT).status == 503
    core.full = None
    assert post(core, "/v1/batch", BATCH).body == b'{"success":true}'


def test_what_fails_in_the_core_is_told(caplog: pytest.LogCaptureFixture) -> None:
    core = Core()
    core.error = BackendUnavailableError("log_unwritable", "the disk is full")
    for path, value in (("/v1/batch", BATCH), ("/v1/decide", WHAT)):
        told = post(core, path, value)
        assert (told.status, json.loads(told.body)["error"]["code"]) == (503, "log_unwritable")
        assert "retry-after" in told.headers
    core.error = NotFoundError("unknown_placement", "there is none")
    assert post(core, "/v1/decide", WHAT).status == 404
    core.error = RuntimeError("nobody foresaw it")
    for path, value in (("/v1/batch", BATCH), ("/v1/decide", WHAT)):
        told = post(core, path, value)
        assert (told.status, json.loads(told.body)["error"]["code"]) == (500, "internal")
    assert "nobody foresaw it" in caplog.text


def test_requests_are_checked_before_the_core_hears_of_them() -> None:
    core = Core()
    assert post(core, "/v1/batch", BATCH, {}).status == 401
    assert post(core, "/v1/decide", WHAT, {}).status == 401
    assert post(core, "/v1/decide", {"nonsense": 1}).status == 400
    nested = json.dumps(WHAT)[:-1] + ', "context": {"a": ' + "[" * 5_000 + "]" * 5_000 + "}}"
    assert post(core, "/v1/decide", msgspec.Raw(nested.encode())).status == 400
    assert post(core, "/v1/batch", {"batch": [{"p": "x" * 20_000}]}).status == 413
    assert core.taken == []


def evaluate(core: Core, path: str, body: bytes = b'{"context":{"targetingKey":"u"}}') -> tuple[Wire, dict[str, Any]]:
    """A request of OFREP, which is answered by a task of its own."""
    wire = Wire()

    async def run() -> None:
        nobody: Any = None
        intake: Any = core
        PublicApp(intake, ManualClock(1_000), 10_000, nobody)(Request("POST", path, b"", KEY, "127.0.0.1", body, False, wire))
        while wire.status == 0:
            await asyncio.sleep(0)

    asyncio.run(run())
    return wire, json.loads(wire.body)


def test_evaluations_are_turned_away_as_the_protocol_says() -> None:
    core, bulk, single = Core(), "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/p.offer"
    wire, told = evaluate(core, single)
    assert (wire.status, told["value"], told["metadata"]["why"]) == (200, "hello", "only_candidate")
    core.full_deciding = Busy("overloaded", "too_fast", "too much", 3)
    for path in (bulk, single):
        assert evaluate(core, path)[0].status == 429 and "retry-after: 3\r\n" in evaluate(core, path)[0].headers
    core.full_deciding = None
    core.error = BackendUnavailableError("log_unwritable", "the disk is full")
    assert evaluate(core, bulk)[0].status == 503
    core.error = NotFoundError("unknown_person", "nobody is known by it")
    wire, told = evaluate(core, single)
    assert (wire.status, told) == (400, {"key": "p.offer", "errorCode": "INVALID_CONTEXT", "errorDetails": "nobody is known by it"})
    wire, told = evaluate(core, bulk, b"x" * 70_000)
    assert (wire.status, told["errorCode"]) == (413, "PARSE_ERROR")
