"""New people against known ones: suggested with reasons, accepted within the limits, rejected for good, made again after a loss."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import msgspec
import pytest

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming

HANA = {"name": "백하나", "birthday": "1990-02-03", "address": "서울 강남구 테헤란로 152 301호"}


def _identify(message: str, **more: object) -> dict[str, object]:
    return {"type": "identify", "messageId": message, **more}


def _collect(session: EmbeddedSession, events: list[dict[str, object]], trust: str = "server") -> None:
    definitions = session.parts.engine.definitions
    index = next(i for i, source in enumerate(definitions.sources) if source.trust == trust)
    raws, now_ms = [msgspec.json.encode(event) for event in events], session.parts.clock.now_ms()
    session.run(Collect(Incoming(source=definitions.sources[index], source_index=index, events=raws, received_ms=now_ms)))


TWO = [
    _identify("1", userId="hana", traits={**HANA, "phone": "010-2345-6789"}),
    # The shop's till knows her by telephone: one digit wrong, the name as a foreigner would write it.
    _identify("2", anonymousId="till-7", traits={**HANA, "name": "Hana Baek", "phone": "010-2345-6788"}),
    _identify("3", userId="other", traits={"name": "김철수", "birthday": "1971-10-12", "address": "부산 해운대구 센텀로 5"}),
]


def _only(session: EmbeddedSession) -> dict[str, Any]:
    session.call("run_suggestions")
    return _waiting(session)[0]


def _waiting(session: EmbeddedSession) -> list[dict[str, Any]]:
    found: Any = session.call("suggestions")["suggestions"]
    return list(found)


def test_a_suggestion_says_why_and_becomes_evidence(session: EmbeddedSession) -> None:
    _collect(session, TWO)
    line = _only(session)
    assert {line["a"]["name"], line["b"]["name"]} == {"백하나", "Hana Baek"}
    assert line["weight"] == pytest.approx(line["prior"] + sum(step["bits"] for step in line["steps"]), abs=0.01)
    steps = {step["field"]: step for step in line["steps"]}
    assert steps["birth"]["level"]["en"] == "same date" and steps["name"]["level"]["ko"] == "로마자로 같은 소리"
    assert "6789" in str(steps["phone"]) and "2345" not in str(line) and "테헤란로" not in str(line), "personal values are masked"

    seen: Any = session.call("preview", kind="accept", body={"suggestion": line["id"]})
    assert seen["facts"]["together"] is True and len(seen["facts"]["before"]) == 2 and len(seen["facts"]["after"]) == 1
    assert session.call("person", id="hana")["id"] != session.call("person", id="till-7")["id"], "a preview changes nothing"

    told: Any = session.call("accept_suggestion", id=line["id"], why="same address")
    assert told["status"] == "applied" and told["facts"]["together"] is True
    person: Any = session.call("person", id="hana")
    (evidence,) = [each for each in person["evidence"] if each["kind"] == "suggestion"]
    assert evidence["source"] == "suggestion" and session.call("suggestions")["suggestions"] == []
    audit: Any = session.call("audit", kind="identity")
    entry = audit["entries"][0]
    assert (entry["kind"], entry["by"], entry["why"]) == ("accept", "cli", "same address")
    # Revocable: a cut takes it back, and the suggestion, once judged, is not made again.
    cut: Any = session.call("cut", a=evidence["a"]["id"], b=evidence["b"]["id"], why="no")
    assert cut["facts"]["together"] is False
    session.call("run_suggestions")
    assert session.call("suggestions")["suggestions"] == []
    again: Any = session.call("accept_suggestion", id=line["id"], why="again")
    assert (again["status"], again["reason"]) == ("refused", "already_judged")


def test_what_a_limit_forbids_is_told_before_and_after(session: EmbeddedSession) -> None:
    _collect(session, [TWO[0], _identify("2", userId="hana-2", traits={**HANA, "phone": "010-2345-6789"})])
    person: Any = session.call("person", id="hana")
    line = _only(session)
    seen: Any = session.call("preview", kind="accept", body={"suggestion": line["id"]})
    assert (seen["facts"]["together"], seen["facts"]["held"]["reason"], seen["facts"]["held"]["type"]) == (False, "limit", "user_id")
    told: Any = session.call("accept_suggestion", id=line["id"], why="same woman")
    assert told["facts"]["held"] == {"reason": "limit", "type": "user_id", "limit": 1, "values": ["hana", "hana-2"]}
    assert person["id"] == session.call("person", id="hana")["id"]
    held: Any = session.call("quarantine")
    assert "suggestion" in [each["kind"] for each in held["quarantined"]]


def test_a_rejected_pair_is_not_suggested_again(session: EmbeddedSession) -> None:
    _collect(session, TWO)
    line = _only(session)
    session.call("reject_suggestion", id=line["id"], why="her twin")
    assert session.call("suggestions")["suggestions"] == []
    # Another record of the same woman, an id that changes, and everything compared anew: the rejection holds for the people.
    _collect(session, [_identify("4", userId="hana", anonymousId="phone-1"), _identify("5", anonymousId="phone-1", traits=HANA)])
    session.call("run_suggestions")
    assert session.call("suggestions")["suggestions"] == []
    path = session.parts.folder.suggestions
    session.suggester.store.clear()
    session.call("run_suggestions")
    assert session.call("suggestions")["suggestions"] == [] and path.stat().st_mode & 0o077 == 0


def test_a_public_key_cannot_have_people_joined(workspace: Path) -> None:
    opened = EmbeddedSession(workspace, Settings(suggest="accept", suggest_accept_at_least=8.0))
    try:
        _collect(opened, TWO[:1])
        _collect(opened, [_identify("9", anonymousId="thief", traits={**HANA, "phone": "010-2345-6789"})], trust="client")
        done: Any = opened.call("run_suggestions")
        assert done["accepted"] == 0 and opened.call("person", id="hana")["id"] != opened.call("person", id="thief")["id"]
        (line,) = _waiting(opened)
        assert line["by_servers"] is False
        _collect(opened, TWO[1:])
        assert opened.call("run_suggestions")["accepted"] == 1
        assert opened.call("person", id="hana")["id"] == opened.call("person", id="till-7")["id"]
        audit: Any = opened.call("audit", kind="accept")
        entry = audit["entries"][0]
        assert entry["by"] == "suggestion" and "bits" in entry["why"]
    finally:
        opened.close()


def test_what_somebody_has_separated_is_not_accepted_again(workspace: Path) -> None:
    """By no other record of the two people either; also when everything is made anew from log and audit trail."""
    opened = EmbeddedSession(workspace, Settings(suggest="accept", suggest_accept_at_least=8.0))
    try:
        _collect(opened, TWO)
        assert (_run(opened), _apart(opened)) == (1, False)
        opened.call("split", identifiers=["anonymous_id:till-7", "phone:010-2345-6788"], why="her twin")
        phone = {**HANA, "phone": "010-2345-6789"}
        _collect(opened, [_identify("4", userId="hana", anonymousId="phone-1"), _identify("5", anonymousId="phone-1", traits=phone)])
        assert (_run(opened), _apart(opened)) == (0, True)
        opened.suggester.store.clear()
        assert (_run(opened), _apart(opened), _waiting(opened)) == (0, True, [])
    finally:
        opened.close()


def _run(session: EmbeddedSession) -> int:
    done: Any = session.call("run_suggestions")
    return int(done["accepted"])


def _apart(session: EmbeddedSession) -> bool:
    hana, till = (session.call("person", id=id) for id in ("hana", "till-7"))
    return bool(hana["id"] != till["id"])


def test_a_page_goes_on_where_the_last_ended_although_that_was_judged(session: EmbeddedSession) -> None:
    for i, name in enumerate(("김민수", "이서연", "박지훈")):
        traits = {"name": name, "birthday": f"198{i}-05-1{i}", "address": f"서울 강남구 테헤란로 {10 + i} 30{i}호"}
        _collect(session, [_identify(f"u{i}", userId=f"u{i}", traits=traits), _identify(f"t{i}", anonymousId=f"t{i}", traits=traits)])
    session.call("run_suggestions")
    three = [line["id"] for line in _waiting(session)]
    first: Any = session.call("suggestions", limit=1)
    session.call("reject_suggestion", id=three[0], why="brothers")
    rest: Any = session.call("suggestions", limit=10, cursor=first["next"])
    assert len(three) == 3 and [line["id"] for line in rest["suggestions"]] == three[1:]


def test_off_compares_nothing(workspace: Path) -> None:
    opened = EmbeddedSession(workspace, Settings(suggest="off"))
    try:
        _collect(opened, TWO)
        opened.call("run_suggestions")
        assert opened.call("suggestions")["records"] == 0
    finally:
        opened.close()


def test_a_preview_tells_audiences_and_acts(session: EmbeddedSession) -> None:
    order = {"type": "track", "event": "Order Completed", "properties": {"revenue": 120, "currency": "USD", "order_id": "o"}}
    _collect(session, [{**order, "userId": user, "messageId": f"{user}{i}"} for user in ("kim", "lee") for i in range(2)])
    placement = session.parts.engine.definitions.placements[0].name
    session.call("merge", a="kim", b="lee", why="same")
    session.call("decide", person="user_id:lee", placements=[placement])
    before = session.parts.engine.state.graph.dump(), session.parts.engine.state.traits.rows
    person: Any = session.call("person", id="kim")
    audiences = {each["name"]: each["member"] for each in person["audiences"]}
    seen: Any = session.call("preview", kind="cut", body={"a": "kim", "b": "lee"})
    assert len(seen["facts"]["before"]) == 1 and len(seen["facts"]["after"]) == 2
    assert sorted(seen["facts"]["before"][0]["audiences"]) == sorted(name for name, member in audiences.items() if member)
    assert session.parts.engine.state.graph.dump() == before[0]
    cut: Any = session.call("cut", a="kim", b="lee", why="two")
    assert [act["id"] for act in seen["facts"]["acts"]] == [act["id"] for act in cut["facts"]["acts"]]
    assert {each["identifier"]["value"] for each in seen["facts"]["moved"]} == {m["identifier"]["value"] for m in cut["facts"]["moved"]}
    for after in seen["facts"]["after"]:
        now: Any = session.call("person", id=after["id"])
        assert sorted(after["audiences"]) == sorted(each["name"] for each in now["audiences"] if each["member"])
    refused: Any = session.call("preview", kind="move", body={"a": "user_id:kim", "b": "user_id:kim"})
    assert refused["status"] == "refused" and refused["reason"] == "same_person"


@pytest.mark.slow
def test_beside_the_running_pair(pair: Any, run_cli: Callable[..., CompletedProcess[str]]) -> None:
    pair.start(api=True)
    pair.batch(TWO)
    deadline = time.monotonic() + 120
    while not (found := pair.api.get("/v1/suggestions").json()["suggestions"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    (line,) = found
    w = ("-w", str(pair.workspace))
    assert "same date" in " ".join(run_cli("identity", "suggestions", "list", *w, COLUMNS="250").stdout.split())
    seen = pair.api.post("/v1/people/preview", json={"kind": "accept", "suggestion": line["id"]}).json()
    assert seen["facts"]["together"] is True
    assert pair.api.post("/v1/suggestions/1-999999/accept", json={"why": ""}).status_code == 404
    assert pair.api.get("/v1/suggestions", params={"cursor": "x"}).status_code == 400
    assert "one person now" in run_cli("identity", "suggestions", "accept", line["id"], "--why", "she says so", *w).stdout
    pair.stop()
    pair.start(api=True)
    assert pair.api.get("/v1/suggestions").json()["suggestions"] == []
    assert pair.api.post("/v1/suggestions/run").json()["accepted"] == 0
