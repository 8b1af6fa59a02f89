"""One reader of the log for everybody who watches: items go to each viewer's own queue, bounded; nobody watching, nothing is read."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from gyeol.app.live_items import Fetched, Seen
from gyeol.kernel.errors import GyeolError

PAUSE_S = 0.2
"""How often the log's end is looked at while somebody watches."""
KEEP_ALIVE_S = 15.0
"""Proxies close connections on which nothing comes for 30 to 60 s."""
FIRST_ITEMS = 200
MOST_KEPT = 2_000
MOST_WAITING = 1_000
"""Items that may wait for a slow viewer: then what waits is dropped, and the viewer is told how much."""
_LONGEST_PAUSE_S = 5.0

_log = logging.getLogger("gyeol.side.live")


class Items(Protocol):
    """Where items come from; ``LiveItems`` is one."""

    def end(self) -> int:
        """The log's end now."""
        ...

    def fetch(self, after: int) -> Fetched:
        """What came from an offset on."""
        ...


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a viewer wants; None: everything. ``nodes``: of one person."""

    kinds: frozenset[str] | None = None
    source: str | None = None
    nodes: frozenset[int] | None = None


class _Viewer:
    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self._nodes = wanted.nodes
        self.changed = asyncio.Event()
        self.waiting: deque[Seen] = deque()
        self.missed: int | None = 0

    def wants(self, item: Seen) -> bool:
        """Whether an item passes the filter. A person whose identifiers are joined is followed with all of them."""
        if self._nodes is not None:
            if self._nodes.isdisjoint(item.nodes):
                return False
            if item.kind == "identity":
                self._nodes |= frozenset(item.nodes)
        wanted = self._wanted
        return (wanted.kinds is None or item.kind in wanted.kinds) and wanted.source in (None, item.source)

    @property
    def whole(self) -> bool:
        """Whether it sees everything, so that what it missed can be counted."""
        return self._wanted == Filter()

    def offer(self, items: list[Seen], missed: int) -> None:
        """Queue what it wants of some new items."""
        if missed:
            self._miss(missed if self.whole else None)
        self.waiting.extend(item for item in items if self.wants(item))
        if len(self.waiting) > MOST_WAITING:
            self._miss(len(self.waiting))
            self.waiting.clear()
        if self.waiting or self.missed != 0:
            self.changed.set()

    def _miss(self, count: int | None) -> None:
        self.missed = None if count is None or self.missed is None else self.missed + count

    def take(self) -> list[bytes]:
        """What waits, as messages of the stream: first how much was missed."""
        self.changed.clear()
        found = [] if self.missed == 0 else [_gap(self.missed)]
        found += map(_message, self.waiting)
        self.waiting.clear()
        self.missed = 0
        return found


class Broadcaster:
    """Reads while somebody watches.

    Args:
        items: Where items come from; asked beside the asyncio loop.
        pause_s: See ``PAUSE_S``.
    """

    def __init__(self, items: Items, *, pause_s: float = PAUSE_S, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self._items, self._pause_s, self._keep_alive_s = items, pause_s, keep_alive_s
        self._kept: deque[Seen] = deque(maxlen=MOST_KEPT)
        self._from = 0
        self._at = 0
        self._viewers: set[_Viewer] = set()
        self._reading: asyncio.Task[None] | None = None
        self._fresh = asyncio.Lock()
        self._closed = False

    async def stream(self, wanted: Filter, since: str | None) -> AsyncGenerator[bytes, None]:
        """Messages of a text/event-stream, until the viewer goes away or ``close``.

        Args:
            wanted: What to show.
            since: Id of the last item that the viewer has; None: begin with the newest ones.
        """
        yield b"retry: 2000\n\n"
        viewer = _Viewer(wanted)
        await self._join(viewer)
        try:
            for message in self._past(viewer, since):
                yield message
            yield b"event: caught_up\ndata: {}\n\n"
            while not self._closed:
                for message in viewer.take():
                    yield message
                try:
                    await asyncio.wait_for(viewer.changed.wait(), self._keep_alive_s)
                except TimeoutError:
                    yield b": nothing new\n\n"
        finally:
            self._viewers.discard(viewer)

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        for viewer in self._viewers:
            viewer.changed.set()

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    async def _join(self, viewer: _Viewer) -> None:
        """Bring the newest items up to now if nobody was watching, and read on from there."""
        async with self._fresh:
            if not self._viewers:
                try:
                    await self._read()
                except GyeolError as error:
                    _log.warning("nothing can be shown for now: %s", error.message, extra={"code": "live_waits"})
            self._viewers.add(viewer)
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._run())

    def _past(self, viewer: _Viewer, since: str | None) -> list[bytes]:
        """What a viewer is shown first. No await: what comes from now on goes to its queue."""
        found = [item for item in self._kept if (since is None or item.id > since) and viewer.wants(item)]
        if since is None:
            return [_message(item) for item in found[-FIRST_ITEMS:]]
        gone = int(since.partition(".")[0]) + 1 < self._from
        return [*([_gap(None)] if gone else []), *map(_message, found)]

    async def _run(self) -> None:
        pause_s = self._pause_s
        while self._viewers and not self._closed:
            await asyncio.sleep(pause_s)
            try:
                await self._read()
                pause_s = self._pause_s
            except GyeolError as error:
                _log.warning("nothing can be shown for now: %s", error.message, extra={"code": "live_waits"})
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            except Exception:
                # A bug in showing one record must not end the stream for good, nor hide in a task that nobody awaits.
                _log.exception("reading for Live failed", extra={"code": "live_waits"})
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _read(self) -> None:
        fetched = await asyncio.to_thread(self._items.fetch, self._at)
        if fetched.start > self._at:
            self._kept.clear()
            self._from = fetched.start
        self._at = fetched.end
        for item in fetched.seen:
            if len(self._kept) == MOST_KEPT:
                self._from = _offset(self._kept[0]) + 1
            self._kept.append(item)
        for viewer in self._viewers:
            viewer.offer(fetched.seen, fetched.missed)


def _offset(item: Seen) -> int:
    return int(item.id.partition(".")[0])


def _message(item: Seen) -> bytes:
    return b"id: " + item.id.encode() + b"\nevent: live\ndata: " + item.data + b"\n\n"


def _gap(missed: int | None) -> bytes:
    return b'event: gap\ndata: {"missed": ' + (b"null" if missed is None else str(missed).encode()) + b"}\n\n"
