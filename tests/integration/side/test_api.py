"""The API over a fake core, a state store in memory and a real lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from gyeol.accounts.tokens import COOKIE, AdminToken
from gyeol.app.book import Book
from gyeol.app.core_api import PeopleRequest
from gyeol.app.desk import Desk
from gyeol.app.live_items import LiveItems
from gyeol.app.watch import Watch
from gyeol.app.watch_answers import Endpoint
from gyeol.kernel import errors
from gyeol.kernel.clock import ManualClock
from gyeol.server.side.app import side_app
from gyeol.server.side.broadcast import Broadcaster
from gyeol.server.side.errors import HTTP_STATUS, status_of

TOKEN = "a-token-of-the-test"
NOW_MS = 1_767_225_600_000 + 90_000


class Api:
    """A client with the token, the fake core and the world behind it."""

    def __init__(self, client: TestClient[Any], core: Any, world: Any, lake: Any, book: Book) -> None:
        self.client, self.core, self.world, self.lake, self.book = client, core, world, lake, book

    def watch_book(self) -> None:
        """What the keeper does all the time."""
        assert self.book.follow(self.world.log.end_offset())

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.client.get(path, params=query, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        answer = self.client.post(path, json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == status, answer.text
        return answer.json()


def build(core: Any, lake: Any, static: Path) -> Api:
    world = core.world
    desk = Desk(core, world.store, lake, world.definitions_of)
    book = Book(static.parent / "sums.json", world.log, world.definitions_of)
    endpoint = Endpoint(url="http://collect.example", internal="http://127.0.0.1:8401")
    watch = Watch(desk, core, book, world.log, world.definitions_of, lambda: endpoint, ManualClock(NOW_MS), {})
    live = Broadcaster(LiveItems(core, world.log, world.store.outbox, world.definitions_of), pause_s=0.01)
    client = TestClient(side_app(desk, watch, live, AdminToken(TOKEN), static), raise_server_exceptions=False)
    return Api(client, core, world, lake, book)


@pytest.fixture
def api(world: Any, new_core: Any, open_lake: Any, tmp_path: Path) -> Iterator[Api]:
    world.collect(
        [
            {"event": "Viewed", "userId": "ann", "time": 1, "properties": {"page": "a"}},
            {
                "event": "Order Completed",
                "userId": "ann",
                "time": 2,
                "properties": {"revenue": 12.5, "products": [{"price": 3}, {"price": 4}]},
            },
            {"event": "Viewed", "userId": "bob", "time": 3, "properties": {"page": "b"}},
        ]
    )
    made = build(new_core(world), open_lake(world, commit_s=3_600.0), tmp_path / "static")
    with made.client:
        yield made


def test_every_route_needs_the_token(api: Api) -> None:
    document = api.client.get("/schema/openapi.json").json()
    paths = [(path, method) for path, methods in document["paths"].items() for method in methods]
    assert len(paths) >= 24 and all(path.startswith("/v1/") for path, _ in paths)
    for path, method in paths:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"{COOKIE}=wrong"}):
            answer = api.client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
            assert answer.status_code == 401, (path, method)
            assert answer.json()["code"] == "not_signed_in" and "gyeol up" in answer.json()["message"]
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_printed_link_sets_a_cookie_and_forgets_the_token(api: Api) -> None:
    answer = api.client.get(f"/people?token={TOKEN}", follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["Location"] == "/people"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert api.client.get("/v1/status", headers={"Cookie": f"{COOKIE}={TOKEN}"}).status_code == 200
    refused = api.client.get("/?token=wrong", follow_redirects=False)
    assert refused.status_code == 401 and "Set-Cookie" not in refused.headers


def test_console_files(api: Api, tmp_path: Path) -> None:
    assert "make web" in api.client.get("/").text
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>console</p>")
    (static / "assets" / "app.js").write_text("go()")
    (tmp_path / "secrets.json").write_text("no")
    assert api.client.get("/people/1?tab=x").text == "<p>console</p>"
    script = api.client.get("/assets/app.js")
    assert script.text == "go()" and "javascript" in script.headers["Content-Type"] and "immutable" in script.headers["Cache-Control"]
    assert api.client.get("/assets/none.js").status_code == 404
    assert api.client.get("/%2e%2e/secrets.json").text != "no"
    assert api.client.get("/v1/nothing", headers={"Authorization": f"Bearer {TOKEN}"}).json()["code"] == "no_such_route"
    assert "frame-ancestors 'none'" in api.client.get("/").headers["Content-Security-Policy"]


def test_status(api: Api) -> None:
    api.world.decide("ann")
    told = api.get("/v1/status")
    assert told["messages"] == {"accepted": 1} and told["lake_offset"] == 0 and told["end_offset"] == 5
    assert told["simulated"] is True and told["simulated_note"]["en"] == "made up" and told["lake_problem"] == ""


def test_people_and_person(api: Api) -> None:
    found = api.get("/v1/people", query="an", audience="buyers", limit=10, cursor="9:9")
    assert api.core.told[-1] == PeopleRequest(query="an", audience="buyers", limit=10, cursor="9:9")
    assert found["people"][0]["traits"] == {"orders": 2} and found["next"] == "4:0"
    person = api.get("/v1/people/ann")
    assert person["name"] == "Ann" and person["last_seen"] == 4 and person["audiences"][0]["since"] == 3
    assert api.get("/v1/audiences")["audiences"][0]["sentence"] == {"ko": "주문한 고객", "en": "people who ordered"}
    assert api.get("/v1/audiences/buyers/people/ann")["member"] is True


@pytest.mark.parametrize("committed", [False, True])
def test_timeline_is_lake_and_tail_in_one(api: Api, committed: bool) -> None:
    api.lake.writer.step()
    assert len(api.lake.tail()) == 1
    if committed:
        api.lake.catch_up()
        api.world.collect([{"event": "Rehearsed", "userId": "ann", "time": 9}])
        api.lake.writer.step()
    events = api.get("/v1/people/ann/timeline")["events"]
    names = [event["name"] for event in events]
    assert names == [*(["Rehearsed"] if committed else []), "Order Completed", "Viewed"]
    order = events[-2]
    assert order["time"] == 2 and order["channel"] == "store" and order["simulated"] is False
    assert order["properties"]["revenue"] == {"minor": 1250, "currency": "USD"}
    assert order["properties"]["products"][0] == {"price": {"minor": 300, "currency": "USD"}}
    assert order["summary"] == {"revenue": {"minor": 1250, "currency": "USD"}, "products": 2}
    if committed:
        assert events[0]["simulated"] is True


def test_timeline_pages(api: Api) -> None:
    api.world.collect([{"event": "Viewed", "userId": "ann", "time": 100 + i // 2, "properties": {"i": i}} for i in range(7)])
    api.lake.catch_up()
    api.world.collect([{"event": "Viewed", "userId": "ann", "time": 50 + i, "properties": {"i": 10 + i}} for i in range(3)])
    api.lake.writer.step()
    whole = [event["offset"] for event in api.get("/v1/people/ann/timeline", limit=100)["events"]]
    assert len(whole) == 12
    for size in (1, 3, 5):
        pages, before = list[int](), None
        while True:
            page = api.get("/v1/people/ann/timeline", limit=size, **({"before": before} if before else {}))
            pages += [event["offset"] for event in page["events"]]
            before = page["next"]
            if before is None:
                break
        assert pages == whole
    assert api.get("/v1/people/ann/timeline", status=400, before="soon")["facts"]["problems"][0]["code"] == "bad_cursor"


def test_decisions_and_messages_speak_both_languages(api: Api) -> None:
    api.world.decide("ann")
    (decision,) = api.get("/v1/people/ann/decisions")["decisions"]
    assert decision["reasons"][0]["text"]["ko"].startswith("조건을 모두") and "gift" in decision["reasons"][0]["text"]["en"]
    assert "10%" in decision["refusals"][0]["reason"]["text"]["en"]
    assert api.get(f"/v1/decisions/{decision['id']}") == decision
    (message,) = api.get("/v1/people/ann/messages")["messages"]
    assert message["state"] == "accepted" and message["address"] == "a…@secret.example" and message["content"] == {"title": "hello"}
    asked = api.post("/v1/decide", {"person": "ann", "placements": ["home"]})["decisions"][0]
    assert asked["content"] == {"en": {"title": "A gift"}}
    assert api.get("/v1/decisions/none", status=404)["code"] == "unknown_decision"
    assert set(api.get("/v1/catalogue", lang="ko")["holdout"]) == {"template", "params"}


def test_dead_letters(api: Api) -> None:
    letter = api.world.reject(b'{"type": "\xff"}')
    page = api.get("/v1/dead-letters")
    assert page["counts"] == {"unknown_type": 1} and page["dead_letters"][0]["raw"] == '{"type": "\ufffd"}'
    assert api.get(f"/v1/dead-letters/{letter}")["status"] == "waiting"
    assert api.post(f"/v1/dead-letters/{letter}/replay", {"event": {"type": "track"}})["status"] == "applied"
    command = api.core.told[-1]
    assert command.kind == "replay_dead_letter" and command.body == {"id": letter, "event": {"type": "track"}} and command.by == "admin"
    assert api.post(f"/v1/dead-letters/{letter}/replay", {})["status"] == "applied"
    assert api.core.told[-1].body == {"id": letter}
    assert api.get("/v1/dead-letters/dl_99", status=404)["code"] == "unknown_dead_letter"


def test_merge_and_cut(api: Api) -> None:
    assert api.post("/v1/people/merge", {"a": "user_id:ann", "b": "bob", "why": "same card"})["status"] == "applied"
    assert api.core.told[-1].why == "same card"
    refused = api.post("/v1/people/cut", {"a": "ann", "b": "bob"})
    assert (refused["status"], refused["reason"]) == ("refused", "not_together")
    assert api.post("/v1/people/merge", {"a": "ann"}, status=400)["code"] == "bad_request"


def test_definitions(api: Api) -> None:
    definitions = msgspec.json.decode(api.world.definitions.as_json())
    assert api.post("/v1/definitions/plan", {"definitions": definitions})["audiences"] == [{"audience": "buyers", "before": 1, "after": 2}]
    assert api.post("/v1/definitions/apply", {"definitions": definitions, "why": "new"})["status"] == "applied"
    assert api.core.told[-1].kind == "apply" and api.core.told[-1].body["definitions"] == definitions
    assert "problems" in api.post("/v1/definitions/plan", {"definitions": {"workspace": 3}}, status=400)["facts"]


def test_figures(api: Api) -> None:
    assert api.get("/v1/measures/kpis")["kpis"][0]["value"] == 0
    api.lake.catch_up()
    told = api.get("/v1/measures/kpis")
    assert {kpi["name"]: kpi["value"] for kpi in told["kpis"]} == {"orders": 1, "revenue": {"minor": 1250, "currency": "USD"}, "people": 2}
    assert told["lake_offset"] == 3
    assert api.get("/v1/measures/kpis", until="1970-01-01T00:00:00.002Z")["kpis"][0]["value"] == 0
    assert [f["name"] for f in api.get("/v1/measures/funnels")["funnels"]] == ["buying"]
    funnel = api.get("/v1/measures/funnels/buying")
    assert [step["people"] for step in funnel["steps"]] == [2, 1]
    assert funnel["groups"] == [{"value": "a", "steps": [1, 1]}, {"value": "b", "steps": [1, 0]}]
    assert api.get("/v1/measures/funnels/none", status=404)["code"] == "unknown_funnel"
    stages = {stage["name"]: stage for stage in api.get("/v1/measures/stages")["stages"]}
    assert stages["loyal"]["orders"] == 1 and stages["loyal"]["revenue"] == [{"minor": 1250, "currency": "USD"}]
    assert stages["new"]["people"] == 0 and stages[""]["people"] == 1
    campaigns = api.get("/v1/measures/campaigns")
    assert campaigns["causal"] is False and "effect" in campaigns["note"]["en"]
    api.world.decide("ann")
    api.lake.catch_up()
    acted = api.get("/v1/measures/acted")
    assert acted["decisions"][0]["decisions"] == 1 and acted["messages"][0]["state"] == "accepted"
    assert api.get("/v1/measures/kpis", status=400, **{"from": "soon"})["facts"]["problems"][0]["path"] == "from"


def test_sql(api: Api) -> None:
    api.lake.catch_up()
    told = api.post("/v1/sql", {"sql": "SELECT name, count(*) AS n FROM events GROUP BY name ORDER BY name"})
    assert told["columns"] == [{"name": "name", "type": "VARCHAR"}, {"name": "n", "type": "BIGINT"}]
    assert told["rows"] == [["Order Completed", 1], ["Viewed", 2]] and told["truncated"] is False
    problem = api.post("/v1/sql", {"sql": "SELECT nme FROM events"}, status=400)["facts"]["problems"][0]
    assert problem["mend"] == "did you mean 'name'?" and problem["column"] == 8
    assert api.post("/v1/sql", {"sql": " "}, status=400)["code"] == "bad_sql"


def test_errors_have_one_shape(api: Api) -> None:
    assert api.get("/v1/people/zoe", status=404) == {
        "code": "unknown_person", "message": "nobody is known as 'zoe'", "facts": {"person": "zoe"}, "retryable": False,
    }  # fmt: skip
    assert api.get("/v1/people", status=400, limit=0)["code"] == "bad_request"
    answer = api.client.post("/v1/sql", content=b"{", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400 and set(answer.json()) == {"code", "message", "facts", "retryable"}
    api.core.failure = errors.BackendUnavailableError("core_gone", "The core went away.")
    gone = api.client.get("/v1/status", headers={"Authorization": f"Bearer {TOKEN}"})
    assert gone.status_code == 503 and gone.json()["retryable"] is True and gone.headers["Retry-After"] == "2"
    api.core.failure = ZeroDivisionError("oops")
    bug = api.get("/v1/status", status=500)
    assert bug["code"] == "internal" and "oops" not in bug["message"]


def families(kind: type[errors.GyeolError]) -> Iterator[type[errors.GyeolError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from families(below)


@pytest.mark.parametrize("kind", [k for k in families(errors.GyeolError) if k.__module__ == errors.__name__])
def test_every_family_has_its_status(kind: type[errors.GyeolError]) -> None:
    assert kind in HTTP_STATUS
    made = errors.InputError("x", []) if kind is errors.InputError else kind("x", "y")
    assert status_of(made) == HTTP_STATUS[kind]


def test_openapi_names_every_answer(api: Api) -> None:
    document = api.client.get("/schema/openapi.json").json()
    answer = document["paths"]["/v1/measures/kpis"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["$ref"].endswith("KpisAnswer")


def test_overview_sources_and_violations(api: Api) -> None:
    api.world.decide("ann")
    api.world.reject()
    api.watch_book()
    told = api.get("/v1/overview")
    assert told["now"] == NOW_MS and len(told["events"]["rate"]) == 60
    assert [each for each in told["events"]["rate"] if each["accepted"]] == [{"at": NOW_MS - 90_000, "accepted": 3, "rejected": 1}]
    assert told["events"]["lag"] == {"p50_ms": None, "p95_ms": None, "p99_ms": None}
    assert told["decisions"]["chosen"] == 1 and told["decisions"]["refusals"][0]["code"] == "holdout"
    assert told["decisions"]["refusals"][0]["label"]["ko"] == "대조군"
    assert told["deliveries"]["states"] == {"accepted": 1} and told["lake"]["behind"] == 6
    assert [each["code"] for each in told["problems"]] == ["events_rejected"]
    sources = {each["name"]: each for each in api.get("/v1/sources")["sources"]}
    assert sources["till"]["verdicts"] == {"accepted": 3, "duplicate": 0, "rejected": 1} and sources["till"]["write_key"] == "k1"
    assert sources["till"]["rejected"][0]["label"]["en"] == "Unknown type" and sources["web"]["last_at"] is None
    assert api.get("/v1/sources")["endpoint"] == {"url": "http://collect.example", "internal": "http://127.0.0.1:8401"}
    assert api.get("/v1/violations") == {"violations": [], "since": NOW_MS - 90_000}


def test_live_refuses_what_cannot_be_asked(api: Api) -> None:
    assert {each["path"] for each in api.get("/v1/live", 400, kind="event,gossip", since="yesterday")["facts"]["problems"]} == {
        "kind",
        "since",
    }
    assert api.get("/v1/live", 404, person="nobody")["code"] == "unknown_person"


def test_dead_letters_of_one_code_or_source(api: Api) -> None:
    first, other, last = (api.world.reject(raw) for raw in (b'{"a": 1}', b"[", b'{"a": 2}'))
    found = api.get("/v1/dead-letters", code="unknown_type", source="till", limit=2)
    assert [each["id"] for each in found["dead_letters"]] == [last, other] and found["next"] is not None
    rest = api.get("/v1/dead-letters", code="unknown_type", limit=2, cursor=found["next"])
    assert [each["id"] for each in rest["dead_letters"]] == [first] and rest["next"] is None
    assert rest["dead_letters"][0]["event"] == {"a": 1} and rest["dead_letters"][0]["text"]["ko"] == "알 수 없는 type"
    assert found["dead_letters"][1]["event"] is None and found["dead_letters"][0]["received_at"] == NOW_MS - 90_000
    assert api.get("/v1/dead-letters", source="web")["dead_letters"] == []


def test_a_trait_says_what_it_is_made_of_and_how_old_it_is(api: Api) -> None:
    api.lake.writer.step()
    assert api.get("/v1/people/ann")["traits"][0]["updated_at"] == 2, "of the tail"
    api.lake.catch_up()
    (trait,) = api.get("/v1/people/ann")["traits"]
    assert trait["source"] == ["$any"] and trait["updated_at"] == 2
