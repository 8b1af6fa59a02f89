"""Every screen and state in both languages and both widths: no WCAG 2.2 AA fault that axe finds, nothing wider than the window."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# name → path, world, what must be visible before anybody looks
SCREENS: dict[str, tuple[str, str, str]] = {
    "overview": ("/", "full", ".rate rect.bar"),
    "trouble": ("/", "trouble", ".problem"),
    "overview-tables": ("/?table=rate,decisions,deliveries", "full", "figure table >> nth=2"),
    "overview-empty": ("/", "empty", ".page .state"),
    "overview-error": ("/", "error", ".page .state"),
    "live": ("/live", "full", ".live-row[data-kind=decision]"),
    "live-filtered": ("/live?kind=rejected&source=till", "full", ".live-row"),
    "live-gap": ("/live", "flaky", ".live-gap"),
    "live-refused": ("/live?person=nobody", "full", ".live-feed .state"),
    "live-empty": ("/live", "empty", ".live-feed .state"),
    "people": ("/people", "full", ".person"),
    "filtered": ("/people?q=H1&audience=slipping", "full", ".person"),
    "nobody": ("/people?q=nobody-has-this-name", "full", ".list .state"),
    "timeline": ("/people/{held}", "full", ".event"),
    "traits": ("/people/{held}?view=traits", "full", ".traits"),
    "audiences": ("/people/{held}?view=audiences", "full", ".card"),
    "decisions": ("/people/{decided}?view=decisions", "full", ".refusal"),
    "undecided": ("/people/{undecided}?view=decisions", "full", ".view .state"),
    "identities": ("/people/{held}?view=identities", "full", ".proof.is-held"),
    "identities-marked": ("/people/{held}?view=identities&proofs=held", "full", ".proof.is-held"),
    "identities-crowd": ("/people/{crowd}?view=identities", "full", ".graph-box"),
    "suggestions": ("/identity/suggestions", "full", ".choice-link"),
    "suggestion": ("/identity/suggestions?suggestion=10-40", "full", ".fall"),
    "suggestion-table": ("/identity/suggestions?suggestion=10-40&table=waterfall", "full", "figure table"),
    "suggestion-gone": ("/identity/suggestions?suggestion=9-9", "full", ".data .state"),
    "suggestions-empty": ("/identity/suggestions", "empty", ".data .state"),
    "suggestions-error": ("/identity/suggestions", "error", ".data .state"),
    "quarantine": ("/identity/quarantine?held=400", "full", ".proof-reason"),
    "texts": ("/content/texts", "full", ".choice-link"),
    "text": ("/content/texts?content=morning_set", "full", ".said"),
    "text-gone": ("/content/texts?content=no_such", "full", ".data .state"),
    "texts-empty": ("/content/texts", "empty", ".data .state"),
    "coverage": ("/content/coverage", "full", ".matrix"),
    "coupons": ("/content/coupons?pool=second_iced", "full", ".ledger"),
    "coupons-empty": ("/content/coupons", "empty", ".data .state"),
    "groups": ("/identity/groups", "full", ".choice-link"),
    "group": ("/identity/groups?group=00000000000000000000000000004a00", "full", ".group-members a"),
    "group-gone": ("/identity/groups?group=0", "full", ".data .state"),
    "groups-empty": ("/identity/groups", "empty", ".data .state"),
    "quarantine-empty": ("/identity/quarantine", "empty", ".data .state"),
    "quarantine-gone": ("/identity/quarantine?held=9", "full", ".data .state"),
    "audit": ("/identity/audit", "full", ".audit tbody tr"),
    "audit-empty": ("/identity/audit", "empty", ".data .state"),
    "audit-error": ("/identity/audit", "error", ".data .state"),
    "coverage-empty": ("/content/coverage", "empty", ".data .state"),
    "coupons-gone": ("/content/coupons?pool=no_such", "full", ".data .state"),
    "gone": ("/people/0000", "full", ".profile .state"),
    "measure": ("/measure", "full", ".policies"),
    "measure-tables": ("/measure?table=stages,funnel,campaigns,offers", "full", "figure table >> nth=3"),
    "measure-empty": ("/measure", "empty", ".page .state"),
    "measure-error": ("/measure", "error", ".page .state"),
    "sources-empty": ("/data/sources", "empty", ".data .state"),
    "plan-empty": ("/data/plan", "empty", ".data .state"),
    "letter-gone": ("/data/rejected?letter=dl_0", "full", ".data .state"),
    "sources": ("/data/sources?source=web", "full", ".code"),
    "rejected": ("/data/rejected", "full", ".choice-link"),
    "letter": ("/data/rejected?letter=dl_3", "full", ".editor-text"),
    "letter-replayed": ("/data/rejected?status=all&letter=dl_7", "full", ".outcome"),
    "plan": ("/data/plan", "full", ".violation"),
    "data-empty": ("/data/rejected", "empty", ".letters .state"),
    "data-error": ("/data/plan", "error", ".data .state"),
    "nowhere": ("/nowhere", "full", ".state"),
    "empty": ("/people", "empty", ".list .state"),
    "error": ("/people", "error", ".list .state"),
    "forbidden": ("/people", "forbidden", ".command"),
}

# States of those screens: each language and each width once, not every pair.
STATES = {
    "overview-tables",
    "overview-empty",
    "overview-error",
    "live-gap",
    "live-refused",
    "live-empty",
    "filtered",
    "nobody",
    "undecided",
    "gone",
    "measure-tables",
    "identities-marked",
    "suggestion-table",
    "suggestion-gone",
    "suggestions-empty",
    "suggestions-error",
    "quarantine-empty",
    "quarantine-gone",
    "audit-empty",
    "audit-error",
    "coverage-empty",
    "coupons-gone",
    "measure-empty",
    "measure-error",
    "sources-empty",
    "plan-empty",
    "letter-gone",
    "letter-replayed",
    "data-empty",
    "data-error",
    "nowhere",
    "empty",
    "error",
}
PAIRS = [("ko", 1280), ("ko", 390), ("en", 1280), ("en", 390)]
CASES = [(screen, lang, width) for screen in SCREENS for lang, width in PAIRS if screen not in STATES or (lang == "ko") == (width == 390)]


def faults_of(page: Page) -> list[str]:
    """What axe objects to, one line each."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; true")  # a script tag would break the page's own security policy
    found: dict[str, Any] = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(WCAG)}}})")
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]]


