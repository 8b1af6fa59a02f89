"""A small open-loop client for what the kit's client does not speak: chains of requests over keep-alive connections.

As in the kit, a chain becomes due on a fixed clock whatever the server does, and its latency runs from the *scheduled* time.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence

from gyeol.kernel.errors import InternalError


class Connection:
    """One keep-alive connection.

    Args:
        port: On 127.0.0.1.
        write_key: Sent with every request.
    """

    def __init__(self, port: int, write_key: str) -> None:
        self._port = port
        key = base64.b64encode(f"{write_key}:".encode()).decode()
        self._head = f"POST %s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {key}\r\nContent-Type: application/json\r\n"

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def post(self, path: str, body: bytes) -> bytes:
        """The body of the reply.

        Raises:
            InternalError: It was not 200.
        """
        self._writer.write((self._head % path + f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        reply = await self._reader.readexactly(length)
        if int(head[9:12]) != 200:
            raise InternalError("bench_refused", f"{path} answered {head[9:12].decode()}: {reply[:300].decode(errors='replace')}")
        return reply

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()


Chain = Sequence[tuple[str, bytes]]
"""(path, body) of requests, each sent when the one before was answered."""


def offer_chains(port: int, write_key: str, chains: Sequence[Chain], rate: float, connections: int) -> tuple[list[float], list[bytes]]:
    """Offer chains at a rate.

    Returns:
        The latency of each in ms, from its scheduled time to its last reply; and its last reply.
    """
    return asyncio.run(_offer(port, write_key, chains, rate, connections))


async def _offer(port: int, write_key: str, chains: Sequence[Chain], rate: float, connections: int) -> tuple[list[float], list[bytes]]:
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    opened = [Connection(port, write_key) for _ in range(connections)]
    for connection in opened:
        await connection.open()
        idle.put_nowait(connection)
    taken = [0.0] * len(chains)
    replies = [b""] * len(chains)
    start = time.perf_counter() + 0.02

    async def one(index: int, due: float) -> None:
        connection = await idle.get()
        for path, body in chains[index]:
            replies[index] = await connection.post(path, body)
        taken[index] = (time.perf_counter() - due) * 1000
        idle.put_nowait(connection)

    tasks = []
    for index in range(len(chains)):
        due = start + index / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(index, due)))
    await asyncio.gather(*tasks)
    for connection in opened:
        connection.close()
    return taken, replies
