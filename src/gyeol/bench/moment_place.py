"""Points into regions: as right as shapely's own point in polygon, how fast, beside its tree."""

from __future__ import annotations

import time

import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.kit import kit_folder
from gyeol.bench.report import PER_S, SECONDS, SHARE, Figures, say
from gyeol.context.place.regions import Floats, Ints, Region, Regions
from gyeol.storage.regions_file import read_borders

BORDERS = "sigungu_boundaries_wkb.parquet"
POINTS, QUICK_POINTS = 1_000_000, 50_000
NEAR_DEG = 0.003
"""Half of the points lie within some 300 m of a border, where answers are hard."""
_SEED = 6


def measure(setting: Setting, figures: Figures) -> None:
    """Points a second of ``Regions.locate`` and of ``STRtree.query``, on the same points, and whether they agree on every one."""
    import shapely

    regions = read_borders(kit_folder().parent / "data" / "geo_korea" / BORDERS)
    begun = time.process_time()
    index = Regions(regions)
    figures.add("place.index_s", time.process_time() - begun, SECONDS)
    shapes = shapely.from_wkb([region.wkb for region in regions])
    lat, lon = _points(regions, QUICK_POINTS if setting.quick else POINTS)
    tree = shapely.STRtree(shapes)
    points = shapely.points(lon, lat)
    for _ in range(setting.runs):
        begun = time.process_time()
        ours = index.locate(lat, lon)
        took = time.process_time() - begun
        figures.add("place.points_per_s", len(lat) / took, PER_S)
        begun = time.process_time()
        pairs = tree.query(points, predicate="intersects")
        figures.add("place.strtree.points_per_s", len(lat) / (time.process_time() - begun), PER_S)
        agreed = _agreement(ours, pairs, shapely.area(shapes))
        figures.add("place.agreement", agreed, SHARE)
        say(f"  place: {len(lat) / took:,.0f} points/s, {agreed:.4%} agree with shapely")
    figures.note("place: 253 districts of Korea, half of the points within some 300 m of a border; processor time of one core")


def _points(regions: list[Region], n: int) -> tuple[Floats, Floats]:
    """Half of the points anywhere within the bounds of Korea's borders, half beside their corners."""
    import shapely

    rng = np.random.default_rng(_SEED)
    shapes = shapely.from_wkb([region.wkb for region in regions])
    west, south, east, north = shapely.total_bounds(shapes)
    corners = shapely.get_coordinates(shapes)
    near = corners[rng.integers(0, len(corners), n // 2)] + rng.uniform(-NEAR_DEG, NEAR_DEG, (n // 2, 2))
    rest = n - n // 2
    lon = np.concatenate([rng.uniform(west, east, rest), near[:, 0]])
    lat = np.concatenate([rng.uniform(south, north, rest), near[:, 1]])
    return lat, lon


def _agreement(ours: Ints, pairs: Ints, areas: Floats) -> float:
    """The share of points of which both name the same region; of several that hold a point the smallest counts."""
    point, region = pairs
    order = np.lexsort((areas[region], point))
    point, region = point[order], region[order]
    first = np.flatnonzero(np.diff(point, prepend=-1))
    theirs = np.full(len(ours), -1, np.int64)
    theirs[point[first]] = region[first]
    return float((ours == theirs).mean())