def settle(page: Page, visible: str) -> None:
    """Waits for the thing looked for, opens everything that can be opened."""
    page.locator(visible).first.wait_for()
    page.evaluate("document.fonts.ready")
    page.evaluate("document.querySelectorAll('details').forEach((one, i) => { if (i < 12) one.open = true })")


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"))


@pytest.mark.parametrize(("screen", "lang", "width"), CASES)
def test_a_screen_is_accessible(
    open_page: Callable[..., Page], shoot: Callable[[Page], None], people: dict[str, str], screen: str, lang: str, width: int
) -> None:
    path, world, visible = SCREENS[screen]
    path = path.format(**people)
    page = open_page(f"{path}{'&' if '?' in path else '?'}lang={lang}", width=width, world=world)
    settle(page, visible)
    shoot(page)
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("h1:visible").count() == 1
    assert not is_wider_than_the_window(page)
    assert faults_of(page) == []


@pytest.mark.parametrize(("lang", "width"), [("ko", 390), ("en", 1280)])
def test_a_question_before_something_is_undone_is_accessible(
    open_page: Callable[..., Page], shoot: Callable[[Page], None], lang: str, width: int
) -> None:
    page = open_page(f"/identity/audit?lang={lang}", width=width)
    page.locator(".audit button").first.click()
    settle(page, "dialog .preview-sides")
    shoot(page)
    assert not is_wider_than_the_window(page)
    assert faults_of(page) == []


DARK = ["overview", "trouble", "live", "timeline", "decisions", "identities", "suggestion", "quarantine", "audit"]


@pytest.mark.parametrize("screen", [*DARK, "sources", "letter", "plan", "forbidden"])
def test_a_dark_screen_is_accessible(
    open_page: Callable[..., Page], shoot: Callable[[Page], None], people: dict[str, str], screen: str
) -> None:
    path, world, visible = SCREENS[screen]
    page = open_page(path.format(**people), world=world, scheme="dark")
    settle(page, visible)
    shoot(page)
    assert faults_of(page) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("width", [1024, 900, 861, 768])
def test_between_a_desk_and_a_phone_nothing_is_wider_than_the_window(open_page: Callable[..., Page], width: int, lang: str) -> None:
    page = open_page(f"/measure?lang={lang}", width=width)
    settle(page, ".policies")
    assert not is_wider_than_the_window(page)


def test_axe_finds_a_fault_where_there_is_one(open_page: Callable[..., Page]) -> None:
    page = open_page("/people")
    settle(page, ".person")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"/icon.svg\">')")
    assert any(fault.startswith("image-alt") for fault in faults_of(page))
