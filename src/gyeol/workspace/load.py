"""A folder of YAML files becomes one ``Definitions`` value, or one error that lists everything wrong with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from gyeol.content.pictures import read_colours
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.kernel.errors import InputError, Problem, in_order
from gyeol.kernel.hashing import content_digest
from gyeol.workspace import defaults
from gyeol.workspace.checks import (
    act,
    brand,
    collect,
    contents,
    coupons,
    decide,
    groups,
    measure,
    pictures,
    ranking,
    settings,
    stores,
    understand,
)
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import name_fault, suggestion
from gyeol.workspace.names import Names
from gyeol.workspace.sections import BY_KEY, SECTIONS, WORKSPACE, Section
from gyeol.workspace.shape import shape_problems, without_unknown_keys
from gyeol.workspace.yaml_source import Document, Path_, read_documents, read_text

DATA_FOLDER = ".gyeol"
MAPS_FOLDER = "maps"

_DATA_FILES = {
    "regions": "make it with: gyeol place build",
    "geoip": "put the .mmdb file there",
    "picture_colours": "make it with: gyeol content colours",
}
"""Settings that name data files, and how to come by them."""

_CHECKS: tuple[Callable[[Findings, Names], None], ...] = (
    settings.check,
    collect.check,
    groups.check,
    stores.check,
    understand.check,
    decide.check,
    coupons.check,
    ranking.check,
    contents.check,
    pictures.check,
    brand.check,
    act.check,
    measure.check,
)


class Loaded(msgspec.Struct, frozen=True):
    """A workspace that was read.

    Args:
        definitions: What its files say, with what Gyeol ships where they are silent.
        files: Its files, relative to the folder, in the order in which they were read.
        warnings: What looks wrong but does not stop anything.
    """

    definitions: Definitions
    files: list[str]
    warnings: list[Problem]


def load(folder: Path | str, instead: Mapping[str, str] | None = None) -> Loaded:
    """Read a workspace.

    Args:
        folder: Any layout of ``*.yaml`` and ``*.yml`` files below it, except ``.gyeol/``, ``maps/`` and hidden folders.
        instead: Texts of files (as in ``Loaded.files``) that are taken instead of what stands in them.

    Raises:
        InputError: With every problem found, each with file, line, code, what is wrong and how to mend it.
    """
    root = Path(folder)
    if not root.is_dir():
        what = "there is no such folder" if not root.exists() else "this is a file, not a folder"
        raise InputError(
            "no_workspace", [Problem(path=str(root), code="no_workspace", what=what, mend=f"make one with: gyeol init {root}")]
        )
    findings = Findings()
    files = workspace_files(root)
    for name in files:
        text = (instead or {}).get(name)
        text = read_text(root / name, name, findings.problems) if text is None else text
        for document in read_documents(text, name, findings.problems) if text is not None else []:
            _collect_document(findings, document)
    _check_workspace_once(findings, root)
    _add_shipped(findings)
    digests = _digests(findings, root)
    names = Names(findings)
    for check in _CHECKS:
        check(findings, names)
    if findings.problems:
        raise InputError("bad_workspace", in_order(findings.problems))
    return Loaded(msgspec.structs.replace(_definitions(findings), files=digests), files, in_order(findings.warnings))


def _digests(findings: Findings, root: Path) -> dict[str, str]:
    """The data files that the settings name, with the digests of their content."""
    found: dict[str, str] = {}
    for entry, value in findings.pairs(WORKSPACE.key, WorkspaceSettings)[:1]:
        for field, mend in _DATA_FILES.items():
            name = getattr(value, field)
            try:
                data = (root / name).read_bytes() if name else b""
                if name:
                    found[name] = content_digest(data)
                if name and field == "picture_colours":
                    findings.colours = read_colours(data, name)
            except OSError as error:
                findings.refuse(entry, (field,), "no_file", f"{name} cannot be read: {error.strerror or error}", mend)
            except InputError as error:
                findings.refuse(entry, (field,), error.code, f"{name}: {error.problems[0].what}", error.problems[0].mend)
    return found


def workspace_files(root: Path) -> list[str]:
    """The workspace's files relative to its folder, sorted: the order of definitions does not depend on the file system."""
    found: list[str] = []
    for place, folders, names in os.walk(root):
        here = Path(place).relative_to(root)
        skipped = {MAPS_FOLDER} if here == Path() else set()
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in skipped)
        found.extend((here / n).as_posix() for n in names if n.endswith((".yaml", ".yml")) and not n.startswith("."))
    return sorted(found)


