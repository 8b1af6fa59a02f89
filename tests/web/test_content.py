"""What is said: words tried out with their preview and the brand guide's opinion as one types, approval, the matrix, coupons."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_words_are_tried_out_and_what_the_guide_finds_is_mended_by_a_press(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=en&content=iced_second_half")
    said = page.locator(".said")
    expect(said.locator(".said-title")).to_have_text("더운 날엔 두 번째 잔 반값")
    expect(page.get_by_text("Nothing against it.")).to_be_visible()
    title = page.get_by_label("title")
    title.fill("무조건 {{ facts.share }}")
    expect(page.locator(".finding")).to_contain_text("is not to be used")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(said.locator(".said-title")).to_have_text("무조건 반값")
    page.get_by_role("button", name="Write “언제나”").click()
    expect(title).to_have_value("언제나 {{ facts.share }}")
    expect(said.locator(".said-title")).to_have_text("언제나 반값")
    page.get_by_role("button", name="As saved").click()
    expect(title).to_have_value("더운 날엔 두 번째 잔 {{ facts.share }}")


def test_a_preview_is_asked_for_with_the_words_as_they_stand_and_its_reader(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=en&content=iced_second_half")
    page.locator("#preview-reader").fill("kim@example.com")
    with page.expect_request("**/v1/contents/preview") as asked:
        page.locator("#preview-reader").press("Enter")
    body = json.loads(asked.value.post_data or "{}")
    assert (body["content"], body["variant"], body["person"]) == ("iced_second_half", "app,email/ko/any", "kim@example.com")
    with page.expect_request("**/v1/contents/preview") as again:
        page.get_by_label("body").fill("다른 말이에요.")
    content = json.loads(again.value.post_data or "{}")["content"]
    assert content["variants"][0]["fields"]["body"] == "다른 말이에요."
    assert content["facts"] == {"share": {"type": "percent", "value": 50}}
    assert "reader=kim" in page.url and "key" not in content["variants"][0], "only what a definition may hold"


def test_a_content_is_approved_by_name_and_of_its_version(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=en&content=morning_set")
    expect(page.locator(".changes ins")).to_have_text("출근길 아메리카노와 소금빵")
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_be_disabled()
    page.locator("#approval-by").fill("이서준")
    with page.expect_request("**/v1/contents/morning_set/approve") as asked:
        approve.click()
    assert json.loads(asked.value.post_data or "{}") == {"by": "이서준", "role": "approver", "why": "", "version": "9f2c4e1a0b7d8c35"}


def test_the_matrix_leads_to_the_words_and_shows_the_holes(open_page: OpenPage) -> None:
    page = open_page("/content/coverage?lang=en")
    expect(page.get_by_text("4 in their own tone, 4 said in another, 4 holes")).to_be_visible()
    expect(page.locator(".matrix-cell.is-none")).to_have_count(4)
    page.locator(".matrix-cell.is-own a").first.click()
    expect(page.locator("#variant")).to_have_value("app,email/ko/any")


def test_a_pool_shows_its_ledger_and_what_is_in_doubt(open_page: OpenPage) -> None:
    page = open_page("/content/coupons?lang=en")
    page.locator(".choice-link").click()
    expect(page.locator(".ledger tbody tr")).to_have_count(2)
    expect(page.locator(".ledger")).to_contain_text("offline")
    page.get_by_text("1 acceptance of tills in doubt").click()
    expect(page.locator(".doubts .finding")).to_contain_text("redeemed elsewhere")
