"""The OpenFeature SDKs with their OFREP providers, unmodified, against a running core: placements are flags."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from playwright.sync_api import BrowserContext, Page
from tests.sdks.gate import Gate, Seen
from tests.sdks.sending import HERE, MODULES, NODE
from tests.sdks.setups import set_up
from tests.sdks.site import Site
from tests.sdks.stand import SERVER_KEY, WEB_KEY, Core, until

from gyeol.app.core_api import StatusRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.remote_core import RemoteCore

pytestmark = pytest.mark.slow
server_sdks = pytest.mark.parametrize("sdk", ["openfeature-node", "openfeature-python"])
web_sdk = pytest.mark.parametrize("sdk", ["openfeature-web"])
Evaluate = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


def decisions(core: Core) -> int:
    """How many were recorded."""
    client = CoreClient(core._folder / ".gyeol" / "core.sock")
    try:
        return RemoteCore(client.call).status(StatusRequest()).decisions
    finally:
        client.close()


def view(core: Core, category: str, **who: str) -> None:
    """Have somebody look at a product: the offer `favourites` is for those who did."""
    key = WEB_KEY if "anonymousId" in who else SERVER_KEY
    body = {"event": "Product Viewed", "properties": {"product_id": "p", "category": category}, **who}
    httpx.post(f"{core.url}/v1/track?writeKey={key}", json=body, timeout=60).raise_for_status()


def evaluations(gate: Gate) -> list[Seen]:
    """The requests that passed the gate so far."""
    return [request for request in gate.seen() if request.method == "POST" and request.path.startswith("/ofrep/")]


@pytest.fixture
def evaluate(core: Core) -> Iterator[Evaluate]:
    """Evaluates a flag with a server SDK; the details as that SDK gives them, under one set of names."""
    assert (MODULES / ".ready").exists(), "the SDKs are not installed: run `make sdks`"
    running: list[subprocess.Popen[str]] = []

    def node(kind: str, flag: str, default: object, context: dict[str, object]) -> dict[str, Any]:
        if not running:
            command = [str(NODE), str(HERE / "flags.mjs"), core.url, SERVER_KEY]
            running.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        program = running[0]
        assert program.stdin is not None and program.stdout is not None
        program.stdin.write(json.dumps([f"get{kind.capitalize()}Details", flag, default, context]) + "\n")
        program.stdin.flush()
        told = json.loads(program.stdout.readline())
        return {"value": told["value"], "reason": told["reason"], "variant": told.get("variant"), "error": told.get("errorCode")} | {
            "metadata": told.get("flagMetadata")
        }

    def python(kind: str, flag: str, default: object, context: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {SERVER_KEY}"}
        api.set_provider(OFREPProvider(core.url, headers_factory=lambda: headers))
        targeting = context.pop("targetingKey", None)
        told = getattr(api.get_client(), f"get_{kind}_details")(flag, default, EvaluationContext(targeting, context))
        error = None if told.error_code is None else told.error_code.value
        reason = getattr(told.reason, "value", told.reason)
        return {"value": told.value, "reason": reason, "variant": told.variant, "error": error, "metadata": told.flag_metadata}

    def call(sdk: str, kind: str, flag: str, default: object, **context: object) -> dict[str, Any]:
        return (node if sdk == "openfeature-node" else python)(kind, flag, default, context)

    yield call
    for program in running:
        program.kill()
        program.communicate()


@server_sdks
@pytest.mark.proves("flag")
def test_a_placement_is_an_object_its_offer_a_text_and_whether_it_is_shown_a_flag(sdk: str, core: Core, evaluate: Evaluate) -> None:
    user = f"user-{uuid4().hex}"
    view(core, "과일", userId=user)
    whole = evaluate(sdk, "object", "home_banner", {}, targetingKey=user, lang="en")
    assert (whole["value"]["offer"], whole["value"]["content"]["title"]) == ("favourites", "Picked from what you like")
    assert (whole["reason"], whole["variant"], whole["error"]) == ("TARGETING_MATCH", "favourites", None)
    assert whole["metadata"]["why"] == "only_candidate" and whole["metadata"]["decision"] == whole["value"]["decision"]
    assert evaluate(sdk, "string", "home_banner.offer", "", targetingKey=user, lang="en")["value"] == "favourites"
    assert evaluate(sdk, "boolean", "home_banner.shown", False, targetingKey=user, lang="en")["value"] is True
    stranger = evaluate(sdk, "boolean", "home_banner.shown", True, targetingKey=f"{user}-2")
    assert (stranger["value"], stranger["reason"], stranger["variant"]) == (False, "DEFAULT", "welcome"), "the fallback is no offer"


@server_sdks
@pytest.mark.proves("flag-default")
def test_what_cannot_be_evaluated_gives_the_default_of_the_code(sdk: str, core: Core, evaluate: Evaluate) -> None:
    unknown = evaluate(sdk, "string", "no_such_place.offer", "mine", targetingKey="kim")
    assert (unknown["value"], unknown["error"]) == ("mine", "FLAG_NOT_FOUND")
    nobody = evaluate(sdk, "string", "home_banner.offer", "mine")
    assert (nobody["value"], nobody["error"]) == ("mine", "TARGETING_KEY_MISSING")
    wrong = evaluate(sdk, "boolean", "home_banner", True, targetingKey="kim")
    assert (wrong["value"], wrong["error"]) == (True, "TYPE_MISMATCH")
    bad = evaluate(sdk, "string", "home_banner.offer", "mine", targetingKey="kim", lang="xx")
    assert (bad["value"], bad["error"]) == ("mine", "INVALID_CONTEXT")


@server_sdks
@pytest.mark.proves("flag-once")
def test_evaluating_again_records_nothing(sdk: str, core: Core, evaluate: Evaluate) -> None:
    user = f"user-{uuid4().hex}"
    first = evaluate(sdk, "object", "home_banner", {}, targetingKey=user)
    taken = decisions(core)
    again = [evaluate(sdk, "object", "home_banner", {}, targetingKey=user, requestId=n)["value"] for n in range(20)]
    assert again == [first["value"]] * 20 and decisions(core) == taken


# -- the web SDK
@pytest.fixture
def opened(core: Core, site: Site, context: BrowserContext) -> Callable[..., Page]:
    """Opens a page whose provider is ready; ``flags`` is its client."""

    def open_(url: str, key: str = WEB_KEY, **options: object) -> Page:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(site.page("openfeature-web", url, key, options))
        page.wait_for_function("window.flags !== undefined")
        return page

    return open_


@web_sdk
@pytest.mark.proves("flag")
def test_a_page_has_its_placements(sdk: str, core: Core, opened: Callable[..., Page]) -> None:
    visitor = f"browser-{uuid4().hex}"
    view(core, "과일", anonymousId=visitor)
    page = opened(core.url, context={"targetingKey": visitor, "lang": "ko"})
    whole = page.evaluate("flags.getObjectDetails('home_banner', {})")
    assert (whole["value"]["offer"], whole["value"]["content"]["title"]) == ("favourites", "즐겨 보시는 상품을 모았어요")
    assert (whole["reason"], whole["variant"]) == ("TARGETING_MATCH", "favourites")
    assert set(whole["flagMetadata"]) == {"decision", "fallback"}, "a page learns no reasons"
    assert page.evaluate("flags.getStringValue('home_banner.offer', '')") == "favourites"
    assert page.evaluate("flags.getBooleanValue('home_banner.shown', false)") is True


@web_sdk
@pytest.mark.proves("flag-default")
def test_a_page_without_an_answer_has_its_defaults(sdk: str, core: Core, opened: Callable[..., Page]) -> None:
    page = opened(core.url, context={"targetingKey": "kim", "userToken": "forged"}, cacheMode="disabled")
    assert page.evaluate("failed") != ""
    assert page.evaluate("flags.getStringValue('home_banner.offer', 'mine')") == "mine"
    page = opened(core.url, context={"targetingKey": f"browser-{uuid4().hex}"})
    unknown = page.evaluate("flags.getStringDetails('no_such_place', 'mine')")
    assert (unknown["value"], unknown["errorCode"]) == ("mine", "FLAG_NOT_FOUND")
    wrong = page.evaluate("flags.getBooleanDetails('home_banner', true)")
    assert (wrong["value"], wrong["errorCode"]) == (True, "TYPE_MISMATCH")


@web_sdk
@pytest.mark.proves("flag-once")
def test_polling_is_answered_304_and_records_nothing(sdk: str, core: Core, gate: Gate, opened: Callable[..., Page]) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = opened(gate.url, context={"targetingKey": visitor}, pollInterval=100, changeDetection="polling", cacheMode="disabled")
    taken = decisions(core)
    for _ in range(1_200):
        if len(evaluations(gate)) >= 6:
            break
        page.wait_for_timeout(50)
    assert len(evaluations(gate)) >= 6 and all("if-none-match" in request.headers for request in evaluations(gate)[1:])
    assert decisions(core) == taken and page.evaluate("changes") == []


@web_sdk
@pytest.mark.proves("flag-stream")
def test_a_page_hears_of_a_change_without_polling(sdk: str, core: Core, gate: Gate, opened: Callable[..., Page]) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = opened(gate.url, context={"targetingKey": visitor}, cacheMode="disabled")
    assert page.evaluate("flags.getStringValue('home_banner.offer', '')") == "welcome"
    until(lambda: any(r.path.startswith("/v1/stream") for r in gate.seen()))
    view(core, "과일", anonymousId=visitor)
    page.wait_for_function("flags.getStringValue('home_banner.offer', '') === 'favourites'")
    assert "home_banner" in page.evaluate("changes.flat()")
    assert len(evaluations(gate)) == 2


# -- set-ups
@server_sdks
@pytest.mark.proves("setup")
def test_a_program_as_printed(sdk: str, core: Core, tmp_path: Path) -> None:
    user = f"user-{uuid4().hex}"
    view(core, "과일", userId=user)
    (tmp_path / "node_modules").symlink_to(MODULES)
    program = tmp_path / ("program.mjs" if sdk == "openfeature-node" else "program.py")
    program.write_text(set_up(sdk, core.url, SERVER_KEY, user), encoding="utf-8")
    command = [str(NODE) if sdk == "openfeature-node" else sys.executable, str(program)]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "favourites"


@web_sdk
@pytest.mark.proves("setup")
def test_a_page_as_printed(sdk: str, core: Core, site: Site, context: BrowserContext) -> None:
    user = f"browser-{uuid4().hex}"
    view(core, "과일", anonymousId=user)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site.url + site.write("printed-flags", set_up(sdk, core.url, WEB_KEY, user)))
    for _ in range(2_400):
        if said:
            break
        page.wait_for_timeout(50)
    assert "favourites" in said
