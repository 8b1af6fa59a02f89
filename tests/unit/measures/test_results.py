"""Stages, campaigns, decisions and messages: small worlds counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.journeys.model import CampaignDefinition
from gyeol.kernel.instants import Zone, instant_text, parse_instant
from gyeol.measures.campaigns import Window, campaign_revenue, campaigns, windows
from gyeol.measures.commerce import COMMERCE
from gyeol.measures.decided import decided, offered
from gyeol.measures.sent import sent
from gyeol.measures.shown import shown
from gyeol.measures.stages import stage_revenue, stages
from gyeol.measures.tables import Period

DAY_MS = 86_400_000


def order(person: str, time_ms: int, revenue: int, currency: str = "USD") -> tuple[str, str, int, dict[str, object]]:
    return (person, "Order Completed", time_ms, {"revenue": revenue, "currency": currency})


def mailed(person: str, campaign: str, time_ms: int = 0) -> tuple[str, str, int, dict[str, object]]:
    return (person, "Campaign Delivered", time_ms, {"campaign": campaign})


@pytest.fixture
def shop(figures: Any) -> Any:
    figures.connection.execute("CREATE TABLE campaign_window (campaign VARCHAR, starts TIMESTAMPTZ, ends TIMESTAMPTZ)")
    for campaign, starts, ends in (("c1", DAY_MS, 3 * DAY_MS), ("c2", 2 * DAY_MS, None), ("c3", None, None)):
        figures.insert("campaign_window", campaign=campaign, starts=starts and instant_text(starts), ends=ends and instant_text(ends))
    figures.connection.execute("CREATE TABLE stage_of (person VARCHAR, stage VARCHAR)")
    for person, stage in (("ann", "loyal"), ("bob", "loyal"), ("cho", "new"), ("dan", "new")):
        figures.insert("stage_of", person=person, stage=stage)
    figures.add(
        [
            mailed("ann", "c1"), mailed("ann", "c1"), mailed("ann", "c2"), mailed("bob", "c1"),
            order("ann", DAY_MS - 1, 1), order("ann", DAY_MS, 10), order("ann", 3 * DAY_MS, 100), order("bob", 2 * DAY_MS, 1000),
            order("cho", 2 * DAY_MS, 5), order("bob", 2 * DAY_MS, 7, "KRW"),
            ("ann", "Coupon Redeemed", 2 * DAY_MS, {"campaign": "c1"}), ("cho", "Coupon Redeemed", 2 * DAY_MS, {"campaign": "c1"}),
            ("cho", "Coupon Redeemed", 9 * DAY_MS, {"campaign": "c1"}),
        ]
    )  # fmt: skip
    return figures


def test_campaigns(shop: Any) -> None:
    names = ("campaign", "delivered_people", "ordering_people", "orders", "redemptions", "redeeming_people")
    assert [tuple(row[name] for name in names) for row in shop.run(campaigns(COMMERCE))] == [
        ("c1", 2, 2, 3, 3, 2),
        ("c2", 1, 1, 1, 0, 0),
        ("c3", 0, 0, 0, 0, 0),
    ]


def test_campaign_revenue_keeps_currencies_apart(shop: Any) -> None:
    rows = shop.run(campaign_revenue(COMMERCE))
    assert [(r["campaign"], r["currency"], r["revenue_minor"]) for r in rows] == [("c1", "KRW", 7), ("c1", "USD", 1010), ("c2", "USD", 100)]


def test_stages(shop: Any) -> None:
    assert shop.run(stages(COMMERCE)) == [
        {"stage": "loyal", "people": 2, "ordering_people": 2, "orders": 5},
        {"stage": "new", "people": 2, "ordering_people": 1, "orders": 1},
    ]
    assert [(r["stage"], r["currency"], r["revenue_minor"]) for r in shop.run(stage_revenue(COMMERCE))] == [
        ("loyal", "KRW", 7),
        ("loyal", "USD", 1111),
        ("new", "USD", 5),
    ]


def test_windows_of_dates_hold_the_whole_last_day_where_the_shop_is() -> None:
    definitions = [
        CampaignDefinition(name="dates", starts="2017-03-03", ends="2017-04-09"),
        CampaignDefinition(name="instants", starts="2017-03-03T10:00:00Z", ends="2017-04-09T10:00:00Z"),
        CampaignDefinition(name="open"),
    ]
    dates, instants, always = windows(definitions, Zone("America/New_York"))
    # Winter time on the first day, summer time at the end of the last.
    assert dates == Window("dates", parse_instant("2017-03-03T05:00:00Z"), parse_instant("2017-04-10T04:00:00Z"))
    assert (instants.starts_ms, instants.ends_ms) == (parse_instant("2017-03-03T10:00:00Z"), parse_instant("2017-04-09T10:00:00Z"))
    assert (always.starts_ms, always.ends_ms) == (None, None)


def test_decided_counts_people_not_nodes(figures: Any) -> None:
    figures.add([("ann", "A", 0, {}), ("bob", "A", 0, {})])
    figures.insert("node_person", node=1, person="ann", since_offset=5, since=instant_text(1))
    for index, (node, chosen, fallback) in enumerate([(0, "o", False), (1, "o", False), (0, "f", True), (0, None, False)]):
        figures.insert(
            "decisions", id=f"d{index}", log_offset=index, placement="home", node=node, time=instant_text(0), chosen=chosen,
            fallback=fallback, holdout=False,
        )  # fmt: skip
    rows = figures.run(decided())
    assert {(r["offer"], r["fallback"]): (r["decisions"], r["people"]) for r in rows} == {
        ("o", False): (2, 1),
        ("f", True): (1, 1),
        (None, False): (1, 1),
    }
    assert figures.run(offered()) == [{"offer": "o", "decisions": 2, "people": 1}], "the fallback is no offer that was chosen"


def test_what_was_seen_and_clicked_is_counted_by_offer(figures: Any) -> None:
    told = [("Offer Shown", "o"), ("Offer Shown", "o"), ("Offer Clicked", "o"), ("Offer Clicked", "p"), ("Offer Taken", "o")]
    figures.add([("ann", name, at, {"offer": offer}) for at, (name, offer) in enumerate(told)] + [("ann", "Offer Shown", 9, {})])
    assert figures.run(shown()) == [{"offer": "o", "shown": 2, "clicked": 1}, {"offer": "p", "shown": 0, "clicked": 1}]
    assert figures.run(shown(Period(start_ms=1, end_ms=3))) == [{"offer": "o", "shown": 1, "clicked": 1}]


def test_sent_takes_the_last_word_on_each_message(figures: Any) -> None:
    figures.add([("ann", "A", 0, {})])
    for key in ("k1", "k2", "k3"):
        figures.insert(
            "messages", log_offset=1, send_key=key, journey="welcome", channel="mail", node=0, queued=instant_text(0), simulated=False
        )
    for offset, key, state in ((3, "k1", "accepted"), (2, "k1", "queued"), (4, "k2", "accepted"), (5, "k2", "bounced")):
        figures.insert("deliveries", log_offset=offset, send_key=key, state=state, time=instant_text(0), reason="")
    assert {r["state"]: r["messages"] for r in figures.run(sent())} == {"accepted": 1, "bounced": 1, "queued": 1}
