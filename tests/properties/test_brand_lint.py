"""Whatever somebody types: the lint answers, its places lie within the text, and the same text gives the same findings."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gyeol.content.brand.catalogue import mending, sentence
from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.lint import lint
from gyeol.content.korean.josa import PAIRS, josa
from gyeol.content.korean.speech import sentences
from gyeol.content.korean.syllables import apart

_PIECES = st.sampled_from(
    [
        *("확인해 ", "주세요.", "드립니다 ", "최저가를 ", "1300원", "₩1,300", "(광 고)", "ㅋㅋ", "~", "가", "A", "\n"),
        *("{{ facts.x }}", "{% if a %}", "{{", "}}", "“", "”", "'", "https://a.example/", "http://"),
        *("<p style='color:#ccc'>", "</p>", "<img", "🎁", "👨\u200d👩\u200d👧", "\ufffc", "\x00"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=14).map("".join))
_FIELDS = st.dictionaries(st.sampled_from(["title", "body", "subject", "html", "link", "image"]), TEXTS, max_size=4)


@given(fields=_FIELDS, channel=st.sampled_from(["sms", "push", "email", ""]), language=st.sampled_from(["ko", "en"]))
def test_the_lint_answers_anything(fields: dict[str, str], channel: str, language: str) -> None:
    found = lint(fields, guide_of(), channel=channel, language=language, label="(광고)")
    assert found == lint(dict(fields), guide_of(), channel=channel, language=language, label="(광고)")
    for one in found:
        size = len(fields[one.field].encode("utf-16-le", "surrogatepass")) // 2 if one.field else 0
        assert 0 <= one.start <= one.end <= size
        assert sentence(one, "ko") and sentence(one, "en") and mending(one, "ko") and mending(one, "en")


@given(text=TEXTS)
def test_sentences_do_not_overlap(text: str) -> None:
    end = 0
    for one in sentences(text):
        assert end <= one.start < one.end <= len(text)
        assert one.ending is None or one.start <= one.ending[0] < one.ending[1] <= one.end
        end = one.end


@given(word=st.text(min_size=1, max_size=12), wanted=st.sampled_from(sorted(PAIRS)))
def test_a_particle_is_one_of_its_pair(word: str, wanted: str) -> None:
    one, other = PAIRS[wanted]
    told = josa(word, wanted)
    assert told in (one, other) or "(" in told
    assert josa(word, one) == josa(word, other) == told


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=20))
def test_syllables_come_together_again(text: str) -> None:
    assert unicodedata.normalize("NFC", apart(text)) == text
