"""Frames that are held and folded as one: nobody sees the difference, and a replay does the same."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine import fold
from gyeol.engine.engine import Built
from gyeol.engine.groups import groups, joined, may_be_held, takes_more
from gyeol.engine.jobs import Ask, Collect, Decide, Job, Replay
from gyeol.engine.poison import CODE, quarantine
from gyeol.engine.projector import project
from gyeol.engine.recovery import FoldFailedError, frames, recover
from gyeol.engine.state import EngineState
from gyeol.events.frames import decode_frame, encode_frame
from gyeol.events.ingest import Incoming
from gyeol.events.sections import Command, EventRows, Frame, Rejections, section_count
from gyeol.storage.log.memory import MemoryLog

KEY = b"k" * 32
DAY_MS = 86_400_000


class Held:
    """An engine whose frames of events are held until somebody says ``settle``."""

    def __init__(self, shop: Any, make: Any) -> None:
        self.shop, self.make = shop, make

    def collect(self, *events: dict[str, object], source: int = 0, ip: str | None = None) -> Collect:
        raws = [msgspec.json.encode(event) for event in events]
        of = self.shop.definitions.sources[source]
        return Collect(Incoming(source=of, source_index=source, events=raws, received_ms=self.shop.clock.now_ms(), ip=ip))

    def take(self, *jobs: Job) -> Built | None:
        """Begin a frame, and hold it if it may be."""
        engine = self.shop.engine
        now_ms = engine.holdable(jobs)
        if now_ms is None:
            self.settle()
        built: Built | None = engine.begin(list(jobs), now_ms)
        if built is None:
            return None
        self.shop.log.append(built.header, built.frame)
        if now_ms is None:
            self._folded(engine.finish(built))
        else:
            engine.hold(built)
            if not takes_more(built.sections):
                self.settle()
        return built

    def settle(self) -> None:
        """Fold what is held."""
        if self.shop.engine.held:
            self._folded(self.shop.engine.settle())

    def _folded(self, effects: Any) -> None:
        self.shop.embedded.take([effects])
        self.shop.embedded.answer(effects)
        self.shop.embedded.flush()


@pytest.fixture
def held(shop: Any, make: Any) -> Held:
    return Held(shop, make)


def headers(shop: Any) -> list[tuple[int, int, bool]]:
    """(first offset, records, joined) of each frame."""
    found = [frame.header for frame in frames(shop.log, 0)]
    return [(each.first_offset, each.count, each.joined) for each in found]


def test_frames_that_are_held_are_one_batch_here_and_in_a_replay(held: Held, shop: Any, make: Any) -> None:
    for user in ("u1", "u2", "u1"):
        held.take(held.collect(make.order(user, f"a-{user}")))
    assert shop.state.totals.accepted == 0 and shop.engine.folding, "nothing is folded, so it is no state to take a snapshot of"
    assert headers(shop) == [(0, 1, False), (1, 1, True), (2, 1, True)]
    held.settle()
    assert not shop.engine.folding and shop.state.offset == 4, "what they set off is a frame of its own"
    assert (shop.trait("u1", "orders"), shop.trait("u2", "orders"), shop.member("u1", "buyers")) == (2, 1, True)
    recovered = shop.recovered()
    assert state_digest(recovered.state) == state_digest(shop.state)
    assert len(list(groups(frames(shop.log, 0)))) == 1 + 1, "the frames, and what they set off"
    # One batch numbers both users before both visitors.
    numbers = [shop.state.graph.find_node(name) for name in ("user_id:u1", "user_id:u2", "anonymous_id:a-u1", "anonymous_id:a-u2")]
    assert numbers == [0, 1, 2, 3]


def test_each_frame_keeps_the_nodes_of_its_own_events(held: Held, shop: Any, make: Any) -> None:
    held.take(held.collect(make.order("u1"), make.order("u2")))
    held.take(held.collect(make.order("u2")))
    held.settle()
    one, two = (shop.state.graph.find_node(user) for user in ("u1", "u2"))
    assert [list(shop.store.nodes_of(first)) for first in (0, 2)] == [[one, two], [two]]
    assert shop.recovered().effects == [], "state.db has seen the group"
    again = recover(shop.log, shop.definitions, KEY, snapshots=None, acted_offset=0).effects
    assert [(first, nodes.tolist()) for first, nodes in again[0].nodes_of_frames()] == [(0, [one, two]), (2, [two])]


def test_what_must_know_all_is_folded_first(held: Held, shop: Any, make: Any) -> None:
    held.take(held.collect(make.order("u1")))
    decision = Decide(lambda state: ("user_id", "u1"), ["mail"], {}, "k")
    assert not may_be_held([decision]) and not may_be_held([]) and not may_be_held([Ask(lambda state: 1)])
    letter = Replay(held.collect(make.order("u9")).incoming, "dl_0", Command("replay_dead_letter", "kim", 0, "", {"id": "dl_0"}))
    assert not may_be_held([letter]), "somebody waits for its fold"
    held.take(decision)
    assert shop.state.totals.accepted == 1, "a decision knows of every event that was answered"
    held.take(held.collect(make.order("u1")))
    shop.clock.advance(8 * DAY_MS)
    held.take(held.collect(make.order("u2")))
    assert shop.trait("u1", "orders") == 2 and not shop.member("u1", "fresh"), "the day's edge was looked at after what came before it"
    assert state_digest(shop.recovered().state) == state_digest(shop.state)


def test_refusals_stand_between_the_events_of_a_group(held: Held, shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []
    real = fold.fold_events

    def watched(state: EngineState, batch: Any, effects: Any) -> None:
        seen.append([batch.offset(i) for i in range(batch.n)])
        real(state, batch, effects)

    monkeypatch.setattr(fold, "fold_events", watched)
    held.take(held.collect(make.order("u1", "a1")))
    held.take(held.collect({"type": "nonsense"}, make.order("u2", "a2"), {"type": "worse"}))
    held.take(held.collect({"type": "nonsense"}))
    held.take(held.collect(make.order("u3", "a3"), make.order("u1", "a4")))
    held.settle()
    assert headers(shop)[:4] == [(0, 1, False), (1, 3, True), (4, 1, True), (5, 2, True)]
    assert seen == [[0, 1, 5, 6]], "each event is told by the offset at which it stands"
    assert shop.state.totals.rejected == 3 and shop.state.totals.accepted == 4
    assert state_digest(shop.recovered().state) == state_digest(shop.state)
    assert [list(shop.store.nodes_of(first)) for first in (1, 5)] == [
        [shop.state.graph.find_node("u2")], [shop.state.graph.find_node("u3"), shop.state.graph.find_node("u1")]
    ]  # fmt: skip
    letters, _ = shop.store.dead_letters.list(None, 10, None)
    assert sorted(letter.id for letter in letters) == ["dl_2", "dl_3", "dl_4"]


def test_a_workspace_on_the_data_s_clock_holds_nothing(make: Any) -> None:
    workspace = msgspec.structs.replace(make.definitions.workspace, clock="data")
    shop = make.shop(msgspec.structs.replace(make.definitions, workspace=workspace))
    held = Held(shop, make)
    held.take(held.collect(make.order("u1")))
    assert shop.state.totals.accepted == 1 and headers(shop) == [(0, 1, False)]


@pytest.mark.parametrize("seed", range(3))
def test_any_week_is_replayed_exactly_from_any_end_of_the_log(make: Any, seed: int) -> None:
    shop = make.shop()
    held, dice = Held(shop, make), random.Random(seed)
    sound: dict[int, str] = {}
    for turn in range(40):
        chance = dice.random()
        if chance < 0.75:
            jobs = [held.collect(*(_event(make, dice) for _ in range(dice.randint(1, 3))), source=dice.randint(0, 1),
                                 ip=dice.choice([None, "203.0.113.7"])) for _ in range(dice.randint(1, 3))]  # fmt: skip
            held.take(*jobs)
        elif chance < 0.85:
            held.take(Decide(lambda state: ("user_id", "u1"), ["mail"], {}, f"k{turn}"))
        elif chance < 0.95:
            held.settle()
        shop.clock.advance(dice.choice([1, 20, 50, 1_000, DAY_MS // 4]))
        if not shop.engine.held:
            sound[shop.log.end_offset()] = state_digest(shop.state)
    held.settle()
    written = list(frames(shop.log, 0))
    assert any(frame.header.joined for frame in written)
    log = MemoryLog()
    for frame in written:
        log.append(frame.header, encode_frame(frame.header, frame.sections))
        if not frame.header.joined and frame is not written[-1] and dice.random() < 0.7:
            continue
        again = recover(log, shop.definitions, KEY, snapshots=None, acted_offset=0)  # a crash may end the log after any frame
        end = log.end_offset()
        assert again.state.offset == end
        assert end not in sound or state_digest(again.state) == sound[end]
    assert sum(len(nodes) for each in again.effects for _, nodes in each.nodes_of_frames()) == shop.state.totals.accepted


def _event(make: Any, dice: random.Random) -> dict[str, object]:
    user, visitor = f"u{dice.randint(1, 5)}", f"a{dice.randint(1, 6)}"
    kind = dice.random()
    if kind < 0.1:
        return {"type": "nonsense", "messageId": f"n{dice.random()}"}
    if kind < 0.3:
        return {"type": "page", "anonymousId": visitor, "messageId": f"p{dice.randint(1, 40)}"}
    if kind < 0.4:
        return make.identify(user)  # type: ignore[no-any-return]  # the fixture is made of static functions
    return make.order(dice.choice([user, None]), visitor)  # type: ignore[no-any-return]  # as above


def test_a_poisonous_event_of_a_group_is_found_in_its_frame(held: Held, shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = fold.fold_events

    def failing(state: EngineState, batch: Any, effects: Any) -> None:
        if any(b"poison" in batch.raw(i) for i in range(batch.n)):
            raise ZeroDivisionError("a bug")
        real(state, batch, effects)

    monkeypatch.setattr(fold, "fold_events", failing)
    held.take(held.collect(make.order("u1"), {"type": "nonsense"}))
    held.take(held.collect(make.order("u2"), make.order("u2", properties={"note": "poison"})))
    held.take(held.collect(make.order("u3")))
    with pytest.raises(ZeroDivisionError):
        held.settle()
    with pytest.raises(FoldFailedError) as failed:
        shop.recovered()
    assert (failed.value.frame.header.first_offset, failed.value.frame.header.count) == (0, 5)

    def rewrite(change: Any) -> None:
        for index, data in enumerate(shop.log._frames):
            again = change(decode_frame(data))
            if again is not None:
                shop.log._frames[index] = encode_frame(again.header, again.sections)

    fresh = lambda: EngineState(make.definitions, KEY)  # noqa: E731  # shorter than a function for one line
    error = failed.value
    assert quarantine(shop.log, rewrite, error.frame, error.__cause__ or error, fresh, fresh, error.parts) == 1
    recovered = shop.recovered()
    (letter,) = recovered.effects[-1].rejected
    assert (letter.code, b"poison" in letter.raw) == (CODE, True)
    raws = [raw for frame in frames(shop.log, 0) for section in frame.sections if isinstance(section, EventRows) for raw in section.raw]
    assert [b"poison" in raw for raw in raws] == [False] * 4 and raws[2] == b"{}"
    assert recovered.state.people.people == 3 and recovered.state.totals.accepted == 4
    project(shop.store, recovered.effects)
    assert len(shop.store.nodes_of(2)) == 2


def test_a_failure_forgets_what_is_held(held: Held, shop: Any, make: Any) -> None:
    held.take(held.collect(make.order("u1")))
    recovered = shop.recovered()
    shop.engine.restart(recovered.state, recovered.recent)
    assert not shop.engine.held and not shop.engine.folding and shop.state.offset == shop.log.end_offset() == 1


def test_one_frame_is_itself_and_rows_are_put_behind_each_other(held: Held, shop: Any, make: Any) -> None:
    held.take(held.collect(make.order("u1"), make.order("u2"), ip="203.0.113.7"))
    held.take(held.collect(make.order("u3")))
    held.take(held.collect({"type": "nonsense"}, make.order("u4")))
    written = list(frames(shop.log, 0))
    assert joined(written[:1]).frame is written[0] and joined(written[:1]).parts == []
    group = joined(written)
    rows, refused = group.frame.sections
    assert isinstance(rows, EventRows) and isinstance(refused, Rejections)
    assert rows.raw == [raw for frame in written for raw in _rows(frame).raw]
    assert rows.ip == ["203.0.113.7", "203.0.113.7", "", ""]
    assert len(rows.time) == 8 * 4 and len(rows.source) == 2 * 4 and section_count(rows) == 4
    assert group.parts == [(0, 2), (2, 1), (3, 1)] and group.frame.header.count == 5


def _rows(frame: Frame) -> EventRows:
    rows = frame.sections[0]
    assert isinstance(rows, EventRows)
    return rows
