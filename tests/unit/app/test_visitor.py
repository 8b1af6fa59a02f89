"""What a client key may ask for, and what it learns."""

from __future__ import annotations

import pytest

from gyeol.accounts.tokens import user_token
from gyeol.app.intake import DecideRequest
from gyeol.app.spoken import Spoken
from gyeol.app.visitor import shown, visitor_of
from gyeol.decisions.model import Decision, Refusal
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.jobs import Decided
from gyeol.events.model import SourceDefinition
from gyeol.kernel.errors import InputError
from gyeol.kernel.reason import Reason

KEY = "ab" * 32
WEB = SourceDefinition(name="web", trust="client", write_key="w")
SERVER = SourceDefinition(name="server", trust="server", write_key="s")


def _codes(request: DecideRequest, source: SourceDefinition) -> list[str]:
    with pytest.raises(InputError) as told:
        visitor_of(request, source, KEY)
    return [problem.code for problem in told.value.problems]


def test_a_client_key_asks_for_its_own_visitor_only() -> None:
    assert _codes(DecideRequest(placement="p", person="u1"), WEB) == ["server_key_needed"]
    assert _codes(DecideRequest(placement="p", userId="u1"), WEB) == ["bad_token"]
    assert _codes(DecideRequest(placement="p", userId="u1", userToken=user_token(KEY, "u2")), WEB) == ["bad_token"]
    assert _codes(DecideRequest(placement="p"), WEB) == ["no_person"]
    assert _codes(DecideRequest(lang="fr"), SERVER) == ["no_placement", "bad_language", "no_person"]
    find, placements = visitor_of(DecideRequest(placements=["a"], placement="b", userId="u1", userToken=user_token(KEY, "u1")), WEB, KEY)
    assert placements == ["a", "b"]
    assert find(None) == ("user_id", "u1")  # type: ignore[arg-type]  # a named visitor needs no state
    find, _ = visitor_of(DecideRequest(placement="a", anonymousId="x"), WEB, KEY)
    assert find(None) == ("anonymous_id", "x")  # type: ignore[arg-type]  # as above


def test_a_client_key_learns_no_reasons() -> None:
    refusal = Refusal(offer="b", gate="consent", reason=Reason(code="consent_missing", params={"channel": "email", "purpose": "offers"}))
    decision = Decision(
        id="d_1", placement="p", node=1, person="x" * 32, at_ms=0, chosen="a", fallback=True,
        reasons=[Reason(code="all_refused", params={"candidates": 1})],
        refusals=[refusal], moment={}, propensity=1.0, catalogue="1", definitions="d",
    )  # fmt: skip
    public = shown(Decided(decision=decision, content={"title": "Hi"}), None)
    assert set(public) == {"id", "placement", "offer", "fallback", "content"}
    told = shown(Decided(decision=decision, content={}), Spoken(Definitions(workspace=WorkspaceSettings(name="shop"))))
    assert told["refusals"][0]["reason"]["text"]["ko"]  # type: ignore[index]