def _collect_document(findings: Findings, document: Document) -> None:
    content = document.value
    if content is None:
        return
    if not isinstance(content, dict):
        mend = f"begin with a key such as 'traits:' or 'audiences:' ({', '.join(BY_KEY)})"
        findings.problems.append(document.problem((), "wrong_type", "a workspace file is a mapping", mend))
        return
    for key, value in content.items():
        section = BY_KEY.get(key)
        if section is None:
            findings.problems.append(
                document.problem((key,), "unknown_key", f"unknown key {key!r}", suggestion(key, list(BY_KEY), "remove it"))
            )
        elif section.single:
            _collect_entry(findings, section, value, document, (key,))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                _collect_entry(findings, section, item, document, (key, i))
        elif value is not None:
            mend = "put '- ' before the first field of each entry"
            findings.problems.append(document.problem((key,), "wrong_type", f"{key!r} must be a list", mend))


def _collect_entry(findings: Findings, section: Section, value: object, document: Document, path: Path_, shipped: bool = False) -> None:
    problems = shape_problems(value, section.model, document, path)
    raw_name = value.get(section.named_by) if isinstance(value, dict) else None
    name = raw_name if isinstance(raw_name, str) else ""
    findings.problems.extend(problems)
    known = without_unknown_keys(value, section.model) if problems else value
    usable = not problems or not shape_problems(known, section.model, document, path)
    model = msgspec.convert(known, section.model) if usable else None
    entry = Entry(section, name, model, document, path, shipped)
    entries = findings.entries.setdefault(section.key, [])
    twin = next((e for e in entries if e.name == name), None) if name and section is not WORKSPACE else None
    if twin is not None:
        place = f"{twin.document.file}:{twin.document.place(twin.path)[0]}"
        mend = "rename or remove one of the two"
        findings.refuse(entry, (section.named_by,), "duplicate_name", f"this name is also declared in {place}", mend)
        return
    if name and section.plain_names:
        findings.fault(entry, (section.named_by,), "bad_name", name, name_fault)
    entries.append(entry)


def _check_workspace_once(findings: Findings, root: Path) -> None:
    entries = findings.entries.get(WORKSPACE.key, [])
    if not entries and not any(p.code in ("yaml_syntax", "not_utf8", "unreadable") for p in findings.problems):
        mend = f"add a file with 'workspace:' and 'name:' under it, or start with: gyeol init {root}"
        findings.problems.append(Problem(path=str(root), code="no_workspace", what="no file has the key 'workspace:'", mend=mend))
    for extra in entries[1:]:
        place = f"{entries[0].document.file}:{entries[0].document.place(entries[0].path)[0]}"
        findings.refuse(extra, (), "duplicate_name", f"'workspace:' is also declared in {place}", "keep one of the two")


def _add_shipped(findings: Findings) -> None:
    """Identifier types when the workspace has none; law rules and golden attributes, unless one of its own has the same name."""
    if not findings.entries.get("identifiers"):
        _add_shipped_file(findings, defaults.IDENTIFIERS)
    _add_shipped_file(findings, defaults.GOLDEN)
    _add_shipped_file(findings, defaults.LAWS)


def _add_shipped_file(findings: Findings, path: Path) -> None:
    problems: list[Problem] = []
    for document in read_documents(path.read_text("utf-8"), f"gyeol/{path.name}", problems):
        assert isinstance(document.value, dict)
        for key, items in document.value.items():
            own = set(findings.names(key))
            for i, item in enumerate(items):
                if item["name"] not in own:
                    _collect_entry(findings, BY_KEY[key], item, document, (key, i), shipped=True)
    assert not problems, problems


def _definitions(findings: Findings) -> Definitions:
    lists: dict[str, list[msgspec.Struct]] = {
        section.key: [value for _, value in findings.pairs(section.key, section.model)] for section in SECTIONS
    }
    lists["sources"].sort(key=lambda source: str(getattr(source, "name", "")))
    _, workspace = findings.pairs(WORKSPACE.key, WorkspaceSettings)[0]
    return msgspec.convert({"workspace": workspace, **lists}, Definitions)
