"""The front door, as the README tells it: the demo on screen, a page of one's own, and oneself in Live, known, in an audience, decided for.

The demo is `gyeol demo` with another cut and other ports, the page is `docs/your-page`, the SDK is Segment's, the browser Chromium.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.sdks.site import HERE as SDKS
from tests.sdks.stand import free_port
from tests.web.conftest import browser, chromium

from gyeol.app.folder import DataFolder
from gyeol.app.settings import data_folder

__all__ = ["browser", "chromium"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "your-page" / "index.html"
BUNDLE = SDKS / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"
USER = "visitor-1"
pytestmark = pytest.mark.slow


class Demo:
    """``gyeol demo``, cut so early that little is imported and most of the year is still to come."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "retailer"
        self.public, self.internal = free_port(), free_port()
        self.log = folder.with_suffix(".log")
        self.command = [
            sys.executable,
            "-m",
            "gyeol.cli",
            "demo",
            "retailer",
            "--folder",
            str(folder),
            "--cut",
            "2017-01-05",
            "--speed",
            "1440",
        ]
        self.command += ["--port", str(self.public), "--internal-port", str(self.internal)]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)
        self.until(lambda: httpx.get(f"http://127.0.0.1:{self.public}/readyz", timeout=60).status_code == 200)
        self.until(lambda: self.api.get("/v1/status").status_code == 200)

    def until(self, good: Callable[[], bool], seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            try:
                if good():
                    return
            except (httpx.HTTPError, OSError):
                pass
            time.sleep(0.1)
        pytest.fail(f"it did not come about in time\n{self.log.read_text()[-2_000:]}")

    @property
    def token(self) -> str:
        return DataFolder(data_folder(self.workspace), create=False).secrets().admin_token

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.internal}"

    @property
    def api(self) -> httpx.Client:
        return httpx.Client(base_url=self.console, headers={"Authorization": f"Bearer {self.token}"}, timeout=60)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)


class Watching:
    """The stream of Live, read as it comes."""

    def __init__(self, api: httpx.Client) -> None:
        self.items: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self._api = api
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self._api.stream("GET", "/v1/live", timeout=None) as answer:
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    self.ids.append(line[4:])
                elif line.startswith("data: {") and '"kind"' in line:
                    self.items.append(msgspec.json.decode(line[6:]))

    def find(self, **wanted: object) -> dict[str, Any] | None:
        """The first item whose fields (``event__name``) are these."""
        for item in list(self.items):
            if all(_at(item, path) == value for path, value in wanted.items()):
                return item
        return None


def _at(item: object, path: str) -> object:
    for key in path.split("__"):
        item = item.get(key) if isinstance(item, dict) else None
    return item


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("front") / "demo")
    running.start()
    yield running
    if running.process is not None and running.process.poll() is None:
        os.killpg(running.process.pid, signal.SIGTERM)
        running.process.wait(120)


@pytest.fixture(scope="module")
def site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``python3 -m http.server`` on the page: another origin than the collector's."""
    folder = tmp_path_factory.mktemp("page")
    printed = PAGE.read_text(encoding="utf-8")
    assert "http://127.0.0.1:8400" in printed
    (folder / "index.html").write_text(printed.replace("127.0.0.1:8400", f"127.0.0.1:{demo.public}"), encoding="utf-8")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://localhost:{port}/"
    server.terminate()
    server.wait(10)


def _shop(browser: Browser, site: str, token: str) -> Page:
    """The visitor's page; the SDK comes from its npm package instead of the network's copy of it."""
    page = browser.new_context().new_page()
    page.set_default_timeout(60_000)
    page.route("https://cdn.jsdelivr.net/**/umd/*", lambda route: route.fulfill(path=str(BUNDLE / route.request.url.rpartition("/")[2])))
    page.goto(f"{site}#{token}")
    return page


def test_somebody_who_only_reads_the_readme(demo: Demo, site: str, browser: Browser) -> None:
    watching = Watching(demo.api)
    demo.until(lambda: watching.find(event__source="till") is not None)  # the live day moves

    live = browser.new_context(locale="en-US").new_page()
    live.goto(f"{demo.console}/live?token={demo.token}")

    signed = [sys.executable, "-m", "gyeol.cli", "user-token", USER, "-w", str(demo.workspace)]
    token = subprocess.run(signed, capture_output=True, text=True, check=True).stdout.strip()
    shop = _shop(browser, site, token)

    # They appear in Live …
    demo.until(lambda: watching.find(event__name="$page", event__source="web") is not None)
    seen = watching.find(event__name="$page", event__source="web")
    assert seen is not None and seen["person"] is not None
    year = time.gmtime(seen["at"] / 1000).tm_year
    assert year == 2017, "a visitor of the demo lives at the data's present"
    expect(live.get_by_text("Page viewed").first).to_be_visible(timeout=60_000)

    # … put something into the cart, are known by identify, enter an audience …
    shop.click("#add")
    demo.until(lambda: watching.find(stage__after__name="near_purchase") is not None)
    shop.click("#join")
    demo.until(lambda: watching.find(identity__what="joined") is not None)
    demo.until(lambda: watching.find(audience__name="families_with_kids", person__name=USER) is not None)
    person = demo.api.get(f"/v1/people/{USER}").json()
    assert {each["type"] for each in person["identifiers"]} == {"user_id", "anonymous_id"}
    assert {each["name"]: each["member"] for each in person["audiences"]}["families_with_kids"] is True

    # … and get a decision that the console explains.
    shop.click("#ask")
    expect(shop.locator("#hero")).to_have_text("Your cart is waiting", timeout=60_000)
    demo.until(lambda: watching.find(kind="decision", decision__placement="home_hero") is not None)
    demo.until(lambda: demo.api.get(f"/v1/people/{USER}/decisions").json()["decisions"] != [])  # state.db follows the log
    (decision,) = demo.api.get(f"/v1/people/{USER}/decisions").json()["decisions"]
    assert decision["chosen"] == "cart_waiting"
    refusals = {refusal["offer"]: refusal["reason"] for refusal in decision["refusals"]}
    assert refusals["family_pack"]["code"] == "consent_missing"
    live.goto(f"{demo.console}/people/{person['id']}?view=decisions")
    expect(live.get_by_text(refusals["family_pack"]["text"]["en"]).first).to_be_attached(timeout=60_000)
    assert watching.ids == sorted(watching.ids), "the stream is in the log's order"


def test_it_goes_on_where_it_was(demo: Demo) -> None:
    demo.until((data_folder(demo.workspace) / "live_day.json").exists)  # it may be the first to look
    before = demo.api.get("/v1/status").json()["events"]
    assert demo.stop() == 0
    assert "the live day has ended with an error" not in demo.log.read_text()
    noted = msgspec.json.decode((data_folder(demo.workspace) / "live_day.json").read_bytes())["row"]
    demo.start()
    demo.until(lambda: demo.api.get("/v1/status").json()["events"] > before)
    told = demo.api.get("/v1/status").json()
    assert told["duplicates"] <= 500, "only what had not been noted is sent again"
    assert msgspec.json.decode((data_folder(demo.workspace) / "live_day.json").read_bytes())["row"] >= noted
