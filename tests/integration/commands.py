"""``gyeol`` in a process of its own for each command, without importing everything anew: forked from a server that has."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from gyeol.cli.table import COMMANDS

TIMEOUT_S = 180
_FORKS = get_context("forkserver")
_MODULES = {f"gyeol.cli.commands.{entry.module}" for entries in COMMANDS.values() for entry in entries}
_FORKS.set_forkserver_preload(["pytest", "gyeol.cli.main", "gyeol.app.running", "gyeol.app.embedded", *sorted(_MODULES)])


def _become(arguments: tuple[str, ...], environment: dict[str, str], out: Path, err: Path) -> None:
    """What the forked process does: the command, with its output in files."""
    for path, number in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["gyeol", *arguments]
    from gyeol.cli.main import main  # only the forked process, which has it already, becomes the command

    main()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``gyeol`` with arguments.

    Args:
        arguments: After the name of the command.
        environment: Beside that of the tests. With any the process starts anew, for modules may read it as they are imported.

    Returns:
        The exit code, what it wrote and what it complained of.

    Raises:
        subprocess.TimeoutExpired: It did not end within three minutes, and was killed.
    """
    if not environment:
        return _forked(arguments)
    command = [sys.executable, "-m", "gyeol.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=TIMEOUT_S, check=False)


def _forked(arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _FORKS.Process(target=_become, args=(arguments, dict(os.environ), out, err))
        process.start()
        process.join(TIMEOUT_S)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["gyeol", *arguments], TIMEOUT_S)
        assert process.exitcode is not None
        said = [path.read_text(encoding="utf-8") if path.exists() else "" for path in (out, err)]
        return subprocess.CompletedProcess(["gyeol", *arguments], process.exitcode, *said)
