"""Regions by coordinates, address and IP; parts of stores; home and work of those who agree: exact after a replay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely
from tests.integration.conftest import SERVER_KEY
from tests.integration.mmdb import write_mmdb

from gyeol.app.checking import check_consistency
from gyeol.app.core_api import VerifyRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings, data_folder
from gyeol.context.place.dongs import Dong
from gyeol.context.place.regions import Region
from gyeol.context.record import FactInput
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import InputError
from gyeol.kernel.instants import DAY_MS, HOUR_MS, instant_text, parse_instant
from gyeol.storage.places_file import Places, write_places
from gyeol.workspace.load import load

pytestmark = pytest.mark.usefixtures("any_order")
WORKSPACE = f"""
workspace:
  name: Coffee
  moment: {{cell: context.location, address: traits.address, beacon: properties.beacon}}
  regions: data/two.regions
  geoip: data/countries.mmdb
  usual_places: true
sources:
  - {{name: server, trust: server, channel: server, write_key: {SERVER_KEY}}}
  - {{name: web, trust: client, channel: web, write_key: web-key-for-tests}}
identifiers:
  - {{name: user_id, paths: [userId], priority: 1, limit: 1, from_client: true}}
consent_events:
  - event: Consent Changed
    channel: properties.channel
    purpose: properties.purpose
    status: properties.status
stores:
  - name: S1
    lat: 37.5
    lon: 127.5
    zones:
      - {{name: bar, beacon: b-7}}
      - name: terrace
        corners: [[37.5001, 127.5001], [37.5001, 127.5004], [37.5004, 127.5004], [37.5004, 127.5001]]
audiences:
  - {{name: in_gangnam, label: {{ko: 강남, en: Gangnam}}, condition: moment.sigungu = '강남구'}}
  - {{name: in_dust, label: {{ko: 미세먼지, en: Dust}}, condition: moment.fine_dust = 'bad'}}
  - {{name: at_home, label: {{ko: 집, en: Home}}, condition: moment.place = 'home'}}
