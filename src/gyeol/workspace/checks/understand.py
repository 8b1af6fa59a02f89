"""Traits, audiences and journey stages."""

from __future__ import annotations

from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.events.model import EventRule
from gyeol.profiles.model import TraitDefinition
from gyeol.workspace.checks.collect import path_problem
from gyeol.workspace.conditions import check_condition, check_event_condition
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import suggestion
from gyeol.workspace.names import Names


def check(findings: Findings, names: Names) -> None:
    """Traits have what their kind needs (``gyeol.profiles.rules`` says what); conditions read names that exist."""
    entries = {entry.name: entry for entry in findings.entries.get("traits", [])}
    for name, field, problem in names.problems:
        if field not in ("name", "where"):
            findings.refuse(entries[name], (field,), problem.code, f"{field}: {problem.what}", problem.mend)
    for entry, trait in findings.pairs("traits", TraitDefinition):
        findings.planned(entry, ("event",), trait.event)
        if trait.property is not None:
            path_problem(findings, entry, ("property",), trait.property)
        _check_planned_property(findings, entry, trait)
        check_event_condition(findings, entry, ("where",), trait.where)
    for entry, audience in findings.pairs("audiences", AudienceDefinition):
        findings.reference(entry, ("of",), audience.of, "groups")
        check_condition(findings, names, entry, ("condition",), audience.condition, of_groups=audience.of is not None)
    for entry, stage in findings.pairs("stages", StageDefinition):
        check_condition(findings, names, entry, ("condition",), stage.condition)


def _check_planned_property(findings: Findings, entry: Entry, trait: TraitDefinition) -> None:
    rules = {rule.name: rule for _, rule in findings.pairs("events", EventRule)}
    rule = rules.get(trait.event)
    if rule is None or trait.property is None or trait.property in rule.properties:
        return
    root = trait.property.partition(".")[0]
    if any(path.startswith(root + ".") for path in rule.properties):
        mend = suggestion(trait.property, list(rule.properties), f"declare it under event {trait.event!r}")
        findings.warn(entry, ("property",), "property_not_planned", f"the tracking plan of {trait.event!r} has no {trait.property!r}", mend)
