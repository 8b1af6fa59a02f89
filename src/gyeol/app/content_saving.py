"""Other words for a variant, written into the workspace's own files and put in force: what the console's Save does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from gyeol.app.core_api import Submitted
from gyeol.content.model import ContentDefinition, VariantDefinition
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import GyeolError, InputError, NotFoundError, Problem, StateError, VersionConflictError
from gyeol.workspace.difference import diff
from gyeol.workspace.load import load, workspace_files
from gyeol.workspace.yaml_edit import replaced
from gyeol.workspace.yaml_source import Path_, read_documents

ELSEWHERE, READ_ONLY = "files_elsewhere", "files_read_only"
"""Why nothing can be saved: the answering process has no workspace folder; it may not write there."""
_BOM = "\ufeff"


class SaveRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/contents/{name}/save``.

    Args:
        variant: Key of the variant.
        fields: All its fields with their words.
        version: Of the variant, as it was when somebody began to write: refused when it has changed meanwhile.
        why: For the audit trail.
    """

    variant: str
    fields: dict[str, str]
    version: str
    why: str = ""


class SavedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Args:
        status: ``applied``, or ``unchanged``: these are the words that stand there.
        file: Which file was written, relative to the workspace's folder; empty when none was.
        version: Of the variant now; a new one is a draft.
        definitions: Hash of what is in force now.
        offset: Of the record in the log; null when there is none.
    """

    status: str
    file: str
    version: str
    definitions: str
    offset: int | None


class _Place(NamedTuple):
    """Where a variant stands: file, its text, which document, the path to the fields."""

    file: str
    text: str
    document: int
    fields: Path_


class ContentFiles:
    """The files of a workspace, as far as contents are written there. Whoever saves waits for whoever is saving.

    Args:
        folder: The workspace's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saving = Lock()

    @property
    def cannot(self) -> str:
        """Why nothing can be saved here; empty: it can."""
        try:
            files = [self._folder / name for name in workspace_files(self._folder)]
        except OSError:
            return READ_ONLY
        folders = {file.resolve().parent for file in files}
        return "" if files and all(os.access(at, os.W_OK) for at in (*files, *folders)) else READ_ONLY

    def save(
        self, name: str, asked: SaveRequest, in_force: Callable[[], Definitions], apply: Callable[[Definitions], Submitted]
    ) -> SavedAnswer:
        """Write the words, and put them in force. When that fails, the file is as it was.

        Args:
            name: Of the content.
            asked: The words.
            in_force: What is in force now.
            apply: Puts definitions in force.

        Raises:
            NotFoundError: ``unknown_content``, ``unknown_variant``: the files have none.
            VersionConflictError: ``version_changed``: the variant is another one meanwhile.
            StateError: ``files_read_only``; ``files_not_applied``: the files hold other changes that nobody has put in force.
            InputError: The files are wrong, before or with these words: every problem; nothing was written.
        """
        with self._saving:
            if self.cannot:
                told = f"{self._folder} cannot be written by this process: put the words into the file yourself, or mend its rights."
                raise StateError(READ_ONLY, told, folder=str(self._folder))
            now = load(self._folder).definitions
            content, variant = _named(now, name, asked.variant)
            version = content.version_of(variant)
            if version != asked.version:
                told = f"{asked.variant} of {name} has changed since it was opened (it is {version} now). Look at it again."
                raise VersionConflictError("version_changed", told, version=version)
            _check_fields(variant, asked.fields)
            _check_applied(in_force(), now)
            if variant.fields == asked.fields:
                return SavedAnswer(status="unchanged", file="", version=version, definitions=now.hash, offset=None)
            place = self._place(name, asked.variant)
            changed = {(*place.fields, field): words for field, words in asked.fields.items() if words != variant.fields[field]}
            text = replaced(place.text, place.file, place.document, changed)
            then = load(self._folder, {place.file: text}).definitions
            if _changes(now, then) != [f"contents {name}"]:
                raise _changed(name)
            done = self._written(place, text, lambda: apply(then), lambda: in_force().hash == then.hash)
            after, its = _named(then, name, asked.variant)
            return SavedAnswer(status="applied", file=place.file, version=after.version_of(its), definitions=then.hash, offset=done.offset)

    def _place(self, name: str, key: str) -> _Place:
        for file in workspace_files(self._folder):
            text = (self._folder / file).read_bytes().decode().removeprefix(_BOM)
            for number, document in enumerate(read_documents(text, file, [])):
                entries = document.value.get("contents") if isinstance(document.value, dict) else None
                for i, entry in enumerate(entries or []):
                    variants = entry["variants"] if entry["name"] == name else []
                    for j, variant in enumerate(variants):
                        if msgspec.convert(variant, VariantDefinition).key == key:
                            return _Place(file, text, number, ("contents", i, "variants", j, "fields"))
        raise _changed(name)

    def _written(self, place: _Place, text: str, apply: Callable[[], Submitted], applied: Callable[[], bool]) -> Submitted:
        """Write, apply; put the file back when it was not applied."""
        path = (self._folder / place.file).resolve()
        before = path.read_bytes()
        if before.decode().removeprefix(_BOM) != place.text:
            raise _changed(place.file)
        mark = _BOM.encode() if before.startswith(_BOM.encode()) else b""
        _write(path, mark + text.encode())
        try:
            told = apply()
            if told.status != "applied":
                raise StateError(told.reason or "not_applied", told.detail or "The definitions were not applied.")
        except Exception as error:
            if isinstance(error, GyeolError) and _is(applied):
                return Submitted(status="applied")
            _write(path, before)
            raise
        return told


