"""What a benchmark says: figures as median, least and greatest of its runs, and the machine that they were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

import gyeol

PACKAGES = ("granian", "msgspec", "numpy", "duckdb", "pyarrow", "xxhash", "zstandard")
PER_S, MS, SECONDS, MIB, US, COUNT = "1/s", "ms", "s", "MiB", "us", "count"
SHARE, PER_THOUSAND = "share", "per 1,000"


class Figure(msgspec.Struct, frozen=True):
    """One figure over all runs."""

    median: float
    min: float
    max: float
    unit: str


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured.

    Args:
        cores: That this process may use.
        load_average: Over 1, 5 and 15 minutes at the start: above 0.5 the figures are not the engine's alone.
    """

    cores: int
    cpu: str
    memory_mib: int
    system: str
    python: str
    gyeol: str
    packages: dict[str, str]
    load_average: tuple[float, float, float]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One benchmark's result: the last line of ``gyeol bench NAME --json``."""

    name: str
    machine: Machine
    runs: int
    figures: dict[str, Figure]
    notes: list[str] = []


class Figures:
    """Collects the values of runs by key."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}
        self._units: dict[str, str] = {}
        self.notes: list[str] = []

    def add(self, key: str, value: float, unit: str) -> None:
        """Keep one run's value."""
        self._values.setdefault(key, []).append(value)
        self._units[key] = unit

    def note(self, text: str) -> None:
        """Keep a sentence that a reader of the figures must know; each once."""
        if text not in self.notes:
            self.notes.append(text)

    def all(self) -> dict[str, Figure]:
        """The figures, by key in the order in which they were first added."""
        return {key: _figure(values, self._units[key]) for key, values in self._values.items()}


def _figure(values: Sequence[float], unit: str) -> Figure:
    return Figure(_rounded(statistics.median(values)), _rounded(min(values)), _rounded(max(values)), unit)


def _rounded(value: float) -> float:
    """Four significant digits of small values, whole numbers of large ones: more would be noise."""
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.4g}")


def machine() -> Machine:
    """The facts of this machine, now."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        cpu=_cpu(),
        memory_mib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        gyeol=gyeol.__version__,
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        load_average=os.getloadavg(),
    )


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def own_peak_mib() -> float:
    """The most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(text: str) -> None:
    """One line of progress, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
