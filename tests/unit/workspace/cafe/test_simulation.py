"""The made-up company: the same seed, the same bytes; and its truth can be found again in its events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from gyeol.workspace.cafe.clicks import ORDER
from gyeol.workspace.cafe.company import Company, simulate, write
from gyeol.workspace.cafe.menu import PRODUCTS
from gyeol.workspace.cafe.offers import FEATURES, OFFERS, chances, checksum, values
from gyeol.workspace.cafe.visits import HELP


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate(seed=3, customers=4_000, events=80_000)


@pytest.fixture(scope="module")
def folder(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cafe")
    write(company, made, seed=3)
    return made


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(folder: Path, tmp_path: Path) -> None:
    write(simulate(seed=3, customers=4_000, events=80_000), tmp_path / "again", seed=3)
    write(simulate(seed=4, customers=4_000, events=80_000), tmp_path / "other", seed=4)
    for name in ("events.parquet", "truth/events.parquet", "truth/people.parquet", "truth/offers.parquet", "truth/offers.json"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
    assert (tmp_path / "other" / "events.parquet").read_bytes() != (folder / "events.parquet").read_bytes()


def test_about_as_many_events_as_asked_for_in_order_of_time(folder: Path) -> None:
    events = pq.read_table(folder / "events.parquet")
    assert 75_000 < events.num_rows < 85_000
    times = events["timestamp"].to_numpy()
    assert (np.diff(times) >= np.timedelta64(0)).all()
    assert len(set(events["messageId"].to_pylist())) == events.num_rows


def test_every_event_bears_a_name_of_whom_it_is_of(folder: Path) -> None:
    events = pq.read_table(folder / "events.parquet").to_pylist()
    truth = pq.read_table(folder / "truth" / "events.parquet").to_pylist()
    people = pq.read_table(folder / "truth" / "people.parquet").to_pylist()
    for event, true in zip(events, truth, strict=True):
        person = people[true["person"]]
        assert event["messageId"] == true["messageId"]
        assert event["userId"] in (None, person["user_id"])
        assert event["anonymousId"] in (None, person["app_device"], person["cookie"]) or event["anonymousId"].startswith("receipt-")
        assert event["properties.phone"] in (None, person["phone"])
        assert event["userId"] or event["anonymousId"], "the front door asks for one of the two"
    cookies = [person["cookie"] for person in people]
    assert 0.01 < 1 - len(set(cookies)) / len(cookies) < 0.05, "some families share a browser"


def test_the_weather_sells_iced_or_warm(company: Company) -> None:
    did, came = company.clicks, company.visits
    ordered = did.action == ORDER
    chill = np.array([p.chill for p in PRODUCTS])[did.product[ordered]]
    temperature = came.temperature[did.visit[ordered]]
    assert chill[temperature > 22].mean() > chill[temperature < 15].mean() + 0.2


def test_who_is_upset_asks_for_help_and_complains(company: Company, folder: Path) -> None:
    came = company.visits
    online = came.channel != 2
    assert (came.intent[online & (came.upset > 0.5)] == HELP).mean() > 4 * (came.intent[online & (came.upset == 0)] == HELP).mean()
    truth = pq.read_table(folder / "truth" / "events.parquet")
    texts = pq.read_table(folder / "events.parquet")["properties.text"].to_pylist()
    polarity = truth["polarity"].to_pylist()
    assert {p for p, text in zip(polarity, texts, strict=True) if text is not None} == {-1, 0, 1}
    assert all((p is None) == (text is None) for p, text in zip(polarity, texts, strict=True))


def test_offers_are_taken_as_often_as_the_truth_says(company: Company) -> None:
    shown = company.exposures
    at = np.flatnonzero(shown.offer >= 0)
    expected = chances(shown.contexts[at])[np.arange(len(at)), shown.offer[at]]
    spread = np.sqrt((expected * (1 - expected)).sum())
    assert abs(shown.taken[at].sum() - expected.sum()) < 4 * spread
    assert not shown.taken[shown.offer < 0].any()


def test_no_single_offer_is_best_for_all() -> None:
    rng = np.random.default_rng(1)
    contexts = rng.random((5_000, len(FEATURES))) * (rng.random((5_000, len(FEATURES))) < 0.4)
    worth = values(contexts)
    best = np.bincount(worth.argmax(axis=1), minlength=len(OFFERS))
    assert (best > 0).sum() >= 6 and worth.max(axis=1).mean() > 1.2 * worth.mean(axis=0).max()


def test_the_truth_is_frozen() -> None:
    assert checksum() == "5ef7b46ef0013e39", "results that bear another checksum cannot be compared: change it only with an ADR"
