"""The demo's live day beside the running pair: the process that sends it, and its progress on the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import typer

from gyeol.app.demo import Rest
from gyeol.app.live_day import Order, Progress
from gyeol.app.settings import Settings, data_folder
from gyeol.cli import output
from gyeol.cli.context import progress_bar
from gyeol.kernel.errors import wrong
from gyeol.kernel.instants import Zone
from gyeol.workspace.formats import env_name

LONGEST_STOP_S = 20.0


def speed_of(text: str) -> float:
    """How many times as fast as life; 0 for ``max``.

    Raises:
        InputError: It is neither ``max`` nor a number above 0.
    """
    try:
        speed = 0.0 if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if text != "max" and not 0 < speed < float("inf"):
        mend = "write a number such as 1440 (a day a minute), or max"
        raise wrong("--speed", "bad_speed", f"{text!r} is no speed", mend)
    return speed


class LiveDay:
    """Sends what the import left.

    Args:
        workspace: The demo's.
        settings: Where the collector listens.
        rest: What is left.
        speed: See ``speed_of``.
        quiet: Show nothing.
    """

    def __init__(self, workspace: Path, settings: Settings, rest: Rest, speed: float, *, quiet: bool) -> None:
        definitions = rest.definitions
        variables = {source.name: env_name(source.write_key) for source in definitions.sources}
        self._zone, self._quiet = Zone(definitions.workspace.zone), quiet
        self._order = Order(
            url=f"http://{settings.public_host}:{settings.public_port}",
            mapping=str(rest.mapping.resolve()),
            base=str(workspace.resolve()),
            sources=[source.name for source in definitions.sources],
            keys={s.name: s.write_key if (v := variables[s.name]) is None else os.environ.get(v, "") for s in definitions.sources},
            first_group=rest.first_group,
            from_ms=rest.cut_ms,
            speed=speed,
            progress=str(data_folder(workspace) / "live_day.json"),
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._follow, name="gyeol-live-day", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        # Its own process group: Ctrl-C reaches this process, which ends it in order while events are still taken.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gyeol.app.live_day"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(self._order) + b"\n")
        self._process.stdin.close()
        self._thread.start()

    def stop(self) -> None:
        """End, once what was sent has arrived."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(LONGEST_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(5)

    def _follow(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None
        at = Progress(sent=0, total=0, at_ms=0)
        with progress_bar() as tell:
            for line in process.stdout:
                at = msgspec.json.decode(line, type=Progress)
                if not self._quiet:
                    tell("the live day", at.sent, at.total)
        code = process.wait()
        if self._quiet:
            return
        if code == 0 and at.sent == at.total:
            typer.echo(f"  live day             {at.total:,} events sent: the year is complete")
        elif code == 0:
            day = self._zone.local(at.at_ms).date()
            typer.echo(f"  live day             stopped at {day}, {at.sent:,} of {at.total:,} events; start the demo again to go on")
        else:
            output.failure("the live day has ended with an error (see above); start the demo again to go on", "live_day_failed")
