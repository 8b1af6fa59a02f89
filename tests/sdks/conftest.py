"""Fixtures of the SDKs' tests: a core, a gate before it, a page's server and a browser; and the record of what each test proves.

A test carries ``@pytest.mark.proves("behaviour")`` and has an argument ``sdk``. With ``GYEOL_PROVEN`` set, what passed is written
into that file as JSON lists ``[sdk, behaviour]``: ``matrix.py`` makes the page of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.sdks.gate import Gate
from tests.sdks.sending import MODULES, Sending
from tests.sdks.site import Site
from tests.sdks.stand import WEB_KEY, Core
from tests.web.conftest import browser, chromium

__all__ = ["browser", "chromium"]

Visit = Callable[..., Page]
_outcomes: dict[tuple[str, str], bool] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "proves(behaviour): what of docs/compatibility.md this test proves, for its argument `sdk`")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what failed, and what passed unless another test of the same failed."""
    report = yield
    mark = item.get_closest_marker("proves")
    if mark is not None and isinstance(item, pytest.Function):
        proven = (str(item.callspec.params["sdk"]), str(mark.args[0]))
        if report.when == "call" or not report.passed:
            _outcomes[proven] = report.passed and _outcomes.get(proven, True)
    return report


def pytest_sessionfinish() -> None:
    """Write the record."""
    path = os.environ.get("GYEOL_PROVEN")
    if path:
        Path(path).write_text(json.dumps(sorted(proven for proven, passed in _outcomes.items() if passed)), encoding="utf-8")


@pytest.fixture(scope="module")
def core_of_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    """A core for one file of tests."""
    running = Core(tmp_path_factory.mktemp("sdks") / "shop")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def core(core_of_file: Core) -> Core:
    """The file's core, which runs: a test that killed it and failed before it started it again takes no other along."""
    core_of_file.start()
    return core_of_file


@pytest.fixture(scope="module")
def busy_core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    """A core that turns every event away: 503 and ``Retry-After``, in its own words and with its own headers."""
    running = Core(tmp_path_factory.mktemp("busy") / "shop", GYEOL_MAX_UNWRITTEN_FRAMES="-1")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def gate(core: Core) -> Iterator[Gate]:
    """What stands between an SDK and the core."""
    standing = Gate(core.port)
    yield standing
    standing.close()


@pytest.fixture
def sending() -> Iterator[Callable[..., Sending]]:
    """Starts programs that send with a server SDK."""
    assert (MODULES / ".ready").exists(), "the SDKs are not installed: run `make sdks`"
    started: list[Sending] = []

    def send(sdk: str, url: str, key: str) -> Sending:
        started.append(Sending(sdk, url, key))
        return started[-1]

    yield send
    for program in started:
        program.kill()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The web site whose pages load the browser SDKs: another origin than the collector's, and another host."""
    assert (MODULES / ".ready").exists(), "the SDKs are not installed: run `make sdks`"
    serving = Site()
    yield serving
    serving.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor: cookies and storage of their own."""
    visitor = browser.new_context()
    yield visitor
    visitor.close()


@pytest.fixture
def visit(context: BrowserContext, site: Site) -> Visit:
    """Opens a page that has started an SDK; ``analytics`` is its global."""

    def open_(sdk: str, url: str, key: str = WEB_KEY, **options: object) -> Page:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(site.page(sdk, url, key, options))
        page.wait_for_function("window.analytics !== undefined")
        return page

    return open_
