"""The company's data: events as files that an import takes, and the truth beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gyeol.kernel.instants import Zone, parse_instant
from gyeol.workspace.cafe import clicks, exposures, people, visits, weather
from gyeol.workspace.cafe.clicks import Clicks
from gyeol.workspace.cafe.exposures import Exposures
from gyeol.workspace.cafe.offers import FEATURES, OFFERS, checksum
from gyeol.workspace.cafe.people import People
from gyeol.workspace.cafe.visits import Visits

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_DAY = "2026-06-01"
DAYS = 92
CUSTOMERS = 50_000
EVENTS = 1_000_000
SEOUL = Zone("Asia/Seoul")
_EVENTS_A_VISIT = 2.47
"""Measured: with identify calls and reviews; so many visits are drawn that about as many events come out as were asked for."""
_EXPOSURES_A_CUSTOMER = 1.6


class Company(NamedTuple):
    """A company's summer.

    Args:
        people: The customers.
        visits: Their visits.
        clicks: What they did within.
        exposures: Offers that were shown at random.
        weather: By the hour.
        start_ms: The first midnight.
        names: Of the customers.
    """

    people: People
    visits: Visits
    clicks: Clicks
    exposures: Exposures
    weather: weather.Hourly
    start_ms: int
    names: list[str]


def simulate(seed: int = 1, customers: int = CUSTOMERS, events: int = EVENTS, days: int = DAYS) -> Company:
    """Draw everything.

    Args:
        seed: The same seed gives the same company.
        customers: How many.
        events: About how many.
        days: From ``FIRST_DAY`` on.
    """
    start_ms = parse_instant(f"{FIRST_DAY}T00:00:00+09:00")
    assert start_ms is not None
    weekday = SEOUL.local(start_ms).weekday()
    of_year = SEOUL.local(start_ms).timetuple().tm_yday - 1
    fixed = 2 * customers + _EXPOSURES_A_CUSTOMER * customers
    rngs = [np.random.default_rng((seed, part)) for part in range(6)]
    skies = weather.hourly(of_year, days, rngs[0])
    mean_visits = max(events - fixed, customers) / _EVENTS_A_VISIT / customers
    who = people.draw(customers, start_ms, days, mean_visits, rngs[1])
    came = visits.draw(who, start_ms, days, skies, weekday, rngs[2])
    did = clicks.walk(came, rngs[3])
    shown = exposures.draw(who, came, round(_EXPOSURES_A_CUSTOMER * customers), start_ms, days, weekday, skies, rngs[4])
    return Company(who, came, did, shown, skies, start_ms, who.names(rngs[5]))


def write(company: Company, folder: Path, seed: int = 1) -> int:
    """Write events and truth.

    ``events.parquet`` has the columns that an import without a mapping takes; ``weather.parquet`` is the recording that the workspace's
    ``weather`` names; ``truth/`` holds who each event is of, what they intended
    and felt, and the chances of every offer.

    Args:
        company: The company.
        folder: Made where it is missing; files in it are replaced.
        seed: Of what is said, and by whom.

    Returns:
        How many events.
    """
    import pyarrow.parquet as pq

    from gyeol.workspace.cafe.tables import event_table, truth_of_people, weather_table

    (folder / "truth").mkdir(parents=True, exist_ok=True)
    events, truth = event_table(company, np.random.default_rng((seed, 99)))
    pq.write_table(truth, folder / "truth" / "events.parquet", compression="zstd")
    pq.write_table(truth_of_people(company), folder / "truth" / "people.parquet", compression="zstd")
    pq.write_table(_truth_of_offers(company), folder / "truth" / "offers.parquet", compression="zstd")
    told = {"seed": seed, "checksum": checksum(), "offers": [offer._asdict() for offer in OFFERS], "features": FEATURES}
    (folder / "truth" / "offers.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    pq.write_table(weather_table(company), folder / "weather.parquet", compression="zstd")
    # Last, and at once: whoever finds it finds everything.
    begun = folder / ".events.parquet"
    pq.write_table(events, begun, row_group_size=131_072, compression="zstd")
    begun.replace(folder / "events.parquet")
    return int(events.num_rows)


def _truth_of_offers(company: Company) -> pa.Table:
    import pyarrow as pa

    from gyeol.workspace.cafe.offers import chances

    shown = company.exposures
    truth = chances(shown.contexts)
    columns: dict[str, Any] = {
        "decision_id": [f"d{i}" for i in range(len(shown.person))],
        "person": shown.person,
        "offer": pa.array([OFFERS[i].id if i >= 0 else None for i in shown.offer.tolist()]),
        "taken": shown.taken,
    }
    columns |= {name: shown.contexts[:, i] for i, name in enumerate(FEATURES)}
    columns |= {f"chance.{offer.id}": truth[:, i] for i, offer in enumerate(OFFERS)}
    return pa.table(columns)
