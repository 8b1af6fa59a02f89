"""Korean speech level: each sentence speaks in the guide's, and a message does not change from one to another."""

from __future__ import annotations

from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Field, Looked
from gyeol.content.korean.speech import Level, Sentence, sentences_of


def check(of: Looked) -> Iterator[Finding]:
    """``speech_level`` for each sentence of another level; ``speech_mixed`` once when two levels stand in one message."""
    if not of.korean:
        return
    wanted = of.guide.level(of.channel, of.tone)
    levels: list[str] = []
    for field, level, (start, end) in speaking(of):
        if level not in levels:
            levels.append(level)
        if level != wanted:
            yield field.found("speech_level", start, end, "error", None, level=level, wanted=wanted, word=field.text[start:end])
    if len(levels) > 1:
        yield Finding(code="speech_mixed", severity="warning", params={"levels": levels, "wanted": wanted})


def speaking(of: Looked) -> Iterator[tuple[Field, Level, tuple[int, int]]]:
    """The sentences of a Korean message that speak in a level: field, level, place of the ending.

    Set phrases, and headlines in the plain written style, are left out: they go with every level.
    """
    for field in of.spoken:
        for sentence in sentences_of(field.shadow):
            if sentence.ending is None or _set_phrase(of, field, sentence):
                continue
            if sentence.level == "haera" and field.name in of.guide.speech.titles:
                continue
            yield field, sentence.level, sentence.ending


def _set_phrase(of: Looked, field: Field, sentence: Sentence) -> bool:
    """Whether the sentence ends in a phrase that goes with every level."""
    said = "".join(field.text[sentence.start : sentence.end].split()).rstrip("!.,~ ")
    return any(said.endswith("".join(phrase.split())) for phrase in of.guide.speech.any_level)
