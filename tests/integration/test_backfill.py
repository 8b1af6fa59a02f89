"""Definitions change while events go on coming: new traits get their past, exactly, and nobody's journey begins by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from gyeol.app.checking import check_consistency
from gyeol.app.core_api import CommandRequest, StatusRequest, SubmitRequest, VerifyRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.past_blocks import PastBlocks
from gyeol.app.past_work import BY
from gyeol.app.settings import Settings, data_folder
from gyeol.app.verifying import state_digest
from gyeol.audiences.model import AudienceDefinition
from gyeol.cli.main import app
from gyeol.engine.backfill import folds_anew
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.jobs import Apply, Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.instants import instant_text
from gyeol.profiles.model import TraitDefinition

pytestmark = pytest.mark.usefixtures("any_order")
NEW = [
    TraitDefinition(name="n_seen", kind="count", event="Seen"),
    TraitDefinition(name="paid", kind="sum", event="Bought", property="properties.total"),
    TraitDefinition(name="paid_7d", kind="sum", event="Bought", property="properties.total", window="7d"),
    TraitDefinition(name="warmth", kind="decay", event="Seen", half_life="3d"),
    TraitDefinition(name="items", kind="distinct", event="Seen", property="properties.item"),
    TraitDefinition(name="top_item", kind="top", event="Seen", property="properties.item"),
    TraitDefinition(name="newest", kind="recent", event="$any", property="properties.item", size=3),
    TraitDefinition(name="bought_after", kind="sequence", event="Seen", then="Bought", within="1d"),
    TraitDefinition(name="left", kind="sequence", event="Seen", then_no="Bought", within="2h"),
    TraitDefinition(name="home", kind="first", event="$identify", property="traits.city"),
]
LOVERS = AudienceDefinition(name="lovers", condition="n_seen >= 2")


class House:
    """A workspace in this process, and events by hand."""

    def __init__(self, session: EmbeddedSession) -> None:
        self.session, self.number = session, 0
        self.now_ms = session.parts.clock.now_ms()

    @property
    def definitions(self) -> Definitions:
        return self.session.parts.engine.definitions

    def collect(self, *events: dict[str, Any]) -> None:
        raws = []
        for event in events:
            self.number += 1
            at_ms = self.now_ms - 20 * 86_400_000 + self.number * 7_000_000
            raws.append(json.dumps({"messageId": f"m{self.number}", "timestamp": instant_text(at_ms)} | event).encode())
        index = next(i for i, source in enumerate(self.definitions.sources) if source.trust == "server")
        source = self.definitions.sources[index]
        self.session.run(Collect(Incoming(source=source, source_index=index, events=raws, received_ms=self.now_ms)))

    def some(self, start: int, count: int) -> None:
        for i in range(start, start + count):
            who = {"userId": f"u{i % 5}"} if i % 3 else {"anonymousId": f"b{i % 7}"}
            if i % 10 == 0:
                who = {"userId": f"u{i % 5}", "anonymousId": f"b{i % 7}"}  # two nodes become one person
            seen = {"type": "track", "event": "Seen", "properties": {"item": f"p{i % 4}"}}
            bought = {"type": "track", "event": "Bought", "properties": {"total": i * 10}}
            self.collect({**(bought if i % 4 == 0 else seen), **who}, {"type": "identify", **who, "traits": {"city": f"c{i % 3}"}})

    def apply(self, definitions: Definitions) -> None:
        self.session.parts.applied.keep(definitions)
        self.session.run(Apply(definitions, "test", "more"))

    def trait(self, name: str) -> list[object]:
        state = self.session.parts.engine.state
        rows = state.people.all_rows()
        column = state.traits.column(name, rows, state.now_ms)
        return [column.item(i) for i in range(len(rows))]

    def exact(self) -> None:
        """Stream, SQL and a replay from the log's first record agree."""
        found = check_consistency(self.session, data_folder(self.session.parts.workspace))
        assert (found.differences, found.examples, found.left_out) == ({}, [], {})
        state = self.session.parts.engine.state
        again = self.session.parts.recovered(self.definitions, snapshots=False).state
        assert state_digest(again) == state_digest(state)


