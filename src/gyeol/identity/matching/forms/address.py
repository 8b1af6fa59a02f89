"""Postal addresses: Korean road and lot addresses taken apart, all others as words."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw
from gyeol.identity.matching.forms.text import plain
from gyeol.identity.matching.hangul import has_hangul

PROVINCES = {
    "서울": ("서울특별시", "서울시"),
    "부산": ("부산광역시", "부산시"),
    "대구": ("대구광역시", "대구시"),
    "인천": ("인천광역시", "인천시"),
    "광주": ("광주광역시",),
    "대전": ("대전광역시", "대전시"),
    "울산": ("울산광역시", "울산시"),
    "세종": ("세종특별자치시", "세종시"),
    "경기": ("경기도",),
    "강원": ("강원특별자치도", "강원도"),
    "충북": ("충청북도",),
    "충남": ("충청남도",),
    "전북": ("전북특별자치도", "전라북도"),
    "전남": ("전라남도",),
    "경북": ("경상북도",),
    "경남": ("경상남도",),
    "제주": ("제주특별자치도", "제주도"),
}
"""The seventeen provinces and their long names. Source: Ministry of the Interior and Safety, codes of administrative districts, 2024."""

_BY_NAME = sorted(((long, short) for short, longs in PROVINCES.items() for long in (*longs, short)), key=lambda pair: -len(pair[0]))
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_ROAD = re.compile(
    r"([가-힣0-9·.]*?[가-힣]\d*(?:대로|로|길)(?:\d+[가-힣]{0,2}길|[가-힣]길)?)\s*(?:지하\s*)?(\d+(?:-\d+)?)(?!\d*\s*(?:동|호|층))"
)
_LOT = re.compile(r"([가-힣]+\d*(?:동|읍|면|리|가))\s*((?:산\s*)?\d+(?:-\d+)?)(?:번지)?(?!\d*\s*(?:동|호|층))")
_UNIT = re.compile(r"(?:(\d+)\s*동\s*)?(\d+)\s*호")
_DISTRICT = re.compile(r"^((?:[가-힣]{1,4}?시(?=[가-힣]))?(?:[가-힣]{1,4}?(?:시|군|구)(?![가-힣]*로|길)))")


def _korean(text: str) -> Derived:
    bare = " ".join(_BRACKETS.sub(" ", text).replace(",", " ").split())
    province = ""
    for name, short in _BY_NAME:
        if bare.startswith(name):
            province, bare = short, bare[len(name) :].strip()
            break
    district = ""
    while (found := re.match(r"([가-힣]{1,5}?(?:시|군|구))(?=\s|[가-힣])", bare)) and len(district) < 10:
        # A road such as 구로중앙로 begins like a district; a district is followed by another name.
        if re.match(r"[가-힣]*(?:로|길)", found[1]) and not bare[len(found[1]) :].strip():
            break
        district, bare = district + found[1], bare[len(found[1]) :].strip()
    unit = _UNIT.search(bare)
    door = f"{unit[1] or ''}-{unit[2]}" if unit else None
    road, lot = _ROAD.search(bare), _LOT.search(bare)
    if road:
        site = f"{road[1].replace(' ', '')} {road[2]}"
    elif lot:
        site = f"{lot[1]} {lot[2].replace(' ', '')}"
    else:
        site = None
    region = f"{province} {district}".strip() or None
    whole = f"{region or ''} {site or bare}".strip()
    street = road[1] if road else lot[1] if lot else None
    return whole, region, site, street, door, sorted(set(plain(text).split())), f"{district} {site}" if site else None


def _derive(raw: Raw) -> Derived | None:
    """The first raw value is the postal code: it says nothing that the address does not say, unless one of the two is missing."""
    code = plain(raw[0]).replace(" ", "") or None
    text = " ".join(part for part in raw[1:] if part).strip()
    if has_hangul(text):
        return *_korean(text), code
    words = plain(text).split()
    if not words:
        return None if code is None else (None, None, None, None, None, None, None, code)
    return " ".join(words), None, None, None, None, sorted(set(words)), " ".join(words[:2]), code


def spelled_address(text: str) -> str | None:
    """One spelling of a whole address; a Korean one with province, district, road or lot, and door. None without a number.

    Run Example::

        assert spelled_address("서울특별시 강남구 테헤란로 152, 3층 301호") == spelled_address("서울 강남구 테헤란로 152 301호")
    """
    if not has_hangul(text):
        return " ".join(plain(text).split()) or None
    derived = _korean(text)
    whole, site, door = derived[0], derived[2], derived[4]
    return None if site is None else f"{whole} {door or ''}".strip()


FORM = Form(
    role="address",
    ko="주소",
    en="address",
    parts=("whole", "region", "site", "street", "door", "words", "start", "code"),
    lists=("words",),
    derive=_derive,
    known="whole",
    unknown="({whole_l} IS NULL OR {whole_r} IS NULL) AND ({code_l} IS NULL OR {code_r} IS NULL)",
    levels=(
        Level("{site_l} = {site_r} AND {door_l} = {door_r}", "건물과 호수가 같음", "same building and door", script="hangul"),
        Level("{whole_l} = {whole_r}", "주소가 같음", "same address", "whole"),
        Level("{start_l} = {start_r}", "시군구와 건물 번호가 같음", "same district, street and number", "start", script="hangul"),
        Level("{site_l} = {site_r}", "건물 번호까지 같음", "same street and number", script="hangul"),
        Level(
            "len(list_intersect({words_l}, {words_r})) >= 0.7 * greatest(len({words_l}), len({words_r}))",
            "낱말이 거의 같음",
            "nearly the same words",
            script="latin",
        ),
        Level("jaro_winkler_similarity({whole_l}, {whole_r}) >= 0.9", "비슷한 주소", "similar address", script="latin"),
        Level("{code_l} = {code_r}", "같은 우편번호", "same postal code", "code"),
        Level("{street_l} = {street_r} AND {region_l} = {region_r}", "같은 길", "same street", script="hangul"),
        Level("{region_l} = {region_r}", "같은 시군구", "same district", "region", script="hangul"),
        Level("len(list_intersect({words_l}, {words_r})) >= 2", "두 낱말이 같음", "two words in common", script="latin"),
    ),
    keys=("whole", "start", "site", "code"),
    differs=0.2,
)
"""One or several columns that make one address together."""
