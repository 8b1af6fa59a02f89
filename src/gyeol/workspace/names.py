"""The names that conditions and formulas of a workspace may use: its traits and the facts of the Moment."""

from __future__ import annotations

import re

from gyeol.context.moment import moment_schema
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.engine.grouping import group_schema
from gyeol.events.model import EventRule, TrackingPlan
from gyeol.expressions.schema import NameInfo, Schema
from gyeol.identity.model import GroupType
from gyeol.kernel.errors import Problem
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.rules import check_traits, compile_traits
from gyeol.workspace.findings import Findings

_WORD = re.compile(r"[a-z_][a-z0-9_.]*", re.IGNORECASE)


class Names:
    """Names with their types, and the traits whose definitions are faulty: what mentions one is not judged.

    Args:
        findings: Entries as collected; traits are read from it.

    Attributes:
        schema: What conditions on people may read. of_groups: What those on groups may: traits.
    """

    def __init__(self, findings: Findings) -> None:
        plan = TrackingPlan(rules={rule.name: rule for _, rule in findings.pairs("events", EventRule)})
        currency = next((w.currency for _, w in findings.pairs("workspace", WorkspaceSettings)), "KRW")
        self.problems: list[tuple[str, str, Problem]] = []
        self._faulty = {entry.name for entry in findings.entries.get("traits", []) if entry.value is None}
        schema: dict[str, NameInfo] = {}
        for _, trait in findings.pairs("traits", TraitDefinition):
            found = list(check_traits([trait], plan, currency))
            if found:
                self._faulty.add(trait.name)
                self.problems.extend((trait.name, p.path.removeprefix(f"traits.{trait.name}."), p) for p in found)
            else:
                schema[trait.name] = compile_traits([trait], plan, currency)[0].info()
        self.of_groups: Schema = dict(schema)
        schema.update(group_schema([kind for _, kind in findings.pairs("groups", GroupType)], schema))
        schema.update(moment_schema())
        self.schema: Schema = schema

    def judged(self, text: str) -> bool:
        """Whether a condition can be checked: it mentions no trait whose own definition is faulty."""
        return self._faulty.isdisjoint(_WORD.findall(text))
