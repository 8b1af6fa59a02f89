"""Place × weather change what people of the coffee chain intend, as the table of their truth says; and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from gyeol.context.place.distance import metres
from gyeol.workspace.cafe import places
from gyeol.workspace.cafe.company import Company, simulate, write
from gyeol.workspace.cafe.people import Flags, Floats
from gyeol.workspace.cafe.places import FAR_M, INSIDE_M, NEAR_M, WALK_M, WALK_MS, Places
from gyeol.workspace.cafe.visits import BROWSE, BUY, INTENTS, TILL, USE

CUSTOMERS, EVENTS = 8_000, 160_000


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate(5, CUSTOMERS, EVENTS)


def nobody(places: Places, temperature: Floats, wet: Flags, rush: Flags, intents: tuple[str, ...]) -> Floats:
    """A world where places change nothing."""
    return np.zeros((len(places.lat), len(intents)))


def test_it_changes_what_people_intend_and_neither_who_comes_nor_what_offers_do(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "leaning", nobody)
    other = simulate(5, CUSTOMERS, EVENTS)
    for name in ("person", "at_ms", "channel", "store", "upset", "product"):
        assert (getattr(company.visits, name) == getattr(other.visits, name)).all(), name
    for name in company.exposures._fields:
        assert (getattr(company.exposures, name) == getattr(other.exposures, name)).all(), name
    changed = company.visits.intent != other.visits.intent
    assert 0.03 < changed.mean() < 0.3 and not changed[company.visits.channel == TILL].any()
    orders = [(of.clicks.action == 7).sum() for of in (company, other)]
    assert 0.97 < orders[0] / orders[1] < 1.06


def test_close_to_a_shop_people_buy_and_use_and_far_from_any_they_look_about(company: Company) -> None:
    came = company.visits
    online, away = came.channel != TILL, came.places.away_m
    inside, far = away <= INSIDE_M, away > FAR_M
    going = came.places.going & ~inside
    near, between = ~inside & ~going & (away <= NEAR_M), ~going & (away > NEAR_M) & ~far
    shares = {
        name: np.bincount(came.intent[online & there], minlength=len(INTENTS)) / (online & there).sum()
        for name, there in {"inside": inside, "going": going, "near": near, "between": between, "far": far & ~going}.items()
    }
    assert shares["going"][BUY] > shares["near"][BUY] + 0.04 > shares["between"][BUY] + 0.1 > shares["far"][BUY] + 0.15
    assert shares["inside"][USE] > 1.7 * shares["between"][USE] > 2.5 * shares["far"][USE]
    assert shares["far"][BROWSE] > shares["between"][BROWSE] + 0.08
    close = online & (inside | going | near)
    assert (came.intent[close & came.wet] == USE).mean() > (came.intent[close & ~came.wet] == USE).mean() + 0.02
    hot, mild = came.temperature >= 28, (came.temperature < 22) & (came.temperature > 10)
    assert (came.intent[close & hot & ~came.wet] == BUY).mean() > (came.intent[close & mild & ~came.wet] == BUY).mean() + 0.05
    elsewhere = online & between
    assert abs((came.intent[elsewhere & came.wet] == USE).mean() - (came.intent[elsewhere & ~came.wet] == USE).mean()) < 0.02


def test_each_row_of_the_truth_adds_what_it_says() -> None:
    away = np.array([10.0, 200.0, 200.0, 900.0, 5_000.0, 200.0, 200.0, 200.0, 200.0])
    nowhere = np.zeros(len(away))
    of = Places(nowhere, nowhere, nowhere, nowhere, away, np.arange(len(away)) == 2)
    temperature = np.array([15.0, 15, 15, 35, 35, 26, -5, 15, 15])
    wet, rush = np.arange(9) == 7, np.isin(np.arange(9), (3, 4, 8))
    added = places.leaning(of, temperature, wet, rush, INTENTS)
    odds = places.ODDS
    expected = [
        odds["inside"], odds["near"], odds["going"], {}, odds["far"], *(
            {name: odds["near"].get(name, 0) + part * more.get(name, 0) for name in INTENTS}
            for part, more in ((0.5, odds["heat"]), (1, odds["chill"]), (1, odds["wet"]), (1, odds["rush"]))
        ),
    ]  # fmt: skip
    assert added == pytest.approx(np.array([[each.get(name, 0.0) for name in INTENTS] for each in expected]))


def test_positions_are_told_where_people_are_and_twice_of_who_walks(company: Company, tmp_path: Path) -> None:
    write(company, tmp_path, seed=5)
    events = pq.read_table(
        tmp_path / "events.parquet", columns=["event", "timestamp", "context.location.latitude", "context.location.longitude"]
    )
    truth = pq.read_table(tmp_path / "truth" / "events.parquet", columns=["person"])
    told = np.asarray(events["event"].combine_chunks()) == "Location Updated"
    lat, lon = (np.asarray(events[f"context.location.{name}"])[told] for name in ("latitude", "longitude"))
    person, at_ms = np.asarray(truth["person"])[told], np.asarray(events["timestamp"]).astype("int64")[told]
    came = company.visits
    visits = {(int(p), int(t)): i for i, (p, t) in enumerate(zip(came.person, came.at_ms, strict=True))}
    now = np.array([visits.get((int(p), int(t) + 500), -1) for p, t in zip(person, at_ms, strict=True)])
    before = np.array([visits.get((int(p), int(t) + WALK_MS), -1) for p, t in zip(person, at_ms, strict=True)])
    assert ((now >= 0) | (before >= 0)).all()
    here, walked = now >= 0, now < 0
    assert metres(lat[here], lon[here], came.places.lat[now[here]], came.places.lon[now[here]]).max() < 80
    visit = before[walked]
    assert came.places.going[visit].all() and 0.05 < walked.mean() < 0.3
    gone = metres(lat[walked], lon[walked], came.places.lat[visit], came.places.lon[visit])
    assert abs(np.median(gone) - WALK_M) < 5
