"""The side process: internal port, lake, sender. Started by ``gyeol up`` once the core takes events; it outlives restarts of the core."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from granian.constants import Interfaces
from granian.server.embed import Server

from gyeol.accounts.tokens import AdminToken
from gyeol.app.applied import Applied
from gyeol.app.book import Book
from gyeol.app.content_saving import ContentFiles
from gyeol.app.core_api import ReportRequest, StatusRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.desk import Desk
from gyeol.app.folder import DataFolder
from gyeol.app.live_items import LiveItems
from gyeol.app.observing import Observing
from gyeol.app.past_work import PastWork
from gyeol.app.policy_replays import Replays
from gyeol.app.providers import Ground, open_providers
from gyeol.app.remote_core import RemoteCore
from gyeol.app.settings import Settings, data_folder
from gyeol.app.suggestion_opening import nodes_of_frame, open_suggester
from gyeol.app.tracing import open_tracing
from gyeol.app.watch import Watch
from gyeol.app.watch_answers import Endpoint
from gyeol.engine.definitions import Definitions
from gyeol.kernel.clock import WallClock
from gyeol.kernel.instants import Int64
from gyeol.kernel.structs import resolve_structs
from gyeol.server.metrics.side import SideFigures
from gyeol.server.ports import check_internal_port
from gyeol.server.side.app import side_app
from gyeol.server.side.broadcast import Broadcaster
from gyeol.server.side.fact_keeper import FactKeeper
from gyeol.server.side.lake_keeper import LakeKeeper
from gyeol.server.side.past_keeper import PastKeeper
from gyeol.server.side.sending import keep_sending
from gyeol.server.side.suggestion_keeper import SuggestionKeeper
from gyeol.storage.lake.lake import Lake
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.storage.state.store import SqlStateStore

CORE_PATIENCE_S = 30.0
"""How long the core may take to listen: a recovery may be running."""
QUICK_S = 2.0
"""How long a scrape waits for the core: Prometheus gives up after ten seconds by default."""
LONGEST_STOP_S = 20.0
_PARENT_LOOK_S = 1.0


class SideParts:
    """Everything that the side process opens.

    Args:
        workspace: The workspace's folder; its core runs.
        settings: Ports, lake.

    Raises:
        BackendUnavailableError: No core answers.
    """

    def __init__(self, workspace: Path, settings: Settings) -> None:
        resolve_structs()
        self.folder = DataFolder(data_folder(workspace), create=False)
        self.token = AdminToken(self.folder.secrets().admin_token)
        # The core makes and migrates state.db before it answers.
        first = CoreClient(self.folder.socket, patience_s=CORE_PATIENCE_S)
        RemoteCore(first.call).status(StatusRequest())
        first.close()
        self.client = CoreClient(self.folder.socket)
        self.core = RemoteCore(self.client.call)
        seal = self.folder.vault()
        self.state = SqlStateStore(self.folder.state, read_only=True, seal=seal)
        self.log = SqliteLog(self.folder.log, read_only=True, seal=seal)
        self.applied = Applied(self.folder.definitions)
        self.book = Book(self.folder.sums, self.log, self.applied.get, seal)
        self.lake = Lake(
            self.folder.lake,
            self.log,
            self.state,
            self.applied.get,
            commit_rows=settings.lake_commit_rows,
            commit_s=settings.lake_commit_s,
            also=self.book.see,
        )
        self.keeper = LakeKeeper(self.lake, self.book, lambda offset: self.core.report(ReportRequest(lake_offset=offset)))
        self.past = PastKeeper(self.core, self.lake, PastWork(self.core, self.lake, self.log, self.applied.get))
        nodes = partial(nodes_of_frame, self.state, lambda: self.lake)
        self.suggester = open_suggester(self.core, self.state, self.log, self.folder, seal, self.applied.get, nodes, settings)
        self.suggesting = SuggestionKeeper(self.suggester)
        ground = Ground(
            environment=os.environ,
            definitions=self.in_force,
            folder=workspace,
            clock=WallClock(),
            log=self.log,
            place=self.folder.read_place,
        )
        # Each in a thread of its own: a service that is slow to answer keeps no other waiting.
        self.facts = [FactKeeper(Observing(self.core, [provider], time.monotonic)) for provider in open_providers(ground)]
        self.desk = Desk(
            self.core, self.state, self.lake, self.applied.get, lambda: self.keeper.problem, self.suggester, self._fact_problem,
            ContentFiles(workspace),
        )  # fmt: skip
        endpoint = Endpoint(
            url=f"http://{settings.public_host}:{settings.public_port}",
            internal=f"http://{settings.internal_host}:{settings.internal_port}",
        )
        self.watch = Watch(self.desk, self.core, self.book, self.log, self.applied.get, lambda: endpoint, WallClock(), os.environ)
        # Whoever watches must hear of a core that is stuck, not wait for it.
        self.quick = CoreClient(self.folder.socket, timeout_s=QUICK_S, patience_s=QUICK_S / 4)
        quick = RemoteCore(self.quick.call)
        asked = Desk(quick, self.state, self.lake, self.applied.get)
        self.figures = SideFigures(
            quick, self.state, self.log, self.book, lambda: self.lake.offset, lambda: self.keeper.problem, asked.acted, Counter(),
            fact_problem=self._fact_problem,
        )  # fmt: skip
        self.replays = Replays(self.folder, seal)
        self.live = Broadcaster(LiveItems(self.core, self.log, self.state.outbox, self.applied.get, self._nodes))

    def in_force(self) -> Definitions:
        """The definitions in force."""
        return self.applied.get(self.core.status(StatusRequest()).definitions)

    def _fact_problem(self) -> str:
        return "; ".join(keeper.told for keeper in self.facts if keeper.told)

    def _nodes(self, first: int, end: int) -> Int64 | None:
        """The node of each event of a frame: of state.db until the lake has passed it, then of the lake."""
        kept = self.state.nodes_of(first)
        if kept is not None:
            return kept
        found = self.lake.query(
            "SELECT coalesce(node, -1) FROM events WHERE log_offset >= ? AND log_offset < ? ORDER BY log_offset", [first, end]
        )
        return np.array(found.column(0).to_pylist(), np.int64)

    def close(self) -> None:
        """Let go of everything."""
        self.suggester.store.close()
        self.lake.close()
        self.log.close()
        self.state.close()
        self.client.close()
        self.quick.close()


def run_side(
    workspace: Path, settings: Settings, ready: Callable[[SideParts], None] = lambda parts: None, *, parent: int | None = None
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        workspace: The workspace's folder.
        settings: Ports, lake, whether to send.
        ready: Called once requests are answered.
        parent: Id of the process that started this one: also stop when it is gone, and end the process if stopping takes too long.

    Raises:
        ConfigError: The internal port would be open to others, or is in use.
    """
    check_internal_port(settings)
    parts = SideParts(workspace, settings)
    try:
        asyncio.run(_serve(parts, settings, ready, parent))
    finally:
        parts.close()


