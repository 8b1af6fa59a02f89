"""The overview: is it working, and what to do where it is not."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_it_says_that_all_is_well_and_shows_the_figures(open_page: OpenPage) -> None:
    page = open_page("/?lang=en")
    expect(page.locator(".health")).to_have_text("Everything works")
    figures = page.locator(".figures .headline")
    expect(figures).to_have_count(6)
    for text in ("1,481,193", "8.4 ms", "92.4%", "4.6 ms", "883", "7"):
        expect(page.locator(".figures dd > span", has_text=re.compile(f"^{re.escape(text)}$"))).to_have_count(1)
    expect(page.locator(".rate rect.bar")).to_have_count(60)
    expect(page.locator(".bars-entry", has_text="No consent").first).to_contain_text("911")
    expect(page.locator(".problem")).to_have_count(0)


def test_each_problem_comes_with_how_to_mend_it(open_page: OpenPage) -> None:
    page = open_page("/?lang=ko", world="trouble")
    expect(page.locator(".health")).to_have_text("해결할 문제가 5건 있습니다")
    expect(page.locator(".problem", has_text="acting_stopped")).to_contain_text("gyeol doctor를 실행하세요")
    # What stops events, or the way back after a stop, stands out and is announced.
    grave = page.locator(".problems[role=alert] .problem.is-grave .problem-code")
    expect(grave).to_have_text(["not_taking", "disk_low", "snapshot_failed"])


def test_an_empty_workspace_leads_to_the_set_up(open_page: OpenPage) -> None:
    page = open_page("/?lang=en", world="empty")
    page.get_by_role("link", name="Connect a source").click()
    expect(page).to_have_url(re.compile("/data/sources"))


def test_rejected_events_are_one_step_away(open_page: OpenPage) -> None:
    page = open_page("/?lang=en")
    page.get_by_role("link", name="Look and correct").click()
    expect(page.locator(".choice-link").first).to_be_visible()


def test_the_minutes_come_as_a_table_and_as_csv(open_page: OpenPage) -> None:
    page = open_page("/?lang=en&table=rate")
    expect(page.locator("figure table").first.locator("tbody tr")).to_have_count(60)
    with page.expect_download() as waiting:
        page.locator("figure").first.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["Minute", "Accepted", "Rejected"]
    assert len(rows) == 61
    assert all(row[0].endswith("Z") for row in rows[1:])


def test_an_error_may_be_tried_again(open_page: OpenPage) -> None:
    page = open_page("/?lang=en", world="error")
    expect(page.locator(".page .state")).to_contain_text("its catalog is locked")
    page.context.add_cookies([{"name": "mock", "value": "full", "url": page.url}])
    page.locator(".page .state button").click()
    expect(page.locator(".rate")).to_be_visible()
