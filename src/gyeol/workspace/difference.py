"""What a change of the definitions is: added, changed and removed, field by field. The effect on people is computed by the core."""

from __future__ import annotations

import msgspec

from gyeol.engine.definitions import Definitions
from gyeol.kernel.canonical import canonical_json
from gyeol.workspace.sections import BY_KEY, SECTIONS, WORKSPACE


class FieldChange(msgspec.Struct, frozen=True):
    """One field with its value before and after; None stands for absent."""

    field: str
    before: object
    after: object


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One definition that differs.

    Args:
        kind: Its section: ``traits``, ``audiences``, … or ``workspace``.
        name: Its name.
        action: What happened to it. ``moved``: the order of a list in which order has a meaning (stages) is another.
        fields: For ``changed``: the fields that differ, in the model's order; a mapping differs key by key (``label.ko``).
    """

    kind: str
    name: str
    action: str
    fields: list[FieldChange] = []


class PlanDiff(msgspec.Struct, frozen=True, kw_only=True):
    """All changes, in the order in which data flows.

    Args:
        before: Hash of the definitions in force; None when there are none yet.
        after: Hash of the new ones.
        changes: What differs; empty when nothing does.
    """

    before: str | None
    after: str
    changes: list[Change]

    def counts(self) -> dict[str, int]:
        """How many were added, changed, removed and moved."""
        found = {"added": 0, "changed": 0, "removed": 0, "moved": 0}
        for change in self.changes:
            found[change.action] += 1
        return found

    def text(self, lang: str) -> str:
        """The changes as lines a person reads.

        Args:
            lang: ``ko`` or ``en``.
        """
        return "\n".join(_lines(self, lang))


def diff(old: Definitions | None, new: Definitions) -> PlanDiff:
    """Compare two versions of the definitions; ``old`` is None for the first one."""
    changes: list[Change] = []
    changes.extend(_compare("workspace", {} if old is None else {"": _settings(old)}, {"": _settings(new)}))
    for section in SECTIONS:
        before = {} if old is None else _by_name(old, section.key, section.named_by)
        after = _by_name(new, section.key, section.named_by)
        changes.extend(_compare(section.key, before, after))
        if section.key == "stages" and old is not None:
            common = [n for n in after if n in before]
            if common != [n for n in before if n in after]:
                changes.append(Change(kind="stages", name=" → ".join(after), action="moved"))
    return PlanDiff(before=None if old is None else old.hash, after=new.hash, changes=changes)


def _plain(value: msgspec.Struct) -> dict[str, object]:
    found = msgspec.to_builtins(value)
    assert isinstance(found, dict)
    return found


def _settings(of: Definitions) -> dict[str, object]:
    """The workspace's settings, and what the data files are that they name."""
    return _plain(of.workspace) | ({"files": of.files} if of.files else {})


def _by_name(definitions: Definitions, key: str, named_by: str) -> dict[str, dict[str, object]]:
    return {str(getattr(item, named_by)): _plain(item) for item in getattr(definitions, key)}


def _compare(kind: str, before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> list[Change]:
    found: list[Change] = []
    for name, value in after.items():
        if name not in before:
            found.append(Change(kind=kind, name=name or str(value.get("name", "")), action="added"))
        elif before[name] != value:
            fields = _fields(before[name], value, "")
            found.append(Change(kind=kind, name=name or str(value.get("name", "")), action="changed", fields=fields))
    found.extend(Change(kind=kind, name=name, action="removed") for name in before if name not in after)
    return found


def _fields(before: dict[str, object], after: dict[str, object], prefix: str) -> list[FieldChange]:
    found: list[FieldChange] = []
    for key in [*after, *(k for k in before if k not in after)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found.extend(_fields(old, new, f"{prefix}{key}."))
        else:
            found.append(FieldChange(prefix + key, old, new))
    return found


_WORDS = {
    "en": {
        "none": "Nothing would change.",
        "added": "added",
        "changed": "changed",
        "removed": "removed",
        "moved": "reordered",
        "absent": "(none)",
    },
    "ko": {
        "none": "바뀌는 것이 없습니다.",
        "added": "추가",
        "changed": "변경",
        "removed": "삭제",
        "moved": "순서 변경",
        "absent": "(없음)",
    },
}
_SIGNS = {"added": "+", "changed": "~", "removed": "-", "moved": "↕"}


def _lines(plan: PlanDiff, lang: str) -> list[str]:
    words = _WORDS[lang]
    if not plan.changes:
        return [words["none"]]
    counts = plan.counts()
    lines = [" · ".join(f"{words[action]} {count}" for action, count in counts.items() if count)]
    for change in plan.changes:
        noun = WORKSPACE.noun[lang] if change.kind == "workspace" else BY_KEY[change.kind].noun[lang]
        lines.append(f"{_SIGNS[change.action]} {noun} {change.name}")
        lines.extend(f"    {f.field}: {_shown(f.before, words['absent'])} → {_shown(f.after, words['absent'])}" for f in change.fields)
    return lines


def _shown(value: object, absent: str) -> str:
    return absent if value is None else value if isinstance(value, str) else canonical_json(value).decode()
