"""Facts that follow from events beside the engine: told once, whatever breaks off, and known again after a start."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import SERVER_KEY, WEB_KEY

from gyeol.app.core_api import StatusRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.event_facts import EventFacts
from gyeol.app.observing import Observing
from gyeol.app.settings import Settings
from gyeol.context.provider import Wanted
from gyeol.context.record import FactInput
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendUnavailableError, NotFoundError
from gyeol.kernel.instants import HOUR_MS, instant_text

NOW = 1_780_000_000_000
WORKSPACE = f"""
workspace:
  name: Shop
  clock: data
  moment: {{query: properties.query, product: properties.product_id}}
  texts: {{}}
  supply: {{}}
  trends: {{least: 5}}
sources:
  - {{name: server, trust: server, channel: server, write_key: {SERVER_KEY}}}
  - {{name: web, trust: client, channel: web, write_key: {WEB_KEY}}}
"""
BAD = "배송이 너무 늦고 물건은 다 깨져서 왔어요. 정말 최악입니다"


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.session = EmbeddedSession(folder, Settings(), clock=ManualClock(NOW))
        self.provider = self.fresh()

    def fresh(self) -> EventFacts:
        """As a side process that starts."""
        parts = self.session.parts
        return EventFacts(parts.log, lambda: parts.engine.definitions, self.folder / "place.json")

    def say(self, event: str, at_ms: int = NOW, source: int = 0, **properties: Any) -> None:
        self.number += 1
        who = properties.pop("who", "kim")
        told = {"type": "track", "event": event, "userId": who, "timestamp": instant_text(at_ms), "properties": properties}
        raw = json.dumps({**told, "messageId": f"m{self.number}"}, ensure_ascii=self.number % 2 == 0).encode()
        sources = self.session.parts.engine.definitions.sources
        self.session.run(Collect(Incoming(source=sources[source], source_index=source, events=[raw], received_ms=max(NOW, at_ms))))
        self.session.engine.flush()

    def told(self, provider: EventFacts | None = None) -> list[tuple[str, object, str]]:
        """Everything until nothing more comes: (name, value, about)."""
        found: list[tuple[str, object, str]] = []
        for _ in range(3):
            facts = (provider or self.provider).observe(Wanted(now_ms=self.session.core.status(StatusRequest()).engine_now_ms))
            found += [(fact.name, fact.value, next(iter(map(str, fact.about.values())), "*")) for fact in facts]
        return found


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    opened = Shop(folder)
    yield opened
    opened.session.close()


def test_a_text_is_told_once_also_after_a_start(shop: Shop) -> None:
    shop.say("Review Submitted", text=BAD)
    shop.say("Page Seen", text=BAD, who="lee")
    told = {name: (value, about) for name, value, about in shop.told()}
    assert told["open_complaint"] == (True, "user_id:kim") and {about for _, about in told.values()} == {"user_id:kim"}
    assert set(told) == {"emotion", "emotion_topic", "emotion_trend", "open_complaint"}
    assert shop.told() == []
    again = shop.fresh()
    assert shop.told(again) == []
    shop.say("Ticket Closed", NOW + 1000)
    assert ("open_complaint", False, "user_id:kim") in shop.told(again), "what it knew it knows again"


def test_what_was_given_and_not_recorded_is_given_again_after_a_start(shop: Shop) -> None:
    shop.say("Review Submitted", text=BAD)
    wanted = Wanted(now_ms=NOW)
    first = shop.provider.observe(wanted)
    assert first and [fact.name for fact in shop.fresh().observe(wanted)] == [fact.name for fact in first]


def test_the_catalogue_is_believed_of_servers_only(shop: Shop) -> None:
    shop.say("Product Updated", product_id="A", price=5000, stock=9)
    shop.say("Product Updated", NOW + 1000, source=1, product_id="A", price=1)
    shop.say("Product Updated", NOW + 2000, product_id="A", price=4000)
    assert shop.told() == [("price", 5000.0, "A"), ("stock", 9.0, "A"), ("price", 4000.0, "A"), ("price_drop", 0.2, "A")]


def test_what_rises_is_told_of_the_workspace(shop: Shop) -> None:
    for hour in range(8):
        shop.say("Products Searched", NOW + hour * HOUR_MS, query="라떼")
    for second in range(12):
        shop.say("Products Searched", NOW + 8 * HOUR_MS + second * 1000, query=" 빙수 ", who=f"p{second}")
    shop.say("Products Searched", NOW + 8 * HOUR_MS + 660_000, query="빙수")
    assert ("trending_search", "빙수", "*") in shop.told()


class Given:
    """A provider that gives some facts once."""

    name, every_s, kinds = "given", 0.0, ()

    def __init__(self, facts: Sequence[FactInput]) -> None:
        self.facts, self.asked = list(facts), 0

    def observe(self, wanted: Wanted) -> Sequence[FactInput]:
        self.asked += 1
        found, self.facts = self.facts, []
        return found

    def close(self) -> None:
        """Nothing is open."""


def fact(value: object, who: str) -> FactInput:
    return FactInput(name="open_complaint", value=value, about={"person": who}, observed_at=instant_text(NOW))


def test_one_fact_that_is_refused_keeps_no_other_back(shop: Shop) -> None:
    shop.say("Page Seen")
    provider = Given([fact(True, "user_id:kim"), fact(True, "user_id:null"), fact(True, "user_id:lee")])
    observing = Observing(shop.session.core, [provider], lambda: 0.0)
    assert (observing.step(), observing.told()) == (2, [])


def test_facts_that_could_not_be_recorded_are_kept_until_they_are(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.say("Page Seen")
    provider, now = Given([fact(True, "user_id:kim")]), [0.0]
    observing = Observing(shop.session.core, [provider], lambda: now[0])
    submit: Callable[..., Any] = shop.session.core.submit

    def gone(request: object) -> object:
        raise BackendUnavailableError("core_gone", "the core restarts")

    monkeypatch.setattr(shop.session.core, "submit", gone)
    assert observing.step() == 0 and provider.asked == 1
    monkeypatch.setattr(shop.session.core, "submit", submit)
    now[0] = 10_000.0
    assert (observing.step(), provider.asked) == (1, 1)
    now[0] = 20_000.0
    assert (observing.step(), provider.asked) == (0, 2)


def test_nothing_is_read_where_nothing_is_asked_for(tmp_path: Path) -> None:
    class NoLog:
        def read(self, from_offset: int) -> Any:
            raise NotFoundError("read", "the log was read")

        def end_offset(self) -> int:
            return 7

    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "workspace.yaml").write_text("workspace: {name: Plain}\n", encoding="utf-8")
    opened = EmbeddedSession(folder, Settings(), clock=ManualClock(NOW))
    try:
        provider = EventFacts(NoLog(), lambda: opened.parts.engine.definitions, tmp_path / "place.json")
        assert provider.observe(Wanted(now_ms=NOW)) == []
    finally:
        opened.close()
