"""Data: what to paste to send events, why some were rejected, and how they are mended and sent again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_the_set_up_holds_the_real_address_and_key_and_is_copied(open_page: OpenPage) -> None:
    page = open_page("/data/sources?lang=en&source=web")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator(".code pre")).to_contain_text('writeKey: "demo-web-key"')
    page.locator(".sdk", has_text="npm").click()
    expect(page).to_have_url(re.compile("sdk=browser"))
    expect(page.locator(".code pre").first).to_have_text("npm install @segment/analytics-next")
    page.get_by_role("button", name="Copy: Code for").click()
    expect(page.get_by_role("button", name="Copy: Code for")).to_contain_text("Copied")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert 'writeKey: "demo-web-key"' in copied
    assert copied == page.locator(".code pre").nth(1).inner_text()


def test_a_secret_key_is_not_offered_to_browsers(open_page: OpenPage) -> None:
    page = open_page("/data/sources?lang=en&source=till&sdk=html")
    expect(page.locator(".sdk")).to_have_text(["Node.js", "Python", "curl"])
    expect(page.locator(".code pre").first).to_contain_text("npm install @segment/analytics-node")


def test_verdicts_by_source_lead_to_the_rejected_events(open_page: OpenPage) -> None:
    page = open_page("/data?lang=en")
    expect(page).to_have_url(re.compile("/data/sources"))
    expect(page.locator(".is-compact .headline").nth(2)).to_contain_text("5")
    page.locator(".bars .row-link", has_text="timestamp").click()
    expect(page).to_have_url(re.compile("code=bad_timestamp"))
    expect(page.locator("#letter-source")).to_have_value("till")
    expect(page.locator(".choice-link")).to_have_count(2)


def test_filters_and_the_chosen_letter_are_the_address(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=en&status=all&letter=dl_7")
    expect(page.locator(".choice-link[aria-current=page]")).to_have_count(1)
    expect(page.locator(".outcome")).to_contain_text("corrected and sent again")
    expect(page.locator(".editor-text")).to_have_attribute("readonly", "")
    page.locator("#letter-status").select_option("waiting")
    expect(page).not_to_have_url(re.compile("status="))
    page.locator("#letter-code").select_option("no_identity")
    expect(page.locator(".choice-link")).to_have_count(2)
    page.locator("#letter-source").select_option("crm")
    expect(page.locator(".letters .state")).to_contain_text("Nothing matches")


def test_an_event_is_judged_as_it_is_typed(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=en&letter=dl_2")
    editor, state, send = page.locator(".editor-text"), page.locator(".editor-state"), page.get_by_role("button", name="Send corrected")
    expect(state).to_contain_text("neither userId nor anonymousId")
    expect(send).to_be_disabled()
    editor.fill('{\n  "type": "page"\n  "name": "Offers"\n}')
    expect(state).to_have_text("Line 3, column 3: this is not JSON from here on")
    expect(editor).to_have_attribute("aria-invalid", "true")
    expect(send).to_be_disabled()
    editor.fill('{"type": "page", "userId": "kim"}')
    expect(state).to_have_text("Can be sent.")
    expect(send).to_be_enabled()
    page.get_by_role("button", name="Undo my changes").click()
    expect(send).to_be_disabled()


def test_an_unreadable_event_is_shown_as_it_came(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=ko&letter=dl_4")
    expect(page.locator(".editor-text")).to_have_value(re.compile(r'^\{"type":"track"'))
    expect(page.locator(".editor-state")).to_contain_text("1번째 줄 52번째 글자: 여기부터 JSON 형식이 아닙니다")


def test_the_keyboard_alone_corrects_an_event_and_sends_it(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=en&letter=dl_6")
    page.locator(".editor-text").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type('{"type": "track", "event": "Product Viewed", "anonymousId": "a-1", "timestamp": "soon"}')
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send corrected")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".outcome.is-bad")).to_contain_text("Rejected again: The timestamp is no ISO 8601 instant")
    page.locator(".editor-text").fill('{"type": "track", "event": "Product Viewed", "anonymousId": "a-1"}')
    page.get_by_role("button", name="Send corrected").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".outcome.is-good")).to_be_visible()
    expect(page.locator(".choice-link", has_text="Product Viewed")).to_have_count(0)


def test_sent_as_it_came_it_is_refused_with_the_reason(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=ko&letter=dl_5")
    page.get_by_role("button", name="온 그대로 다시 보내기").click()
    expect(page.locator(".outcome.is-bad")).to_contain_text("시각이 ISO 8601 형식이 아닙니다")


def test_a_letter_that_is_gone_is_said(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=en&letter=dl_999")
    expect(page.locator(".letter .state")).to_contain_text("No such rejected event")


def test_violations_say_expected_found_and_an_example(open_page: OpenPage) -> None:
    page = open_page("/data/plan?lang=en")
    cards = page.locator(".violation")
    expect(cards).to_have_count(2)
    revenue = page.locator(".violation", has_text="revenue")
    expect(revenue.locator("dd").nth(0)).to_have_text("number")
    expect(revenue.locator("dd").nth(1)).to_have_text("text")
    expect(revenue).to_contain_text("37 times")
    revenue.get_by_role("link", name="Open the event").click()
    expect(page.locator(".editor-text")).to_have_value(re.compile("12,50"))


def test_a_phone_shows_the_list_or_the_letter(open_page: OpenPage) -> None:
    page = open_page("/data/rejected?lang=en", width=390)
    page.locator(".choice-link").nth(2).click()
    expect(page.locator(".editor-text")).to_be_visible()
    expect(page.locator(".letters")).to_be_hidden()
    page.locator(".letter .back").click()
    expect(page.locator(".letters")).to_be_visible()


@pytest.mark.parametrize("path", ["/data/sources", "/data/rejected", "/data/plan"])
def test_an_empty_workspace_is_said(open_page: OpenPage, path: str) -> None:
    page = open_page(f"{path}?lang=ko", world="empty")
    expect(page.locator(".data .state")).to_be_visible()
