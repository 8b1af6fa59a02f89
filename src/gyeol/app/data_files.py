"""The data files of a workspace: kept in the data folder by content when definitions are applied, so that a replay finds what was read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from gyeol.app.private_files import write_private
from gyeol.content.pictures import ColourFile, read_colours
from gyeol.context.data_files import offer, opened
from gyeol.context.place.gazetteer import Gazetteer
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.hashing import content_digest
from gyeol.storage.geoip import GeoIp
from gyeol.storage.places_file import read_kept

FOLDER = "files"


def keep_files(definitions: Definitions, workspace: Path, kept: Path) -> None:
    """Copy the files of definitions that are about to be applied.

    Args:
        definitions: They name the files, relative to the workspace's folder, and their digests.
        workspace: Its folder.
        kept: Where they are kept, each under its digest.

    Raises:
        InputError: A file is not there, or has changed since the definitions were read.
    """
    problems: list[Problem] = []
    for name, digest in definitions.files.items():
        if (kept / digest).exists():
            continue
        try:
            data = (workspace / name).read_bytes()
        except OSError as error:
            mend = "put it below the workspace's folder"
            problems.append(Problem(path=name, code="no_file", what=f"it cannot be read: {error.strerror or error}", mend=mend))
            continue
        if content_digest(data) != digest:
            problems.append(Problem(path=name, code="file_changed", what="it has changed since the plan was made", mend="plan again"))
            continue
        kept.mkdir(parents=True, exist_ok=True)
        write_private(kept / digest, data)
    if problems:
        raise InputError("bad_files", problems)


def offer_files(definitions: Definitions, kept: Path, workspace: Path | None = None) -> None:
    """Say where the files of definitions are found: among those that are kept, else (before they are applied) in the workspace."""
    for name, digest in definitions.files.items():
        open_ = _opener(name, definitions)
        at = kept / digest
        if at.exists() or workspace is not None:
            offer(digest, partial(open_, at if at.exists() or workspace is None else workspace / name))


def open_files(definitions: Definitions) -> None:
    """Open the files of definitions that come into force, so that nobody's event waits for it.

    Raises:
        StateError: One is not there.
        InputError: One cannot be read.
    """
    for digest in definitions.files.values():
        found = opened(digest)
        if isinstance(found, Gazetteer):
            found.ready()


def _opener(name: str, definitions: Definitions) -> Callable[[Path], object]:
    """How a file is opened, by what the settings name it for."""
    settings = definitions.workspace
    return _open_geoip if name == settings.geoip else _open_colours if name == settings.picture_colours else _open_regions


def _open_colours(path: Path) -> ColourFile:
    return read_colours(path.read_bytes(), path.name)


def _open_regions(path: Path) -> Gazetteer:
    places = read_kept(path)
    return Gazetteer(places.regions, places.dongs)


def _open_geoip(path: Path) -> GeoIp:
    return GeoIp(path)
