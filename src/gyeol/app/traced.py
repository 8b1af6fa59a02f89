"""Spans at the granularity of requests, frames and messages. Imports OpenTelemetry: only ``tracing`` imports this, when it is wanted.

A request is sampled where it comes in (``traceparent`` is heeded). A frame that holds sampled requests has a span below the first of
them, linked to the others, with its verdict, fsync and fold below it; a frame without any has none. No span holds anything that an
event said: names of placements and channels, offsets, counts and codes only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gyeol import __version__
from gyeol.app.opening import MakeEngine
from gyeol.channels.channel import Channel, Outcome
from gyeol.channels.model import Message
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.effects import Act, Effects
from gyeol.engine.engine import Built, Engine
from gyeol.engine.jobs import Decide, Job
from gyeol.engine.recent import Recent
from gyeol.engine.state import EngineState
from gyeol.events.log import FrameHeader, Log
from gyeol.kernel.clock import Clock

SAMPLED = 0.01
"""Of requests, unless ``OTEL_TRACES_SAMPLER`` says otherwise: an engine that takes tens of thousands a second would drown a collector."""
MOST_LINKS = 32
_MOST_OPEN = 1_000
_propagator = TraceContextTextMapPropagator()


class Tracing:
    """Makes spans.

    Args:
        provider: Where they go.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self.tracer = provider.get_tracer("gyeol", __version__)

    def request(self, name: str, headers: Mapping[str, str]) -> Span:
        """The span of a request that has come in, below the one that its ``traceparent`` names."""
        return self.tracer.start_span(name, _propagator.extract(headers), SpanKind.SERVER)

    def below(self, span: Span, name: str) -> Span:
        """A span below another one."""
        return self.tracer.start_span(name, trace.set_span_in_context(span))

    def channel(self, name: str, channel: Channel) -> Channel:
        """A channel whose messages have spans."""
        return TracedChannel(name, channel, self)

    def close(self) -> None:
        """Send what is waiting, for a few seconds at most."""
        self._provider.shutdown()


def exporting(process: str, environment: Mapping[str, str]) -> Tracing:
    """Spans that go to the collector that the environment names, over OTLP/HTTP."""
    own: dict[str, str | bool | int | float] = {"gyeol.process": process, "service.version": __version__}
    if "OTEL_SERVICE_NAME" not in environment:
        own["service.name"] = "gyeol"
    sampler: Sampler | None = None if "OTEL_TRACES_SAMPLER" in environment else ParentBased(TraceIdRatioBased(SAMPLED))
    provider = TracerProvider(resource=Resource.create(own), sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)


class _Frame:
    """A frame's span: it ends when the frame is folded, acted upon and on the disk, in whatever order."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self._left, self._lock = 3, threading.Lock()

    def done(self) -> bool:
        """One of the three is done; whether it was the last."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.span.end()
            return self._left == 0


class Frames:
    """The frames that are under way and hold a sampled request, by first offset. The engine's and the committer's threads share it."""

    def __init__(self, tracing: Tracing) -> None:
        self.tracing = tracing
        self._open: dict[int, _Frame] = {}

    def begin(self, jobs: Sequence[Job]) -> Span | None:
        """The span of a frame of these jobs; None when none of them is sampled."""
        spans = list(sampled(jobs))
        if not spans:
            return None
        links = [Link(span.get_span_context()) for span in spans[1 : MOST_LINKS + 1]]
        frame = self.tracing.tracer.start_span("gyeol.frame", trace.set_span_in_context(spans[0]), links=links)
        frame.set_attribute("gyeol.sampled_requests", len(spans))
        return frame

    def open(self, first_offset: int, span: Span) -> None:
        """The frame has its offset."""
        if len(self._open) >= _MOST_OPEN:  # an engine that fails again and again leaves some behind
            self._open.clear()
        self._open[first_offset] = _Frame(span)

    def get(self, first_offset: int) -> _Frame | None:
        """A frame under way."""
        return self._open.get(first_offset)

    def done(self, first_offset: int) -> None:
        """The frame is folded; or acted upon; or on the disk, or will never be."""
        frame = self._open.get(first_offset)
        if frame is not None and frame.done():
            self._open.pop(first_offset, None)


def sampled(jobs: Sequence[Job]) -> Iterator[Span]:
    """The sampled spans of jobs."""
    for job in jobs:
        if isinstance(job.trace, Span) and job.trace.get_span_context().trace_flags.sampled:
            yield job.trace