async def _serve(parts: SideParts, settings: Settings, ready: Callable[[SideParts], None], parent: int | None) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    tracing = open_tracing(os.environ, "side")
    parts.keeper.start()
    parts.past.start()
    parts.suggesting.start()
    for each in parts.facts:
        each.start()
    app = side_app(
        parts.desk, parts.watch, parts.live, parts.token,
        figures=parts.figures, replays=parts.replays, in_force=parts.in_force,
    )  # fmt: skip
    server: Any = Server(app, address=settings.internal_host, port=settings.internal_port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait())]
    if parent is not None:
        tasks.append(asyncio.create_task(_until_orphaned(parent)))
    sending = None
    if settings.send:
        sending = asyncio.create_task(keep_sending(parts.core, parts.applied.get, os.environ, WallClock(), stop, tracing))
    ready(parts)
    done, _ = await asyncio.wait({serving, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    if parent is not None:
        _end_by_force_after(LONGEST_STOP_S)
    parts.live.close()
    server.stop()
    if sending is not None:
        await sending
    for each in parts.facts:
        await asyncio.to_thread(each.stop)
    await asyncio.to_thread(parts.suggesting.stop)
    await asyncio.to_thread(parts.past.stop)
    await asyncio.to_thread(parts.keeper.stop)
    if tracing is not None:
        await asyncio.to_thread(tracing.close)
    if serving in done:
        serving.result()


def _end_by_force_after(seconds: float) -> None:
    """A core that hangs would keep a call of the sender waiting; nothing is lost by not waiting for it."""
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()


async def _until_orphaned(parent: int) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_LOOK_S)