"""
MINUTE = 60_000


def at(text: str) -> int:
    found = parse_instant(text)
    assert found is not None
    return found


MORNING = at("2026-06-22T09:00:00+09:00")
"""A Monday."""


def square(code: str, sido: str, sigungu: str, west: float) -> Region:
    return Region(code, sido, sigungu, shapely.to_wkb(shapely.box(west, 37, west + 1, 38)))


def write_regions(path: Path, second: str) -> None:
    regions = [square("1", "서울특별시", "강남구", 127), square("2", "경기도", second, 128)]
    write_places(path, Places(1, regions, [Dong("서울특별시 강남구 역삼동", 37.5, 127.5)]))


class House:
    def __init__(self, folder: Path, clock: ManualClock) -> None:
        self.folder, self.clock, self.number = folder, clock, 0
        self.session = EmbeddedSession(folder, Settings(), clock=clock)

    def say(self, who: str, at_ms: int, event: str = "Moved", *, source: str = "server", ip: str = "", **more: Any) -> None:
        self.number += 1
        place = more.pop("place", None)
        told: dict[str, Any] = {"type": "track", "event": event, "userId": who, "messageId": f"m{self.number}", "properties": more}
        told["timestamp"] = instant_text(at_ms)
        if place is not None:
            told["context"] = {"location": {"latitude": place[0], "longitude": place[1]}}
        self.send(told, at_ms, source, ip)

    def send(self, told: dict[str, Any], at_ms: int, source: str = "server", ip: str = "") -> None:
        self.clock.advance(max(at_ms - self.clock.now_ms(), 0))
        sources = self.session.parts.engine.definitions.sources
        index = next(i for i, each in enumerate(sources) if each.name == source)
        raw = json.dumps(told).encode()
        received = self.clock.now_ms()
        self.session.run(Collect(Incoming(source=sources[index], source_index=index, events=[raw], received_ms=received, ip=ip or None)))

    def tell(self, name: str, value: object, region: str) -> None:
        fact = FactInput(name=name, value=value, about={"region": region}, observed_at=instant_text(self.clock.now_ms()), ttl_s=3_600)
        answer = self.session.desk.add_facts([fact], "test")
        assert [told.status for told in answer.facts] == ["recorded"]

    def moment(self, who: str) -> dict[str, Any]:
        return {
            fact.name.removeprefix("moment."): fact.value for fact in self.session.desk.moment(f"user_id:{who}").facts if not fact.stale
        }

    def sure(self, who: str, name: str) -> float:
        return next(fact.confidence for fact in self.session.desk.moment(f"user_id:{who}").facts if fact.name == f"moment.{name}")

    def members(self, audience: str) -> list[str]:
        state: Any = self.session.parts.engine.state
        rows = state.people.all_rows()
        found = rows[state.memberships.members(audience, rows)].tolist()
        return sorted(state.graph.identifier(state.graph.members(int(state.people.person_of_row[row]))[0])[1] for row in found)

    def exact(self) -> None:
        self.session.settle()
        found = check_consistency(self.session, data_folder(self.folder))
        assert (found.differences, found.examples) == ({}, [])
        check = next(c for c in self.session.core.verify(VerifyRequest(replay=True)).checks if c.name == "replay")
        assert check.good, check.detail

    def again(self) -> None:
        """Close and open: the state comes from the snapshot and the log."""
        self.session.close()
        self.session = EmbeddedSession(self.folder, Settings(), clock=self.clock)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "coffee"
    (folder / "data").mkdir(parents=True)
    write_regions(folder / "data/two.regions", "영통구")
    write_mmdb(folder / "data/countries.mmdb", {"203.0.113.0/24": "JP", "198.51.100.0/25": "KR"})
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    opened = House(folder, ManualClock(MORNING))
    yield opened
    opened.session.close()


def test_the_region_by_position_then_by_address(house: House) -> None:
    house.send({"type": "identify", "userId": "kim", "traits": {"address": "경기 수원시 영통구 광교로 1 (이의동)"}}, MORNING)
    moment = house.moment("kim")
    assert [moment[name] for name in ("sido", "sigungu", "dong", "country")] == ["경기도", "영통구", "이의동", "KR"]
    assert house.sure("kim", "sigungu") == 0.8 and house.members("in_gangnam") == []
    house.say("kim", MORNING + MINUTE, place=(37.51, 127.49))
    moment = house.moment("kim")
    assert [moment[name] for name in ("sido", "sigungu", "dong")] == ["서울특별시", "강남구", "역삼동"]
    assert (house.sure("kim", "sigungu"), house.sure("kim", "dong")) == (1.0, 0.82)
    assert house.members("in_gangnam") == ["kim"]
    house.exact()
    house.say("lee", MORNING + 2 * MINUTE, place=(10.0, 10.0))
    assert "sido" not in house.moment("lee")
    house.say("lee", MORNING + 25 * HOUR_MS, "Ping")
    assert house.moment("kim")["sigungu"] == "영통구" and house.members("in_gangnam") == []
    house.again()
    assert house.moment("kim")["sigungu"] == "영통구"
    house.exact()


def test_a_fact_of_a_district_is_of_whoever_is_there(house: House) -> None:
    house.say("kim", MORNING, place=(37.51, 127.49))
    house.send({"type": "identify", "userId": "lee", "traits": {"address": "경기 수원시 영통구 광교로 1"}}, MORNING)
    house.tell("fine_dust", "bad", "서울특별시 강남구")
    assert (house.moment("kim")["fine_dust"], house.members("in_dust")) == ("bad", ["kim"]) and "fine_dust" not in house.moment("lee")
    house.tell("fine_dust", "bad", "경기도")
    assert house.moment("lee")["fine_dust"] == "bad" and house.members("in_dust") == ["kim", "lee"]
    house.say("kim", MORNING + MINUTE, place=(10.0, 10.0))
    assert "fine_dust" not in house.moment("kim") and house.members("in_dust") == ["lee"]
    house.exact()
    house.again()
    assert house.members("in_dust") == ["lee"]
    house.exact()


def test_the_country_of_an_ip_address_counts_least(house: House) -> None:
    house.say("web", MORNING, "Page Seen", source="web", ip="203.0.113.9")
    assert house.moment("web")["country"] == "JP" and house.sure("web", "country") == 0.6
    house.say("other", MORNING, "Page Seen", source="web", ip="192.0.2.1")
    assert "country" not in house.moment("other")
    house.say("web", MORNING + MINUTE, source="web", ip="203.0.113.9", place=(37.5, 127.5))
    assert house.moment("web")["country"] == "KR" and house.sure("web", "country") == 1.0
    house.exact()
    house.again()
    house.exact()


PEOPLE_ABROAD = (
    WORKSPACE.replace(", address: traits.address", "")
    + """
