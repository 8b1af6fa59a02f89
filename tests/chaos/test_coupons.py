"""One code, many tills, a core that is killed between: exactly one of them wins, and stays the one."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings
from gyeol.app.verifying import replay_check, state_digest
from gyeol.bench.content_coupons import Client, KilledCore, coupon_shop, race

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = int(os.environ.get("GYEOL_CHAOS_ROUNDS", "4"))
CLIENTS = 32


def test_one_of_many_tills_redeems_a_code_also_when_the_core_is_killed(tmp_path: Path) -> None:
    workspace = coupon_shop(tmp_path / "shop")
    core = KilledCore(workspace)
    chance = random.Random(7)

    async def rounds() -> list[str]:
        clients = [Client(core.port) for _ in range(CLIENTS)]
        won = []
        for number in range(ROUNDS):
            kill_after_s = chance.uniform(0.0, 0.02) if number % 4 == 1 else None
            _, answer = await race(core, clients, f"r{number}", kill_after_s)
            won.append(answer["coupon"]["ref"])
        for client in clients:
            client.close()
        return won

    try:
        won = asyncio.run(rounds())
    finally:
        core.stop()
    opened = OpenCore(workspace, Settings())
    try:
        state = opened.engine.state
        assert [ref for ref, coupon in state.coupons.coupons.items() if coupon.redeemed is not None] == won
        assert replay_check(opened, (state.offset, state_digest(state), state.people.people)).good
    finally:
        opened.close()
