"""The real core on a disk that takes nothing for a while: told, nothing lost, nothing doubled, and no restart needed."""

from __future__ import annotations

import base64
import resource
import sys
import time
import urllib.error
import urllib.request
from typing import Any

import msgspec
import pytest

from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings
from gyeol.app.verifying import replay_check, state_digest

pytestmark = pytest.mark.slow
HEAD = {"Authorization": f"Basic {base64.b64encode(b'server-key-for-tests:').decode()}", "Content-Type": "application/json"}


def send(core: Any, name: str) -> int:
    body = msgspec.json.encode({"type": "track", "event": "Product Viewed", "userId": "u1", "messageId": name})
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{core.url}/v1/track", body, HEAD), timeout=60) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        # Whoever is turned away is told when to come back.
        return error.code if error.headers["Retry-After"] else 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
def test_a_core_whose_disk_was_full_goes_on_by_itself(core: Any) -> None:
    core.start()
    acknowledged = [f"before{i}" for i in range(20)]
    assert all(send(core, name) == 200 for name in acknowledged)
    assert sys.platform == "linux"
    free = resource.prlimit(core.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(core.process.pid, resource.RLIMIT_FSIZE, (1_000, free[1]))  # no file may grow: as a full disk, or a quota
    refused = [f"during{i}" for i in range(30)]
    statuses = []
    for name in refused:
        statuses.append(send(core, name))
        time.sleep(0.02)
    assert set(statuses) == {503}
    resource.prlimit(core.process.pid, resource.RLIMIT_FSIZE, free)
    deadline = time.monotonic() + 120
    while send(core, "after") != 200:
        assert time.monotonic() < deadline, "it does not go on though there is space again"
        time.sleep(0.1)
    assert all(send(core, name) == 200 for name in refused), "what was refused is taken when it comes again"
    core.stop()
    parts = OpenCore(core.workspace, Settings())
    try:
        state = parts.engine.state
        assert state.totals.accepted == 20 + 30 + 1, "each once"
        again = replay_check(parts, (state.offset, state_digest(state), state.people.people))
        assert again.good, again.detail
    finally:
        parts.close()
