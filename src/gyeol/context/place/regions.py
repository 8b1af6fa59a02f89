"""Which region a point lies in: exact point in polygon, most points answered by a raster.

The raster's cells that no border touches lie wholly inside or wholly outside of each region, so one test of the cell's centre holds for
every point of it. Points in the other cells are tested against the few regions of their cell. Of several regions that hold a point the
smallest wins: a district before its city.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.kernel.errors import InputError, Problem

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry as Geometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL_DEG = 0.02
"""Side of a raster cell in degrees, about 2 km: measured on Korea's 253 districts, smaller cells answer no faster."""
_FEWEST_TO_GROUP = 64
_INSIDE, _MIXED = 2, 1


class Region(msgspec.Struct, frozen=True):
    """A region and its border.

    Args:
        code: As the source writes it.
        sido: Province or metropolitan city (시도).
        sigungu: District (시군구) as the source writes it.
        wkb: The border in WGS84 degrees, x = longitude; a polygon or several.
    """

    code: str
    sido: str
    sigungu: str
    wkb: bytes

    @property
    def district(self) -> str:
        """The district without the name of its city before it: some sources write ``서울시성북구``."""
        for suffix in ("특별자치시", "특별시", "광역시"):
            if self.sido.endswith(suffix):
                city = self.sido.removesuffix(suffix) + "시"
                return self.sigungu.removeprefix(city).strip() or self.sigungu
        return self.sigungu


class Regions:
    """An index over regions.

    Args:
        regions: In the order of their numbers; codes must differ.

    Raises:
        InputError: A border that cannot be read, or a code that stands twice: all of them.
    """

    def __init__(self, regions: Sequence[Region]) -> None:
        self.regions = tuple(regions)
        self._shapes = _shapes(self.regions)
        self._raster = _Raster(self._shapes)

    def locate(self, lat: Floats, lon: Floats) -> Ints:
        """The region of each point.

        Args:
            lat: Degrees, shape (n,); NaN and what is out of range lies nowhere.
            lon: Degrees, shape (n,).

        Returns:
            Numbers of regions, shape (n,); -1: in none. A point on a border belongs to a region beside it.
        """
        cells = self._raster.cells(lat, lon)
        found = np.where(cells >= 0, self._raster.certain[cells], -1)
        doubtful = np.flatnonzero((cells >= 0) & (found == _Raster.DOUBTFUL))
        if doubtful.size > _FEWEST_TO_GROUP:
            found[doubtful] = self._many(lat[doubtful], lon[doubtful], cells[doubtful])
        else:
            for i in doubtful.tolist():
                found[i] = self._one(float(lat[i]), float(lon[i]), int(cells[i]))
        return found.astype(np.int64)

    def _one(self, lat: float, lon: float, cell: int) -> int:
        import shapely

        for region in self._raster.candidates(cell):
            if shapely.intersects_xy(self._shapes[region], lon, lat):
                return region
        return -1

    def _many(self, lat: Floats, lon: Floats, cells: Ints) -> Ints:
        import shapely

        points, regions = self._raster.pairs(cells)
        order = np.argsort(regions, kind="stable")
        points, regions = points[order], regions[order]
        found = np.full(len(cells), -1, np.int64)
        rank = np.full(len(cells), np.iinfo(np.int64).max)
        edges = np.flatnonzero(np.diff(regions, prepend=-1, append=-1))
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            region, of = int(regions[start]), points[start:end]
            held = of[shapely.intersects_xy(self._shapes[region], lon[of], lat[of])]
            better = held[rank[held] > self._raster.rank[region]]
            found[better] = region
            rank[better] = self._raster.rank[region]
        return found


