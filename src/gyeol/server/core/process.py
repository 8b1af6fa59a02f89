"""The core process: public port, unix socket, engine. Started by ``gyeol up``."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvloop

from gyeol.accounts.tokens import AdminToken
from gyeol.app.core_rpc import RpcServer
from gyeol.app.folder import Runtime
from gyeol.app.live import LiveCore
from gyeol.app.opening import OpenCore
from gyeol.app.private_files import write_private
from gyeol.app.remote_core import dispatch
from gyeol.app.settings import Settings
from gyeol.engine.engine import Engine
from gyeol.engine.recovery import Progress
from gyeol.server.core.app import PublicApp
from gyeol.server.core.door import Door
from gyeol.server.core.metrics import MetricsPage
from gyeol.server.core.stream import Streams
from gyeol.server.core.traced import open_traces
from gyeol.server.core.unsubscribe import UnsubscribePages
from gyeol.server.metrics.core import core_values
from gyeol.server.metrics.exposition import exposition
from gyeol.server.metrics.names import CORE
from gyeol.server.ports import check_port
from gyeol.server.supervised import keep_alive, notify

SWITCH_INTERVAL_S = 0.0005
"""The engine's thread must not wait 5 ms for the asyncio loop's. Source: DESIGN.md, section 12."""


class CoreProcess:
    """Runs the core in this process until it is told to stop.

    Args:
        workspace: The workspace's folder.
        settings: Ports and limits.
        ready: Called once events are taken.
        progress: Told how far a recovery is.
        stopping: Called when it is told to stop, while it still answers: whoever asks the core must end first.
    """

    def __init__(
        self,
        workspace: Path,
        settings: Settings,
        ready: Callable[[OpenCore], None],
        progress: Progress | None = None,
        stopping: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._ready, self._stopping = settings, ready, stopping
        check_port(settings.public_host, settings.public_port, "--port or GYEOL_PUBLIC_PORT")
        self._traces = open_traces(os.environ)
        make = Engine if self._traces is None else self._traces.engine
        self._parts = OpenCore(workspace, settings, progress=progress, engine=make)

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        try:
            uvloop.run(self._serve())
        finally:
            self._parts.folder.runtime_file.unlink(missing_ok=True)
            self._parts.close()
            if self._traces is not None:
                self._traces.close()

    async def _serve(self) -> None:
        parts, settings, traces = self._parts, self._settings, self._traces
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        live = (LiveCore if traces is None else traces.live)(parts, loop, os.environ.get)
        await asyncio.to_thread(live.start)
        rpc = RpcServer(
            parts.folder.socket,
            lambda method, params: live.answer(lambda: msgspec.to_builtins(dispatch(live.core, method, params), builtin_types=(bytes,))),
        )
        await rpc.start()
        live.attach()
        metrics = MetricsPage(
            lambda: exposition(CORE, lambda: core_values(parts, live, door)),
            AdminToken(parts.secrets.admin_token),
            fronted=bool(settings.public_url),
        )
        pages, streams = UnsubscribePages(live.unsubscriber), Streams(live, live.listeners)
        app = PublicApp(live, parts.clock, settings.max_body_bytes, pages, metrics, streams, live.till)
        door = Door(app if traces is None else traces.application(app), settings.max_body_bytes)
        await door.open(settings.public_host, settings.public_port)
        write_private(
            parts.folder.runtime_file,
            msgspec.json.encode(
                Runtime(
                    pid=os.getpid(),
                    public_url=f"http://{settings.public_host}:{settings.public_port}",
                    internal_url=f"http://{settings.internal_host}:{settings.internal_port}",
                )
            ),
        )
        # What was loaded lives as long as the process; looking at it again in every collection costs milliseconds.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 20, 100)
        self._ready(parts)
        notify(f"READY=1\nSTATUS=events on {settings.public_host}:{settings.public_port}", os.environ)
        alive = asyncio.create_task(keep_alive(os.environ))
        await stop.wait()
        notify("STOPPING=1\nSTATUS=answering what waits, writing a snapshot", os.environ)
        alive.cancel()
        await asyncio.to_thread(self._stopping)
        await door.close()
        await rpc.stop()
        await asyncio.to_thread(live.stop)
