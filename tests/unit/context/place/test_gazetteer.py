"""Regions by point and by address, on borders that are made up."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gyeol.context.place.dongs import Dong
from gyeol.context.place.gazetteer import NOWHERE, Gazetteer, Locality, province
from gyeol.context.place.regions import Region


def square(code: str, sido: str, sigungu: str, west: float, south: float) -> Region:
    return Region(code, sido, sigungu, shapely.to_wkb(shapely.box(west, south, west + 1, south + 1)))


REGIONS = [
    square("11680", "서울특별시", "강남구", 127.0, 37.0),
    square("41117", "경기도", "수원시영통구", 128.0, 37.0),
    square("41463", "경기도", "기흥구", 128.0, 36.0),
    square("36110", "세종특별자치시", "세종시", 127.0, 36.0),
]
DONGS = [Dong("서울특별시 강남구 역삼동", 37.2, 127.2), Dong("서울특별시 강남구 삼성동", 37.8, 127.8)]
HELD = Gazetteer(REGIONS, DONGS)


def test_a_point_has_its_region_and_the_nearest_dong() -> None:
    regions, dongs = HELD.of_points(np.array([37.25, 37.9, 36.5, 30.0]), np.array([127.25, 127.7, 128.5, 127.5]))
    found = [HELD.locality(region, dong) for region, dong in zip(regions.tolist(), dongs.tolist(), strict=True)]
    assert found == [
        Locality("서울특별시", "강남구", "역삼동"),
        Locality("서울특별시", "강남구", "삼성동"),
        Locality("경기도", "기흥구", None),
        NOWHERE,
    ]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("서울특별시 강남구 테헤란로 101 (역삼동)", Locality("서울특별시", "강남구", "역삼동")),
        ("서울 강남구 역삼동 736-1", Locality("서울특별시", "강남구", "역삼동")),
        ("(06134) 서울시 강남구 테헤란로 101, 3층", Locality("서울특별시", "강남구", None)),
        ("06134 서울 강남구 테헤란로 101", Locality("서울특별시", "강남구", None)),
        ("경기 수원시 영통구 광교로 1 (이의동, 1층)", Locality("경기도", "수원시영통구", "이의동")),
        ("경기도 용인시 기흥구 신갈로 1", Locality("경기도", "기흥구", None)),
        ("경기도 평택시 고덕로 1", Locality("경기도", None, None)),
        ("세종특별자치시 한누리대로 2130 (보람동)", Locality("세종특별자치시", "세종시", "보람동")),
        ("221B Baker Street, London", NOWHERE),
        ("", NOWHERE),
    ],
)
def test_an_address_tells_its_region_as_far_as_it_is_known(address: str, found: Locality) -> None:
    assert HELD.of_address(address) == found


def test_a_province_has_one_name_however_it_is_written() -> None:
    assert {province(name) for name in ("서울", "서울시", "서울특별시")} == {"서울"}
    assert {province(name) for name in ("강원도", "강원특별자치도", "강원")} == {"강원"}
    assert province("충청북도") == province("충북") == "충북"
    assert {province(name) for name in ("경기", "경기도")} == {"경기"}
