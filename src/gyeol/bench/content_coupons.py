"""Coupons under measurement: many clients redeem one code while others are issued, also across SIGKILL; and the till's one call.

Real processes and sockets. A round: a code is issued, 64 clients that each have a key of their own redeem it at the same time, and an
issuer goes on at 50 codes a second beside them. In some rounds the core is killed in between and started again; clients that had no
answer ask again with the same key. Exactly one client may have won, and whoever was told so before the kill is told so after it.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from gyeol.app.settings import Settings, as_environment
from gyeol.bench.serving import free_port
from gyeol.kernel.errors import InternalError
from gyeol.workspace.starter import init

CLIENTS, ISSUED_A_SECOND = 64, 50
KEY = "bench-server-key"
POOLS = """
coupons:
  - {name: race, amount: 1000, per_person: 1000000, days: 30, label: {ko: 경주, en: Race}}
  - {name: till, percent: 10, per_person: 100, label: {ko: 계산대, en: Till}}
placements:
  - {name: till_screen, channel: till, label: {ko: 계산대 화면, en: Till screen}}
offers:
  - name: till_coupon
    placements: [till_screen]
    coupon: till
    content: {ko: {title: "쿠폰 {{ coupon.code }}"}, en: {title: "Coupon {{ coupon.code }}"}}
