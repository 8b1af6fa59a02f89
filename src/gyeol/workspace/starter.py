"""``gyeol init``: a new workspace in an empty folder, either minimal and commented or a copy of an example."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from gyeol.kernel.errors import BackendUnavailableError, DuplicateError, NotFoundError
from gyeol.workspace.formats import suggestion
from gyeol.workspace.json_schema import FILE_NAME, MAP_FILE_NAME, editor_header, json_schema_bytes, map_schema_bytes
from gyeol.workspace.load import MAPS_FOLDER, workspace_files

_HERE = Path(__file__).parent
STARTER = _HERE / "starter"
EXAMPLES = _HERE / "examples"
GITIGNORE = "# Gyeol's data: the log, state, secrets. Never in Git.\n.gyeol/\n"


class Initialised(msgspec.Struct, frozen=True):
    """What ``init`` wrote: the folder and its files, relative to it, sorted."""

    folder: str
    files: list[str]


def examples() -> list[str]:
    """Names of the examples that Gyeol ships."""
    return sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir() and not p.name.startswith("_"))


def init(folder: Path | str, example: str | None, new_key: Callable[[], str]) -> Initialised:
    """Write a new workspace.

    Args:
        folder: Made if it does not exist; must hold no workspace and none of the files to write.
        example: One of ``examples()``, or None for the minimal starter.
        new_key: Gives an unguessable write key each time (the starter has two).

    Raises:
        DuplicateError: Something would be overwritten; nothing was written.
        NotFoundError: There is no such example.
        BackendUnavailableError: The disk refused; what was written is removed again.
    """
    root = Path(folder)
    files = _files(example, new_key)
    _refuse_overwriting(root, sorted(files))
    written: list[Path] = []
    made: list[Path] = []
    try:
        for name in sorted(files):
            path = root / name
            made.extend(p for p in (path.parent, *path.parent.parents) if not p.exists() and p not in made)
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            path.write_bytes(files[name])
    except OSError as error:
        _remove(written, made)
        told = f"the workspace could not be written to {root}: {error.strerror}. Nothing was left behind; choose another folder"
        raise BackendUnavailableError("cannot_write", told, folder=str(root)) from error
    return Initialised(str(root), sorted(files))


def _files(example: str | None, new_key: Callable[[], str]) -> dict[str, bytes]:
    if example is not None and example not in examples():
        told = f"there is no example {example!r}: {suggestion(example, examples(), 'choose another')}"
        raise NotFoundError("no_example", told, examples=examples())
    source = STARTER if example is None else EXAMPLES / example
    found: dict[str, bytes] = {}
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_dir() or "__pycache__" in name or name.startswith(".gyeol"):
            continue
        text = path.read_text("utf-8")
        for mark in ("__WEB_KEY__", "__SERVER_KEY__"):
            if mark in text:
                text = text.replace(mark, new_key())
        if path.suffix == ".yaml":
            text = editor_header(name.count("/"), is_map=name.startswith(MAPS_FOLDER + "/")) + text
        found[name] = text.encode()
    found[FILE_NAME] = json_schema_bytes()
    found[MAP_FILE_NAME] = map_schema_bytes()
    found.setdefault(".gitignore", GITIGNORE.encode())
    return found


def _refuse_overwriting(root: Path, names: list[str]) -> None:
    if root.exists() and not root.is_dir():
        raise DuplicateError("not_a_folder", f"{root} is a file. Name a folder that does not exist yet", folder=str(root))
    existing = [n for n in names if (root / n).exists()]
    existing.extend(n for n in (workspace_files(root) if root.is_dir() else []) if n not in existing)
    if existing:
        listed = ", ".join(existing[:5]) + (", …" if len(existing) > 5 else "")
        told = f"{root} already holds {listed}; nothing was written. Name an empty folder, or move these files away"
        raise DuplicateError("already_there", told, folder=str(root), files=existing)


def _remove(written: list[Path], made: list[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)
    for folder in sorted(made, key=lambda p: len(p.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
