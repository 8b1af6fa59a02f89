"""What folding promises: verdicts, people, audiences, time passing, journeys, caps, recovery."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine.acts import gate_again
from gyeol.engine.jobs import Apply, Collect, Decide, Deliver, Import, Replay, Tell
from gyeol.engine.projector import project
from gyeol.events.ingest import Incoming
from gyeol.events.model import EVENT_TYPES, SourceDefinition
from gyeol.events.sections import Command, EventColumns, PackedColumn
from gyeol.kernel.errors import DuplicateError, InputError, NotFoundError
from gyeol.kernel.hashing import event_hash

DAY_MS = 86_400_000


def test_an_anonymous_visitor_becomes_known(shop: Any, make: Any) -> None:
    shop.collect(
        {"type": "page", "anonymousId": "a1", "messageId": "p1"}, {"type": "page", "anonymousId": "a1", "messageId": "p2"}, source=1
    )
    assert shop.state.people.people == 1
    shop.collect({"type": "identify", "anonymousId": "a1", "userId": "u1", "messageId": "i1", "traits": {"city": "서울"}}, source=1)
    assert shop.state.people.people == 1
    assert (shop.trait("u1", "pages"), shop.trait("u1", "city"), shop.trait("a1", "pages")) == (2, "서울", 2)
    moves = shop.store.moves()
    assert {person for _, person, _, _ in moves if person == shop.state.graph.person_id(shop.state.graph.find("u1"))}


def test_collecting_twice_is_collecting_once(shop: Any, make: Any) -> None:
    event = make.order("u1")
    first, again = shop.collect(event), shop.collect(event)
    assert (first[0].status, again[0].status) == ("accepted", "duplicate")
    both = shop.collect(make.order("u2") | {"messageId": "same"}, make.order("u2") | {"messageId": "same"})
    assert [v.status for v in both] == ["accepted", "duplicate"]
    assert shop.state.totals.accepted == 2


def test_audiences_change_as_events_arrive_and_as_time_passes(shop: Any, make: Any) -> None:
    shop.collect(make.order("u1"))
    assert (shop.member("u1", "fresh"), shop.member("u1", "lapsed")) == (True, False)
    shop.clock.advance(8 * DAY_MS)
    shop.collect(make.order("u2"))
    assert (shop.member("u1", "fresh"), shop.member("u1", "lapsed")) == (False, True), "nobody touched u1: the day's edge did"


def test_a_tick_lets_time_pass_when_nothing_comes(shop: Any, make: Any) -> None:
    shop.collect(make.order("u1"))
    end = shop.log.end_offset()
    assert shop.engine.begin([]) is None, "nothing is due yet"
    shop.clock.advance(8 * DAY_MS)
    built = shop.engine.begin([])
    assert built is not None and built.header.count == 1
    shop.log.append(built.header, built.frame)
    shop.engine.finish(built)
    assert shop.member("u1", "lapsed")
    assert shop.log.end_offset() == end + 1


def test_entering_an_audience_sends_one_lawful_message(shop: Any, make: Any) -> None:
    shop.collect(make.identify("u1"), make.consent("u1"), make.order("u1"))
    assert shop.store.outbox.counts() == {}
    shop.collect(make.order("u1"))
    (message,) = shop.store.outbox.claim(shop.state.now_ms, 10)
    assert message.address == "one@example.com"
    assert message.content["title"] == "(광고) 고마워요" and message.content["sender"] == "결 상점"
    assert message.licence is not None and message.licence.consent["status"] == "granted"
    shop.collect(make.order("u1"), make.order("u1"))
    assert shop.store.outbox.claim(shop.state.now_ms, 10) == [], "still in the audience: nothing new began"


def test_without_consent_nothing_leaves_and_the_refusal_is_kept(shop: Any, make: Any) -> None:
    shop.collect(make.identify("u1"), make.order("u1"), make.order("u1"))
    assert shop.store.outbox.counts() == {}
    node = shop.state.graph.find_node("u1")
    (enrolment,) = shop.store.enrolments.of_nodes([node])
    assert enrolment.outcome == "refused"
    (decision,) = shop.store.decisions.of_nodes([node])
    assert decision.refusals[0].gate == "consent"


def test_consent_withdrawn_before_the_message_leaves_stops_it(shop: Any, make: Any) -> None:
    shop.collect(make.identify("u1"), make.consent("u1"))
    shop.collect(make.order("u1"), make.order("u1"))
    claimed = shop.store.outbox.claim(shop.state.now_ms, 10)
    shop.clock.advance(1000)
    shop.collect(make.consent("u1", "withdrawn"))
    ready, held = gate_again(shop.state, claimed)
    assert ready == [] and held[0].state == "refused"
    shop.run(Deliver(held))
    assert shop.store.outbox.counts() == {"refused": 1}


def test_decisions_count_for_caps_at_once(make: Any) -> None:
    shop = make.shop(msgspec.structs.replace(make.definitions, journeys=[]))
    shop.collect(make.consent("u1"), make.order("u1"), make.order("u1"))
    node = shop.state.graph.find_node("u1")
    jobs = [Decide(lambda state: node, ["mail", "mail"], {}, key) for key in ("a", "b")]
    shop.embedded.run(jobs)
    answers: list[Any] = [job.answer for job in jobs]
    (first,), (second,) = answers
    chosen = [first.decision.chosen, second.decision.chosen]
    assert chosen == ["thanks", "hello"], "the cap is one a week"
    assert second.decision.refusals[0].gate == "offer_cap"
    assert first.content["title"] == "고마워요"


def test_a_decision_for_somebody_never_seen_is_the_fallback(shop: Any) -> None:
    (answer,) = shop.run(Decide(lambda state: ("anonymous_id", "new"), ["mail"], {}, "k"))
    assert (answer.decision.chosen, answer.decision.fallback) == ("hello", True)
    again = shop.recovered().state
    assert again.graph.find_node("anonymous_id:new") == answer.decision.node, "a replay gives the node the same number"


def test_a_blocked_identifier_and_an_unknown_placement_are_refused(shop: Any, make: Any) -> None:
    with pytest.raises(InputError):
        shop.run(Decide(lambda state: ("anonymous_id", "null"), ["mail"], {}, "k"))
    shop.collect(make.order("u1"))
    with pytest.raises(NotFoundError):
        shop.run(Decide(lambda state: 0, ["nowhere"], {}, "k"))


def test_merge_and_cut(shop: Any, make: Any) -> None:
    shop.collect(make.order("u1"), make.order("u1"), make.order("u2"))
    before = state_digest(shop.state)
    shop.run(Tell([Command("merge", "me", shop.clock.now_ms(), "", {"a": "u1", "b": "u2"})]))
    assert shop.trait("u2", "orders") == 3 and shop.state.people.people == 1
    assert shop.member("u2", "buyers")
    shop.run(Tell([Command("cut", "me", shop.clock.now_ms(), "", {"a": "u1", "b": "u2"})]))
    assert (shop.trait("u1", "orders"), shop.trait("u2", "orders")) == (2, 1)
    assert not shop.member("u2", "buyers")
    assert state_digest(shop.state) == before, "as if they had never been merged"
    assert [entry.kind for entry in shop.store.audit.list()] == ["cut", "merge"]


def test_a_replay_is_exact_and_silent(shop: Any, make: Any) -> None:
    for day in range(12):
        shop.clock.advance(DAY_MS // 2)
        shop.collect(make.order(f"u{day % 3}"), make.consent(f"u{day % 3}"), make.order(None, f"a{day}"), {"type": "nonsense"})
        shop.collect({"type": "identify", "userId": f"u{day % 3}", "anonymousId": f"a{day}", "messageId": f"i{day}"})
    recovered = shop.recovered()
    assert state_digest(recovered.state) == state_digest(shop.state)
    assert recovered.state.now_ms == shop.state.now_ms
    assert recovered.effects == [] and recovered.unanswered == []


def test_a_crash_before_acting_acts_once(shop: Any, make: Any) -> None:
    shop.collect(make.identify("u1"), make.consent("u1"), make.order("u1"))
    shop.engine.act = lambda effects: None  # the process dies between the frame and the frame of its acts
    shop.embedded.flush = lambda: None
    shop.collect(make.order("u1"))
    recovered = shop.recovered()
    assert len(recovered.unanswered) == 1, "nobody has acted on the entry yet"
    shop.open(recovered.state)
    shop.embedded.take(recovered.effects)
    for begun in recovered.unanswered:
        shop.embedded.answer(begun)
    shop.embedded.flush()
    assert shop.store.outbox.counts() == {"queued": 1}
    again = shop.recovered()
    assert again.unanswered == []
    project(shop.store, again.effects)
    assert shop.store.outbox.counts() == {"queued": 1}


def test_applying_definitions_knows_the_past_and_sends_nothing(shop: Any, make: Any) -> None:
    shop.collect(make.consent("u1"), make.order("u1"), make.order("u1"), make.order("u1"))
    sent = shop.store.outbox.counts()
    more = msgspec.structs.replace(
        make.definitions,
        traits=[*make.definitions.traits, msgspec.structs.replace(make.definitions.traits[0], name="orders_ever")],
        audiences=[
            *make.definitions.audiences,
            msgspec.structs.replace(make.definitions.audiences[0], name="heavy", condition="orders_ever >= 3"),
        ],
    )
    shop.run(Apply(more, "me", "why not"))
    assert shop.trait("u1", "orders_ever") == 3
    assert shop.member("u1", "heavy")
    assert shop.store.outbox.counts() == sent
    assert shop.state.definitions.hash == more.hash


def test_the_data_clock_follows_the_events(make: Any) -> None:
    settings = msgspec.structs.replace(make.definitions.workspace, clock="data")
    shop = make.shop(msgspec.structs.replace(make.definitions, workspace=settings))
    shop.collect(make.order("u1", timestamp="2020-05-05T00:00:00Z"))
    shop.collect(make.order("u1", timestamp="2019-05-05T00:00:00Z"))
    assert shop.state.now_ms == 1_588_636_800_000, "the greatest accepted event time, and it never goes back"
    shop.collect({"type": "track", "userId": "u1", "timestamp": "2021-01-01T00:00:00Z"})
    assert shop.state.now_ms == 1_588_636_800_000, "a rejected event moves nothing"


def test_an_unknown_placement_keeps_nothing_and_numbers_nobody(shop: Any) -> None:
    with pytest.raises(NotFoundError):
        shop.run(Decide(lambda state: ("anonymous_id", "new"), ["mail", "nowhere"], {}, "k"))
    assert shop.log.end_offset() == 0 and shop.state.graph.size == 0


def test_a_visitor_seen_alone_is_not_the_person_that_they_claim_to_be(make: Any) -> None:
    shop = make.shop(msgspec.structs.replace(make.definitions, journeys=[]))
    shop.collect(make.consent("victim"), make.order("victim"), make.order("victim"))
    shop.collect({"type": "identify", "anonymousId": "evil", "userId": "victim", "messageId": "x"}, source=1)
    (whole,) = shop.run(Decide(lambda state: ("anonymous_id", "evil"), ["mail"], {}, "k"))
    (alone,) = shop.run(Decide(lambda state: ("anonymous_id", "evil"), ["mail"], {}, "l", alone=True))
    assert (whole.decision.chosen, alone.decision.chosen) == ("thanks", "hello")


def test_a_dead_letter_is_replayed_once_also_by_two_at_a_time(shop: Any, make: Any) -> None:
    (verdict,) = shop.collect({"type": "track", "userId": "u1", "messageId": "m"})
    letter = verdict.dead_letter

    def replay(event: dict[str, object]) -> Replay:
        raw = msgspec.json.encode(event)
        source = make.definitions.sources[0]
        incoming = Incoming(source=source, source_index=0, events=[raw], received_ms=shop.clock.now_ms(), replayed=True)
        return Replay(incoming, letter, Command("replay_dead_letter", "me", shop.clock.now_ms(), "", {"id": letter}))

    one, other = replay(make.order("u1")), replay(make.order("u1"))
    shop.embedded.run([one, other])
    assert one.error is None and isinstance(other.error, DuplicateError)
    assert shop.trait("u1", "orders") == 1
    late = replay(make.order("u1"))
    shop.embedded.run([late])
    assert isinstance(late.error, DuplicateError)
    shop.embedded.flush()
    assert shop.store.dead_letters.get(letter).status == "replayed"


def test_a_source_that_was_renamed_meanwhile_is_believed_least(shop: Any, make: Any) -> None:
    gone = SourceDefinition(name="gone", trust="server", write_key="g")
    raw = msgspec.json.encode(make.identify("u1"))
    shop.run(Collect(Incoming(source=gone, source_index=0, events=[raw], received_ms=shop.clock.now_ms())))
    assert shop.state.graph.find_node("email:one@example.com") is None, "an address from nobody we know is a trait, no identifier"


def test_a_consent_command_that_says_nothing_is_refused_before_it_is_kept(shop: Any) -> None:
    with pytest.raises(InputError):
        shop.run(Tell([Command("consent", "me", shop.clock.now_ms(), "", {"hello": 1})]))
    assert shop.log.end_offset() == 0


def test_a_wrong_year_does_not_take_the_data_clock_along(make: Any) -> None:
    settings = msgspec.structs.replace(make.definitions.workspace, clock="data")
    shop = make.shop(msgspec.structs.replace(make.definitions, workspace=settings))
    shop.collect(make.order("u1", timestamp="9025-05-05T00:00:00Z"))
    assert shop.state.now_ms <= shop.clock.now_ms() + 300_000


def test_an_event_imported_before_is_a_duplicate(shop: Any, make: Any) -> None:
    order = make.order("u1", messageId="o1")
    n, ids = 1, np.array([event_hash("o1")], "<u8").tobytes()
    texts = {"event": "Order", "userId": "u1", "messageId": "o1"}
    section = EventColumns(
        count=n, source=bytes(2), time=int64s_of(shop), received=int64s_of(shop), original=int64s_of(shop), sent=int64s_of(shop),
        flags=bytes(2), type_code=bytes([EVENT_TYPES.index("track")]), id_hash=ids, sources=shop.state.sources,
        columns={path: PackedColumn(kind="text", dtype="<i4", values=bytes(4), words=[word]) for path, word in texts.items()},
    )  # fmt: skip
    assert shop.run(Import(section)).accepted == 1
    assert [verdict.status for verdict in shop.collect(order)] == ["duplicate"]
    assert shop.run(Import(section)).duplicates == 1
    assert shop.trait("u1", "orders") == 1


def int64s_of(shop: Any) -> bytes:
    return np.array([shop.clock.now_ms()], "<i8").tobytes()


def test_who_is_asked_for_without_a_placement_gets_no_number(shop: Any, make: Any) -> None:
    shop.collect(make.order("u1"))
    size, offset = shop.state.graph.size, shop.state.offset
    assert shop.run(Decide(lambda state: ("user_id", "newcomer"), [], {}, "key")) == []
    assert (shop.state.graph.size, shop.state.offset) == (size, offset), "nothing is recorded of it"
    shop.collect(make.order("u2"))
    assert state_digest(shop.recovered().state) == state_digest(shop.state)
