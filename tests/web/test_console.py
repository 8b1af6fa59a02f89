"""The console as a person uses it: the keyboard alone, the address as the state, every refusal in sight."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

STATIC = Path(__file__).parents[2] / "src" / "gyeol" / "server" / "side" / "static"
SHELL_LIMIT = 180_000
WHOLE_LIMIT = 245_000
OpenPage = Callable[..., Page]


def focused(page: Page) -> str:
    """What has the keyboard: tag, class and the beginning of its text."""
    return str(page.evaluate("(e => `${e.tagName} .${e.className} ${(e.innerText || '').slice(0, 40)}`)(document.activeElement)"))


def tab_to(page: Page, wanted: str, at_most: int = 60) -> None:
    """Presses Tab until the focused element matches; it must then show that it has the focus."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"no focus ring on {wanted}"
            return
    raise AssertionError(f"{wanted} cannot be reached; the focus is on {focused(page)}")


def test_the_keyboard_alone_goes_from_search_to_the_reason_of_a_refusal(open_page: OpenPage) -> None:
    page = open_page("/people?lang=en")
    page.locator(".person").first.wait_for()
    page.keyboard.press("Tab")
    assert "Skip to the content" in focused(page)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "#people-search")
    page.keyboard.type("Oscar")
    expect(page).to_have_url(re.compile(r"q=Oscar"))
    expect(page.locator(".person-name-text").first).to_have_text("Oscar Lund")
    tab_to(page, ".person")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Oscar Lund")
    tab_to(page, ".view-link[href*='decisions']")
    page.keyboard.press("Enter")
    expect(page.locator(".refusal-why").first).to_be_visible()
    tab_to(page, ".decision-moment > summary")
    page.keyboard.press("Enter")
    expect(page.locator(".decision-moment .facts").first).to_be_visible()
    assert "view=decisions" in page.url
    assert "q=Oscar" in page.url


def test_the_keyboard_chooses_an_audience(open_page: OpenPage) -> None:
    page = open_page("/people?lang=en")
    page.locator(".audience-row").first.wait_for()
    tab_to(page, "#people-audience")
    page.keyboard.type("Slipping")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile(r"audience=slipping"))
    expect(page.locator(".choice-sentence")).to_contain_text("baskets is at least 20")
    tab_to(page, ".audience-row.is-here", at_most=90)
    page.keyboard.press("Enter")
    expect(page.locator("#people-audience")).to_have_value("")


def test_the_keyboard_goes_to_a_screen_and_chooses_a_table_and_a_language(open_page: OpenPage) -> None:
    page = open_page("/?lang=en")
    page.locator(".rate").wait_for()
    tab_to(page, ".nav-link[href^='/measure']")
    page.keyboard.press("Enter")
    page.locator(".group").first.wait_for()
    expect(page.locator(".nav-link[aria-current=page]")).to_have_text("Measure")
    tab_to(page, ".figure-tools button[aria-pressed]", at_most=90)
    page.keyboard.press("Enter")
    expect(page.locator("figure table")).to_be_visible()
    assert "table=stages" in page.url
    page.locator(".skip").focus()
    tab_to(page, ".language[lang=ko]")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.locator("figure table caption").first).to_have_text("여정 단계")


def test_a_tablist_of_links_says_where_one_is(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['held']}?view=traits")
    expect(page.locator(".view-link[aria-current=page]")).to_have_count(1)
    expect(page.locator(".view-link[aria-current=page]")).to_contain_text("특성")
    expect(page.locator(".person[aria-current=page]")).to_have_count(1)


def test_the_address_is_the_state(open_page: OpenPage) -> None:
    page = open_page("/people?q=H1&audience=slipping&lang=en")
    expect(page.locator("#people-search")).to_have_value("H1")
    expect(page.locator("#people-audience")).to_have_value("slipping")
    names = page.locator(".person-name-text").all_inner_texts()
    page.locator(".person").first.click()
    expect(page.locator("h1")).to_have_text(re.compile(re.escape(names[0])))
    assert "q=H1" in page.url
    assert "audience=slipping" in page.url
    page.locator(".view-link", has_text="Identities").click()
    page.reload()
    expect(page.locator(".identifier").first).to_be_visible()
    page.go_back()
    expect(page.locator(".event").first).to_be_visible()
    page.go_back()
    expect(page.locator(".overview")).to_be_visible()
    expect(page.locator("#people-search")).to_have_value("H1")


def test_back_fills_the_search_field_again(open_page: OpenPage) -> None:
    page = open_page("/people?q=H1049&lang=en")
    page.locator(".person").first.click()
    page.locator("#people-search").fill("nobody-has-this")
    expect(page.locator(".list .state")).to_contain_text("Nobody matches")
    page.locator(".list .state a").click()
    expect(page.locator("#people-search")).to_have_value("")
    expect(page.locator(".list-count")).to_have_text("93 people")


