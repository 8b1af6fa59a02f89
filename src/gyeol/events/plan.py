"""The tracking plan's checks of one event: fast when all is well, exact when it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from gyeol.events.model import PropertyRule, TrackingPlan
from gyeol.events.reading import dig
from gyeol.events.values import as_text, as_time

_JSON_TYPES: dict[type, str] = {
    str: "text", int: "number", float: "number", bool: "flag", list: "list", dict: "object", type(None): "null",
}  # fmt: skip
_WANTED: dict[str, tuple[str, ...]] = {
    "text": ("text",), "number": ("number",), "money": ("number",), "flag": ("flag",), "list": ("list",), "object": ("object",),
    "time": ("text", "number"), "any": ("text", "number", "flag", "list", "object"),
}  # fmt: skip
_FAST: dict[str, Any] = {
    "text": str, "number": float, "money": float, "flag": bool, "list": list[msgspec.Raw], "object": dict[str, msgspec.Raw],
    "time": datetime | float, "any": msgspec.Raw,
}  # fmt: skip


class Violation(msgspec.Struct, frozen=True):
    """One thing in which an event departs from the plan. ``note`` is how a verdict says it: ``plan:type:properties.price``."""

    path: str
    fault: Literal["missing", "type", "one_of"]
    detail: str
    rejects: bool

    @property
    def note(self) -> str:
        """The verdict's note."""
        return f"plan:{self.fault}:{self.path}"


class PlanChecks:
    """A tracking plan, compiled. ``active``: it has a rule at all.

    Args:
        plan: Rules by event name; ``$any`` holds for every event, ``$page`` and the like for calls that are not track.
    """

    def __init__(self, plan: TrackingPlan) -> None:
        every = plan.rules.get("$any")
        self._of: dict[str, _Check] = {}
        for name, rule in plan.rules.items():
            if rule.properties and name != "$any":
                held = {path: (r, rule.on_violation == "reject") for path, r in rule.properties.items()}
                if every is not None:
                    held = {p: (r, every.on_violation == "reject") for p, r in every.properties.items()} | held
                self._of[name] = _Check(held)
        self._any = None
        if every is not None and every.properties:
            self._any = _Check({p: (r, every.on_violation == "reject") for p, r in every.properties.items()})
        self.active = bool(self._of) or self._any is not None

    def violations(self, name: str, raw: bytes) -> list[Violation]:
        """How an event departs from the plan; empty for most.

        Args:
            name: Event name, or ``$page`` and the like.
            raw: The event's JSON (valid).
        """
        check = self._of.get(name, self._any)
        if check is None:
            return []
        if check.decode is not None:
            try:
                check.decode(raw)
                return []
            except (msgspec.MsgspecError, UnicodeDecodeError):
                pass  # what is wrong, if it is no false alarm, is told below
        return check.explain(raw)


class _Check:
    """The rules of one event name.

    Attributes:
        decode: Refuses what breaks them; what it refuses may still be a false alarm. None where only the slow way is exact.
    """

    def __init__(self, rules: dict[str, tuple[PropertyRule, bool]]) -> None:
        self._rules = dict(sorted(rules.items()))
        tree: dict[str, Any] = {}
        self.decode: Callable[[bytes], object] | None = None
        if _plant(tree, {path: rule for path, (rule, _) in self._rules.items()}):
            self.decode = msgspec.json.Decoder(_struct(tree, "Event")[0]).decode

    def explain(self, raw: bytes) -> list[Violation]:
        """Every violation, by path."""
        try:
            event: object = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return []  # not for the plan to say: ingest refuses it
        found: list[Violation] = []
        for path, (rule, rejects) in self._rules.items():
            problem = _problem(rule, dig(event, path.split(".")))
            if problem is not None:
                found.append(Violation(path=path, fault=problem[0], detail=f"{path}: {problem[1]}", rejects=rejects))
        return found


def _problem(rule: PropertyRule, value: object) -> tuple[Literal["missing", "type", "one_of"], str] | None:
    if value is None:
        return ("missing", "it is required") if rule.required else None
    found = _JSON_TYPES[type(value)]
    if found not in _WANTED[rule.type] or (rule.type == "time" and as_time(value) is None):
        return "type", f"a {rule.type} was expected, {found} came"
    if rule.one_of is not None and as_text(value) not in rule.one_of:
        return "one_of", f"{as_text(value)!r} is none of {', '.join(rule.one_of)}"
    return None


def _plant(tree: dict[str, Any], rules: dict[str, PropertyRule]) -> bool:
    """Put the rules at the leaves of a tree of keys; False where only the slow way is exact."""
    for path, rule in rules.items():
        if (rule.one_of is not None and rule.type != "text") or (rule.type == "any" and rule.required):
            return False
        at = tree
        *parents, leaf = path.split(".")
        for key in parents:
            at = at.setdefault(key, {})
            if not isinstance(at, dict):
                return False
        if leaf in at:
            return False
        at[leaf] = rule
    return True


def _struct(tree: dict[str, Any], name: str) -> tuple[type[msgspec.Struct], bool]:
    """The struct whose decoding checks a tree of rules, and whether it holds a required field."""
    fields: list[tuple[str, Any, Any]] = []
    any_required = False
    for index, (key, below) in enumerate(tree.items()):
        wanted: Any
        if isinstance(below, PropertyRule):
            required = below.required
            wanted = Literal[tuple(below.one_of)] if below.one_of else _FAST[below.type]
        else:
            wanted, required = _struct(below, f"{name}_{index}")
        any_required |= required
        if required:
            fields.append((f"f{index}", wanted, msgspec.field(name=key)))
        else:
            optional = wanted if wanted is msgspec.Raw else wanted | None
            fields.append((f"f{index}", optional, msgspec.field(default=None, name=key)))
    return msgspec.defstruct(name, fields, kw_only=True, gc=False), any_required
