"""What the files name stands by its name in the reader's language, with its code as the tooltip; what they do not name, by its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


@pytest.mark.parametrize(
    ("lang", "creative", "journey"),
    [
        ("ko", "따뜻한 사진 모습으로", "계기 여정 뜸해진 고객 챙기기"),
        ("en", "shown as Warm photograph", "caused by journey Before they slip away"),
    ],
)
def test_decisions_and_messages(open_page: OpenPage, people: dict[str, str], lang: str, creative: str, journey: str) -> None:
    page = open_page(f"/people/{people['decided']}?view=decisions&lang={lang}")
    expect(page.get_by_title("warm_photo", exact=True)).to_have_text(creative)
    expect(page.get_by_title("journey:slipping_away").first).to_have_text(journey)
    expect(page.locator(".message [title=win_back]").first).to_have_text({"ko": "여정 다시 모시기", "en": "journey Win back"}[lang])
    assert page.locator(".view", has_text="slipping_away").count() == 0


def test_live(open_page: OpenPage) -> None:
    page = open_page("/live?kind=message&lang=en")
    expect(page.locator(".live-row [title=win_back]").first).to_have_text("Win back")
    page = open_page("/live?kind=event&lang=ko")
    expect(page.locator(".live-row .value[title='367']").first).to_have_text("강변점")


@pytest.mark.parametrize(("lang", "milk"), [("ko", "흰 우유 1리터"), ("en", "White milk, one litre")])
def test_products_in_the_moment_and_the_timeline(open_page: OpenPage, people: dict[str, str], lang: str, milk: str) -> None:
    page = open_page(f"/people/{people['long']}?lang={lang}")
    page.locator(".moment-all summary").click()
    expect(page.locator(".moment-table .value[title='1029743']")).to_have_text(milk)
    page.locator(".event-details", has=page.locator("table")).first.locator("summary").click()
    record = page.locator(".event-details[open] table")
    expect(record.locator(".value[title='1029743']").first).to_have_text(milk)
    # The files do not name this one.
    expect(record.get_by_text("981760", exact=True).first).to_be_visible()
