"""Texts become facts."""

from __future__ import annotations

from collections.abc import Sequence

from gyeol.context.emotion.provider import REMEMBERED_MS, EmotionProvider, Said
from gyeol.context.emotion.trend import DAY_MS
from gyeol.context.facts import TOLD
from gyeol.context.provider import FactProvider, Wanted
from gyeol.context.record import FactInput

NOW = 1_790_000_000_000


class Texts:
    """Texts in memory; the cursor is how many were given."""

    def __init__(self, said: list[Said]) -> None:
        self.said, self.closed = said, False

    def since(self, from_ms: int, cursor: str | None) -> tuple[Sequence[Said], str]:
        new = self.said[int(cursor or 0) :]
        return [said for said in new if said.at_ms >= from_ms], str(len(self.said))

    def close(self) -> None:
        self.closed = True


def _said(text: str | None, *, person: str = "user_id:kim", at_ms: int = NOW - 1_000, source: str = "chat", case: str = "c1") -> Said:
    return Said(person=person, at_ms=at_ms, source=source, case=case, text=text)


def _values(facts: Sequence[FactInput]) -> dict[str, object]:
    return {fact.name: fact.value for fact in facts}


def test_a_bad_word_to_the_service_desk_opens_a_complaint_until_it_is_closed() -> None:
    texts = Texts([_said("배송이 너무 느리고 상담원도 불친절해요 최악이에요")])
    provider: FactProvider = EmotionProvider(texts)
    facts = provider.observe(Wanted(now_ms=NOW))
    values = _values(facts)
    assert values["open_complaint"] is True
    assert isinstance(values["emotion"], float)
    assert values["emotion"] < -0.5
    assert values["emotion_topic"] in ("delivery", "staff")
    assert isinstance(values["emotion_trend"], float)
    assert values["emotion_trend"] < 0
    assert {tuple(fact.about.items()) for fact in facts} == {(("person", "user_id:kim"),)}
    assert provider.observe(Wanted(now_ms=NOW + 1)) == []
    texts.said.append(_said(None, at_ms=NOW + 2))
    assert _values(provider.observe(Wanted(now_ms=NOW + 3)))["open_complaint"] is False


def test_praise_opens_nothing_and_a_new_process_knows_the_same() -> None:
    said = [
        _said("정말 친절하고 빨라요 감사합니다", at_ms=NOW - DAY_MS, case="c2", source="review"),
        _said("worst coffee ever, rude staff", person="user_id:lee", at_ms=NOW - 2 * DAY_MS, source="review"),
    ]
    whole = EmotionProvider(Texts(said)).observe(Wanted(now_ms=NOW))
    turned = EmotionProvider(Texts(said[::-1])).observe(Wanted(now_ms=NOW))
    assert whole == turned
    by_person = {(fact.about["person"], fact.name): fact.value for fact in whole}
    assert by_person["user_id:kim", "open_complaint"] is False
    assert by_person["user_id:lee", "open_complaint"] is True


def test_old_texts_and_unreadable_ones_say_nothing() -> None:
    texts = Texts([_said("최악", at_ms=NOW - REMEMBERED_MS - 1), _said("1234", person="user_id:lee")])
    facts = EmotionProvider(texts).observe(Wanted(now_ms=NOW))
    assert {fact.about["person"] for fact in facts} == {"user_id:lee"}
    assert "emotion" not in _values(facts)


def test_every_fact_is_of_a_kind_that_may_be_told() -> None:
    kinds = {kind.name: kind for kind in TOLD}
    texts = Texts([_said("배송이 느려서 화나요")])
    for fact in EmotionProvider(texts).observe(Wanted(now_ms=NOW)):
        assert kinds[fact.name].refusal(fact.value) is None


def test_closing_lets_the_source_go() -> None:
    texts = Texts([])
    EmotionProvider(texts).close()
    assert texts.closed
