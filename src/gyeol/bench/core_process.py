"""The core process alone, for benchmarks: ``python -m gyeol.bench.core_process WORKSPACE``; settings come from the environment.

A module of its own, so that the process imports nothing that the real one does not.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gyeol.app.settings import read_settings
from gyeol.server.core.process import CoreProcess

READY = "ready"


def main() -> None:
    """Serve until SIGTERM; prints one line once events are taken."""
    CoreProcess(Path(sys.argv[1]), read_settings(), lambda parts: print(READY, flush=True)).run()


if __name__ == "__main__":
    main()
