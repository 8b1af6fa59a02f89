"""Regions in a file: read from borders as others publish them, kept in one small file that the core can read by itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import zstandard

from gyeol.context.place.dongs import Dong
from gyeol.context.place.regions import Region
from gyeol.kernel.errors import InputError, Problem
from gyeol.storage.table_file import TableFile, numbers_of

SUFFIX = ".regions"
_COLUMNS = ("code", "sido", "sigungu", "wkb")
_DONG_COLUMNS = (("name", "lat", "lon"), ("dnname", "dnlatitude", "dnlongitude"))


class Places(msgspec.Struct, frozen=True):
    """What a regions file holds.

    Args:
        version: Of the file's form.
        regions: With borders.
        dongs: Legal dongs with their centres; empty: none are told.
    """

    version: int
    regions: list[Region]
    dongs: list[Dong] = []


def read_places(path: Path) -> Places:
    """Regions from a file of ours (``.regions``), or borders from Parquet with code, sido, sigungu and wkb.

    Raises:
        InputError: No such file, or one of another kind.
    """
    if path.suffix == ".parquet":
        return Places(1, read_borders(path))
    try:
        places = msgspec.msgpack.decode(zstandard.decompress(path.read_bytes()), type=Places)
    except OSError as error:
        raise _bad(path, "no_file", f"it cannot be read: {error.strerror}", "make one: gyeol place build") from error
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise _bad(path, "no_regions_file", f"this is no file of regions: {error}", "make one: gyeol place build") from error
    if places.version != 1:
        raise _bad(path, "newer_file", f"its form has the version {places.version}, this Gyeol reads 1", "install a newer Gyeol")
    return places


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
        raise _bad(path, "no_column", f"the columns name, lat and lon are not there, but {listed}", "rename the columns")
    name, lat, lon = names
    dongs = []
    for part in table.parts():
        places = zip(part.column(name).to_pylist(), numbers_of(part, lat).tolist(), numbers_of(part, lon).tolist(), strict=True)
        dongs += [Dong(str(text), y, x) for text, y, x in places if text and y == y and x == x]
    return dongs


def write_places(path: Path, places: Places) -> int:
    """Write a regions file; it appears whole or not at all.

    Returns:
        Its size in bytes.
    """
    data = zstandard.compress(msgspec.msgpack.encode(places), 12)
    begun = path.with_name(f".{path.name}.part")
    begun.write_bytes(data)
    begun.replace(path)
    return len(data)


def _bad(path: Path, code: str, what: str, mend: str) -> InputError:
    return InputError("bad_regions", [Problem(path=str(path), code=code, what=what, mend=mend)])
