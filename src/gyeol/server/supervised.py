"""What systemd is told when it started us (``Type=notify``): ready, stopping, still alive. Without it nothing happens.

Source: sd_notify(3) and sd_watchdog_enabled(3): one datagram to the socket that the environment names.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

_PER_INTERVAL = 4


def notify(told: str, environment: Mapping[str, str]) -> bool:
    """Tell systemd something, such as ``READY=1``; whether somebody listens. A systemd that does not take it is not our concern."""
    path = environment.get("NOTIFY_SOCKET", "")
    if not path:
        return False
    # Never wait: who does not read must not stop the loop that tells it.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as told_to:
        told_to.sendto(told.encode(), "\0" + path[1:] if path.startswith("@") else path)
        return True
    return False


def watchdog_s(environment: Mapping[str, str]) -> float | None:
    """How often this process is to say that it lives, in seconds; None: nobody asks."""
    asked = environment.get("WATCHDOG_USEC", "")
    if not asked.isdigit() or environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(asked) / 1e6 / _PER_INTERVAL


async def keep_alive(environment: Mapping[str, str]) -> None:
    """Say so again and again, from the loop whose standing still would matter; returns at once when nobody asks."""
    pause_s = watchdog_s(environment)
    while pause_s is not None:
        notify("WATCHDOG=1", environment)
        await asyncio.sleep(pause_s)