"""
_PATIENCE_S = 60.0
Answer = dict[str, Any]


def measure(rounds: int = 100, kills: int = 10, visits: int = 2_000, seed: int = 8) -> dict[str, float]:
    """Run the race and the visits in a workspace of its own.

    Args:
        rounds: Of the race. ``kills``: in so many of them the core is killed.
        kills: At least 0, at most ``rounds``.
        visits: Requests to ``/v1/instore``, one after another.
        seed: Of the instants of the kills.

    Returns:
        ``rounds``, ``kills``, ``exactly_one`` (rounds with one winner that stayed one), ``issued_per_s`` (beside the
        races without a kill), ``redeem_p99_ms`` (64 at the same time), ``instore_p50_ms``, ``instore_p99_ms``.

    Raises:
        InternalError: The core did not start, or a round has no winner or several.
    """
    with tempfile.TemporaryDirectory(prefix="gyeol-coupons-") as folder:
        workspace = coupon_shop(Path(folder) / "shop")
        core = KilledCore(workspace)
        try:
            return asyncio.run(_measured(core, rounds, kills, visits, random.Random(seed)))
        finally:
            core.stop()


def coupon_shop(folder: Path) -> Path:
    """The starter workspace with pools, a known server key and an offer at the till."""
    keys = iter(("bench-web-key", KEY))
    init(folder, None, lambda: next(keys))
    (folder / "coupons.yaml").write_text(POOLS)
    return folder


class KilledCore:
    """The real core process of a workspace, that may be killed and started again on the same port.

    Args:
        workspace: Its folder.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace, self.port = workspace, free_port()
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Start and wait until it takes requests. Raises InternalError."""
        settings = as_environment(Settings(public_port=self.port, dedupe_capacity=1_000_000))
        command = [sys.executable, "-m", "gyeol.bench.core_process", str(self._workspace)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise InternalError("bench_server_failed", "the server under measurement did not start; its words are on stderr")

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def _ended(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        self._process.wait(_PATIENCE_S)
        self._process.stdout.close()

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._ended()


class Client:
    """One keep-alive connection that asks again, for as long as it takes, when the server is gone."""

    def __init__(self, port: int) -> None:
        self._port = port
        key = base64.b64encode(f"{KEY}:".encode()).decode()
        self._head = f"POST %s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {key}\r\nContent-Type: application/json\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def once(self, path: str, body: object) -> tuple[int, Answer]:
        """Status and body of one reply. Raises OSError, asyncio.IncompleteReadError when the server is gone."""
        if self._writer is None or self._reader is None:
            await self.open()
        assert self._writer is not None and self._reader is not None
        data = msgspec.json.encode(body)
        self._writer.write((self._head % path + f"Content-Length: {len(data)}\r\n\r\n").encode() + data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return int(head[9:12]), msgspec.json.decode(await self._reader.readexactly(length))

    async def ask(self, path: str, body: object) -> Answer:
        """The body of the reply; the question is repeated until there is one. Raises InternalError after a minute."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(OSError, asyncio.IncompleteReadError):
                status, answer = await self.once(path, body)
                if status not in (429, 503):
                    return answer
            self.close()
            await asyncio.sleep(0.02)
        raise InternalError("bench_server_silent", f"nothing answers {path}")

    def close(self) -> None:
        """Disconnect."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def race(core: KilledCore, clients: list[Client], name: str, kill_after_s: float | None = None) -> tuple[list[float], Answer]:
    """One code, all clients.

    Args:
        core: That is killed in between, where ``kill_after_s`` says when.
        clients: Each redeems with a key of its own.
        name: Of the round: makes keys.
        kill_after_s: Seconds from the clients' start; None: it lives.

    Returns:
        Milliseconds of each answer, and the winner's answer.

    Raises:
        InternalError: There is no winner or more than one, or a winner was told otherwise afterwards.
    """
    given = await clients[0].ask("/v1/coupons/issue", {"pool": "race", "person": f"user_id:{name}", "key": f"issue-{name}"})
    code = given["coupon"]["code"]
    begun = time.perf_counter()

    async def one(i: int) -> tuple[float, Answer]:
        asked = {"code": code, "key": f"{name}-{i}", "store": f"s{i}", "till": str(i), "order": f"o-{name}-{i}", "basket": 10_000}
        answer = await clients[i].ask("/v1/coupons/redeem", asked)
        return 1_000 * (time.perf_counter() - begun), answer

    async def killed() -> None:
        assert kill_after_s is not None
        await asyncio.sleep(kill_after_s)
        await asyncio.to_thread(core.kill)
        await asyncio.to_thread(core.start)

    killing = asyncio.create_task(killed()) if kill_after_s is not None else None
    told = await asyncio.gather(*(one(i) for i in range(len(clients))))
    if killing is not None:
        await killing
    winners = [i for i, (_, answer) in enumerate(told) if answer["success"]]
    losers = {answer["status"] for _, answer in told if not answer["success"]}
    if len(winners) != 1 or losers != {"already_redeemed"}:
        raise InternalError("coupon_redeemed_twice", f"round {name}: {len(winners)} clients won, the others were told {sorted(losers)}")
    (winner,) = winners
    _, again = await one(winner)
    if again != told[winner][1]:
        raise InternalError("coupon_forgotten", f"round {name}: the winner was told {told[winner][1]!r}, and later {again!r}")
    return [at for at, _ in told], again


async def _issue(port: int, stop: asyncio.Event) -> list[float]:
    """Issue codes at a fixed rate until told to stop; returns when each was answered."""
    at: list[float] = []
    client, count, due = Client(port), 0, time.monotonic()
    while not stop.is_set():
        answer = await client.ask("/v1/coupons/issue", {"pool": "race", "person": f"user_id:i{count}", "key": f"i{count}"})
        count += 1
        if answer["success"]:
            at.append(time.perf_counter())
        due = max(due + 1 / ISSUED_A_SECOND, time.monotonic() - 0.1)  # after a kill it does not catch up with all at once
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    client.close()
    return at


async def _measured(core: KilledCore, rounds: int, kills: int, visits: int, chance: random.Random) -> dict[str, float]:
    clients = [Client(core.port) for _ in range(CLIENTS)]
    stop = asyncio.Event()
    issuing = asyncio.create_task(_issue(core.port, stop))
    killed = set(chance.sample(range(rounds), kills))
    latencies: list[float] = []
    lived: list[tuple[float, float]] = []
    for number in range(rounds):
        delay_s = chance.uniform(0.0, 0.03) if number in killed else None
        begun = time.perf_counter()
        found, _ = await race(core, clients, f"r{number}", delay_s)
        if delay_s is None:
            latencies += found
            await asyncio.sleep(0.05)  # so that the issuer is seen beside the races, not only between two of them
            lived.append((begun, time.perf_counter()))
    stop.set()
    issued = sum(any(start <= at < end for start, end in lived) for at in await issuing)
    lasted_s = sum(end - start for start, end in lived)
    told = await visited(clients[0], visits)
    for client in clients:
        client.close()
    latencies.sort()
    return {
        "rounds": rounds,
        "kills": kills,
        "exactly_one": rounds,
        "clients": CLIENTS,
        "issued_per_s": round(issued / lasted_s, 1) if lasted_s else 0.0,
        "redeem_p99_ms": round(latencies[int(len(latencies) * 0.99)], 2) if latencies else 0.0,
        **told,
    }


async def visited(client: Client, visits: int) -> dict[str, float]:
    """Ask ``/v1/instore`` for people with a name, events and coupons; the first hundred warm it up.

    Returns:
        ``instore_p50_ms`` and ``instore_p99_ms``.
    """
    people = [{"type": "identify", "userId": f"v{i}", "traits": {"name": f"손님 {i}", "email": f"v{i}@example.com"}} for i in range(200)]
    await client.ask("/v1/batch", {"batch": people})
    latencies: list[float] = []
    for i in range(visits + 100):
        begun = time.perf_counter()
        answer = await client.ask("/v1/instore", {"membership": f"v{i % 200}", "store": "s1", "till": "1"})
        latencies.append(1_000 * (time.perf_counter() - begun))
        if not answer.get("known"):
            raise InternalError("bench_refused", f"/v1/instore answered {answer!r}")
    found = sorted(latencies[100:])
    return {"instore_p50_ms": round(found[len(found) // 2], 2), "instore_p99_ms": round(found[int(len(found) * 0.99)], 2)}