@pytest.fixture
def house(session: EmbeddedSession, monkeypatch: pytest.MonkeyPatch) -> House:
    # Blocks of a few nodes, so that there are many.
    for module in ("gyeol.profiles.growth", "gyeol.profiles.carrying", "gyeol.app.past_blocks"):
        monkeypatch.setattr(f"{module}.BLOCK_NODES", 4)
    return House(session)


def with_new(definitions: Definitions) -> Definitions:
    names = {trait.name for trait in NEW}
    traits = [trait for trait in definitions.traits if trait.name not in names]
    return msgspec.structs.replace(definitions, traits=[*traits, *NEW], audiences=[*definitions.audiences, LOVERS])


def test_events_go_on_during_a_backfill_and_everything_is_exact_after_it(house: House) -> None:
    house.some(0, 40)
    session, parts = house.session, house.session.parts
    kept = {trait.name: house.trait(trait.name) for trait in house.definitions.traits if trait.name not in {t.name for t in NEW}}
    house.apply(with_new(house.definitions))
    assert {name: house.trait(name) for name in kept} == kept
    (owed,) = parts.engine.state.traits.owed.values()
    assert set(owed.traits) == {trait.name for trait in NEW}
    assert set(house.trait("n_seen")) == {None}
    assert session.core.status(StatusRequest()).unready == sorted(owed.traits)
    assert not next(check for check in session.core.verify(VerifyRequest()).checks if check.name == "past").good
    house.some(40, 10)
    session.engine.flush()
    session.lake.catch_up()
    for block in PastBlocks(session.lake, parts.log, house.definitions).blocks(owed):
        request = SubmitRequest(commands=[CommandRequest(kind="backfill", body=msgspec.structs.asdict(block), by=BY)])
        session.core.submit(request)
        session.core.submit(request)  # a block that has come changes nothing
        if block.number < owed.blocks - 1:
            assert set(house.trait("n_seen")) == {None}
        house.some(50 + 2 * block.number, 2)  # people are joined and split meanwhile
    assert not parts.engine.state.traits.owed
    assert None not in house.trait("n_seen")
    assert any(parts.engine.state.memberships.members("lovers", parts.engine.state.people.all_rows()))
    house.exact()


def test_a_backfill_that_was_broken_off_goes_on_after_a_restart(house: House, workspace: Path) -> None:
    house.some(0, 40)
    house.apply(with_new(house.definitions))
    session = house.session
    session.engine.flush()
    session.lake.catch_up()
    (owed,) = session.parts.engine.state.traits.owed.values()
    blocks = PastBlocks(session.lake, session.parts.log, house.definitions).blocks(owed)
    session.core.submit(SubmitRequest(commands=[CommandRequest(kind="backfill", body=msgspec.structs.asdict(next(blocks)), by=BY)]))
    session.close()
    again = EmbeddedSession(workspace, Settings())
    try:
        (owed,) = again.parts.engine.state.traits.owed.values()
        assert owed.done == [0]
        again.settle()
        assert not again.parts.engine.state.traits.owed
        House(again).exact()
    finally:
        again.close()


def test_a_crash_before_the_first_snapshot_of_new_definitions_carries_the_old_one_over(house: House, workspace: Path) -> None:
    house.some(0, 20)
    house.session.close()
    session = EmbeddedSession(workspace, Settings())
    again = House(session)
    again.number = 100
    again.some(20, 3)
    again.apply(with_new(again.definitions))
    again.some(23, 3)
    session.engine.flush()
    before = state_digest(session.parts.engine.state)
    session.parts.close()  # without a snapshot
    session = EmbeddedSession(workspace, Settings())
    try:
        # The log was not folded from its start: then nothing would be owed.
        assert session.parts.engine.state.traits.owed
        assert state_digest(session.parts.engine.state) == before
        session.settle()
        House(session).exact()
    finally:
        session.close()


