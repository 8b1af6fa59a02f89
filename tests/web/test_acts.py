"""Who is who, changed by hand: a connection is cut, two people are joined, with a reason and after asking once more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_connection_is_cut_with_a_reason(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['device']}?view=identities&lang=en")
    page.locator(".proof-cut").last.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("will belong to two people")
    cut = dialog.get_by_role("button", name="Cut this connection")
    expect(cut).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.locator(".proof-cut").last.click()
    dialog.get_by_label("Why").fill("two people share a browser")
    with page.expect_request("**/v1/people/cut") as asked:
        cut.click()
    body: dict[str, str] = json.loads(asked.value.post_data or "{}")
    assert body["why"] == "two people share a browser"
    assert re.fullmatch(r"household:H\d+", body["a"])
    assert body["b"].startswith("anonymous_id:")
    expect(dialog).to_have_count(0)


def test_what_is_masked_or_held_back_cannot_be_cut(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['held']}?view=identities&lang=en")
    page.locator(".proof").first.wait_for()
    assert page.locator(".proof", has_text="•").locator(".proof-cut").count() == 0
    assert page.locator(".proof.is-held .proof-cut").count() == 0


def test_people_are_joined_and_a_refusal_is_said(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['first']}?view=identities&lang=ko")
    page.get_by_role("button", name="다른 고객과 잇기").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("다른 고객").fill("card:0")
    dialog.get_by_label("이유").fill("같은 가족 카드")
    dialog.get_by_role("button", name="잇기").click()
    expect(dialog.locator(".outcome.is-bad")).to_have_text("한도를 넘습니다")
    dialog.get_by_label("다른 고객").fill("H1049")
    dialog.get_by_role("button", name="잇기").click()
    expect(dialog).to_have_count(0)
