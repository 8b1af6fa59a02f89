"""The live day: what the import left of a company's data is sent through the HTTP collector by the real Segment SDK, at a chosen speed.

Runs as a process of its own (``python -m gyeol.app.live_day``), as a shop's systems would: the core only sees HTTP. The messageIds are
those of the mapping, so whatever is sent twice is dropped as a duplicate; where it was is kept in a small file, and it goes on from there.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from gyeol.app.private_files import write_private
from gyeol.events.columns import known_of
from gyeol.events.model import EVENT_TYPES
from gyeol.events.sections import EventColumns, int64s
from gyeol.kernel.errors import BackendUnavailableError, CapabilityMissingError, GyeolError
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import ACTING_GROUP_ROWS, ImportPlan, ImportSettings

if TYPE_CHECKING:
    from segment.analytics.client import Client

CHECKPOINT_EVENTS = 500
CHECKPOINT_S = 2.0
"""What was sent is known to have arrived, and is noted, so often."""
LONGEST_START_S = 60.0
_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to send.

    Args:
        url: Of the public port.
        mapping: The mapping file. ``base``: folder from which its places count.
        sources: Names in the order of the definitions. ``keys``: their write keys.
        first_group: Of the import's groups, the first that was not imported.
        from_ms: Events before it are sent at once.
        speed: Times as fast as life; 0: as fast as it goes.
        progress: File in which it notes where it is.
    """

    url: str
    mapping: str
    base: str
    sources: list[str]
    keys: dict[str, str]
    first_group: int
    from_ms: int
    speed: float
    progress: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is: ``sent`` of ``total`` events; ``at_ms``: time of the last one. Also the lines that the process writes to stdout."""

    sent: int
    total: int
    at_ms: int


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds: the first row of which it is not known that it arrived, and of which import."""

    file_hash: str
    row: int


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the SDK. ``row``: of the import."""

    row: int
    time_ms: int
    source: str
    type: str
    fields: dict[str, Any]


def calls_of(section: EventColumns, sources: Sequence[str], first_row: int) -> list[Call]:
    """A group of an import as calls of the SDK.

    Args:
        section: Its events.
        sources: What the section's codes point into.
        first_row: Of its first event.
    """
    n = section.count
    flat: list[dict[str, Any]] = [{} for _ in range(n)]
    for path, packed in section.columns.items():
        known = np.flatnonzero(known_of(packed, n)).tolist()
        values = msgspec.json.decode(packed.values) if packed.kind == "list" else np.frombuffer(packed.values, packed.dtype).tolist()
        for i in known:
            flat[i][path] = packed.words[values[i]] if packed.kind == "text" else values[i]
    codes, kinds = np.frombuffer(section.source, "<i2").tolist(), section.type_code
    times = int64s(section.time).tolist()
    return [
        Call(row=first_row + i, time_ms=times[i], source=sources[codes[i]], type=EVENT_TYPES[kinds[i]], fields=_fields(flat[i], times[i]))
        for i in range(n)
    ]


def _fields(flat: dict[str, Any], time_ms: int) -> dict[str, Any]:
    """The arguments of the SDK's method."""
    names = {"userId": "user_id", "anonymousId": "anonymous_id", "messageId": "message_id", "event": "event"}
    made: dict[str, Any] = {"timestamp": _EPOCH + timedelta(milliseconds=time_ms)}
    for path, value in flat.items():
        if path == "type":
            continue  # it is the method
        root, dot, rest = path.partition(".")
        if not dot:
            made[names.get(path, path)] = value
            continue
        at = made.setdefault(root, {})
        *parents, leaf = rest.split(".")
        for key in parents:
            at = at.setdefault(key, {})
        at[leaf] = value
    return made


