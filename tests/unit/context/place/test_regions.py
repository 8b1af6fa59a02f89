"""Points in regions: the raster answers as the plain test of every border does."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from gyeol.context.place.dongs import Dong, Dongs
from gyeol.context.place.regions import Region, Regions
from gyeol.kernel.errors import InputError
from gyeol.storage.regions_file import read_borders

SHARED = Path(os.environ.get("GYEOL_SHARED") or Path(__file__).parents[5] / "shared")
BORDERS = SHARED / "data" / "geo_korea" / "sigungu_boundaries_wkb.parquet"


def region(code: str, shape: BaseGeometry, sido: str = "서울특별시", sigungu: str = "중구") -> Region:
    return Region(code, sido, sigungu, shapely.to_wkb(shape))


def by_every_border(regions: list[Region], lat: np.ndarray, lon: np.ndarray) -> list[set[int]]:
    shapes = [shapely.from_wkb(r.wkb) for r in regions]
    return [{i for i, shape in enumerate(shapes) if shape.intersects(Point(x, y))} for y, x in zip(lat, lon, strict=True)]


def test_every_point_lies_where_the_plain_test_says() -> None:
    rng = np.random.default_rng(7)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
    star = Polygon([(127 + r * np.cos(a), 37 + r * np.sin(a)) for a, r in zip(angles, rng.uniform(0.05, 0.6, 40), strict=True)])
    holed = Polygon(box(128, 36, 129, 37).exterior.coords, [box(128.3, 36.3, 128.35, 36.9).exterior.coords])
    islands = MultiPolygon([box(126, 33, 126.011, 33.007), box(126.5, 33.2, 126.9, 33.5)])
    regions = [region("a", star), region("b", holed), region("c", islands)]
    lat, lon = rng.uniform(32.5, 38, 6_000), rng.uniform(125.5, 129.5, 6_000)
    near = shapely.get_coordinates([star, holed, islands])
    at = rng.integers(0, len(near), 4_000)
    lat = np.concatenate([lat, near[at, 1] + rng.normal(0, 0.004, 4_000)])
    lon = np.concatenate([lon, near[at, 0] + rng.normal(0, 0.004, 4_000)])
    expected = by_every_border(regions, lat, lon)
    index = Regions(regions)
    together = index.locate(lat, lon)
    assert [{i} if i >= 0 else set() for i in together.tolist()] == expected
    assert 500 < (together >= 0).sum() < 9_000
    alone = [int(index.locate(lat[i : i + 1], lon[i : i + 1])[0]) for i in range(6_000, 6_300)]
    assert alone == together[6_000:6_300].tolist()


def test_the_smallest_of_several_wins_whatever_their_order() -> None:
    city, district = region("1", box(127, 36, 128, 37)), region("2", box(127.2, 36.2, 127.7, 36.7))
    lat, lon = np.array([36.5, 36.1, 36.2001]), np.array([127.5, 127.1, 127.2001])
    assert Regions([city, district]).locate(lat, lon).tolist() == [1, 0, 1]
    assert Regions([district, city]).locate(lat, lon).tolist() == [0, 1, 0]


def test_what_is_no_place_lies_nowhere() -> None:
    index = Regions([region("1", box(127, 36, 128, 37))])
    lat = np.array([np.nan, 36.5, np.inf, 1e300, -90.0, 36.5])
    lon = np.array([127.5, np.nan, 127.5, -1e300, 720.0, 127.5])
    assert index.locate(lat, lon).tolist() == [-1, -1, -1, -1, -1, 0]


def test_all_faults_at_once() -> None:
    good = region("1", box(127, 36, 128, 37))
    with pytest.raises(InputError) as caught:
        Regions([good, good, Region("2", "서울특별시", "중구", b"no wkb"), region("3", Point(127, 36))])
    assert [problem.code for problem in caught.value.problems] == ["code_twice", "bad_border", "bad_border"]
    with pytest.raises(InputError):
        Regions([])


@pytest.mark.skipif(not BORDERS.is_file(), reason="the shared data is not here")
def test_korea_agrees_with_shapely() -> None:
    regions = read_borders(BORDERS)
    shapes = np.array([shapely.from_wkb(r.wkb) for r in regions], dtype=object)
    rng = np.random.default_rng(1)
    corners = shapely.get_coordinates(shapes)[rng.integers(0, shapely.get_num_coordinates(shapes).sum(), 20_000)]
    lat = np.concatenate([rng.uniform(33, 38.7, 20_000), corners[:, 1] + rng.normal(0, 0.002, 20_000)])
    lon = np.concatenate([rng.uniform(124.5, 131.9, 20_000), corners[:, 0] + rng.normal(0, 0.002, 20_000)])
    point, held_by = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
    smallest_last = np.argsort(-shapely.area(shapes)[held_by], kind="stable")
    expected = np.full(len(lat), -1)
    expected[point[smallest_last]] = held_by[smallest_last]
    assert np.array_equal(Regions(regions).locate(lat, lon), expected)
    assert (expected >= 0).sum() > 10_000


def test_a_district_without_its_city() -> None:
    assert Region("1", "서울특별시", "서울시성북구", b"").district == "성북구"
    assert Region("1", "경상남도", "창원시성산구", b"").district == "창원시성산구"


def test_the_nearest_dong_of_the_own_district() -> None:
    seoul = region("11290", box(127, 37.5, 127.1, 37.7), sigungu="서울시성북구")
    yongin = region("41465", box(127.05, 37.2, 127.2, 37.4), "경기도", "수지구")
    jeonju = region("45111", box(127.1, 35.8, 127.2, 35.9), "전라북도", "전주시 완산구")
    dongs = [
        Dong("서울특별시 성북구 석관동", 37.6, 127.06),
        Dong("서울특별시 노원구 월계동", 37.6, 127.0999),
        Dong("경기도 용인시 수지구 죽전동", 37.3, 127.1),
        Dong("전북특별자치도 전주시 완산구 중앙동", 35.82, 127.15),
        Dong("경기도 수원시 권선구 금곡동", 37.3, 127.06),
    ]
    index = Dongs([seoul, yongin, jeonju], dongs)
    lat, lon = np.array([37.6, 37.3, 35.85, 37.6]), np.array([127.0998, 127.06, 127.11, 127.0])
    assert index.nearest(lat, lon, np.array([0, 1, 2, -1])).tolist() == [0, 2, 3, -1]
    assert Dong("경상북도 예천군 은풍면 시항리", 0, 0).short == "은풍면 시항리"
    assert Dong("서울특별시 성북구 석관동", 0, 0).short == "석관동"
