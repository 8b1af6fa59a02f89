"""Golden values of names and addresses through the loop: told with a reason, decided anew by merge and cut, the same after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings
from gyeol.app.verifying import replay_check, state_digest
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.workspace.load import load

pytestmark = pytest.mark.slow


def identify(session: EmbeddedSession, number: int, trust: str, user: str, **traits: object) -> None:
    definitions = session.parts.engine.definitions
    index = next(i for i, source in enumerate(definitions.sources) if source.trust == trust)
    at = f"2026-03-0{number}T00:00:00Z"
    raw = msgspec.json.encode({"type": "identify", "messageId": f"m{number}", "userId": user, "timestamp": at, "traits": traits})
    incoming = Incoming(source=definitions.sources[index], source_index=index, events=[raw], received_ms=session.parts.clock.now_ms())
    session.run(Collect(incoming))


def golden(session: EmbeddedSession, user: str) -> dict[str, Any]:
    told: Any = session.call("person", id=f"user_id:{user}")
    return {each["attribute"]: each for each in told["golden"]}


def test_names_and_addresses_win_and_lose_with_merge_and_cut(session: EmbeddedSession, workspace: Path) -> None:
    identify(session, 1, "server", "kim", name="김하나", address={"street": "세종대로 1", "postalCode": "04524"}, birthday="1990-01-02")
    identify(session, 2, "server", "kim", birthday="1990-01-02")
    identify(session, 3, "client", "kim", name="하나", birthday="1991-01-01")
    identify(session, 4, "server", "hana", name="김하나", address="부산시 해운대구 2")
    alone = golden(session, "kim")
    assert list(alone) == ["address", "birth_date", "full_name", "postal_code"]
    name = alone["full_name"]
    assert (name["value"], name["why"]["reason"], name["why"]["source"], name["label"]["ko"]) == ("하***", "recent", "web", "이름")
    assert [(each["value"], each["source"], each["trust"], each["count"]) for each in name["why"]["candidates"]] == [
        ("하***", "web", "client", 1),
        ("김***", "server", "server", 1),
    ]
    birth = alone["birth_date"]["why"]
    assert (birth["rule"], birth["reason"], birth["count"]) == ("most_frequent", "frequent", 2)
    assert alone["address"]["why"]["reason"] == "only"
    session.call("merge", a="user_id:kim", b="user_id:hana", why="one person")
    together = golden(session, "kim")
    assert together == golden(session, "hana")
    assert (together["full_name"]["value"], together["full_name"]["why"]["count"]) == ("김***", 2), "said last, by the other account"
    assert [each["value"] for each in together["address"]["why"]["candidates"]] == ["부***", "세***"]
    session.call("cut", a="user_id:kim", b="user_id:hana", why="two after all")
    assert golden(session, "kim") == alone
    assert list(golden(session, "hana")) == ["address", "full_name"]
    digest = state_digest(session.parts.engine.state)
    session.close()
    core = OpenCore(workspace, Settings())
    try:
        state = core.engine.state
        assert state_digest(state) == digest
        assert replay_check(core, (state.offset, digest, state.people.people)).good
    finally:
        core.close()


def test_paths_fold_the_log_anew_and_a_rule_does_not(session: EmbeddedSession, workspace: Path) -> None:
    identify(session, 1, "server", "kim", name="김하나", company="결")
    identify(session, 2, "client", "kim", name="하나")
    (workspace / "golden.yaml").write_text(
        "golden:\n"
        "  - {name: full_name, paths: [traits.name], rule: source_order, pii: false}\n"
        "  - {name: company, paths: [traits.company], pii: false}\n"
        "  - {name: address, paths: []}\n"
    )
    session.call("apply", definitions=load(workspace).definitions, why="")
    found = golden(session, "kim")
    assert (found["full_name"]["value"], found["full_name"]["why"]["reason"]) == ("김하나", "source")
    assert found["company"]["value"] == "결", "what was said before counts as well"
    state = session.parts.engine.state
    assert replay_check(session.parts, (state.offset, state_digest(state), state.people.people)).good
