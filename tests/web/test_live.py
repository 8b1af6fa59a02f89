"""Live: the stream is filtered, held still and followed; it survives a broken line and says what was missed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
BEFORE = 48
"""How many things the made-up API tells of at first."""


def rows_of(page: Page) -> list[str]:
    return [str(text) for text in page.locator(".live-row time").evaluate_all("all => all.map(e => e.dateTime)")]


def test_things_appear_newest_first(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en")
    expect(page.locator(".health")).to_have_text("Live")
    page.locator(".live-row").nth(BEFORE + 1).wait_for()
    times = rows_of(page)
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)


def test_paused_the_list_holds_still_and_counts_what_waits(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en")
    page.locator(".live-row").nth(BEFORE - 1).wait_for()
    page.get_by_role("button", name="Pause").click()
    before = rows_of(page)
    expect(page.locator(".live-waits")).to_have_text(re.compile(r"[3-9] waiting"))
    assert rows_of(page) == before
    expect(page.locator(".health")).to_have_text("Paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".live-waits")).to_have_count(0)
    after = rows_of(page)
    assert len(after) >= len(before) + 3
    assert after[-len(before) :] == before


def test_it_holds_still_while_the_keyboard_is_in_the_list(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en")
    page.locator(".live-row").nth(BEFORE - 1).wait_for()
    page.locator(".live-row a").first.focus()
    expect(page.locator(".health")).to_have_text("Holding still while you read")
    expect(page.locator(".live-waits")).to_be_visible()
    page.locator("#live-person").focus()
    expect(page.locator(".live-waits")).to_have_count(0)
    expect(page.locator(".health")).to_have_text("Live")


def test_nothing_but_the_line_is_said_aloud(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en")
    page.locator(".live-row").first.wait_for()
    aloud = page.locator("[aria-live], [role=status], [role=alert], [role=log]")
    assert [text.strip() for text in aloud.all_inner_texts() if text.strip()] == ["Live"]


def test_filters_are_the_address(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en")
    page.locator(".live-row").first.wait_for()
    page.get_by_role("button", name="Decision").click()
    expect(page).to_have_url(re.compile(r"kind=decision(&|$)"))
    expect(page.locator(".live-row[data-kind=event]")).to_have_count(0)
    page.get_by_role("button", name="Rejected").click()
    expect(page).to_have_url(re.compile(r"kind=decision%2Crejected"))
    expect(page.locator(".live-row[data-kind=rejected]").first).to_be_visible()
    page.get_by_role("button", name="Everything").click()
    page.locator("#live-source").select_option("web")
    expect(page).to_have_url(re.compile(r"source=web"))
    expect(page.locator(".live-row", has_text="Tills")).to_have_count(0)
    page.reload()
    expect(page.locator("#live-source")).to_have_value("web")
    page.locator(".live-row").first.wait_for()
    assert set(page.locator(".live-row").evaluate_all("all => all.map(e => e.dataset.kind)")) == {"event"}


def test_a_person_is_followed_from_the_profile(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['first']}?lang=en")
    page.locator(".person-id").get_by_role("link", name="Watch live").click()
    expect(page).to_have_url(re.compile(f"/live.*person={people['first']}"))
    expect(page.locator("#live-person")).to_have_value(people["first"])
    expect(page.locator(".live-row").first).to_be_visible()
    assert page.locator(".live-who").count() == page.locator(f".live-who[href*='{people['first']}']").count()


def test_an_unknown_person_is_said_and_not_tried_for_ever(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en&person=nobody")
    expect(page.locator(".live-feed .state")).to_contain_text("Nobody is known as nobody")


def test_a_decision_leads_to_itself_with_every_refusal(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en&kind=decision")
    page.locator(".live-row a.row-link").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"view=decisions&decision=d-|decision=d-.*view=decisions"))
    expect(page.locator(".profile-name")).to_be_visible()


def test_a_rejected_event_leads_to_its_letter(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en&kind=rejected")
    page.locator(".live-row a.row-link").first.click()
    expect(page.locator(".editor-text")).to_have_value(re.compile("yesterday"))


@pytest.mark.parametrize(
    ("lang", "words"), [("ko", "연결이 끊긴 동안 일어난 12건은 보이지 않습니다"), ("en", "12 entries that came while")]
)
def test_a_broken_line_is_taken_up_again_where_it_was(open_page: OpenPage, lang: str, words: str) -> None:
    page = open_page(f"/live?lang={lang}", world="flaky")
    asked: list[str | None] = []
    page.on("request", lambda request: asked.append(request.headers.get("last-event-id")) if "/v1/live" in request.url else None)
    expect(page.locator(".live-gap")).to_contain_text(words)
    rows = page.locator(".live-rows > li")
    expect(rows.first).not_to_have_class(re.compile("live-gap"))
    times = rows_of(page)
    assert len(set(times)) == len(times)
    expect(page.locator(".health .pulse")).to_have_class(re.compile("is-beating"))


def test_a_line_that_the_browser_gave_up_is_opened_anew(open_page: OpenPage) -> None:
    page = open_page("/live?lang=en", world="flaky")
    page.locator(".live-row").first.wait_for()
    with page.expect_response(lambda response: "/v1/live" in response.url and response.status == 503):
        page.context.add_cookies([{"name": "mock", "value": "error", "url": page.url}])
    expect(page.locator(".health")).to_contain_text("Connection lost")
    with page.expect_request(re.compile("/v1/live.*since=")):
        page.context.add_cookies([{"name": "mock", "value": "full", "url": page.url}])
    expect(page.locator(".health")).to_have_text("Live")
    times = rows_of(page)
    assert len(set(times)) == len(times)
