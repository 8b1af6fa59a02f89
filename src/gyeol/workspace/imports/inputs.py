"""Finding the files of an import, and the hash that says whether the same bytes were imported before."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.formats import suggestion

FORMATS = (".parquet", ".csv", ".csv.gz", ".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_PACKAGE = "package:"


def find_place(text: str, base: Path) -> Path:
    """The folder or file that a text names.

    Args:
        text: A path (relative ones from ``base``), or ``package:NAME/folder`` for data that an installed Python package ships.
        base: The folder from which relative paths count.

    Raises:
        InputError: There is no such place.
    """
    if not text.startswith(_PACKAGE):
        path = base / text
        if not path.exists():
            raise _no_file(text, "there is no such file or folder", _near_files(path))
        return path
    package, _, inner = text.removeprefix(_PACKAGE).partition("/")
    spec = find_spec(package) if package.isidentifier() else None
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    if not folders:
        raise _no_file(text, f"the Python package {package!r} is not installed", f"install it: pip install {package.replace('_', '-')}")
    path = Path(folders[0]) / inner
    if not path.exists():
        raise _no_file(text, f"the package {package!r} has no {inner!r}", _near_files(path))
    return path


def find_mapping(text: str, root: Path) -> Path:
    """The mapping file that a text names: a path, a path below the workspace ``root``, or the bare name of a file in ``maps/``.

    Raises:
        InputError: There is no such file.
    """
    folder = root / "maps"
    for path in (Path(text), root / text, folder / text, folder / f"{text}.yaml", folder / f"{text}.yml"):
        if path.is_file():
            return path
    known = sorted(p.stem for p in folder.glob("*.y*ml")) if folder.is_dir() else []
    mend = suggestion(Path(text).stem, known, f"put it into {folder}")
    raise InputError("no_file", [Problem(path=text, code="no_file", what="there is no such mapping", mend=mend)])


def find_inputs(place: Path, inputs: dict[str, str]) -> tuple[dict[str, Path], dict[str, str]]:
    """Files of a mapping's inputs below ``place``; and what is wrong with those that are missing or of an unknown format."""
    found: dict[str, Path] = {}
    faults: dict[str, str] = {}
    folder = place if place.is_dir() else place.parent
    root = folder.resolve()
    for name, file in inputs.items():
        path = folder / file
        if not path.resolve().is_relative_to(root):
            faults[name] = f"{file!r} lies outside of the folder {folder}"
        elif not path.is_file():
            faults[name] = f"there is no file {file!r} in {folder}; {_near_files(path)}"
        elif file_format(path) is None:
            faults[name] = f"{file!r} is none of {', '.join(FORMATS)}"
        else:
            found[name] = path
    return found, faults


def file_format(path: Path) -> str | None:
    """``parquet``, ``csv`` or ``ndjson`` by the file's name; None for others."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".parquet"):
        return "parquet" if not path.name.lower().endswith(".gz") else None
    if name.endswith(".csv"):
        return "csv"
    return "ndjson" if name.endswith((".ndjson", ".jsonl")) else None


def digests_of(files: dict[str, Path]) -> dict[str, bytes]:
    """A digest of the bytes of each file, by its name. Reading and hashing need no interpreter's lock."""
    found = {}
    for name in sorted(files):
        with files[name].open("rb") as stream:
            found[name] = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).digest()
    return found


def content_hash(digests: dict[str, bytes], salt: str) -> str:
    """32 hex digits over the names and bytes of the files and over ``salt`` (how they are read)."""
    whole = hashlib.blake2b(salt.encode(), digest_size=16)
    for name in sorted(digests):
        whole.update(f"{len(name)}:{name}".encode() + digests[name])
    return whole.hexdigest()


def _near_files(path: Path) -> str:
    folder = path.parent
    names = sorted(p.name for p in folder.iterdir() if p.is_dir() or file_format(p)) if folder.is_dir() else []
    return suggestion(path.name, names, "check the path")


def _no_file(text: str, what: str, mend: str) -> InputError:
    return InputError("no_file", [Problem(path=text, code="no_file", what=what, mend=mend)])
