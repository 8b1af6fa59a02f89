"""``python -m gyeol.server.side WORKSPACE [PARENT]``: the side process alone. Settings come from the environment.

``PARENT`` is the id of the process that started this one: when it is gone, the side process ends. Who asks for its parent only later, when
it has been imported and has waited for the core, may ask after the parent's death, and then stays for ever.
"""

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
    workspace, *parents = arguments or [""]
    if not workspace or len(parents) > 1 or not all(parent.isdigit() for parent in parents):
        sys.stderr.write("usage: python -m gyeol.server.side WORKSPACE [PARENT]\n")
        return 2
    parent = int(parents[0]) if parents else os.getppid()
    try:
        settings = read_settings()
    except GyeolError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        return 1
    configure(settings.log, settings.log_level, "side")
    try:
        run_side(Path(workspace), settings, parent=parent)
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