def test_nobody_is_written_to_because_a_definition_changed(house: House) -> None:
    house.some(0, 40)
    session = house.session
    decided = session.core.status(StatusRequest()).decisions
    session.call("apply", definitions=with_new(house.definitions), why="more")
    assert not session.parts.engine.state.traits.owed
    assert session.core.status(StatusRequest()).decisions == decided
    house.some(40, 5)
    house.exact()
    # Changed once more, and back: each time only what is concerned is folded again.
    wider = [msgspec.structs.replace(t, window="14d") if t.name == "paid_7d" else t for t in house.definitions.traits]
    session.call("apply", definitions=msgspec.structs.replace(house.definitions, traits=wider), why="wider")
    house.some(45, 5)
    house.exact()


def test_what_folds_the_log_anew_is_said(house: House) -> None:
    old = house.definitions
    assert folds_anew(old, with_new(old)) == []
    other = msgspec.structs.replace(old, identifiers=old.identifiers[:1])
    assert folds_anew(old, other) == ["identity rules"]
    elsewhere = msgspec.structs.replace(old, workspace=msgspec.structs.replace(old.workspace, currency="USD"))
    assert folds_anew(old, elsewhere) == ["what is money"]


def test_what_facts_are_joined_by_folds_anew_only_what_was_joined() -> None:
    def asking(where: str | None, **workspace: Any) -> Definitions:
        trait = TraitDefinition(name="n", kind="count", event="$any", where=where)
        return Definitions(workspace=WorkspaceSettings(name="x", **workspace), traits=[trait])

    told, place = "moment.country = 'KR'", {"moment": {"cell": "context.location"}}
    why = ["what facts are joined by"]
    assert folds_anew(asking(told), asking(told, **place)) == why
    assert folds_anew(asking(told), asking(told, geoip="other")) == []
    # The first trait that reads facts is new, so its past is worked out beside the engine; but not of facts that were forgotten.
    assert folds_anew(asking(None), asking(told, **place)) == []
    assert folds_anew(asking(None, facts_days=30), asking(told, facts_days=60)) == why
    assert folds_anew(asking(told, **place), asking(None)) == []


def test_the_command_tells_what_differs(house: House, workspace: Path) -> None:
    house.some(0, 12)
    session = house.session
    session.settle()
    half = session.core.status(StatusRequest()).end_offset // 2
    session.close()
    runner = CliRunner()
    good = runner.invoke(app, ["check", "consistency", "-w", str(workspace), "--json"])
    assert good.exit_code == 0, good.output
    answer = json.loads(good.stdout)
    assert answer["good"]
    assert answer["people"] > 0
    earlier = json.loads(runner.invoke(app, ["check", "consistency", "-w", str(workspace), "--at", str(half), "--json"]).stdout)
    assert earlier["good"]
    assert 0 < earlier["offset"] <= half + 1
    assert runner.invoke(app, ["check", "consistency", "-w", str(workspace), "--at", "10000000"]).exit_code != 0
    again = EmbeddedSession(workspace, Settings())
    House(again).collect({"type": "track", "event": "Seen", "userId": "u1", "messageId": "one more"})
    again.settle()
    arrays = again.parts.engine.state.traits.group_of["city"].slots.arrays
    next(spec.array for name, spec in arrays.items() if name.endswith(".values"))[1:] = 0  # everybody lives in one city
    found = check_consistency(again, data_folder(workspace))
    assert not found.good
    assert found.examples
    again.parts.snapshot()
    again.parts.close()
    bad = runner.invoke(app, ["check", "consistency", "-w", str(workspace)])
    assert bad.exit_code != 0
