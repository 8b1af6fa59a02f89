"""``make screens``: the pictures of the console in README.md and README.ko.md, taken of the demo while its last week goes by.

Everything in them comes from the real pair of processes: the retailer's year, imported; its last days sent through the collector; a few
visits of the website, a source that the demo marks as simulated, two of them wrong on purpose. Takes two to four minutes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from tests.web.conftest import ROOT, chromium_path

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT, TALLEST = 1280, 860, 1150
LARGEST_BYTES = 250_000
LANGUAGES = ("en", "ko")
DAY_IN_S = 45
"""A day of the live week goes by in so many seconds."""
SEEN_S = 75
"""So long the live days run before the pictures, so that the last minutes hold something."""
LONGEST_WAIT_S = 400
WHO = "1349"
"""A household with decisions, messages and an e-mail address."""


def main() -> None:
    """Take all pictures, in English and in Korean."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with workspace() as folder, demo(folder) as urls, sync_playwright() as playwright:
        visit(urls["public_url"])
        decide(urls["console_url"])
        time.sleep(SEEN_S)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        for lang in LANGUAGES:
            take(browser, urls["console_url"], lang)
        browser.close()


@contextmanager
def workspace() -> Iterator[Path]:
    """Where the demo lies: a folder that is named is kept, so that a second run need not import again."""
    if len(sys.argv) > 1:
        yield Path(sys.argv[1])
        return
    with tempfile.TemporaryDirectory(prefix="gyeol-screens-") as folder:
        yield Path(folder)


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, Any]]:
    """The demo on free ports, its last week going by; the two addresses that it prints."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = [str(each.getsockname()[1]) for each in (one, other)]
    speed = str(24 * 3600 // DAY_IN_S)
    options = ["--folder", str(folder), "--port", ports[0], "--internal-port", ports[1], "--speed", speed, "--json"]
    command = [sys.executable, "-m", "gyeol.cli", "demo", "retailer", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = (json.loads(line) for line in process.stdout if line.startswith("{"))
        urls = next(answer for answer in told if "console_url" in answer)
        until(lambda: httpx.get(urls["console_url"], timeout=5).status_code < 500)
        yield urls
    finally:
        process.terminate()
        process.wait(60)


def until(condition: Any) -> None:
    """Ask again until it holds; a port that nobody listens on yet counts as not yet."""
    deadline = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise TimeoutError("the demo does not answer")


def visit(url: str) -> None:
    """A few visits of the website, and two events that cannot be taken."""
    base = {"type": "track", "anonymousId": "visitor-7", "context": {"page": {"path": "/dairy"}}}
    events: list[dict[str, Any]] = [
        {**base, "type": "page", "name": "Home"},
        *({**base, "event": "Product Viewed", "properties": {"product_id": f"p-{n}", "price": 3.5}} for n in range(3)),
        {**base, "event": "Product Added", "properties": {"product_id": "p-1", "quantity": 1, "price": 3.5}},
        {**base, "event": "Product Viewed", "timestamp": "yesterday", "properties": {"product_id": "p-9", "price": 4.25}},
        {"type": "track", "event": "Product Viewed", "properties": {"product_id": "p-2"}},
    ]
    answer = httpx.post(f"{url}/v1/batch", auth=("demo-web-key", ""), json={"batch": events}, timeout=30)
    answer.raise_for_status()


def decide(console: str) -> None:
    """Decisions that somebody waits for, so that there is something to measure."""
    base, token = console.split("/?token=")
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=30) as api:
        people = api.get("/v1/people", params={"limit": 60}).raise_for_status().json()["people"]
        placements = list({row["placement"] for row in api.get("/v1/measures/acted").raise_for_status().json()["decisions"]})
        for person in people:
            api.post("/v1/decide", json={"person": person["id"], "placements": sorted(placements)[:1]}).raise_for_status()


def take(browser: Browser, console: str, lang: str) -> None:
    """The pictures of one language; ``<name>.png`` in English, ``<name>.ko.png`` in Korean."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="ko-KR" if lang == "ko" else "en-US", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(console)
    base = console.split("/?token=")[0]

    def show(path: str, wanted: str) -> None:
        page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={lang}")
        page.locator(wanted).first.wait_for()
        page.wait_for_timeout(1_500)
        page.evaluate("document.fonts.ready")

    show("/", ".rate svg")
    keep(page, "overview", lang, whole=True)
    show("/live", ".live-row")
    page.wait_for_timeout(4_000)
    keep(page, "live", lang)
    show(f"/people/{WHO}", ".event")
    keep(page, "profile", lang)
    show(f"/people/{WHO}?view=decisions", ".refusal")
    keep(page, "decision", lang)
    show("/data/sources?source=web", ".code")
    keep(page, "sources", lang, whole=True)
    show("/data/rejected", ".choice-link")
    page.locator(".choice-link", has_text="Product Viewed").last.click()
    page.locator(".editor-text").wait_for()
    keep(page, "rejected", lang)
    context.close()


def keep(page: Page, name: str, lang: str, *, whole: bool = False) -> None:
    """Write one picture, with the whole page or the window."""
    path = IMAGES / (f"{name}.png" if lang == "en" else f"{name}.{lang}.png")
    tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST) if whole else HEIGHT
    page.set_viewport_size({"width": WIDTH, "height": max(tall, HEIGHT)})
    page.wait_for_timeout(400)
    page.screenshot(path=str(path))
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")
    if size > LARGEST_BYTES:
        raise SystemExit(f"{path} is larger than {LARGEST_BYTES} bytes")


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    main()
