"""Facts end to end: told through the desk, the API and the public port, joined, shown, kept in the lake, the same after a backfill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.integration.conftest import SERVER_KEY, WEB_KEY, Pair
from typer.testing import CliRunner

from gyeol.app.checking import check_consistency
from gyeol.app.core_api import StatusRequest, VerifyRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.observing import Observing
from gyeol.app.settings import Settings, data_folder
from gyeol.audiences.model import AudienceDefinition
from gyeol.cli.main import app
from gyeol.context.provider import Wanted
from gyeol.context.record import FactInput
from gyeol.context.subject import SubjectKind
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Apply, Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendUnavailableError, InputError
from gyeol.kernel.instants import instant_text
from gyeol.measures.model import KpiDefinition
from gyeol.profiles.model import TraitDefinition

pytestmark = pytest.mark.usefixtures("any_order")
NOW_MS = 1_782_000_000_000
HOUR = 3_600_000
WET = TraitDefinition(name="wet", kind="count", event="Bought", where="moment.weather = 'rain' AND moment.weekend IS NOT NULL")
RAINED_ON = AudienceDefinition(name="rained_on", condition="moment.weather = 'rain'")


class House:
    """A workspace in this process, a clock of its own, events and facts by hand."""

    def __init__(self, session: EmbeddedSession, clock: ManualClock) -> None:
        self.session, self.clock, self.number = session, clock, 0
        self.apply(moment={"store": "properties.store", "zone": "context.timezone"}, audiences=(RAINED_ON,))

    @property
    def state(self) -> Any:
        return self.session.parts.engine.state

    def apply(
        self,
        *,
        traits: tuple[TraitDefinition, ...] = (),
        audiences: tuple[AudienceDefinition, ...] = (),
        kpis: tuple[KpiDefinition, ...] = (),
        **workspace: Any,
    ) -> None:
        now: Definitions = self.session.parts.engine.definitions
        replaced = msgspec.structs.replace(
            now,
            workspace=msgspec.structs.replace(now.workspace, **workspace),
            traits=[*now.traits, *traits],
            audiences=[*now.audiences, *audiences],
            kpis=[*now.kpis, *kpis],
        )
        # As the log has them.
        definitions = Definitions.from_json(replaced.as_json())
        self.session.parts.applied.keep(definitions)
        self.session.run(Apply(definitions, "test", "more"))

    def buy(self, who: str, at_ms: int, **properties: Any) -> None:
        self.number += 1
        event = {"type": "track", "event": "Bought", "userId": who, "timestamp": instant_text(at_ms), "messageId": f"m{self.number}"}
        raw = json.dumps({**event, "properties": properties}).encode()
        sources = self.session.parts.engine.definitions.sources
        index = next(i for i, source in enumerate(sources) if source.trust == "server")
        self.session.run(Collect(Incoming(source=sources[index], source_index=index, events=[raw], received_ms=self.clock.now_ms())))

    def tell(self, name: str, value: object, about: dict[str, str | float], at_ms: int, **more: Any) -> str:
        fact = FactInput(name=name, value=value, about=about, observed_at=instant_text(at_ms), **more)
        return self.session.desk.add_facts([fact], "test").facts[0].status

    def tick(self, ms: int) -> None:
        self.clock.advance(ms)
        self.buy("ticker", self.clock.now_ms())

    def members(self) -> list[str]:
        memberships, rows = self.state.memberships, self.state.people.all_rows()
        return sorted(
            self.state.graph.identifier(self.state.graph.members(int(self.state.people.person_of_row[row]))[0])[1]
            for row in rows[memberships.members("rained_on", rows)].tolist()
        )

    def exact(self) -> None:
        found = check_consistency(self.session, data_folder(self.session.parts.workspace))
        assert (found.differences, found.examples, found.left_out) == ({}, [], {})
        check = next(c for c in self.session.core.verify(VerifyRequest(replay=True)).checks if c.name == "replay")
        assert check.good, check.detail


@pytest.fixture
def house(workspace: Path) -> Any:
    clock = ManualClock(NOW_MS)
    opened = EmbeddedSession(workspace, Settings(), clock=clock)
    yield House(opened, clock)
    opened.close()


def test_rain_moves_an_audience_until_it_ends(house: House) -> None:
    house.buy("kim", NOW_MS - 60_000, store="s1")
    house.buy("lee", NOW_MS - 60_000, store="s2")
    assert house.members() == []
    assert house.tell("weather", "rain", {"store": "s1"}, NOW_MS - 1_000, ttl_s=1_800) == "recorded"
    assert house.tell("weather", "rain", {"store": "s1"}, NOW_MS - 1_000, ttl_s=1_800) == "duplicate"
    assert house.members() == ["kim"]
    moment = {fact.name: fact for fact in house.session.desk.moment("user_id:kim").facts}
    weather = moment["moment.weather"]
    assert (weather.value, weather.said["ko"], weather.source, weather.age_s) == ("rain", "비", "test", 1.0)
    assert weather.about is not None and weather.about.kind == "store"
    house.tick(1_800_000 - 1_001)
    assert house.members() == ["kim"]
    house.tick(1)
    assert house.members() == []  # half-open: at its last instant it no longer counts
    aged = {fact.name: fact for fact in house.session.desk.moment("user_id:kim").facts}["moment.weather"]
    assert (aged.value, aged.last, aged.stale) == (None, "rain", True)
    earlier = house.session.desk.moment("user_id:kim", instant_text(NOW_MS))
    assert next(f for f in earlier.facts if f.name == "moment.weather").value == "rain"
    assert house.session.desk.moment("user_id:kim").warnings == ["zone_assumed"]
    house.exact()


def test_events_are_joined_as_of_their_time_also_in_a_backfill(house: House) -> None:
    day = 24 * HOUR
    for hours, value in ((-30, "rain"), (-29, "clear"), (-28, "rain")):
        house.tell("weather", value, {"store": "s1"}, NOW_MS + hours * HOUR, origin="history")
    for i, half_hours in enumerate((-59, -57, -55, -52)):
        house.buy("kim" if i % 2 else "lee", NOW_MS + half_hours * HOUR // 2, store="s1")
        house.buy("kim", NOW_MS + half_hours * HOUR // 2, store="s2")
    house.apply(traits=(WET,))
    house.session.settle()
    assert not house.state.traits.unready
    house.buy("lee", NOW_MS - 27 * HOUR - 1, store="s1")
    column = house.state.traits.column("wet", house.state.people.all_rows(), house.state.now_ms)
    assert sorted(column.values.tolist()) == [0, 3]
    house.tell("weather", "rain", {}, NOW_MS - day, ttl_s=60)
    house.exact()
    rows = house.session.desk._lake.query("SELECT name, about, subject, value, origin FROM facts ORDER BY log_offset")
    assert rows.num_rows == 4 and rows.to_pylist()[0] == {
        "name": "weather", "about": "store", "subject": "s1", "value": "rain", "origin": "history",
    }  # fmt: skip


def test_a_kpi_counts_what_happened_in_the_rain(house: House) -> None:
    for hours, value in ((-30, "rain"), (-29, "clear"), (-28, "rain")):
        house.tell("weather", value, {"store": "s1"}, NOW_MS + hours * HOUR, origin="history")
    for i, half_hours in enumerate((-59, -57, -55, -52)):
        house.buy("kim" if i % 2 else "lee", NOW_MS + half_hours * HOUR // 2, store="s1", paid=1 << i)
        house.buy("kim", NOW_MS + half_hours * HOUR // 2, store="s2", paid=100)
    wet: Any = {"event": "Bought", "where": "moment.weather = 'rain' AND properties.paid < 100"}
    asked = (
        KpiDefinition(name="all", measure="count", event="Bought"),
        KpiDefinition(name="wet", measure="count", **wet),
        KpiDefinition(name="wet_people", measure="people", **wet),
        KpiDefinition(name="wet_paid", measure="sum", property="properties.paid", **wet),
        KpiDefinition(name="in_season", measure="count", event="$any", where="moment.season IS NOT NULL"),
        KpiDefinition(name="dry", measure="count", event="Bought", where="moment.weather = 'clear' OR moment.weather IS NULL"),
    )
    house.apply(kpis=asked)
    house.session.settle()
    told = {kpi.name: kpi.value for kpi in house.session.desk.kpis().kpis if kpi.name in {each.name for each in asked}}
    # It rained when lee bought for 1 and for 4; when kim bought for 8 nobody knew any more.
    assert told == {"all": 8, "wet": 2, "wet_people": 1, "wet_paid": 5.0, "in_season": 8, "dry": 6}


def test_every_problem_is_told_and_nothing_is_kept(house: House) -> None:
    wrong = [
        FactInput(name="weather", value=3, about={"store": "s1"}),
        FactInput(name="mood", value="good"),
        FactInput(name="weather", value="rain", about={"person": "nobody"}, ttl_s=0),
        FactInput(name="store", value="s1", about={"store": "s1"}, confidence=2),
        FactInput(name="weather", value="rain", observed_at=instant_text(NOW_MS + HOUR)),
        FactInput(name="weather", value="rain"),
    ]
    with pytest.raises(InputError) as told:
        house.session.desk.add_facts(wrong, "test")
    found = {(problem.path, problem.code) for problem in told.value.problems}
    assert found == {
        ("facts[0].value", "not_text"), ("facts[1].name", "unknown_fact"), ("facts[2].ttl_s", "out_of_range"),
        ("facts[3].about", "subject_not_for_fact"), ("facts[3].confidence", "out_of_range"), ("facts[4].observed_at", "in_the_future"),
    }  # fmt: skip
    with pytest.raises(InputError) as unknown:
        house.session.desk.add_facts([FactInput(name="store", value="s1", about={"person": "nobody"})], "test")
    assert unknown.value.problems[0].code == "unknown_person"
    assert house.session.desk.facts().total == 0


def test_a_fact_of_somebody_new_makes_them_known(house: House) -> None:
    assert house.tell("store", "s1", {"person": "user_id:new"}, NOW_MS) == "recorded"
    house.buy("new", NOW_MS)
    assert next(f for f in house.session.desk.moment("user_id:new").facts if f.name == "moment.store").value == "s1"
    listed = house.session.desk.facts("store", "person:user_id:new").facts
    assert [(f.value, f.about.kind) for f in listed] == [("s1", "person")]
    house.exact()


class Rain:
    """A provider that knows one thing, and may be out of order."""

    name, every_s = "rain-service", 60.0
    kinds: tuple[SubjectKind, ...] = ("store",)

    def __init__(self) -> None:
        self.asked: list[Wanted] = []
        self.broken = False

    def observe(self, wanted: Wanted) -> list[FactInput]:
        self.asked.append(wanted)
        if self.broken:
            raise BackendUnavailableError("down", "it is down")
        return [FactInput(name="weather", value="rain", about={"store": each.id}) for each in wanted.subjects]

    def close(self) -> None:
        self.broken = True


def test_a_provider_is_asked_for_what_somebody_is_under(house: House) -> None:
    house.buy("kim", NOW_MS, store="s1")
    provider, now = Rain(), [0.0]
    observing = Observing(house.session.core, [provider], lambda: now[0])
    assert observing.step() == 1 and observing.step() == 0
    assert [each.id for each in provider.asked[0].subjects] == ["s1"]
    assert house.members() == ["kim"]
    provider.broken, now[0] = True, 60.0
    assert observing.step() == 0 and "down" in observing.problems["rain-service"]
    now[0] = 120.0
    assert observing.step() == 0 and len(provider.asked) == 2  # twice as long after a failure
    provider.broken, now[0] = False, 181.0
    house.clock.advance(1_000)
    assert observing.step() == 1 and observing.problems == {}
    observing.close()
    assert house.session.core.status(StatusRequest(subjects=["store"])).subjects[0].id == "s1"


@pytest.mark.slow
def test_the_public_port_and_the_commands(pair: Pair) -> None:
    pair.start(api=True)
    pair.batch([{"type": "page", "userId": "kim", "messageId": "m1"}], SERVER_KEY)
    body = {"facts": [{"name": "weather", "value": "rain"}, {"name": "store", "value": "s1", "about": {"person": "user_id:kim"}}]}
    url = f"http://127.0.0.1:{pair.public}/v1/facts"
    assert httpx.post(url, json=body, timeout=60).status_code == 401
    assert httpx.post(url, json=body, auth=(WEB_KEY, ""), timeout=60).status_code == 403
    told = httpx.post(url, json=body, auth=(SERVER_KEY, ""), timeout=60)
    assert told.status_code == 200 and [f["status"] for f in told.json()["facts"]] == ["recorded", "recorded"]
    wrong = httpx.post(url, json={"facts": [{"name": "weather", "value": 1}]}, auth=(SERVER_KEY, ""), timeout=60)
    assert (wrong.status_code, wrong.json()["error"]["facts"]["problems"][0]["code"]) == (400, "not_text")
    moment = pair.api.get("/v1/people/user_id:kim/moment").json()
    values = {fact["name"]: fact["value"] for fact in moment["facts"]}
    assert (values["moment.weather"], values["moment.store"]) == ("rain", "s1")
    assert pair.api.get("/v1/facts", params={"name": "weather"}).json()["facts"][0]["value"] == "rain"
    runner = CliRunner()
    added = runner.invoke(app, ["facts", "add", "weather", "snow", "--about", "region:11", "--workspace", str(pair.workspace)])
    assert added.exit_code == 0 and "recorded" in added.output
    shown = runner.invoke(app, ["moment", "user_id:kim", "--workspace", str(pair.workspace), "--lang", "ko"])
    assert shown.exit_code == 0 and "비" in shown.output
    listed = runner.invoke(app, ["facts", "list", "--workspace", str(pair.workspace), "--json"])
    assert listed.exit_code == 0 and json.loads(listed.output)["total"] == 3
    pair.stop()
