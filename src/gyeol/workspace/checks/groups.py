"""Whose identifiers are, limits of a length of time, and kinds of groups."""

from __future__ import annotations

from gyeol.audiences.model import AudienceDefinition
from gyeol.identity.model import GroupType, IdentifierType
from gyeol.journeys.model import JourneyDefinition
from gyeol.workspace.checks.collect import blocked_fault, path_problem
from gyeol.workspace.conditions import check_event_condition
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import country_fault, duration_fault
from gyeol.workspace.names import Names

_TAKEN = "moment"


def check(findings: Findings, _: Names) -> None:
    """Options fit together, kinds of groups can be read, and only people go through journeys."""
    for entry, identifier in findings.pairs("identifiers", IdentifierType):
        _check_identifier(findings, entry, identifier)
    for entry, group in findings.pairs("groups", GroupType):
        _check_group(findings, entry, group)
    of_groups = {audience.name: audience.of for _, audience in findings.pairs("audiences", AudienceDefinition) if audience.of is not None}
    for entry, journey in findings.pairs("journeys", JourneyDefinition):
        name = journey.trigger.audience
        if name in of_groups:
            what = f"trigger.audience: {name!r} is an audience of {of_groups[name]}s, and journeys are of people"
            mend = f"name an audience of people; its condition may read {of_groups[name]}.…"
            findings.refuse(entry, ("trigger", "audience"), "audience_of_groups", what, mend)


def _check_identifier(findings: Findings, entry: Entry, kind: IdentifierType) -> None:
    if kind.per is not None:
        findings.fault(entry, ("per",), "bad_duration", kind.per, duration_fault)
        if kind.limit is None:
            what = "per says within which time the limit counts, and there is no limit"
            findings.refuse(entry, ("per",), "per_without_limit", what, "add limit, or leave per out")
    if kind.priority == 1 and (kind.belongs_to != "person" or kind.per is not None):
        at = "per" if kind.per is not None else "belongs_to"
        what = "the strongest type names people: its values are a person's own, for ever"
        findings.refuse(entry, (at,), "strongest_is_shared", what, f"leave {at} out, or make another type the strongest")


def _check_group(findings: Findings, entry: Entry, kind: GroupType) -> None:
    if kind.name == _TAKEN:
        findings.refuse(entry, ("name",), "name_taken", "moment.… are the facts of the Moment", "choose another name")
    findings.positive(entry, ("at_most",), kind.at_most)
    if not kind.paths:
        mend = "say where an event names the group, for example groupId or traits.address"
        findings.refuse(entry, ("paths",), "empty", "paths is empty", mend)
    for i, path in enumerate(kind.paths):
        path_problem(findings, entry, ("paths", i), path)
    for i, pattern in enumerate(kind.blocked):
        findings.fault(entry, ("blocked", i), "bad_pattern", pattern, blocked_fault)
    for field, text in (("where", kind.where), ("ends_where", kind.ends_where)):
        check_event_condition(findings, entry, (field,), text, of_groups=True)
    if kind.region is not None:
        findings.fault(entry, ("region",), "unknown_country", kind.region, country_fault)
        if kind.normalise != "phone":
            what = f"region is for normalise: phone, and this kind has normalise: {kind.normalise}"
            findings.refuse(entry, ("region",), "unused_option", what, "set normalise: phone, or leave region out")
