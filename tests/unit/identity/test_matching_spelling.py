"""One spelling for what people write in many ways."""

from __future__ import annotations

import pytest

from gyeol.identity.matching.forms import FORMS
from gyeol.identity.matching.forms.birth import digits
from gyeol.identity.matching.forms.phone import national
from gyeol.identity.matching.hangul import jamo, romanised, sound_key, split_name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010-0331-1531", "01003311531"),
        ("+82 10-0331-1531", "01003311531"),
        ("0082 10 0331 1531", "01003311531"),
        ("02-123-4567", "021234567"),
        ("404/351 -9533", "4043519533"),
        ("+1 (404) 351-9533", "4043519533"),
        ("1012345678", "01012345678"),
        ("1012345678.0", "01012345678"),
        ("1.012345678E+9", "01012345678"),
        ("1.01235E+09", None),
        ("010-1234-5678 ext. 12", "01012345678"),
        ("000-0000-0000", None),
        ("1588", None),
        ("연락 안 됨", None),
    ],
)
def test_phone_numbers(text: str, number: str | None) -> None:
    assert national(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1983-02-03", "19830203"),
        ("1983.2.3", "19830203"),
        ("1983년 2월 3일", "19830203"),
        ("19830203", "19830203"),
        ("830203", "19830203"),
        ("030203", "20030203"),
        ("03/02/1983", "19830203"),
        ("02/23/1983", "19830223"),
        ("1983-02-03 00:00:00", "19830203"),
        ("1801-01-81", "18010181"),
        ("30350", "19830203"),
        ("30203", "20030203"),
        ("19830203.0", "19830203"),
        ("3 Feb 1983", "19830203"),
        ("February 3rd, 1983", "19830203"),
        ("03-Feb-83", "19830203"),
        ("83.02.03", "19830203"),
        ("830203-1234567", "19830203"),
        ("030203-3******", "20030203"),
        ("1983-02-03T00:00:00Z", "19830203"),
        ("unknown", None),
    ],
)
def test_dates_of_birth(text: str, day: str | None) -> None:
    assert digits(text) == day


def test_codes_and_sexes_in_every_writing() -> None:
    assert len({FORMS["code"].derive((code,)) for code in ("00180-4974", "1804974", "1804974.0")}) == 1
    assert FORMS["category"].derive(("남자",)) == FORMS["category"].derive(("M",)) == ("male",)


def test_hangul_as_letters() -> None:
    assert jamo("한글 A") == "ㅎㅏㄴㄱㅡㄹ A"
    assert romanised("백한유") == "baekhanyu"
    assert split_name("남궁민수") == ("남궁", "민수")
    assert split_name("김") == ("김", "")


@pytest.mark.parametrize(
    ("latin", "hangul"),
    [("HANYU BAEK", "백한유"), ("Kim Nana", "김나나"), ("Lee Hyun-woo", "이현우"), ("Hyunwoo Lee", "이현우"), ("PARK JI DONG", "박지동")],
)
def test_a_romanised_name_has_the_key_of_its_hangul(latin: str, hangul: str) -> None:
    def sound(text: str) -> object:
        derived = FORMS["name"].derive((text, None, None))
        assert derived is not None
        return derived[FORMS["name"].parts.index("sound")]

    assert sound(latin) == sound(hangul)
    assert sound(latin) != sound("최영호")
    assert sound_key(["choi", "youngho"]) == sound_key(["choe", "yeongho"])


def _address(text: str) -> dict[str, object]:
    form = FORMS["address"]
    derived = form.derive((None, text))
    assert derived is not None
    return dict(zip(form.parts, derived, strict=True))


def test_korean_addresses_in_their_many_writings_are_one_building() -> None:
    written = [
        "경기도 용인시 수지구 풍덕천로140번길 11",
        "경기도용인시 수지구 풍덕천로140번길 11",
        "경기 용인시 수지구 풍덕천로140번길 11 111동 1569호 (풍덕천동)",
    ]
    parts = [_address(text) for text in written]
    assert {p["site"] for p in parts} == {"풍덕천로140번길 11"}
    assert {p["region"] for p in parts} == {"경기 용인시수지구"}
    assert parts[2]["door"] == "111-1569" and parts[0]["door"] is None


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("서울특별시 구로구 구로중앙로28다길 24 111동 835호", "구로중앙로28다길 24"),
        ("대전 서구 중반2길 121", "중반2길 121"),
        ("강원도 춘천시 가연길5번길 47-5 (근화동)", "가연길5번길 47-5"),
        ("서울특별시 종로구 청운동 산 1-5", "청운동 산1-5"),
        ("제주특별자치도 제주시 광양1길 29", "광양1길 29"),
    ],
)
def test_road_and_lot(text: str, site: str) -> None:
    assert _address(text)["site"] == site


def test_absent_values_give_nothing() -> None:
    for form in FORMS.values():
        columns = form.of([(None,) * 3, ("",) * 3])
        assert all(value is None for part in columns if part != "norm" for value in columns[part]), form.role
