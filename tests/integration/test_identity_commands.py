"""The quarantine and unmerging over HTTP, on the real pair: listed, judged, audited, undone."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming

pytestmark = pytest.mark.slow


def _post(pair: Any, path: str, **body: object) -> dict[str, Any]:
    reply = pair.api.post(path, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"})
    told: dict[str, Any] = reply.json()
    return told


def _get(pair: Any, path: str, **params: Any) -> dict[str, Any]:
    reply = pair.api.get(path, params=params)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def _identify(message: str, email: str, **more: object) -> dict[str, object]:
    return {"type": "identify", "messageId": message, "traits": {"email": email}, **more}


def test_quarantine_and_unmerging_over_http(pair: Any) -> None:
    pair.start(api=True)
    pair.batch(
        [
            _identify("1", "kim@example.com", userId="kim"),
            _identify("2", "lee@example.com", userId="lee"),
            _identify("3", "kim@example.com", anonymousId="desk"),
            _identify("4", "lee@example.com", anonymousId="desk"),
            {"type": "page", "messageId": "5", "anonymousId": "till"},
            *({"type": "page", "messageId": f"6{user}", "anonymousId": "tablet", "userId": user} for user in ("kim", "lee")),
        ]
    )
    held = _get(pair, "/v1/identity/quarantine")
    (line,) = held["quarantined"]
    assert held["total"] == 1 and held["next"] is None
    assert (line["reason"], line["type"], line["limit"], line["fan_out"]) == ("limit", "user_id", 1, 2)
    assert (
        sorted(line["values"]) == ["kim", "lee"] and len(line["people"]) == 2 and "@example.com" in line["a"]["value"] + line["b"]["value"]
    )
    assert "kim@example.com" not in str(held), "addresses are masked"
    (shared,) = _get(pair, "/v1/identity/shared")["shared"]
    assert shared["identifier"]["value"] == "tablet" and shared["fan_out"] == 2 and shared["over"][0]["type"] == "user_id"

    a, b = line["a"]["id"], line["b"]["id"]
    confirmed = _post(pair, "/v1/identity/quarantine/confirm", a=a, b=b, why="a desk for everybody")
    assert confirmed["status"] == "applied" and confirmed["facts"]["together"] is False
    assert _get(pair, "/v1/identity/quarantine")["quarantined"] == []
    assert [each["reason"] for each in _get(pair, "/v1/people/lee")["withdrawn"]] == ["confirmed"]
    again = _post(pair, "/v1/identity/quarantine/release", a=a, b=b)
    assert again["status"] == "refused" and again["reason"] == "nothing_held"

    merged = _post(pair, "/v1/people/merge", a="kim", b="lee", why="one and the same")
    assert merged["facts"]["together"] is True and merged["facts"]["moved"]
    split = _post(pair, "/v1/people/split", identifiers=["user_id:lee", "lee@example.com"], why="no, two")
    assert split["status"] == "applied", split
    assert {each["identifier"]["type"] for each in split["facts"]["moved"]} >= {"user_id"}
    assert _get(pair, "/v1/people/kim")["id"] != _get(pair, "/v1/people/lee")["id"]
    moved = _post(pair, "/v1/people/move", a="anonymous_id:till", b="lee", why="her till")
    assert moved["facts"]["together"] is True
    assert _post(pair, "/v1/people/move", a="anonymous_id:till", b="lee")["reason"] == "same_person"

    deadline = time.monotonic() + 10
    while len(entries := _get(pair, "/v1/audit", kind="identity")["entries"]) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [(entry["kind"], entry["why"], entry["by"]) for entry in entries] == [
        ("move", "her till", "admin"),
        ("split", "no, two", "admin"),
        ("merge", "one and the same", "admin"),
        ("confirm", "a desk for everybody", "admin"),
    ]
    assert [each["identifier"]["type"] for each in entries[0]["identifiers"]] == ["anonymous_id", "user_id"]
    first = _get(pair, "/v1/audit", kind="identity", limit=3)
    assert len(first["entries"]) == 3 and len(_get(pair, "/v1/audit", kind="identity", cursor=first["next"])["entries"]) == 1
    assert pair.api.get("/v1/audit", params={"cursor": "x"}).status_code == 400


def test_acts_follow_their_identifier(session: Any) -> None:
    engine = session.parts.engine
    index = next(i for i, source in enumerate(engine.definitions.sources) if source.trust == "server")
    events: list[dict[str, object]] = [
        {"type": "track", "event": "Order Completed", "userId": "kim", "messageId": "1"},
        {"type": "track", "event": "Order Completed", "userId": "lee", "messageId": "2"},
    ]
    raws = [msgspec.json.encode(event) for event in events]
    now_ms = session.parts.clock.now_ms()
    source = engine.definitions.sources[index]
    session.run(Collect(Incoming(source=source, source_index=index, events=raws, received_ms=now_ms)))
    session.call("merge", a="kim", b="lee", why="same")
    placement = engine.definitions.placements[0].name
    session.call("decide", person="user_id:lee", placements=[placement])
    cut = session.call("cut", a="kim", b="lee", why="not the same")
    acts = cut["facts"]["acts"]
    assert all(act["from"] != act["to"] for act in acts)
    assert {m["identifier"]["value"] for m in cut["facts"]["moved"]} <= {"kim", "lee"} and len(cut["facts"]["moved"]) == 1
    moved = cut["facts"]["moved"][0]["identifier"]["value"]
    decided = session.call("decisions", id=f"user_id:{moved}")["decisions"]
    assert [act["id"] for act in acts if act["kind"] == "decision"] == [each["id"] for each in decided]
