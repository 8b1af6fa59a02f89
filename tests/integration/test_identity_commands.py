"""The quarantine and unmerging over HTTP, on the real pair: listed, judged, audited, undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
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


def _called(message: str, email: str) -> dict[str, object]:
    """Somebody without an account, from a telephone that two share."""
    traits = {"email": email, "phone": "010-2345-6789"}
    return {"type": "identify", "messageId": message, "anonymousId": f"desk {message}", "traits": traits}


def test_quarantine_and_unmerging_over_http(pair: Any) -> None:
    pair.start(api=True)
    pair.batch(
        [
            _identify("1", "kim@example.com", userId="kim"),
            _identify("2", "lee@example.com", userId="lee"),
            _called("3", "kim@example.com"),
            _called("4", "lee@example.com"),
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

    golden = next(each for each in _get(pair, "/v1/people/kim")["golden"] if each["attribute"] == "email")
    assert (golden["attribute"], golden["value"], golden["why"]["rule"]) == ("email", "k***@example.com", "most_recent")
    assert golden["why"]["source"] and golden["why"]["count"] >= 1 and golden["why"]["others"] == []

    golden = next(each for each in _get(pair, "/v1/people/kim")["golden"] if each["attribute"] == "email")
    assert (golden["attribute"], golden["value"], golden["why"]["rule"]) == ("email", "k***@example.com", "most_recent")
    assert golden["why"]["source"] and golden["why"]["count"] >= 1 and golden["why"]["others"] == []

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

    deadline = time.monotonic() + 120
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
    events: list[dict[str, object]] = [
        {"type": "track", "event": "Order Completed", "userId": "kim", "messageId": "1"},
        {"type": "track", "event": "Order Completed", "userId": "lee", "messageId": "2"},
    ]
    _collect(session, events)
    session.call("merge", a="kim", b="lee", why="same")
    placement = session.parts.engine.definitions.placements[0].name
    session.call("decide", person="user_id:lee", placements=[placement])
    cut = session.call("cut", a="kim", b="lee", why="not the same")
    acts = cut["facts"]["acts"]
    assert all(act["from"] != act["to"] for act in acts)
    assert {m["identifier"]["value"] for m in cut["facts"]["moved"]} <= {"kim", "lee"} and len(cut["facts"]["moved"]) == 1
    moved = cut["facts"]["moved"][0]["identifier"]["value"]
    decided = session.call("decisions", id=f"user_id:{moved}")["decisions"]
    assert [act["id"] for act in acts if act["kind"] == "decision"] == [each["id"] for each in decided]


def test_a_plan_tells_who_would_be_whom(session: Any) -> None:
    engine = session.parts.engine
    events = [_identify(str(n), "home@example.com", userId=user) for n, user in enumerate(("choi", "park"))]
    _collect(session, events)
    definitions = engine.definitions
    looser = [msgspec.structs.replace(kind, limit=2) if kind.name == "user_id" else kind for kind in definitions.identifiers]
    told = session.call("plan", definitions=msgspec.structs.replace(definitions, identifiers=looser))
    effect = told["identity"]
    assert (effect["merged"], effect["merges"], effect["split"], effect["shared_before"], effect["shared_after"]) == (3, 1, 0, 1, 0)
    assert effect["people_before"] - effect["people_after"] == 2 and "home@example.com" not in str(effect)
    assert session.call("plan", definitions=definitions)["identity"] is None
    assert session.call("person", id="choi")["id"] != session.call("person", id="park")["id"], "nothing was changed"


def test_a_plan_without_the_whole_log_tries_the_rules_on_a_copy(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _collect(session, [_identify(str(n), "home@example.com", userId=user) for n, user in enumerate(("choi", "park"))])
    monkeypatch.setattr("gyeol.app.planning.FOLD_LIMIT", 0)
    definitions = session.parts.engine.definitions
    looser = [msgspec.structs.replace(kind, limit=2) if kind.name == "user_id" else kind for kind in definitions.identifiers]
    told = session.call("plan", definitions=msgspec.structs.replace(definitions, identifiers=looser))
    assert (told["identity"]["merged"], told["identity"]["merges"]) == (3, 1)
    assert all(each["after"] is None for each in told["audiences"])


def _collect(session: Any, events: list[dict[str, object]]) -> None:
    """Events of a server's source."""
    definitions = session.parts.engine.definitions
    index = next(i for i, source in enumerate(definitions.sources) if source.trust == "server")
    raws, now_ms = [msgspec.json.encode(event) for event in events], session.parts.clock.now_ms()
    session.run(Collect(Incoming(source=definitions.sources[index], source_index=index, events=raws, received_ms=now_ms)))


def test_the_command_line_judges_and_plans(workspace: Path, tmp_path: Path, run_cli: Callable[..., CompletedProcess[str]]) -> None:
    events = [
        _identify("1", "kim@example.com", userId="kim"),
        _identify("2", "lee@example.com", userId="lee"),
        _called("3", "kim@example.com"),
        _called("4", "lee@example.com"),
    ]
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode({**event, "timestamp": "2026-01-05T00:00:00Z"}) for event in events))
    w = ("-w", str(workspace))
    assert run_cli("import", str(file), "--source", "server", *w).returncode == 0
    assert "2 of user_id, at most 1" in " ".join(run_cli("identity", "quarantine", *w, COLUMNS="200").stdout.split())
    (workspace / "more.yaml").write_text(
        "identifiers:\n"
        "  - {name: user_id, paths: [userId], priority: 1, limit: 2}\n"
        "  - {name: email, paths: [traits.email], priority: 2, normalise: email, pii: true}\n"
        "  - {name: phone, paths: [traits.phone], priority: 3, normalise: phone, pii: true}\n"
        "  - {name: anonymous_id, paths: [anonymousId], priority: 4}\n",
        "utf-8",
    )
    plan = run_cli("plan", *w, COLUMNS="200").stdout
    assert "limit: 1 → 2" in plan and "2 people would become 1:" in plan and "kim@example.com" not in plan
    assert "one person now" in run_cli("identity", "release", "kim", "lee", "--why", "one", *w).stdout
    audit = run_cli("identity", "audit", *w, COLUMNS="200").stdout
    assert "release" in audit and "one" in audit
