"""The unix socket between core and side: calls, errors of the same family, restarts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gyeol.app.core_client import CoreClient
from gyeol.app.core_rpc import RpcServer
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError, InputError, InternalError, NotFoundError, Problem


async def _handler(method: str, params: object) -> object:
    if method == "echo":
        return params
    if method == "missing":
        raise NotFoundError("unknown_person", "nobody", person="x")
    if method == "wrong":
        raise InputError("bad", [Problem(path="a", code="c", what="w", mend="m", line=3)])
    if method == "slow":
        await asyncio.sleep(5)
    raise ZeroDivisionError("a bug")


class _Serving:
    def __init__(self, path: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.server = RpcServer(path, _handler)
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), self.loop).result(5)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.stop(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.sock"


@pytest.fixture
def serving(path: Path) -> Iterator[_Serving]:
    made = _Serving(path)
    yield made
    made.stop()


def test_calls_and_errors(path: Path, serving: _Serving) -> None:
    client = CoreClient(path, timeout_s=5)
    big = {"text": "결" * 100_000, "raw": b"\x00\xff", "list": [1, None, 2.5]}
    assert client.call("echo", big) == big
    with pytest.raises(NotFoundError) as missing:
        client.call("missing")
    assert missing.value.facts == {"person": "x"}
    with pytest.raises(InputError) as wrong:
        client.call("wrong")
    assert wrong.value.problems == [Problem(path="a", code="c", what="w", mend="m", line=3)]
    with pytest.raises(InternalError) as bug:
        client.call("bug")
    assert "a bug" in bug.value.message
    client.close()


def test_only_the_owner_may_open_it(path: Path, serving: _Serving) -> None:
    assert path.stat().st_mode & 0o077 == 0


def test_a_slow_core_is_not_waited_for_for_ever(path: Path, serving: _Serving) -> None:
    client = CoreClient(path, timeout_s=0.2)
    with pytest.raises(BackendTimeoutError):
        client.call("slow")


def test_a_restarted_core_is_found_again(path: Path) -> None:
    first = _Serving(path)
    client = CoreClient(path, timeout_s=5, patience_s=0.2)
    assert client.call("echo", 1) == 1
    first.stop()
    with pytest.raises(BackendUnavailableError):
        client.call("echo", 2)
    second = _Serving(path)
    assert client.call("echo", 3) == 3
    client.close()
    second.stop()
