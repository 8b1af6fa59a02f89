"""Traces of a real core, read by a receiver that decodes what OpenTelemetry's own exporter sends it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.integration.conftest import SERVER_KEY, Pair

from gyeol.app.tracing import open_tracing
from gyeol.kernel.errors import CapabilityMissingError

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Receiver:
    """An OTLP/HTTP collector that keeps every span."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                told = ExportTraceServiceRequest.FromString(body)
                receiver.spans += [span for r in told.resource_spans for scope in r.scope_spans for span in scope.spans]
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.slow
def test_a_request_is_followed_from_the_door_to_the_disk(workspace: Path, receiver: Receiver) -> None:
    # Nothing but the request's own traceparent asks for a sample.
    pair = Pair(
        workspace, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_BSP_SCHEDULE_DELAY="50", OTEL_TRACES_SAMPLER="parentbased_always_off"
    )
    pair.start()
    try:
        event = {"type": "track", "event": "Order Completed", "userId": "somebody-secret", "properties": {"revenue": 1}}
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        for path, body in (
            ("/v1/batch", {"batch": [event]}),
            ("/v1/decide", {"placement": "home_banner", "userId": "somebody-secret"}),
        ):
            httpx.post(pair.url + path, json=body, headers=headers, auth=(SERVER_KEY, ""), timeout=60).raise_for_status()
        httpx.post(pair.url + "/v1/batch", json={"batch": [event]}, auth=(SERVER_KEY, ""), timeout=60).raise_for_status()
        deadline = time.monotonic() + 120
        while len(receiver.named("gyeol.frame")) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        assert pair.stop() == 0
    (batch,), (decide,) = receiver.named("POST /v1/batch"), receiver.named("POST /v1/decide")
    assert {span.trace_id.hex() for span in receiver.spans} == {TRACE}, "what was not sampled made spans"
    assert batch.parent_span_id.hex() == decide.parent_span_id.hex() == PARENT
    frames = {span.parent_span_id: span.span_id for span in receiver.named("gyeol.frame")}
    assert set(frames) == {batch.span_id, decide.span_id}
    for name in ("gyeol.verdict", "gyeol.fsync", "gyeol.fold"):
        assert {span.parent_span_id for span in receiver.named(name)} == set(frames.values()), name
    (decision,) = receiver.named("gyeol.decide")
    assert decision.parent_span_id == decide.span_id
    assert [v.string_value for a in decision.attributes if a.key == "gyeol.placements" for v in a.value.array_value.values] == [
        "home_banner"
    ]
    status = {a.key: a.value.int_value for a in batch.attributes}
    assert status["http.response.status_code"] == 200
    fsync = receiver.named("gyeol.fsync")[0]
    assert batch.start_time_unix_nano < fsync.start_time_unix_nano <= fsync.end_time_unix_nano <= batch.end_time_unix_nano
    assert b"somebody-secret" not in b"".join(span.SerializeToString() for span in receiver.spans)


@pytest.mark.slow
def test_frames_that_are_folded_together_have_their_spans_each(workspace: Path, receiver: Receiver) -> None:
    pair = Pair(
        workspace, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_BSP_SCHEDULE_DELAY="50", OTEL_TRACES_SAMPLER="parentbased_always_off"
    )
    pair.start()
    try:
        with httpx.Client(auth=(SERVER_KEY, ""), timeout=60) as client:
            for i in range(30):
                event = {"type": "track", "event": "Order Completed", "userId": f"u{i}", "properties": {"revenue": 1}}
                headers = {"traceparent": f"00-{i + 1:032x}-{PARENT}-01"}
                client.post(pair.url + "/v1/batch", json={"batch": [event]}, headers=headers).raise_for_status()
    finally:
        assert pair.stop() == 0
    frames, fsyncs = receiver.named("gyeol.frame"), receiver.named("gyeol.fsync")
    assert {span.trace_id.hex() for span in frames} == {f"{i + 1:032x}" for i in range(30)}
    assert {span.parent_span_id for span in fsyncs} == {span.span_id for span in frames}


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    assert open_tracing({}, "core") is None
    assert open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, "core") is None
    code = "import gyeol.server.core.process, gyeol.server.side.process as _, sys; sys.exit(any('opentelemetry' in n for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_collector_without_the_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gyeol.app.traced", None)
    with pytest.raises(CapabilityMissingError, match=r"gyeol\[tracing\]"):
        open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, "core")
