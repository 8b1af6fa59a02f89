"""The weather of a service, through a real pair: asked for the cells of stores and people, told, joined; its failure shows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.integration.conftest import SERVER_KEY, Pair
from tests.unit.storage.test_weather import Service
from typer.testing import CliRunner

from gyeol.cli.main import app

pytestmark = pytest.mark.slow
STORES = """stores:
  - {name: S01, lat: 37.571, lon: 126.976}
"""


class Now(Service):
    """It snows, now."""

    def answer(self, path: str, query: dict[str, str]) -> bytes:
        told = json.loads(super().answer(path, query))
        for each in told if isinstance(told, list) else [told]:
            each["current"]["time"] = int(time.time()) - 60
        return json.dumps(told).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Now()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def until(found: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 30
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.fixture
def asking(workspace: Path, service: Service) -> Path:
    """A workspace with a store, whose weather is asked of the local service."""
    path = next(path for path in sorted(workspace.glob("*.yaml")) if "workspace:" in path.read_text("utf-8"))
    weather = f"{{provider: open_meteo, every: 1m, url: '{service.url}/forecast', air_url: none}}"
    more = f"workspace:\n  moment: {{cell: context.location}}\n  weather: {weather}\n"
    path.write_text(path.read_text("utf-8").replace("workspace:\n", more, 1), encoding="utf-8")
    (workspace / "stores.yaml").write_text(STORES, encoding="utf-8")
    return workspace


def test_weather_comes_in(asking: Path, pair: Pair, service: Service) -> None:
    service.wait_s = 0.2  # a slow service keeps nobody waiting
    pair.start(api=True)
    here = {"latitude": 37.572, "longitude": 126.977}
    pair.batch([{"type": "page", "userId": "kim", "messageId": "m1", "context": {"location": here}}], SERVER_KEY)

    def moment() -> dict[str, object]:
        return {fact["name"]: fact["value"] for fact in pair.api.get("/v1/people/user_id:kim/moment").json()["facts"]}

    until(lambda: moment().get("moment.weather") == "snow", "no weather came in")
    assert (moment()["moment.feels"], moment()["moment.temperature"], moment()["moment.nearest_store"]) == ("cold", -2, "S01")
    assert pair.api.get("/v1/status").json()["fact_problem"] == ""
    pair.stop()


def test_a_service_that_fails_is_told_everywhere(asking: Path, pair: Pair, service: Service) -> None:
    service.status = 503
    pair.start(api=True)
    until(lambda: "open_meteo: it answered 503" in pair.api.get("/v1/status").json()["fact_problem"], "the failure is not told")
    assert 'gyeol_problem{code="facts_missing"} 1' in pair.api.get("/metrics").text
    assert "facts_missing" in [problem["code"] for problem in pair.api.get("/v1/overview").json()["problems"]]
    told = CliRunner().invoke(app, ["doctor", "--workspace", str(asking), "--json"])
    checks = {check["name"]: check for check in json.loads(told.output)["checks"]}
    assert checks["facts"]["watch"] is True and "503" in checks["facts"]["detail"]
    pair.stop()
