"""``retailer``: a real retailer's year through the whole loop, as ``gyeol demo`` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import msgspec

from gyeol.bench.bench import Setting
from gyeol.bench.report import COUNT, MIB, SECONDS, Figures, say
from gyeol.kernel.errors import InternalError


def measure(setting: Setting, figures: Figures) -> None:
    """Seconds from the command to its figures, with those of each stage, and the peak memory of its process."""
    for run in range(setting.runs):
        say(f"  run {run + 1} of {setting.runs}")
        command = [sys.executable, "-m", "gyeol.cli", "demo", "retailer", "--folder", str(setting.folder / f"run{run}"), "--no-serve"]
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - begun
        if status:
            raise InternalError("bench_demo_failed", "the demo failed; its words are on stderr")
        summary = msgspec.json.decode(out.splitlines()[-1])
        figures.add("retailer.seconds", took, SECONDS)
        figures.add("retailer.cpu_s", usage.ru_utime + usage.ru_stime, SECONDS)
        for stage, seconds in summary["seconds"].items():
            figures.add(f"retailer.{stage}_s", seconds, SECONDS)
        figures.add("retailer.events", summary["events"], COUNT)
        figures.add("retailer.peak_rss_mib", usage.ru_maxrss / 1024, MIB)
