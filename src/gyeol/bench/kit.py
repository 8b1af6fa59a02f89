"""The frozen bench kit beside the project: where it lies, streams of its generator with their truth, runs of its open-loop client."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from gyeol.kernel.errors import ConfigError, InternalError

PROJECT = Path(__file__).resolve().parents[3]
_WANTED = ("definitions.json", "generate.py", "load.py")


@lru_cache(maxsize=1)
def kit_folder() -> Path:
    """The folder of the kit: ``bench`` in ``GYEOL_SHARED``, else in ``../shared`` beside the project.

    Raises:
        ConfigError: It is not there.
    """
    shared = Path(os.environ.get("GYEOL_SHARED") or PROJECT.parent / "shared")
    folder = shared / "bench"
    missing = [name for name in _WANTED if not (folder / name).is_file()]
    if missing:
        told = f"{folder} lacks {', '.join(missing)}. Set GYEOL_SHARED to the folder that holds bench/ with the frozen kit."
        raise ConfigError("no_bench_kit", told, folder=str(folder))
    return folder


class Totals(msgspec.Struct, frozen=True):
    """The truth of a stream: what an engine that took all of it must have counted."""

    lines: int
    valid_unique: int
    duplicates: int
    invalid: int
    people: int


class Stream(msgspec.Struct, frozen=True):
    """A file of events, and what is true of it."""

    path: Path
    truth: Totals


def this_hour() -> str:
    """The start of this hour, ISO-8601: streams end there, so that windows that reach back from now hold events."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_stream(folder: Path, *, events: int, people: int, seed: int, form: str, end: str) -> Stream:
    """A stream of the generator; one that was made before is used again.

    Args:
        folder: Where it is kept.
        events: Lines in all.
        people: People who may be active.
        seed: Of the generator.
        form: ``ndjson`` or ``parquet``.
        end: End of the 30 days of event time.
    """
    name = f"{events}-{people}-{seed}-{end.replace(':', '')}.{form}"
    path, truth = folder / name, folder / f"{name}.truth.json"
    if not truth.exists():
        script = str(kit_folder() / "generate.py")
        arguments = ["--events", events, "--people", people, "--seed", seed, "--format", form, "--out", path, "--end", end]
        _run([script, *map(str, arguments)])
    return Stream(path, msgspec.json.decode(truth.read_bytes(), type=Totals))


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What the open-loop client reports. Rates in events a second, latencies in ms from the scheduled time."""

    events: int
    events_ok: int
    offered_per_s: float
    achieved_per_s: float
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    send_lag_p99_ms: float | None
    status: dict[str, int]
    skipped_no_endpoint: int
    end_of_file: bool
    client_cpu_s: float

    @property
    def held(self) -> bool:
        """Whether the offered rate was held: at least 99 % of it was answered 200. Source: the kit's README."""
        return self.achieved_per_s >= 0.99 * self.offered_per_s and set(self.status) <= {"200"}


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the client.

    Args:
        rate: Events a second.
        batch: Events a request.
        seconds: For how long at most.
        connections: Kept alive.
        skip: Lines to pass over first.
        most: Events at most.
    """

    rate: float
    batch: int
    seconds: float
    connections: int
    skip: int = 0
    most: int = 20_000_000


def run_load(url: str, write_key: str, stream: Path, offer: Offer) -> Load:
    """Offer a stream to a server and wait for every reply."""
    done = _run([*_load_command(url, write_key, stream, offer)])
    return msgspec.json.decode(done, type=Load)


def start_load(url: str, write_key: str, stream: Path, offer: Offer) -> subprocess.Popen[bytes]:
    """As ``run_load``, without waiting; ``load_report`` reads the result."""
    return subprocess.Popen([sys.executable, *_load_command(url, write_key, stream, offer)], stdout=subprocess.PIPE)


def load_report(process: subprocess.Popen[bytes]) -> Load:
    """Wait for a started client."""
    out, _ = process.communicate()
    if process.returncode:
        raise InternalError("bench_client_failed", f"the kit's client ended with {process.returncode}; its words are on stderr")
    return msgspec.json.decode(out.splitlines()[-1], type=Load)


def _load_command(url: str, write_key: str, stream: Path, offer: Offer) -> list[str]:
    options = {
        "--url": url,
        "--write-key": write_key,
        "--rate": offer.rate,
        "--batch": offer.batch,
        "--seconds": offer.seconds,
        "--connections": offer.connections,
        "--skip": offer.skip,
        "--max-events": offer.most,
        "--drain": 60,
        "--file": stream,
    }
    return [str(kit_folder() / "load.py"), *(str(part) for pair in options.items() for part in pair)]


def _run(arguments: list[str]) -> bytes:
    """Run a script of the kit; the last line that it printed."""
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise InternalError("bench_kit_failed", f"{Path(arguments[0]).name} ended with {done.returncode}; its words are on stderr")
    return done.stdout.splitlines()[-1]