@pytest.mark.parametrize(("locale", "expected"), [("ko-KR", "ko"), ("en-US", "en"), ("de-DE", "en")])
def test_the_language_follows_the_browser_until_one_is_chosen(open_page: OpenPage, locale: str, expected: str) -> None:
    page = open_page("/people", locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", expected)
    other = "en" if expected == "ko" else "ko"
    page.locator(f".language[lang={other}]").click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    page.goto(page.url.split("?")[0])
    expect(page.locator("html")).to_have_attribute("lang", other)


def test_more_people_and_earlier_events_come_on_demand(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['long']}?lang=en")
    expect(page.locator(".person")).to_have_count(40)
    page.locator(".list .more").click()
    expect(page.locator(".person")).to_have_count(80)
    expect(page.locator(".event")).to_have_count(50)
    page.locator(".view .more").click()
    expect(page.locator(".timeline-end")).to_be_visible()
    assert page.locator(".event").count() > 55


def test_every_refusal_is_shown_with_its_gate_and_its_reason(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['decided']}?view=decisions&lang=ko")
    expect(page.locator(".decision")).to_have_count(3)
    first = page.locator(".decision").first.locator(".refusal")
    expect(first).to_have_count(4)
    assert first.locator(".gate").all_inner_texts() == ["대상 조건", "수신 동의", "오퍼 횟수", "순위"]
    assert all(len(text) > 10 for text in first.locator(".refusal-why").all_inner_texts())
    expect(page.locator(".decision").nth(1).locator(".tag")).to_have_text("기본값")
    expect(page.locator(".decision").nth(2)).to_contain_text("아무것도 보여 주지 않음")


def test_why_in_and_why_out_show_the_values_compared(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['held']}?view=audiences&lang=en")
    inside, outside = page.locator(".card.is-in"), page.locator(".card.is-out")
    expect(page.locator(".card")).to_have_count(5)
    assert inside.count() + outside.count() == 5
    inside.first.locator("summary").click()
    assert set(inside.first.locator(".mark").all_inner_texts()) == {"✓"}
    outside.first.locator("summary").click()
    assert "✕" in outside.first.locator(".mark").all_inner_texts()
    big = page.locator(".card", has_text="Big baskets")
    if not big.locator(".leaves").is_visible():
        big.locator("summary").click()
    expect(big.locator(".leaf").first.locator(".leaf-values")).to_contain_text("$60.00")


def test_what_is_simulated_carries_the_mark_and_nothing_else_does(open_page: OpenPage, people: dict[str, str]) -> None:
    page = open_page(f"/people/{people['long']}?lang=en")
    expect(page.locator(".simulated-banner")).to_contain_text("web visits and names are simulated")
    page.locator(".event").first.wait_for()
    marked = page.locator(".event", has=page.locator(".simulated"))
    assert marked.count() > 0
    assert set(marked.locator(".event-source").all_inner_texts()) == {"web"}
    real = page.locator(".event", has_not=page.locator(".simulated"))
    assert "web" not in set(real.locator(".event-source").all_inner_texts())


def test_a_chart_comes_as_csv_with_the_same_figures(open_page: OpenPage) -> None:
    page = open_page("/measure?lang=ko")
    page.locator(".legend-entry").first.wait_for()
    with page.expect_download() as waiting:
        page.locator("figure", has_text="여정 단계").get_by_role("button", name="CSV").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["단계", "고객", "비중"]
    shown = [int(one.replace(",", "")) for one in page.locator("figure", has_text="여정 단계").locator(".legend-count").all_inner_texts()]
    assert [int(row[1]) for row in rows[1:]] == shown
    assert sum(float(row[2]) for row in rows[1:]) == pytest.approx(1)
    assert rows[1][0] == "인지"


@pytest.mark.parametrize(("lang", "words"), [("ko", "불러오지 못했습니다"), ("en", "This could not be loaded")])
def test_an_error_is_said_and_may_be_tried_again(open_page: OpenPage, lang: str, words: str) -> None:
    page = open_page(f"/people?lang={lang}", world="error")
    expect(page.locator(".list .state")).to_contain_text(words)
    expect(page.locator(".list .state")).to_contain_text("its catalog is locked")
    page.context.add_cookies([{"name": "mock", "value": "full", "url": page.url}])
    page.locator(".list .state button").click()
    expect(page.locator(".person").first).to_be_visible()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_without_a_key_nothing_but_the_way_in_is_shown(open_page: OpenPage, people: dict[str, str], lang: str) -> None:
    page = open_page(f"/people/{people['first']}?lang={lang}", world="forbidden")
    expect(page.locator(".command")).to_have_text("gyeol up")
    assert page.locator(".figures, .list, .profile, .workspace").count() == 0


def test_while_loading_the_shape_of_what_comes_is_drawn(open_page: OpenPage) -> None:
    page = open_page("/people?lang=ko", world="slow")
    expect(page.locator(".list .waiting")).to_be_visible()
    expect(page.locator(".list .waiting")).to_contain_text("불러오는 중")
    expect(page.locator(".person").first).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)


