"""What is said: words tried out with their preview and the brand guide's opinion as one types, approval, the matrix, coupons."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect

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


def test_words_are_saved_once_nothing_is_wrong_with_them_and_are_a_draft_again(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=en&content=iced_second_half")
    save, title = page.get_by_role("button", name="Save", exact=True), page.get_by_label("title")
    told = page.locator(".data-detail > p[role=status]")
    expect(save).to_be_disabled()
    title.fill("무조건 {{ facts.share }}")
    expect(page.locator(".finding")).to_contain_text("is not to be used")
    expect(save).to_be_disabled()
    title.fill("시원한 {{ facts.share }}")
    expect(save).to_be_enabled()
    page.get_by_label("Why these words").fill("무더위")
    with page.expect_request("**/v1/contents/iced_second_half/save") as asked:
        save.click()
    body = json.loads(asked.value.post_data or "{}")
    assert (body["variant"], body["version"], body["why"]) == ("app,email/ko/any", "1a2b3c4d5e6f7081", "무더위")
    assert body["fields"] == {"title": "시원한 {{ facts.share }}", "body": "아이스 음료 두 잔을 주문하시면 한 잔을 할인해 드려요."}
    expect(told).to_have_text("Saved in contents.yaml and in force. The variant is a draft again.")
    expect(page.locator("#variant option").first).to_have_text("Korean · any tone · app, e-mail (draft)")
    expect(title).to_have_value("시원한 {{ facts.share }}")
    expect(save).to_be_disabled()


def test_why_a_picture_is_shown_is_said(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=en&content=iced_second_half&variant=any/en/warm")
    expect(page.locator(".said")).to_contain_text("nearest to the colours of what they look at: B1, B7 (#1e3cc8, ΔE 8.4).")


def test_whoever_was_faster_is_not_overwritten_and_the_words_stay_to_be_copied(open_page: OpenPage) -> None:
    mine, theirs = (open_page("/content/texts?lang=ko&content=iced_second_half") for _ in range(2))
    for page, words in ((mine, "내 말"), (theirs, "남의 말")):
        expect(page.locator(".said-title")).to_be_visible()
        page.get_by_label("제목").fill(words)
    theirs.get_by_role("button", name="저장", exact=True).click()
    expect(theirs.locator(".outcome.is-good")).to_contain_text("다시 초안입니다")
    mine.get_by_role("button", name="저장", exact=True).click()
    expect(mine.locator(".outcome.is-bad")).to_contain_text("그 사이 누군가")
    expect(mine.get_by_label("제목")).to_have_value("내 말")
    mine.get_by_role("button", name="저장된 대로").click()
    expect(mine.get_by_label("제목")).to_have_value("남의 말")


def test_words_that_are_not_saved_are_not_left_without_a_question(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=ko&content=iced_second_half")
    page.get_by_label("제목").fill("내 말")
    page.locator("#preview-channel").select_option("sms")  # the same words, read elsewhere: nothing is lost
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="고객", exact=True).click()
    expect(page.get_by_label("제목")).to_have_value("내 말")
    assert asked == ["저장하지 않은 내용이 있습니다. 그래도 나갈까요?"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="고객", exact=True).click()
    expect(page.locator(".person").first).to_be_visible()


def test_where_files_cannot_be_written_the_words_are_copied(open_page: OpenPage) -> None:
    page = open_page("/content/texts?lang=en&content=morning_set")
    expect(page.get_by_text("cannot be written from here")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    page.get_by_label("title").fill("다른 말")
    expect(page.get_by_role("button", name="Copy as YAML")).to_be_visible()


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
