"""Each set-up of ``docs/compatibility.md``, run as printed: only address, key and user are put in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext
from tests.sdks.sending import MODULES, NODE, NODE_SDKS, PYTHON_SDKS
from tests.sdks.setups import set_up
from tests.sdks.site import BROWSER_SDKS, Site
from tests.sdks.stand import SERVER_KEY, WEB_KEY, Core, Kept

pytestmark = pytest.mark.slow


def arrived(kept: list[Kept]) -> list[str]:
    """What came, by name."""
    return sorted(event.said.get("event") or event.said["type"] for event in kept)


@pytest.mark.parametrize("sdk", [*NODE_SDKS, *PYTHON_SDKS])
@pytest.mark.proves("setup")
def test_a_program(sdk: str, core: Core, tmp_path: Path) -> None:
    mark = uuid4().hex
    assert (MODULES / ".ready").exists(), "the SDKs are not installed: run `make sdks`"
    (tmp_path / "node_modules").symlink_to(MODULES)
    program = tmp_path / ("program.mjs" if sdk in NODE_SDKS else "program.py")
    program.write_text(set_up(sdk, core.url, SERVER_KEY, mark), encoding="utf-8")
    command = [str(NODE) if sdk in NODE_SDKS else sys.executable, str(program)]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert arrived(core.kept(mark)) == ["Order Completed", "identify"]


@pytest.mark.parametrize("sdk", BROWSER_SDKS)
@pytest.mark.proves("setup")
def test_a_page(sdk: str, core: Core, site: Site, context: BrowserContext) -> None:
    mark = uuid4().hex
    page = context.new_page()
    page.goto(site.url + site.write("printed", set_up(sdk, core.url, WEB_KEY, mark)))
    for _ in range(2_400):
        if len(core.kept(mark)) == 2:
            break
        page.wait_for_timeout(50)
    assert arrived(core.kept(mark)) == ["Product Viewed", "identify"]