class Feeder:
    """One SDK client a source, as each of a company's systems has its own.

    Args:
        url: Of the public port.
        keys: Write keys by source.
    """

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        try:
            from segment.analytics.client import Client
        except ImportError as error:
            told = "the Segment SDK is not installed: pip install 'gyeol[demo]'"
            raise CapabilityMissingError("no_demo_packages", told) from error
        self._failures: list[Exception] = []
        self._clients: dict[str, Client] = {
            source: Client(key, host=url, on_error=lambda error, items: self._failures.append(error), upload_interval=0.25)
            for source, key in keys.items()
        }

    def send(self, call: Call) -> None:
        """Hand an event to its SDK."""
        client = self._clients[call.source]
        while not getattr(client, call.type)(**call.fields)[0]:
            client.flush()  # its queue is full

    def settle(self, calls: Sequence[Call]) -> None:
        """Return when these have arrived; what the SDK gave up is sent again.

        Raises:
            BackendUnavailableError: The collector does not take them.
        """
        for _ in range(_TRIES):
            for client in self._clients.values():
                client.flush()
            if not self._failures:
                return
            failure = self._failures[-1]
            self._failures.clear()
            for call in calls:
                self.send(call)
        raise BackendUnavailableError("not_taken", f"the collector did not take the events: {failure}. Start the demo again; it goes on.")

    def close(self) -> None:
        """End the SDKs' threads."""
        for client in self._clients.values():
            client.join()


def rest_of(plan: ImportPlan, first_group: int, sources: Sequence[str]) -> Iterator[Call]:
    """The calls of the groups that were not imported, in order of time."""
    for group in plan.sections(first_group):
        yield from calls_of(group.events, sources, group.origin.group * plan.group_rows)


def live(order: Order, plan: ImportPlan, feeder: Feeder, tell: Callable[[Progress], None], stop: threading.Event) -> None:
    """Send the rest of an import.

    Args:
        order: What and how fast.
        plan: The import.
        feeder: Sends.
        tell: Told where it is.
        stop: Ends it after what was sent has arrived.
    """
    begin = order.first_group * plan.group_rows
    at = start = max(begin, _noted(Path(order.progress), plan.file_hash))
    pending: list[Call] = []
    began: tuple[float, int] | None = None
    settled_s = time.monotonic()

    def settle() -> None:
        nonlocal at, settled_s
        feeder.settle(pending)
        settled_s = time.monotonic()
        if pending:
            at = pending[-1].row + 1
            write_private(Path(order.progress), msgspec.json.encode(Noted(file_hash=plan.file_hash, row=at)))
            tell(Progress(sent=at - begin, total=plan.total - begin, at_ms=pending[-1].time_ms))
            pending.clear()

    tell(Progress(sent=at - begin, total=plan.total - begin, at_ms=order.from_ms))
    for call in rest_of(plan, at // plan.group_rows, order.sources):
        if call.row < start:
            continue
        if order.speed and call.time_ms >= order.from_ms:
            began = began or (time.monotonic(), call.time_ms)
            due_s = began[0] + (call.time_ms - began[1]) / 1_000 / order.speed
            while not stop.is_set() and (left_s := due_s - time.monotonic()) > 0:
                if pending and time.monotonic() - settled_s > CHECKPOINT_S:
                    settle()
                stop.wait(min(left_s, CHECKPOINT_S))
        if stop.is_set():
            break
        feeder.send(call)
        pending.append(call)
        if len(pending) >= CHECKPOINT_EVENTS:
            settle()
    settle()


def _noted(path: Path, file_hash: str) -> int:
    """The row to go on from, as far as the file knows it."""
    try:
        noted = msgspec.json.decode(path.read_bytes(), type=Noted)
    except (OSError, msgspec.MsgspecError):
        return 0
    return noted.row if noted.file_hash == file_hash else 0


def wait_for(url: str, stop: threading.Event) -> None:
    """Return once somebody listens, or ``stop`` is set.

    Raises:
        BackendUnavailableError: Nobody does.
    """
    host, _, port = url.rpartition("//")[2].partition(":")
    deadline = time.monotonic() + LONGEST_START_S
    while not stop.is_set():
        try:
            socket.create_connection((host, int(port)), timeout=1.0).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise BackendUnavailableError("no_collector", f"nobody listens on {url}: {error}") from error
            stop.wait(0.1)
        else:
            return


def main() -> int:
    """Read an ``Order`` from stdin, send, write ``Progress`` lines to stdout; SIGTERM ends it in order."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)

    def tell(progress: Progress) -> None:
        sys.stdout.write(msgspec.json.encode(progress).decode() + "\n")
        sys.stdout.flush()

    try:
        settings = ImportSettings(sources=order.sources, group_rows=ACTING_GROUP_ROWS, base=order.base)
        feeder = Feeder(order.url, order.keys)
        with open_import(None, Path(order.mapping), settings) as plan:
            wait_for(order.url, stop)
            live(order, plan, feeder, tell, stop)
        feeder.close()
    except GyeolError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the SDK's threads are no daemons; all that counts has been flushed
