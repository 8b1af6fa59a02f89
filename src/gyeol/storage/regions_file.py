"""Regions from borders and centres of dongs as others publish them."""

from __future__ import annotations

from pathlib import Path

from gyeol.context.place.dongs import Dong
from gyeol.context.place.regions import Region
from gyeol.storage.places_file import Places, bad_regions, read_kept
from gyeol.storage.table_file import TableFile, numbers_of

_COLUMNS = ("code", "sido", "sigungu", "wkb")
_DONG_COLUMNS = (("name", "lat", "lon"), ("dnname", "dnlatitude", "dnlongitude"))


def read_places(path: Path) -> Places:
    """Regions from a file of ours (``.regions``), or borders from Parquet with code, sido, sigungu and wkb.

    Raises:
        InputError: No such file, or one of another kind.
    """
    if path.suffix == ".parquet":
        return Places(1, read_borders(path))
    return read_kept(path)


def read_borders(path: Path) -> list[Region]:
    """Borders from Parquet: one row a region with ``code``, ``sido``, ``sigungu`` and ``wkb`` (WGS84)."""
    regions = []
    for part in TableFile(path, _COLUMNS).parts():
        rows = part.select(list(_COLUMNS)).to_pylist()
        regions += [Region(str(row["code"]), str(row["sido"]), str(row["sigungu"]), row["wkb"]) for row in rows]
    return regions


def read_dongs(path: Path) -> list[Dong]:
    """Centres of legal dongs from a table with ``name``, ``lat`` and ``lon`` (or the names that dongnae-kr uses)."""
    table = TableFile(path)
    names = next((names for names in _DONG_COLUMNS if set(names) <= set(table.columns)), None)
    if names is None:
        listed = ", ".join(table.columns)
        raise bad_regions(path, "no_column", f"the columns name, lat and lon are not there, but {listed}", "rename the columns")
    name, lat, lon = names
    dongs = []
    for part in table.parts():
        places = zip(part.column(name).to_pylist(), numbers_of(part, lat).tolist(), numbers_of(part, lon).tolist(), strict=True)
        dongs += [Dong(str(text), y, x) for text, y, x in places if text and y == y and x == x]
    return dongs