traits:
  - {name: seen_in_japan, kind: count, event: $any, where: "moment.country = 'JP'"}
  - {name: seen_in_korea, kind: count, event: $any, where: "moment.country = 'KR'"}
kpis:
  - name: from_japan
    label: {ko: 일본 방문, en: Visits from Japan}
    measure: count
    event: Page Seen
    where: moment.country = 'JP'
"""
)
"""Postal addresses are personal data of which the lake keeps nothing, so these read none."""


def test_a_country_outlives_the_log_and_another_file_of_addresses(house: House) -> None:
    def seen() -> dict[str, list[object]]:
        state: Any = house.session.parts.engine.state
        rows, now = state.people.all_rows(), state.now_ms
        names = [str(state.graph.identifier(state.graph.members(int(p))[0])[1]) for p in state.people.person_of_row[rows].tolist()]
        columns = [state.traits.column(name, rows, now) for name in ("seen_in_japan", "seen_in_korea", "moment_country")]
        return {name: [column.item(i) for column in columns] for i, name in enumerate(names)}

    house.say("web", MORNING, "Page Seen", source="web", ip="203.0.113.9")
    house.say("web", MORNING + MINUTE, "Page Seen", source="web", ip="203.0.113.9", place=(37.5, 127.5))
    house.session.settle()
    house.say("web", MORNING + 2 * DAY_MS, "Page Seen", source="web", ip="198.51.100.7")
    house.say("new", MORNING + 2 * DAY_MS, "Page Seen", source="web", ip="203.0.113.9")
    house.exact()
    logs = house.folder / ".gyeol/log"
    house.session.close()
    for file in (logs / "2026-06-22.frames", *logs.glob("2026-06-22.frames-*")):
        file.unlink(missing_ok=True)
    write_mmdb(house.folder / "data/countries.mmdb", {"203.0.113.0/24": "KR", "198.51.100.0/25": "JP"})
    (house.folder / "workspace.yaml").write_text(PEOPLE_ABROAD, encoding="utf-8")
    house.session = EmbeddedSession(house.folder, Settings(), clock=house.clock)
    house.session.call("apply", definitions=load(house.folder).definitions, why="test")
    assert seen() == {"web": [1, 2, "KR"], "new": [1, 0, "JP"]}, "the past is as the first file told it"
    house.say("new", MORNING + 2 * DAY_MS + MINUTE, "Page Seen", source="web", ip="203.0.113.9")
    assert seen() == {"web": [1, 2, "KR"], "new": [1, 1, "KR"]}
    house.session.settle()
    found = check_consistency(house.session, data_folder(house.folder))
    assert found.differences == {} and {"seen_in_japan", "seen_in_korea", "moment_country"} <= {*found.traits}
    kpis: Any = house.session.call("kpis")
    assert [(each["name"], each["value"]) for each in kpis["kpis"]] == [("from_japan", 2)]
    sql: Any = house.session.call("sql", sql="SELECT ip_country, count(*) FROM events GROUP BY 1 ORDER BY 1")
    assert sql["rows"] == [["JP", 3], ["KR", 2]]
    house.again()
    assert seen() == {"web": [1, 2, "KR"], "new": [1, 1, "KR"]}


def test_a_replay_reads_the_file_of_addresses_that_was_in_force(house: House) -> None:
    house.say("web", MORNING, "Page Seen", source="web", ip="203.0.113.9")
    write_mmdb(house.folder / "data/countries.mmdb", {"203.0.113.0/24": "KR"})
    (house.folder / "workspace.yaml").write_text(PEOPLE_ABROAD, encoding="utf-8")
    house.session.call("apply", definitions=load(house.folder).definitions, why="test")
    assert house.moment("web")["country"] == "JP"
    house.exact()
    house.say("late", MORNING + MINUTE, "Page Seen", source="web", ip="203.0.113.9")
    assert (house.moment("web")["country"], house.moment("late")["country"]) == ("JP", "KR")
    house.exact()
    house.again()
    house.exact()
    # As a lake of an older release is, of which nobody can tell what the addresses told.
    store: Any = house.session.lake
    store._store._connection.execute("UPDATE lake.main.lake_offset SET countries_from = 1")
    left_out = check_consistency(house.session, data_folder(house.folder)).left_out
    assert left_out.keys() >= {"seen_in_japan", "seen_in_korea", "moment_country"}


def test_another_content_of_a_file_is_a_change_that_is_planned(house: House) -> None:
    house.say("kim", MORNING, place=(37.5, 128.5))
    assert house.moment("kim")["sigungu"] == "영통구"
    write_regions(house.folder / "data/two.regions", "권선구")
    house.again()
    assert house.moment("kim")["sigungu"] == "영통구", "what was applied counts until something else is"
    changed = load(house.folder).definitions
    plan = house.session.call("plan", definitions=changed)
    changes: Any = plan["changes"]
    assert [(each["kind"], [field["field"] for field in each["fields"]]) for each in changes] == [("workspace", ["files.data/two.regions"])]
    house.session.call("apply", definitions=changed, why="test")
    assert house.moment("kim")["sigungu"] == "권선구"
    house.exact()
    write_regions(house.folder / "data/two.regions", "팔달구")
    with pytest.raises(InputError) as refused:
        house.session.call("apply", definitions=msgspec.structs.replace(changed, files={"data/two.regions": "0" * 32}), why="test")
    assert refused.value.problems[0].code == "file_changed"


def test_the_part_of_a_store(house: House) -> None:
    house.say("kim", MORNING, "Beacon Heard", beacon="b-7")
    assert house.moment("kim")["store_zone"] == "S1/bar"
    house.say("kim", MORNING + MINUTE, place=(37.5002, 127.5002))
    assert house.moment("kim")["store_zone"] == "S1/bar", "one position is jitter"
    house.say("kim", MORNING + 2 * MINUTE, place=(37.5003, 127.5002))
    assert house.moment("kim")["store_zone"] == "S1/terrace"
    house.say("kim", MORNING + 3 * MINUTE, place=(37.4990, 127.4990))
    house.say("kim", MORNING + 4 * MINUTE, place=(37.4990, 127.4990))
    assert "store_zone" not in house.moment("kim")
    house.say("lee", MORNING + 5 * MINUTE, "Beacon Heard", beacon="unknown")
    assert "store_zone" not in house.moment("lee")
    house.exact()


def nights(house: House, who: str, first_ms: int) -> int:
    """Three nights at home, the last of them now: twice, half an hour apart."""
    for day in range(3):
        night = first_ms + day * DAY_MS
        house.say(who, night, place=(37.2, 127.2))
        house.say(who, night + 10 * MINUTE, place=(37.2003, 127.2))
    return first_ms + 2 * DAY_MS + 10 * MINUTE


def test_home_is_learned_only_of_who_agrees_and_forgotten_when_they_withdraw(house: House) -> None:
    consent = {"channel": "app", "purpose": "location"}
    house.say("kim", MORNING, "Consent Changed", status="granted", **consent)
    now = nights(house, "lee", at("2026-06-22T22:00:00+09:00"))
    house.say("kim", now, "Ping")
    again = nights(house, "kim", at("2026-06-25T22:00:00+09:00"))
    assert "place" not in house.moment("lee")
    moment = house.moment("kim")
    assert (moment["place"], moment["travelling"]) == ("home", False) and house.members("at_home") == ["kim"]
    house.exact()
    house.again()
    assert house.moment("kim")["place"] == "home"
    house.say("kim", again + MINUTE, place=(37.9, 128.9))
    assert (house.moment("kim")["place"], house.moment("kim")["travelling"]) == ("home", True), "one position is jitter"
    house.say("kim", again + 3 * MINUTE, place=(37.9, 128.9))
    assert (house.moment("kim")["place"], house.moment("kim")["travelling"]) == ("away", True)
    state: Any = house.session.parts.engine.state
    assert len(state.moments.haunts) == 1
    house.say("kim", again + 4 * MINUTE, "Consent Changed", status="withdrawn", **consent)
    assert "place" not in house.moment("kim") and len(state.moments.haunts) == 0
    house.say("kim", again + 5 * MINUTE, "Consent Changed", status="granted", **consent)
    assert "place" not in house.moment("kim"), "what was forgotten does not come back"
    house.exact()
