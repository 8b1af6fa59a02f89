"""What a column holds, told without anybody's help."""

from __future__ import annotations

import pytest

from gyeol.identity.matching.plan import plan_of
from gyeol.identity.matching.roles import Sample, detect, telling


def _sample(name: str, *values: str, rows: int = 1_000, different: int | None = None) -> Sample:
    return Sample(
        name=name, rows=rows, filled=rows if values else 0, different=len(values) * 100 if different is None else different, values=values
    )


def _role(name: str, *values: str, different: int | None = None) -> str:
    return detect([_sample(name, *values, different=different)])[0].role


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("이름", ["김하늘", "박서준"], "full"),
        ("customerName", ["Hana Kim", "Joe Bent"], "full"),
        ("first_name", ["hana", "joe"], "given"),
        ("Surname", ["kim", "bent"], "family"),
        ("휴대폰번호", ["010-1234-5678", "01012345678"], "phone"),
        ("생년월일", ["1983-02-03", "830203"], "birth"),
        ("dob", ["1983-02-03"], "birth"),
        ("배송 주소", ["서울 마포구 월드컵로 1"], "address"),
        ("postcode_fake", ["tq13 8df"], "postcode"),
        ("우편번호", ["04323"], "postcode"),
        ("soc_sec_id", ["1804974"], "code"),
        ("product_title", ["adobe after effects professional 7.0"], "title"),
        ("price", ["12.5", "100"], "number"),
    ],
)
def test_by_header(header: str, values: list[str], role: str) -> None:
    assert _role(header, *values) == role


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["a@example.com", "b@example.org"], "email"),
        (["+82 10-1234-5678", "010-2222-3333"], "phone"),
        (["1983.02.03", "1990-11-30"], "birth"),
        (["서울 마포구 월드컵로 12", "경기도 하남시 미사강변대로 216"], "address"),
        (["김하늘", "박서준", "한 준윤", "구*성"], "full"),
        (["adobe after effects professional 7.0", "microsoft visio standard 2007"], "title"),
    ],
)
def test_by_values_when_the_header_says_nothing(values: list[str], role: str) -> None:
    assert _role("col_7", *values) == role


def test_whole_numbers_that_hardly_repeat_are_codes_and_others_are_quantities() -> None:
    assert _role("col_7", "1804974", "5089216", different=990) == "code"
    assert _role("col_7", "1804974", "5089216", different=120) == "number"


def test_a_header_that_its_values_contradict_is_not_believed() -> None:
    assert _role("phone", "yes", "no", "perhaps") not in ("phone",)
    assert _role("memo", "a@example.com", "b@example.com") == "email"


def test_columns_that_tell_nothing_are_left_out_with_the_reason() -> None:
    columns = detect([_sample("leer"), _sample("land", "KR", different=1), _sample("source", "pos", "web")])
    assert [(c.role, c.why) for c in columns] == [("ignored", "empty"), ("ignored", "constant"), ("ignored", "source")]


def test_repeated_names_count_once_and_the_postal_code_goes_with_the_address() -> None:
    samples = [
        _sample("full_name", "thomas clifford of chudleigh"),
        _sample("first_and_surname", "thomas chudleigh"),
        _sample("first_name", "thomas"),
        _sample("surname", "chudleigh"),
        _sample("street_number", "12", "15"),
        _sample("address_1", "giblin street"),
        _sample("postcode", "2176"),
    ]
    plan = plan_of(detect(samples), {s.name: float(len(s.values[0])) for s in samples})
    assert {f.form.role: f.columns for f in plan.fields} == {
        "name": ("full_name", "first_name", "surname"),
        "address": ("postcode", "street_number", "address_1"),
    }
    assert plan.ignored == {"first_and_surname": "repeats"}


def test_the_makers_name_is_read_with_the_title_where_there_is_one() -> None:
    title, maker = _sample("title", "adobe after effects professional 7.0"), _sample("manufacturer", "adobe", "apple")
    plan = plan_of(detect([maker, title]), {"title": 30.0, "manufacturer": 5.0})
    assert [(f.name, f.form.role, f.columns) for f in plan.fields] == [("title1", "title", ("title", "manufacturer"))]
    alone = plan_of(detect([maker]), {"manufacturer": 5.0})
    assert [(f.form.role, f.columns) for f in alone.fields] == [("place", ("manufacturer",))]


def test_a_number_beside_an_address_is_its_postal_code() -> None:
    address = _sample("v1", "서울 마포구 월드컵로 12", "경기도 하남시 미사강변대로 216")
    assert [column.role for column in detect([address, _sample("v2", "03934", "12951", different=500)])] == ["address", "postcode"]
    assert detect([_sample("v2", "03934", "12951", different=500)])[0].role != "postcode"


def test_several_columns_of_names_that_say_different_things_are_names_of_things() -> None:
    songs = [
        _sample("Song_Name", "Hey Girl", "Blue Moon Rising", different=900),
        _sample("Artist_Name", "Billy Currington", "Dolly P", different=90),
    ]
    assert [column.role for column in detect(songs, lambda one, other: 0.1)] == ["title", "place"]
    assert [column.role for column in detect(songs, lambda one, other: 0.9)] == ["full", "full"]
    both = [_sample("name", "Hana Kim", "Joe Bent"), _sample("mother_name", "Ada Lee", "Una Fox", different=900)]
    assert [column.role for column in detect(both, lambda one, other: 0.0)] == ["full", "title"]


def test_what_tells_people_apart_is_known_also_where_it_is_the_same_in_every_record() -> None:
    same = [_sample("name", "Hana Kim", different=1), _sample("phone", "01012345678", different=1), _sample("sex", "F", different=1)]
    assert telling(same) == ["name", "phone"]
    assert {column.why for column in detect(same)} == {"constant"}
