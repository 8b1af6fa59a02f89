"""Every kind of rule: what it finds, where, and what may stand instead; and that each code is told in both languages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gyeol.content.brand.catalogue import CATALOGUE, mending, sentence
from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import Guide, guide_of
from gyeol.content.brand.lint import lint
from gyeol.content.brand.model import BannedWord, BrandDefinition, Colours, LengthRule, Links, Numbers, RequiredWord, Signs, Speech
from gyeol.content.brand.rules.length import euc_kr_bytes

QUIET = BrandDefinition(banned=[], required=[], length=[], signs=Signs(), numbers=Numbers(grouped=False), speech=Speech(), alt_text=False)


def guide(**own: Any) -> Guide:
    return guide_of(msgspec.structs.replace(QUIET, **own))


def found(fields: dict[str, str] | str, of: Guide, **more: Any) -> list[Finding]:
    given: dict[str, Any] = {"channel": "push", "language": "ko", **more}
    return lint({"body": fields} if isinstance(fields, str) else fields, of, **given)


def codes(fields: dict[str, str] | str, of: Guide, **more: Any) -> list[str]:
    return [one.code for one in found(fields, of, **more)]


def test_a_banned_word_and_what_stands_instead_with_its_particle() -> None:
    of = guide(banned=[BannedWord(word="최저가", instead="좋은 가격", reason={"ko": "증명할 수 없음"})])
    text = "최저가를 만나 보세요"
    (one,) = found(text, of)
    assert (one.code, text[one.start : one.end], one.mend) == ("banned_word", "최저가를", "좋은 가격을")
    assert "증명할 수 없음" in sentence(one, "ko")


def test_banned_words_by_language_channel_and_whole_words() -> None:
    of = guide(
        banned=[BannedWord(word="act now", languages=["en"]), BannedWord(word="꽁짜", channels=["sms"]), BannedWord(word="결정 장애")]
    )
    assert codes("Act  now!", of, language="en-GB") == ["banned_word"]
    assert codes("react nowhere", of, language="en") == []
    assert codes("꽁짜예요", of) == [] and codes("꽁짜예요", of, channel="sms") == ["banned_word"]
    assert codes("결정장애가 있어요", of) == ["banned_word"]


def test_an_exception_of_a_banned_word() -> None:
    of = guide(banned=[BannedWord(word="미친", except_in=["미친 듯이"])])
    assert codes("미친 듯이 달려요", of) == [] and codes("미친 가격이에요", of) == ["banned_word"]


def test_placeholders_and_links_are_no_words() -> None:
    of = guide(banned=[BannedWord(word="price", languages=[])])
    assert codes("{{ facts.price }}이에요", of) == []


def test_a_required_word_counts_over_all_fields_and_without_spaces() -> None:
    of = guide(required=[RequiredWord(word="무료수신거부", channels=["sms"], message_class="advertising", severity="error")])
    assert codes("반가워요", of, channel="sms") == ["required_word"]
    assert codes({"title": "반가워요", "body": "무료 수신거부 080"}, of, channel="sms") == []
    assert codes("반가워요", of, channel="sms", message_class="transactional") == []
    assert codes("반가워요", of) == []


def test_the_level_of_speech_by_channel() -> None:
    of = guide(speech=Speech(level="haeyo", channels={"sms": "hapsyo"}, any_level=["감사합니다"], titles=["title"]))
    text = "확인해 주세요"
    assert codes(text, of) == []
    (one,) = found(text, of, channel="sms")
    assert (one.code, text[one.start : one.end], one.params["level"]) == ("speech_level", "주세요", "haeyo")
    assert codes("확인해 주세요. 감사합니다.", of) == []
    assert codes({"title": "봄이 왔다", "body": "만나 보세요"}, of) == []
    assert codes("확인해 주세요. 안내드립니다.", of) == ["speech_level", "speech_mixed"]
    assert codes("확인해", of, language="en") == []


def test_hao_is_a_breach_with_its_name() -> None:
    text = "쿠폰을 확인하시오"
    (one,) = found(text, guide(speech=Speech(level="haeyo")))
    assert (one.code, text[one.start : one.end], one.params["level"]) == ("speech_level", "확인하시오", "hao")
    assert "하오체" in sentence(one, "ko") and "하오체" in sentence(one, "en")
    assert codes("새 주소, 그리운 미소", guide(speech=Speech(level="haeyo"))) == []


def test_the_level_of_speech_by_tone() -> None:
    of = guide(speech=Speech(level="haeyo", tones={"apologetic": "hapsyo"}))
    assert codes("죄송해요", of, tone="apologetic") == ["speech_level"]
    assert codes("불편을 드려 사과드립니다", of, tone="apologetic") == [] and codes("반가워요", of, tone="warm") == []


def test_lengths_count_the_label_and_know_what_is_put_in_later() -> None:
    rule = LengthRule(fields=["body"], most=10)
    assert codes("가" * 10, guide(length=[rule])) == []
    (one,) = found("가" * 12, guide(length=[rule]))
    assert (one.start, one.end, one.params["size"]) == (10, 12, 12)
    assert codes("가" * 6, guide(length=[rule]), label="(광고)") == ["too_long"]
    assert codes("{{ facts.a_very_long_name }}", guide(length=[rule])) == []
    whole = guide(length=[LengthRule(fields=["all"], most=20, unit="euc_kr_bytes", channels=["sms"])])
    assert codes({"title": "가" * 5, "body": "가" * 5}, whole, channel="sms") == ["message_too_long"]
    assert codes({"title": "가" * 4, "body": "가" * 5}, whole, channel="sms") == []


def test_bytes_of_a_text_message() -> None:
    assert [euc_kr_bytes(text) for text in ("a", "가", "뷁", "봄 세일", "🎁", "가🎁")] == [1, 2, 2, 7, 2, 4]
    (one,) = found("봄🎁세일", guide(length=[LengthRule(fields=["all"], most=90, unit="euc_kr_bytes")]))
    assert (one.code, one.start, one.end, one.mend) == ("not_in_euc_kr", 1, 3, "")


@pytest.mark.parametrize(
    ("fields", "more", "code"),
    [
        ({"body": "(광고) 안내예요"}, {}, ["label_written"]),
        ({"body": "안내예요 (광고)"}, {}, ["label_misplaced"]),
        ({"title": "안내", "body": "(광고) 안내예요"}, {}, ["label_misplaced"]),
        ({"body": "(광 고) 안내예요"}, {}, ["label_disguised"]),
        ({"body": "[광고] 안내예요"}, {}, ["label_disguised"]),
        ({"body": "(AD) 안내예요"}, {}, ["label_disguised"]),
        ({"body": "(광고) 배송 안내예요"}, {"message_class": "transactional", "label": ""}, ["label_on_service"]),
        ({"body": "광고 없이 즐겨요"}, {}, []),
    ],
)
def test_the_label(fields: dict[str, str], more: dict[str, Any], code: list[str]) -> None:
    assert codes(fields, guide(), **{"label": "(광고)", **more}) == code


def test_links() -> None:
    of = guide(links=Links(domains=["shop.example"]))
    assert codes("https://shop.example/a 보세요", of) == []
    assert codes("https://m.shop.example/a?b=1", of) == []
    assert codes("https://evilshop.example/", of) == ["link_domain"]
    (one,) = found("http://shop.example/a.", of)
    assert (one.code, one.mend) == ("link_scheme", "https://shop.example/a")
    assert codes({"link": "https://other.example"}, of) == ["link_domain"]
    assert codes({"html": '<a href="javascript:alert(1)">보기</a>'}, of) == ["link_scheme"]
    assert codes("https://{{ domain }}/x", of) == []
    assert codes("http://anywhere.example", guide(links=Links(https=False))) == []


def test_numbers() -> None:
    of = guide(numbers=Numbers(grouped=True, won={"ko": "word", "en": "sign"}))
    (one,) = found("지금 1300원이에요", of)
    assert (one.code, one.mend) == ("number_grouping", "1,300")
    assert codes("1,300원이에요. 900원이에요. 2026년이에요", of) == []
    assert codes("12,00원이에요", of) == ["number_grouping"]
    (won,) = found("₩1,300이에요", of)
    assert (won.code, won.mend) == ("price_form", "1,300원")
    (sign,) = found("Only 1,300 won.", of, language="en")
    assert (sign.code, sign.mend) == ("price_form", "₩1,300")


def test_emoji_and_exclamation_marks() -> None:
    of = guide(signs=Signs(emoji=1, emoji_channels={"app": 0}, emoji_allowed=["🎁", "❤"], exclamations=1))
    assert codes("반가워요 🎁", of) == []
    text = "반가워요 🎁 ❤️ 🎉"
    several = found(text, of)
    assert sorted(one.code for one in several) == ["emoji_not_allowed", "emoji_too_many"]
    assert codes("반가워요 🎁", of, channel="app") == ["emoji_too_many"]
    assert codes("반가워요! 좋아요!", of) == ["exclamations"]


def test_places_count_utf16_units() -> None:
    text = "🎁🎁 1300원이에요"
    (one,) = found(text, guide(numbers=Numbers(grouped=True)))
    assert text.encode("utf-16-le")[2 * one.start : 2 * one.end].decode("utf-16-le") == "1300"


def test_pictures_need_words() -> None:
    of = guide(alt_text=True)
    assert codes({"html": '<img src="a.png">'}, of) == ["alt_missing"]
    assert codes({"html": '<img src="a.png" alt="">'}, of) == ["alt_empty"]
    assert codes({"html": '<img src="a.png" alt="cup.png">'}, of) == ["alt_is_file"]
    assert codes({"html": '<img src="a.png" alt="창가의 라떼 한 잔">'}, of) == []
    assert codes({"image": "https://shop.example/a.png"}, of) == ["alt_missing"]
    assert codes({"image": "https://shop.example/a.png", "alt": "라떼"}, of) == []


def test_colours_and_contrast() -> None:
    of = guide(colours=Colours(palette=["#1a1a1a", "#ffffff", "#b5651d"]))
    page = '<div style="background:#1a1a1a"><p style="color: #fff">밝아요</p><p style="color:#333">어두워요</p></div>'
    assert sorted(codes({"html": page}, of)) == ["colour_not_in_palette", "contrast_low"]
    low = next(one for one in found({"html": page}, of) if one.code == "contrast_low")
    assert page[low.start : low.end] == "어두워요"
    grey = '<p style="color:#808080">반가워요</p>'
    assert codes({"html": grey}, guide()) == ["contrast_low"]
    assert codes({"html": grey.replace("color", "font-size:24px;color")}, guide()) == []
    broken = f"<![x>\n<b <b <a>{grey}"
    low = next(one for one in found({"html": broken}, guide()) if one.code == "contrast_low")
    assert broken[low.start : low.end] == "반가워요", "what no browser minds does not hide it, and its place is right"


def test_a_clean_message_is_clean_in_the_shipped_guide() -> None:
    fields = {"title": "더운 날엔 한 잔 더", "body": "{{ facts.drink | josa: '을/를' }} {{ facts.share }} 할인해 드려요."}
    assert lint(fields, guide_of(), channel="app", language="ko") == []


_PARAMS: dict[str, object] = {
    "word": "확인해", "reason": {"ko": "까닭", "en": "why"}, "level": "hae", "wanted": "haeyo", "levels": ["hae", "haeyo"],
    "found": "1300", "label": "(광고)", "size": 100, "most": 90, "unit": "euc_kr_bytes", "signs": "🎁", "link": "http://a.example",
    "domain": "a.example", "domains": ["b.example"], "right": "1,300", "count": 3, "emoji": "🎁", "allowed": ["❤"], "alt": "a.png",
    "colour": "#999999", "palette": ["#111111"], "text": "#999999", "ground": "#ffffff", "contrast": 2.8, "least": 4.5,
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_is_told_in_both_languages(code: str) -> None:
    one = Finding(code=code, params=_PARAMS)
    ko, en = sentence(one, "ko"), sentence(one, "en")
    assert ko != en and any("가" <= letter <= "힣" for letter in ko) and en.isprintable()
    for text in (ko, en, mending(one, "ko"), mending(one, "en")):
        assert "{" not in text.replace("{{", "") and text.endswith(".")


def test_the_page_names_every_code() -> None:
    page = (Path(__file__).parents[4] / "docs" / "brand.md").read_text(encoding="utf-8")
    assert [code for code in CATALOGUE if f"| `{code}` |" not in page] == []


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "<style>", "<!--", "“", "'", '"', "a", "가", "a.", "@", "(", "1,", "!", "🎁", "http://", "확인해 "]
)
def test_long_texts_of_one_piece_are_read_in_time(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    begun = time.process_time()
    lint({"body": text, "html": text}, guide_of(), channel="sms", language="ko", label="(광고)")
    assert time.process_time() - begun < 5
