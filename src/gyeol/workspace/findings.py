"""Entries of definitions with their places in the files, and the problems and warnings found about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from gyeol.content.pictures import ColourFile
from gyeol.kernel.errors import Problem
from gyeol.workspace.formats import Fault, suggestion
from gyeol.workspace.sections import Section
from gyeol.workspace.yaml_source import Document, Path_

Model = TypeVar("Model", bound=msgspec.Struct)


class Entry(msgspec.Struct, frozen=True):
    """One definition as it stands in a file.

    Args:
        section: What kind it is.
        name: Its name as written ("" when it has none).
        value: The definition; None when its shape is wrong (its name still counts as known).
        document, path: Where it stands.
        shipped: It came with Gyeol and not from the workspace's files.
    """

    section: Section
    name: str
    value: msgspec.Struct | None
    document: Document
    path: Path_
    shipped: bool = False

    def problem(self, at: Path_, code: str, what: str, mend: str) -> Problem:
        """A problem at a field of this entry."""
        noun = self.section.noun["en"]
        named = f"{noun} {self.name!r}: " if self.name else f"{noun}: "
        return self.document.problem((*self.path, *at), code, named + what, mend)


class Findings:
    """All entries by section; problems stop the load, warnings do not.

    Attributes:
        colours: Of pictures, by the file that the settings name; None: they name none that can be read.
    """

    def __init__(self) -> None:
        self.colours: ColourFile | None = None
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.entries: dict[str, list[Entry]] = {}

    def pairs(self, key: str, model: type[Model]) -> list[tuple[Entry, Model]]:
        """Entries of a section whose shape is right, with their values."""
        return [(entry, entry.value) for entry in self.entries.get(key, []) if isinstance(entry.value, model)]

    def names(self, key: str) -> list[str]:
        """Names of a section, also of entries that have other faults."""
        return [entry.name for entry in self.entries.get(key, []) if entry.name]

    def refuse(self, entry: Entry, at: Path_, code: str, what: str, mend: str) -> None:
        """Note a problem."""
        self.problems.append(entry.problem(at, code, what, mend))

    def warn(self, entry: Entry, at: Path_, code: str, what: str, mend: str) -> None:
        """Note a warning."""
        self.warnings.append(entry.problem(at, code, what, mend))

    def fault(self, entry: Entry, at: Path_, code: str, text: str | None, check: Callable[[str], Fault | None]) -> None:
        """Run a check of ``formats`` on a text, when there is one."""
        found = None if text is None else check(text)
        if found is not None:
            self.refuse(entry, at, code, f"{_dotted(at)}: {found.what}", found.mend)

    def reference(self, entry: Entry, at: Path_, name: str | None, key: str) -> None:
        """A name that must exist in section ``key``."""
        from_section = _NOUNS[key]
        if name is not None and name not in self.names(key):
            mend = suggestion(name, self.names(key), f"declare it under '{key}:'")
            self.refuse(entry, at, f"unknown_{key}", f"{_dotted(at)} names {from_section} {name!r}, which does not exist", mend)

    def planned(self, entry: Entry, at: Path_, event: str | None) -> None:
        """An event name that should stand in the tracking plan; events can arrive without, so it is a warning."""
        if event is None or event in self.names("events"):
            return
        if event.startswith("$"):
            if event not in SPECIAL_EVENTS:
                self.refuse(
                    entry, at, "unknown_event", f"{_dotted(at)} names {event!r}", suggestion(event, SPECIAL_EVENTS, "use one of these")
                )
            return
        mend = suggestion(event, [n for n in self.names("events") if not n.startswith("$")], "declare it under 'events:'")
        self.warn(entry, at, "event_not_planned", f"event {event!r} is not in the tracking plan", mend)

    def positive(self, entry: Entry, at: Path_, value: float | None) -> None:
        """A number that must be above 0 when given."""
        if value is not None and value <= 0:
            self.refuse(entry, at, "out_of_range", f"{_dotted(at)} is {value:g}", "use a number above 0")


SPECIAL_EVENTS = ("$page", "$identify", "$screen", "$group", "$alias", "$any")
"""Names that stand for the calls of the Segment spec other than track; ``$any`` is every event."""

_NOUNS = {
    "audiences": "audience",
    "groups": "kind of group",
    "placements": "placement",
    "offers": "offer",
    "channels": "channel",
    "campaigns": "campaign",
    "kpis": "KPI",
    "categories": "category of offers",
    "partners": "partner",
    "coupons": "coupon pool",
    "contents": "content",
    "traits": "trait",
}


def _dotted(at: Path_) -> str:
    return ".".join(str(part) for part in at) or "it"
