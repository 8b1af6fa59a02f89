"""``python -m gyeol.server.side WORKSPACE``: the side process alone. Settings come from the environment."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

from gyeol.app.settings import read_settings
from gyeol.kernel.errors import GyeolError
from gyeol.server.logs import configure
from gyeol.server.side.process import run_side

_log = logging.getLogger("gyeol.side")


def main(arguments: list[str]) -> int:
    """Run until told to stop; the exit code is 1 for any error, which is written to stderr."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m gyeol.server.side WORKSPACE\n")
        return 2
    try:
        settings = read_settings()
    except GyeolError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        return 1
    configure(settings.log, settings.log_level, "side")
    try:
        run_side(Path(arguments[0]), settings, watch_parent=True)
    except GyeolError as error:
        _log.error("the side process cannot go on: %s", error.message, extra={"code": error.code})
        return 1
    return 0


def _end(code: int) -> NoReturn:
    """End at once: everything is closed, and a thread that still computes an answer in a library keeps nobody waiting."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _end(main(sys.argv[1:]))
