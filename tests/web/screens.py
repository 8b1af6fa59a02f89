"""``make screens``: the pictures of the console in README.md and README.ko.md, taken of the demo while its last week goes by.

Everything in them comes from the real pair of processes: the retailer's year, imported; its last days sent through the collector; a visit
of the website, and two events that are wrong on purpose. Takes four to six minutes.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from tests.web.conftest import ROOT, chromium_path

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT, TALLEST = 1280, 860, 1150
LARGEST_BYTES = 250_000
LANGUAGES = ("en", "ko")
USUAL_PORTS = (8400, 8401)
DAY_IN_S = 40
"""A day of the live week goes by in so many seconds."""
SEEN_S = 200
"""So long the live days run before the pictures, so that the last minutes hold something."""
LONGEST_WAIT_S = 400
WHO = "1349"
"""A household with decisions, messages and an e-mail address."""

_VISITOR: dict[str, Any] = {"type": "track", "anonymousId": "visitor-7", "context": {"page": {"path": "/dairy"}}}
VISIT = [
    {**_VISITOR, "type": "page", "name": "Home"},
    *({**_VISITOR, "event": "Product Viewed", "properties": {"product_id": f"p-{n}", "price": 3.5}} for n in range(3)),
    {**_VISITOR, "event": "Product Added", "properties": {"product_id": "p-1", "quantity": 1, "price": 3.5}},
]
WRONG: list[dict[str, Any]] = [
    {**_VISITOR, "event": "Product Viewed", "timestamp": "yesterday", "properties": {"product_id": "p-9", "price": 4.25}},
    {"type": "track", "event": "Product Viewed", "properties": {"product_id": "p-2"}},
]
"""Two events that cannot be taken, sent on purpose."""


def main() -> None:
    """Take all pictures, in English and in Korean."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with workspace() as folder, demo(folder) as urls, sync_playwright() as playwright:
        send(urls["public_url"], VISIT)
        decide(urls["console_url"])
        time.sleep(SEEN_S)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        pages = {lang: opened(browser, urls["console_url"], lang) for lang in LANGUAGES}
        for lang, page in pages.items():
            show_how_it_runs(page, urls["console_url"], lang)
        send(urls["public_url"], WRONG)
        for lang, page in pages.items():
            show_people_and_data(page, urls["console_url"], lang)
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
    """The demo, its last week going by; the two addresses that it prints. On the usual ports, or on free ones where those are taken."""
    ports = [str(free(port)) for port in USUAL_PORTS]
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


def free(usual: int) -> int:
    """The usual port, if nobody has it."""
    for port in (usual, 0):
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return int(one.getsockname()[1])
    raise OSError("no port is free")


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


def send(url: str, events: list[dict[str, Any]]) -> None:
    """Through the collector, with the website's key."""
    httpx.post(f"{url}/v1/batch", auth=("demo-web-key", ""), json={"batch": events}, timeout=30).raise_for_status()


def decide(console: str) -> None:
    """Decisions that somebody waits for, so that there is something to measure."""
    base, token = console.split("/?token=")
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=30) as api:
        people = api.get("/v1/people", params={"limit": 60}).raise_for_status().json()["people"]
        placements = list({row["placement"] for row in api.get("/v1/measures/acted").raise_for_status().json()["decisions"]})
        for person in people:
            api.post("/v1/decide", json={"person": person["id"], "placements": sorted(placements)[:1]}).raise_for_status()


def opened(browser: Browser, console: str, lang: str) -> Page:
    """A window that has the key."""
    locale = "ko-KR" if lang == "ko" else "en-US"
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale=locale, reduced_motion="reduce").new_page()
    page.set_default_timeout(60_000)
    page.goto(console)
    return page


def show(page: Page, console: str, path: str, lang: str, wanted: str) -> None:
    """Open a screen and wait for what it is about."""
    base = console.split("/?token=")[0]
    page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={lang}")
    page.locator(wanted).first.wait_for()
    page.wait_for_timeout(1_500)
    page.evaluate("document.fonts.ready")


def show_how_it_runs(page: Page, console: str, lang: str) -> None:
    """Overview and Live."""
    show(page, console, "/", lang, ".rate svg")
    keep(page, "overview", lang, whole=True)
    show(page, console, "/live", lang, ".live-row")
    page.wait_for_timeout(4_000)
    keep(page, "live", lang)


def show_people_and_data(page: Page, console: str, lang: str) -> None:
    """A profile, a decision with its refusals, the set-up of a source, a rejected event."""
    show(page, console, f"/people/{WHO}", lang, ".event")
    keep(page, "profile", lang)
    show(page, console, f"/people/{WHO}?view=decisions", lang, ".refusal")
    keep(page, "decision", lang)
    show(page, console, "/data/sources?source=web", lang, ".code")
    keep(page, "sources", lang, whole=True)
    show(page, console, "/data/rejected", lang, ".choice-link")
    page.locator(".choice-link", has_text=re.compile("product viewed|상품 조회", re.IGNORECASE)).last.click()
    page.locator(".editor-text").wait_for()
    keep(page, "rejected", lang)


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
