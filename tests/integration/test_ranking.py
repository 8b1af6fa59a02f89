"""A shop over HTTP that learns which creative is better, is killed in the middle of it, and goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Pair

SERVER_KEY = "server-key-for-tests"
POLICY = """
policies:
  - name: clever
    label: {ko: 학습, en: Learned}
    features: {buyer: orders >= 1, evening: "moment.daypart = 'evening'"}
placements:
  - {name: learned, channel: web, ranking: clever}
offers:
  - name: cake
    placements: [learned]
    score: "5"
    goal: {event: Cake Ordered, within: 1h, value: 2000}
    creatives:
      words: {}
      photo: {content: {ko: {image: cake.webp}, en: {image: cake.webp}}}
    content: {ko: {title: 케이크, body: 오늘}, en: {title: Cake, body: Today}}
"""
pytestmark = pytest.mark.slow


def shop_of(pair: Pair) -> httpx.Client:
    """A client of the public port that holds the server key."""
    return httpx.Client(base_url=pair.url, auth=(SERVER_KEY, ""), timeout=60)


def decide(client: httpx.Client, user: str) -> dict[str, Any]:
    reply = client.post("/v1/decide", json={"placements": ["learned"], "userId": user, "lang": "en"})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["decisions"][0]
    return found


def serve(pair: Pair, first: int, n: int) -> list[str]:
    """Decisions for so many visitors; those of the photo order nine times as often.

    What is drawn is chance, and a policy may take the worse one for the better for long: with four times it did so once in sixty shops.
    """
    chosen = []
    client = shop_of(pair)
    for i in range(first, first + n):
        decision = decide(client, f"u{i}")
        chosen.append(decision["creative"])
        if i % 10 < (9 if decision["creative"] == "photo" else 1):
            event: dict[str, object] = {"type": "track", "event": "Cake Ordered", "userId": f"u{i}", "messageId": f"c{i}"}
            assert client.post("/v1/batch", json={"batch": [event]}).status_code == 200
    client.close()
    return chosen


def told(api: httpx.Client, decision: str) -> dict[str, Any]:
    """A decision as the API tells it: state.db follows the answer within a moment."""
    deadline = time.monotonic() + 120
    while (reply := api.get(f"/v1/decisions/{decision}")).status_code == 404:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found: dict[str, Any] = reply.json()
    return found


def test_a_shop_learns_which_creative_is_better(pair: Pair, workspace: Path, run_cli: Callable[..., CompletedProcess[str]]) -> None:
    (workspace / "ranking.yaml").write_text(POLICY, encoding="utf-8")
    pair.start(api=True)
    with shop_of(pair) as shop:
        before = decide(shop, "first")
    assert [reason["code"] for reason in before["reasons"]][-1] == "policy_waits"
    with pair.api as api:
        said = {
            "id": "v_1", "policy": "clever", "definitions": api.get("/v1/status").json()["definitions"], "estimator": "dr",
            "estimate": 2.0, "low": 1.5, "high": 2.5, "ess": 900.0, "baseline": 1.0, "verdict": "cannot_tell",
        }  # fmt: skip
        refused = api.post("/v1/policies/clever/switch", json={"verdict": said, "by": "kim"}).json()
        assert (refused["status"], refused["reason"]) == ("refused", "bad_verdict")
        verdicts = workspace / ".gyeol" / "verdicts"
        verdicts.mkdir()
        (verdicts / "v_1.json").write_text(json.dumps(said | {"verdict": "better"}), encoding="utf-8")
    done = run_cli("policy", "switch", "clever", "--verdict", "v_1", "--as", "kim", "-w", str(workspace))
    assert done.returncode == 0, done.stdout + done.stderr

    serve(pair, 0, 70)
    pair.kill()
    pair.start(api=True)
    later = serve(pair, 70, 60)
    assert later[-30:].count("photo") >= 20

    with shop_of(pair) as shop:
        decision = decide(shop, "last")
    assert decision["content"]["title"] == "Cake"
    assert decision["policy"] == "clever"
    assert 0.01 <= decision["propensity"] <= 0.99
    assert {each["feature"] for each in decision["contributions"]} >= {"(base)"}
    with pair.api as api:
        [standing] = api.get("/v1/policies").json()["policies"]
        assert (standing["verdict"], standing["placements"]) == ("v_1", ["learned"])
        assert sum(standing["learned"].values()) == 132
        kept = told(api, decision["id"])
        assert (kept["policy"], kept["creative"]) == ("clever", decision["creative"])
