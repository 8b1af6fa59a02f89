"""A server that only answers: ``python -m gyeol.bench.noop_server PORT``. What it holds is the ceiling of machine, client and door.

It is the core's own public port with nothing behind it.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop

from gyeol.bench.core_process import READY
from gyeol.server.core.door import Door
from gyeol.server.core.http import Request

_BODY = b'{"success":true}'
_MOST_BODY_BYTES = 512_000


def _answer(request: Request) -> None:
    request.answer(200, _BODY)


async def _serve(port: int) -> None:
    door = Door(_answer, _MOST_BODY_BYTES)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await door.open("127.0.0.1", port)
    print(READY, flush=True)
    await stop.wait()
    await door.close()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