def _named(definitions: Definitions, name: str, key: str) -> tuple[ContentDefinition, VariantDefinition]:
    content = next((each for each in definitions.contents if each.name == name), None)
    if content is None:
        raise NotFoundError("unknown_content", f"The workspace's files have no content {name!r}.", content=name)
    variant = next((each for each in content.variants if each.key == key), None)
    if variant is None:
        told = (
            f"The content {name!r} has no variant {key!r} in the workspace's files; it has: {', '.join(v.key for v in content.variants)}."
        )
        raise NotFoundError("unknown_variant", told, content=name, variant=key)
    return content, variant


def _check_fields(variant: VariantDefinition, fields: dict[str, str]) -> None:
    """Only the words of fields that there are can be replaced in place."""
    differing = [name for name in (*fields, *variant.fields) if (name in fields) != (name in variant.fields)]
    if differing:
        mend = "send every field of the variant and no other; add or remove fields in the file"
        problems = [
            Problem(path=f"fields.{name}", code="fields_differ", what=f"{name}: only one of both has it", mend=mend) for name in differing
        ]
        raise InputError("fields_differ", problems)


def _check_applied(in_force: Definitions, now: Definitions) -> None:
    """Saving some words must not put other people's half-done changes in force."""
    changes = _changes(in_force, now)
    if changes:
        told = f"The workspace's files hold changes that are not in force: {', '.join(changes[:8])}. Run `gyeol plan`, then `gyeol apply`."
        raise StateError("files_not_applied", told, changes=changes)


def _changes(before: Definitions, after: Definitions) -> list[str]:
    files = [name for name in (*before.files, *after.files) if before.files.get(name) != after.files.get(name)]
    return [*(f"{change.kind} {change.name}" for change in diff(before, after).changes), *dict.fromkeys(files)]


def _changed(what: str) -> VersionConflictError:
    return VersionConflictError("version_changed", f"{what} has changed in the files just now. Look at it again.")


def _is(applied: Callable[[], bool]) -> bool:
    """Whether it is in force although its answer got lost; what cannot be asked is not."""
    try:
        return applied()
    except GyeolError:
        return False


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, with the rights that it has."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            os.fchmod(fd, path.stat().st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(fd)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StateError(READ_ONLY, f"{path} cannot be written: {error.strerror or error}. Nothing was changed.", file=str(path)) from error
