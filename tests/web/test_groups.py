"""Households and accounts: a kind, one of its audiences, a group with its people, and the way there from a profile."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_group_is_found_by_its_audience_and_tells_who_is_in_it(open_page: OpenPage) -> None:
    page = open_page("/identity/groups?lang=en")
    expect(page.locator(".choice-link")).to_have_count(3)
    page.get_by_label("Audience of groups").select_option("big_spending_homes")
    expect(page.locator(".choice-link")).to_have_count(1)
    expect(page.get_by_text("Revenue of the household is at least")).to_be_visible()
    page.locator(".choice-link").focus()
    page.keyboard.press("Enter")
    detail = page.locator(".data-detail")
    expect(detail.locator(".group-members a")).to_have_count(4)
    expect(detail.locator(".traits")).to_contain_text("Revenue of the household")
    assert "among=big_spending_homes" in page.url and "group=" in page.url, "what is seen stands in the address"
    detail.locator(".group-members a").first.click()
    expect(page.locator(".profile-name")).to_be_visible()


def test_a_profile_leads_to_the_groups_of_its_person(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['device']}?lang=ko")
    page.locator(".profile-facts a").click()
    expect(page.locator(".group-members")).to_be_visible()
    expect(page.locator(".choice-link.is-here")).to_have_count(1)
