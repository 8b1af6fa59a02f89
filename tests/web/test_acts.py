"""Who is who, changed by hand: what will change is shown before it is done, with a reason; all of it by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request, expect

OpenPage = Callable[..., Page]


def _told(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.post_data or "{}")
    return body


def test_a_connection_is_cut_with_a_reason(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['device']}?view=identities&lang=en")
    page.locator(".proof-cut").last.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog.locator(".preview")).to_contain_text("Now 1 person")
    expect(dialog.locator(".preview-out")).to_contain_text("leaves Big baskets")
    expect(dialog.locator(".preview")).to_contain_text("1 decision, message or enrolment follows")
    cut = dialog.get_by_role("button", name="Cut")
    expect(cut).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.locator(".proof-cut").last.click()
    dialog.get_by_label("Why").fill("two people share a browser")
    with page.expect_request("**/v1/people/cut") as asked:
        cut.click()
    body = _told(asked.value)
    assert body["why"] == "two people share a browser"
    assert len(body["a"]) == len(body["b"]) == 32, "identifiers are named by id, so masked ones can be cut as well"
    expect(dialog).to_have_count(0)


def test_what_a_limit_holds_back_is_released_or_kept_apart(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['held']}?view=identities&proofs=held&lang=en")
    expect(page.locator(".proof")).to_have_count(2)
    assert page.locator(".proof.is-held .proof-cut").count() == 0
    held = page.locator(".proof", has_text="more than 1 of")
    held.get_by_role("button", name="Release").click()
    dialog = page.locator("dialog")
    expect(dialog.locator(".preview-in")).to_contain_text("enters Coupon lovers")
    dialog.get_by_label("Why").fill("they moved in together")
    with page.expect_request("**/v1/identity/quarantine/release"):
        dialog.get_by_role("button", name="Release").click()
    expect(dialog).to_have_count(0)
    page.locator("#proofs").select_option("cut")
    page.get_by_role("button", name="Join again").click()
    dialog.get_by_label("Why").fill("it was hers")
    with page.expect_request("**/v1/people/merge"):
        dialog.get_by_role("button", name="Join again").click()


def test_identifiers_are_moved_and_split_off(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['device']}?view=identities&lang=en")
    page.get_by_role("button", name="Move: Device").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("The other person").fill("H1049")
    expect(dialog.locator(".preview")).to_contain_text("Then 1 person")
    dialog.get_by_label("Why").fill("her telephone")
    with page.expect_request("**/v1/people/move") as asked:
        dialog.get_by_role("button", name="Move").click()
    assert _told(asked.value)["b"] == "H1049"
    expect(dialog).to_have_count(0)
    page.get_by_role("checkbox", name="Device").check()
    page.get_by_role("button", name="Split off 1").click()
    dialog.get_by_label("Why").fill("somebody else")
    with page.expect_request("**/v1/people/split") as asked:
        dialog.get_by_role("button", name="Split off 1").click()
    assert len(_told(asked.value)["identifiers"]) == 1


def test_people_are_joined_and_a_refusal_is_said(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['first']}?view=identities&lang=ko")
    page.get_by_role("button", name="다른 고객과 잇기").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("다른 고객").fill("card:0")
    dialog.get_by_label("이유").fill("같은 가족 카드")
    dialog.get_by_role("button", name="잇기").click()
    expect(dialog.locator("[role=alert]")).to_have_text("한도를 넘습니다")
    dialog.get_by_label("다른 고객").fill("H1049")
    dialog.get_by_role("button", name="잇기").click()
    expect(dialog).to_have_count(0)


def test_a_marked_identifier_stands_in_the_address(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['crowd']}?view=identities&lang=en")
    boxes = page.locator(".graph-box")
    expect(boxes).to_have_count(60)
    expect(page.locator(".proof")).to_have_count(25)
    boxes.last.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".proof")).to_have_count(1)
    assert "mark=" in page.url
    page.reload()
    expect(page.locator(".proof")).to_have_count(1)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator(".proof")).to_have_count(25)


def test_suggestions_are_judged_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/identity/suggestions?lang=en")
    links = page.locator(".choice-link")
    expect(links).to_have_count(7)
    links.first.focus()
    page.keyboard.press("j")
    expect(links.first).to_have_attribute("aria-current", "page")
    page.keyboard.press("a")
    field = page.get_by_role("textbox", name="Why")
    expect(field).to_be_focused()
    expect(page.locator(".preview")).to_contain_text("Then 1 person")
    page.keyboard.type("a reason with j, k, a and r")
    with page.expect_request("**/v1/suggestions/*/accept") as asked:
        page.keyboard.press("Enter")
    assert _told(asked.value)["why"] == "a reason with j, k, a and r"
    expect(links).to_have_count(6)
    expect(page.locator(".suggestion")).to_be_visible()
    links.nth(1).focus()
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="Why")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Why")).to_have_count(0)


def test_what_a_suggestion_cannot_join_is_said_before_and_after(open_page: OpenPage) -> None:
    page = open_page("/identity/suggestions?lang=ko")
    page.locator(".choice-link").nth(2).click()
    page.get_by_role("button", name="같은 사람", exact=True).click()
    expect(page.locator(".preview .outcome")).to_contain_text("한도 1개를 넘습니다")
    page.get_by_role("textbox", name="이유").fill("목소리가 같음")
    page.keyboard.press("Enter")
    expect(page.locator(".outcome[role=status]")).to_contain_text("기록했지만 보류")


def test_quarantine_is_judged(open_page: OpenPage) -> None:
    page = open_page("/identity/quarantine?lang=en&held=400")
    expect(page.locator(".data-detail")).to_contain_text("2 values, 1 allowed")
    page.get_by_role("button", name="Keep apart").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Nobody is joined or parted by this.")
    dialog.get_by_label("Why").fill("neighbours")
    dialog.get_by_role("button", name="Keep apart").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".choice-link")).to_have_count(3)
    expect(page.locator(".state")).to_contain_text("It waits no longer")


def test_the_audit_trail_says_who_did_what_and_offers_to_undo_it(open_page: OpenPage) -> None:
    page = open_page("/identity/audit?lang=ko")
    rows = page.locator(".audit tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("잇기")
    expect(rows.first).to_contain_text("같은 가족 카드")
    expect(rows.first).to_contain_text("담당자")
    expect(rows.last.get_by_role("button")).to_have_count(0)
    expect(rows.nth(1).get_by_role("button")).to_have_text("다시 잇기")
    rows.first.get_by_role("button").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("이유").fill("다른 사람이었음")
    with page.expect_request("**/v1/people/cut") as asked:
        dialog.get_by_role("button", name="끊기").click()
    assert _told(asked.value)["why"] == "다른 사람이었음"
    expect(dialog).to_have_count(0)