def test_an_empty_workspace_says_what_comes_first(open_page: OpenPage) -> None:
    page = open_page("/people?lang=ko", world="empty")
    expect(page.locator(".list .state")).to_contain_text("아직 고객이 없습니다")
    assert page.locator(".simulated-banner").count() == 0


def test_a_phone_shows_one_thing_at_a_time(open_page: OpenPage) -> None:
    page = open_page("/people?lang=ko", width=390)
    page.locator(".person").nth(2).click()
    expect(page.locator(".profile-name")).to_be_visible()
    expect(page.locator(".list")).to_be_hidden()
    page.locator(".back").click()
    expect(page.locator(".list")).to_be_visible()


def test_the_shell_is_small_and_the_screens_come_on_demand(open_page: OpenPage) -> None:
    def packed(paths: Iterable[Path]) -> int:
        return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)

    index = (STATIC / "index.html").read_text(encoding="utf-8")
    shell = [STATIC / name.lstrip("/") for name in re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', index)]
    assert {path.suffix for path in shell} == {".js", ".css"}
    assert packed(shell) <= SHELL_LIMIT
    assert packed(path for path in (STATIC / "assets").iterdir() if path.suffix in {".js", ".css"}) <= WHOLE_LIMIT
    page = open_page("/?lang=en")
    page.locator(".rate").wait_for()
    loaded = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert not [name for name in loaded if "LivePage" in name or "Profile" in name or "Letters" in name]


def test_the_moment_says_what_tells_most_and_on_demand_how_sure_all_of_it_is(
    open_page: Callable[..., Page], people: dict[str, str]
) -> None:
    page = open_page(f"/people/{people['held']}?lang=ko")
    shown = page.locator(".moment-facts .moment-fact")
    expect(shown.first).to_have_text("어울리는 말투조심스럽게")
    expect(shown.nth(1)).to_have_text("요즘 감정언짢음확실한 정도 62%")
    expect(shown).to_have_count(4)
    page.get_by_text("사실 8개 모두 보기").click()
    rows = page.locator(".moment-all tbody tr")
    expect(rows).to_have_count(8)
    expect(rows.filter(has_text="의도")).to_contain_text("알 수 없음 (전에는 구매)")
    expect(rows.filter(has_text="시간대 지역")).to_contain_text("작업 공간 기본값")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_on_a_phone_a_fact_keeps_its_name_beside_what_is_scrolled_to(open_page: OpenPage, people: dict[str, str], lang: str) -> None:
    page = open_page(f"/people/{people['held']}?lang={lang}", width=390)
    page.locator(".moment-all summary").click()
    box, name, last = (
        page.locator(f".moment .{one}").first for one in ("table-scroll", "moment-table tbody th", "moment-table td.is-number")
    )
    box.evaluate("one => one.scrollTo({left: one.scrollWidth})")
    around, named, shown = (one.bounding_box() for one in (box, name, last))
    assert around and named and shown
    assert named["x"] >= around["x"]
    assert named["x"] + named["width"] <= shown["x"]
    assert shown["x"] + shown["width"] <= around["x"] + around["width"] + 1


def test_measure_shows_campaigns_decided_offers_and_where_policies_stand(open_page: Callable[..., Page]) -> None:
    page = open_page("/measure?lang=ko&table=campaigns,offers")
    campaigns = page.get_by_role("figure", name="캠페인")
    expect(campaigns.locator("tbody tr").first).to_contain_text("2017-08-08 – 2017-09-261,0779939,120$312,440.10654")
    expect(campaigns.locator("tbody tr").last.locator("th")).to_have_text("27")
    total = page.get_by_role("figure", name="결정한 오퍼").locator("tbody tr").last
    expect(total).to_have_text("합계––1,341–")
    policies = page.locator(".policies .card")
    expect(policies.first).to_contain_text("배우기만 합니다")
    expect(policies.first).to_contain_text("과거 결정 1,840건을 더했습니다 (이 작업 공간의 기록)")
    expect(policies.first).to_contain_text("예전 판정은 끝났습니다")
    expect(policies.first).to_contain_text("의사결정 843건에서 배웠습니다")
    expect(policies.last).to_contain_text("부터 결정합니다")
