"""Regions in one small file of our own (``.regions``), which the core reads by itself: no library for tables is needed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import zstandard

from gyeol.context.place.dongs import Dong
from gyeol.context.place.regions import Region
from gyeol.kernel.errors import InputError, Problem


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


def read_kept(path: Path) -> Places:
    """Regions from a file of ours.

    Raises:
        InputError: No such file, or one of another kind.
    """
    try:
        places = msgspec.msgpack.decode(zstandard.decompress(path.read_bytes()), type=Places)
    except OSError as error:
        raise bad_regions(path, "no_file", f"it cannot be read: {error.strerror}", "make one: gyeol place build") from error
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise bad_regions(path, "no_regions_file", f"this is no file of regions: {error}", "make one: gyeol place build") from error
    if places.version != 1:
        raise bad_regions(path, "newer_file", f"its form has the version {places.version}, this Gyeol reads 1", "install a newer Gyeol")
    return places


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


def bad_regions(path: Path, code: str, what: str, mend: str) -> InputError:
    """The error of a file that is none of regions."""
    return InputError("bad_regions", [Problem(path=str(path), code=code, what=what, mend=mend)])