class _Raster:
    """Cells over the regions' bounds: the region of a cell where it is certain, else the regions to test, smallest first."""

    DOUBTFUL = -2

    def __init__(self, shapes: Sequence[Geometry]) -> None:
        import shapely

        bounds = shapely.total_bounds(np.array(shapes, dtype=object))
        # A cell more on each side: rounding never puts a point of a border outside.
        self._west, self._south = float(bounds[0]) - CELL_DEG, float(bounds[1]) - CELL_DEG
        self._columns = int((bounds[2] - self._west) / CELL_DEG) + 2
        self._rows = int((bounds[3] - self._south) / CELL_DEG) + 2
        areas = shapely.area(np.array(shapes, dtype=object))
        by_size = np.lexsort((np.arange(len(shapes)), areas))
        self.rank = np.empty(len(shapes), np.int64)
        self.rank[by_size] = np.arange(len(shapes))
        self.certain = np.full(self._rows * self._columns, -1, np.int64)
        self._fill([(int(i), *self._states(shapes[i])) for i in by_size])

    def cells(self, lat: Floats, lon: Floats) -> Ints:
        """The cell of each point; -1: outside of the bounds."""
        with np.errstate(invalid="ignore"):
            column, row = np.floor((lon - self._west) / CELL_DEG), np.floor((lat - self._south) / CELL_DEG)
            inside = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)
        return np.where(inside, np.where(inside, row, 0) * self._columns + np.where(inside, column, 0), -1).astype(np.int64)

    def candidates(self, cell: int) -> list[int]:
        """The regions to test for points of a doubtful cell, smallest first."""
        at = self._place[cell]
        return [int(region) for region in self._regions[self._starts[at] : self._starts[at + 1]]]

    def pairs(self, cells: Ints) -> tuple[Ints, Ints]:
        """(number of the point, region) for each test that points of doubtful cells need."""
        at = self._place[cells]
        counts = self._starts[at + 1] - self._starts[at]
        points = np.repeat(np.arange(len(cells)), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return points, self._regions[np.repeat(self._starts[at], counts) + within]

    def _states(self, shape: Geometry) -> tuple[Ints, NDArray[np.int8]]:
        """The cells that a region covers or touches, and which of the two."""
        import shapely

        west, south, east, north = shape.bounds
        columns = np.arange(int((west - self._west) / CELL_DEG) - 1, int((east - self._west) / CELL_DEG) + 2)
        rows = np.arange(int((south - self._south) / CELL_DEG) - 1, int((north - self._south) / CELL_DEG) + 2)
        columns, rows = columns[(columns >= 0) & (columns < self._columns)], rows[(rows >= 0) & (rows < self._rows)]
        state = np.zeros((len(rows), len(columns)), np.int8)
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            self._touch(state, shapely.get_coordinates(ring), int(rows[0]), int(columns[0]))
        x = self._west + (columns + 0.5) * CELL_DEG
        y = self._south + (rows + 0.5) * CELL_DEG
        free = np.argwhere(state == 0)
        covered = free[shapely.intersects_xy(shape, x[free[:, 1]], y[free[:, 0]])]
        state[covered[:, 0], covered[:, 1]] = _INSIDE
        row, column = np.nonzero(state)
        return rows[row] * self._columns + columns[column], state[row, column]

    def _touch(self, state: NDArray[np.int8], ring: Floats, first_row: int, first_column: int) -> None:
        """Mark every cell that the bounds of a border's segment reach: more than it crosses, never fewer."""
        margin = 1e-9
        x, y = (ring[:, 0] - self._west) / CELL_DEG - first_column, (ring[:, 1] - self._south) / CELL_DEG - first_row
        low_x = np.floor(np.minimum(x[:-1], x[1:]) - margin).astype(np.int64)
        high_x = np.floor(np.maximum(x[:-1], x[1:]) + margin).astype(np.int64)
        low_y = np.floor(np.minimum(y[:-1], y[1:]) - margin).astype(np.int64)
        high_y = np.floor(np.maximum(y[:-1], y[1:]) + margin).astype(np.int64)
        short = (high_x - low_x <= 1) & (high_y - low_y <= 1)
        for rows in (low_y, high_y):
            for columns in (low_x, high_x):
                state[rows[short], columns[short]] = _MIXED
        for i in np.flatnonzero(~short).tolist():
            state[low_y[i] : high_y[i] + 1, low_x[i] : high_x[i] + 1] = _MIXED

    def _fill(self, states: Sequence[tuple[int, Ints, NDArray[np.int8]]]) -> None:
        """Smallest region first: what it covers is certain for all after it, what it touches must be tested."""
        closed = np.zeros(len(self.certain), np.bool_)
        doubtful = np.zeros(len(self.certain), np.bool_)
        cells_of, regions_of = [], []
        for region, cells, state in states:
            open_ = ~closed[cells]
            cells, state = cells[open_], state[open_]
            sure = (state == _INSIDE) & ~doubtful[cells]
            self.certain[cells[sure]] = region
            cells_of.append(cells[~sure])
            regions_of.append(np.full(int((~sure).sum()), region, np.int64))
            doubtful[cells[~sure]] = True
            closed[cells[state == _INSIDE]] = True
        self.certain[doubtful] = self.DOUBTFUL
        cells = np.concatenate([*cells_of, np.zeros(0, np.int64)])
        regions = np.concatenate([*regions_of, np.zeros(0, np.int64)])
        order = np.argsort(cells, kind="stable")
        self._regions = regions[order]
        distinct, counts = np.unique(cells, return_counts=True)
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._place = np.full(len(self.certain), -1, np.int64)
        self._place[distinct] = np.arange(len(distinct))


def _shapes(regions: Sequence[Region]) -> list[Geometry]:
    import shapely

    problems, shapes, seen = [], [], dict[str, int]()
    for i, region in enumerate(regions):
        where = f"region {i} ({region.code})"
        if seen.setdefault(region.code, i) != i:
            what = f"the code {region.code} stands at region {seen[region.code]} too"
            problems.append(Problem(path=where, code="code_twice", what=what, mend="give every region a code of its own"))
        try:
            shape = shapely.from_wkb(region.wkb)
        except (shapely.errors.ShapelyError, TypeError) as error:
            problems.append(Problem(path=where, code="bad_border", what=f"the border cannot be read: {error}", mend="write it as WKB"))
            continue
        if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
            problems.append(
                Problem(path=where, code="bad_border", what="the border is no polygon", mend="write a polygon or several as WKB")
            )
            continue
        shapely.prepare(shape)
        shapes.append(shape)
    if not regions:
        problems.append(Problem(path="regions", code="no_regions", what="there is no region", mend="give at least one"))
    if problems:
        raise InputError("bad_regions", problems)
    return shapes