class TracedEngine(Engine):
    """An engine whose frames have spans.

    Attributes:
        under_way: The frames; set before the first job.
    """

    under_way: Frames

    def begin(self, jobs: Sequence[Job], now_ms: int | None = None) -> Built | None:
        """See ``Engine``."""
        span = self.under_way.begin(jobs)
        if span is None:
            return super().begin(jobs, now_ms)
        with _span(self.under_way.tracing, span, "gyeol.verdict") as verdict:
            built = super().begin(jobs, now_ms)
            verdict.set_attribute("gyeol.events", sum(job.events for job in jobs))
        if built is None:
            span.end()
            return None
        span.set_attribute("gyeol.first_offset", built.header.first_offset)
        span.set_attribute("gyeol.records", built.header.count)
        self.under_way.open(built.header.first_offset, span)
        return built

    def finish(self, built: Built) -> Effects:
        """See ``Engine``."""
        frame = self.under_way.get(built.header.first_offset)
        if frame is None:
            return super().finish(built)
        with _span(self.under_way.tracing, frame.span, "gyeol.fold"):
            effects = super().finish(built)
        self.under_way.done(built.header.first_offset)
        return effects

    def settle(self) -> Effects:
        """See ``Engine``: the frames after the first are folded, and acted upon, with it."""
        others = [built.header.first_offset for built in self.held[1:]]
        effects = super().settle()
        for first_offset in others:
            self.under_way.done(first_offset)
            self.under_way.done(first_offset)
        return effects

    def act(self, effects: Effects) -> Built | None:
        """See ``Engine``."""
        frame = self.under_way.get(effects.first_offset)
        if frame is None:
            return super().act(effects)
        with _span(self.under_way.tracing, frame.span, "gyeol.act") as span:
            following = super().act(effects)
            span.set_attribute("gyeol.acts", 0 if following is None else following.header.count)
        self.under_way.done(effects.first_offset)
        return following

    def _decide(self, job: Decide, effects: Effects) -> list[Act]:
        parent = next(sampled([job]), None)
        if parent is None:
            return super()._decide(job, effects)
        with _span(self.under_way.tracing, parent, "gyeol.decide") as span:
            acts = super()._decide(job, effects)
            decisions = [act.decision for act in acts if act.decision is not None]
            span.set_attribute("gyeol.placements", [decision.placement for decision in decisions])
            span.set_attribute("gyeol.refusals", sum(len(decision.refusals) for decision in decisions))
        return acts


def traced_engine(frames: Frames) -> MakeEngine:
    """What makes an engine whose frames have spans."""

    def make(state: EngineState, arrivals: Arrivals, clock: Clock, recent: Recent) -> Engine:
        engine = TracedEngine(state, arrivals, clock, recent)
        engine.under_way = frames
        return engine

    return make


class TracedLog:
    """A log whose appends have spans below those of their frames.

    Args:
        log: What keeps the frames.
        frames: Under way.
    """

    def __init__(self, log: Log, frames: Frames) -> None:
        self._log, self._frames = log, frames
        self.read, self.end_offset, self.close = log.read, log.end_offset, log.close
        self.last_engine_now_ms, self.size_bytes = log.last_engine_now_ms, log.size_bytes

    def append(self, header: FrameHeader, frame: bytes) -> None:
        """See ``Log``."""
        self.append_many([(header, frame)])

    def append_many(self, frames: list[tuple[FrameHeader, bytes]]) -> None:
        """See ``Log``."""
        begun: list[tuple[int, Span]] = []
        for header, _ in frames:
            frame = self._frames.get(header.first_offset)
            if frame is not None:
                span = self._frames.tracing.below(frame.span, "gyeol.fsync")
                span.set_attribute("gyeol.frames", len(frames))
                begun.append((header.first_offset, span))
        try:
            self._log.append_many(frames)
        except Exception as error:
            for _, span in begun:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            for first_offset, span in begun:
                span.end()
                self._frames.done(first_offset)


class TracedChannel:
    """A channel whose messages have spans.

    Args:
        name: Of the channel.
        channel: It.
        tracing: Makes them.
    """

    def __init__(self, name: str, channel: Channel, tracing: Tracing) -> None:
        self._name, self._channel, self._tracing = name, channel, tracing
        self.can_tell, self.close = channel.can_tell, channel.close

    async def send(self, message: Message) -> Outcome:
        """See ``Channel``."""
        span = self._tracing.tracer.start_span("gyeol.send", kind=SpanKind.CLIENT)
        span.set_attribute("gyeol.channel", self._name)
        span.set_attribute("gyeol.send_key", message.send_key)
        span.set_attribute("gyeol.cause_offset", message.cause_offset)
        try:
            outcome = await self._channel.send(message)
            span.set_attribute("gyeol.outcome", outcome.kind)
            return outcome
        finally:
            span.end()


class _span:
    """A span below another one, for as long as a block lasts; an error's type is kept, its message is not: it may quote an event."""

    def __init__(self, tracing: Tracing, above: Span, name: str) -> None:
        self._span = tracing.below(above, name)

    def __enter__(self) -> Span:
        return self._span

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if kind is not None:
            self._span.set_status(Status(StatusCode.ERROR, kind.__name__))
        self._span.end()
