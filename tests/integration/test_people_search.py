"""Somebody is found by name, by a telephone number in any notation and by the last digits of one; lists and profiles call them the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gyeol.app.core_people import PeopleRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming

NAME = """
traits:
  - name: name
    kind: last
    event: $identify
    property: traits.name
    label: {ko: 이름, en: Name}
"""


@pytest.fixture
def session(workspace: Path) -> Iterator[EmbeddedSession]:
    """The starter workspace, in which names are known, with two people."""
    (workspace / "traits_names.yaml").write_text(NAME, encoding="utf-8")
    opened = EmbeddedSession(workspace, Settings())
    identify(opened, "u-1", name="윤현후", phone="010-2345-0042")
    identify(opened, "u-2", name="Ann Lee", phone="010-9876-5432")
    yield opened
    opened.close()


def identify(session: EmbeddedSession, user: str, **traits: str) -> None:
    definitions = session.parts.engine.definitions
    index = next(i for i, source in enumerate(definitions.sources) if source.trust == "server")
    raw = msgspec.json.encode({"type": "identify", "userId": user, "timestamp": "2026-03-01T00:00:00Z", "traits": traits})
    session.run(
        Collect(Incoming(source=definitions.sources[index], source_index=index, events=[raw], received_ms=session.parts.clock.now_ms()))
    )


def found(session: EmbeddedSession, words: str) -> list[str]:
    return sorted(person.name for person in session.core.people(PeopleRequest(query=words)).people)


@pytest.mark.parametrize(
    "words",
    [
        "윤현후",
        "현후",
        "010-2345-0042",
        "01023450042",
        "010 2345 0042",
        "+82 10 2345 0042",
        "(010) 2345.0042",
        "2345-0042",
        "010-2345",
        "0042",
    ],
)
def test_a_person_is_found(session: EmbeddedSession, words: str) -> None:
    assert found(session, words) == ["윤현후"]


@pytest.mark.parametrize("words", ["현우", "2345-0043", "010-2345-0043", "ann.lee", "---"])
def test_nobody_is_found(session: EmbeddedSession, words: str) -> None:
    assert found(session, words) == []


def test_a_part_that_two_have_finds_both_and_letters_may_be_small(session: EmbeddedSession) -> None:
    assert found(session, "u-") == ["Ann Lee", "윤현후"]
    assert found(session, "ann l") == ["Ann Lee"]


def test_a_profile_calls_a_person_what_the_list_does(session: EmbeddedSession) -> None:
    (line,) = session.core.people(PeopleRequest(query="Ann")).people
    told = session.call("person", id=line.id)
    assert isinstance(told, dict)
    assert told["name"] == line.name == "Ann Lee"
