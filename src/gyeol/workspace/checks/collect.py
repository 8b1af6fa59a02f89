"""Sources, the tracking plan, identifier types: what comes in and who it is about."""

from __future__ import annotations

import re

from gyeol.events.model import EventRule, PropertyRule, SourceDefinition
from gyeol.identity.model import AttributeDefinition, IdentifierType
from gyeol.identity.normalise import NAMED_PATTERNS
from gyeol.workspace.findings import SPECIAL_EVENTS, Entry, Findings
from gyeol.workspace.formats import Fault, country_fault, currency_fault, env_name, pattern_fault, suggestion
from gyeol.workspace.names import Names

_PATH = re.compile(
    r"userId|anonymousId|groupId|previousId|messageId|event|name|type|timestamp|originalTimestamp|sentAt|receivedAt"
    r"|(?:properties|traits|context)(?:\.[^.\s]+)+"
)


def check(findings: Findings, names: Names) -> None:
    """Keys are unique, rules make sense, patterns compile."""
    _check_sources(findings)
    for entry, rule in findings.pairs("events", EventRule):
        if rule.name.startswith("$") and rule.name not in SPECIAL_EVENTS:
            findings.refuse(
                entry, ("name",), "unknown_event", f"name {rule.name!r}", suggestion(rule.name, SPECIAL_EVENTS, "use one of these")
            )
        for path, wanted in rule.properties.items():
            _check_property(findings, entry, path, wanted)
    _check_identifiers(findings)
    for entry, attribute in findings.pairs("golden", AttributeDefinition):
        for i, path in enumerate(attribute.paths):
            path_problem(findings, entry, ("paths", i), path)
        _check_named_sources(findings, entry, attribute)


def path_problem(findings: Findings, entry: Entry, at: tuple[str | int, ...], path: str) -> None:
    """A dotted path of an event must begin where the Segment spec keeps values."""
    if not _PATH.fullmatch(path):
        findings.refuse(
            entry,
            at,
            "bad_path",
            f"{path!r} is not a path of an event",
            "begin with properties., traits. or context., or write userId or anonymousId",
        )


def _check_named_sources(findings: Findings, entry: Entry, attribute: AttributeDefinition) -> None:
    known = findings.names("sources")
    for i, name in enumerate(attribute.sources):
        if name not in known:
            mend = suggestion(name, list(known), "name a source of the workspace")
            findings.refuse(entry, ("sources", i), "unknown_source", f"there is no source {name!r}", mend)


def _check_sources(findings: Findings) -> None:
    keys: dict[str, str] = {}
    for entry, source in findings.pairs("sources", SourceDefinition):
        key = source.write_key
        if key.startswith("env:") and env_name(key) is None:
            findings.refuse(
                entry, ("write_key",), "bad_env", f"{key!r} names no environment variable", "write env:NAME with letters, digits and _"
            )
        elif len(key) < 8 or re.search(r"\s", key):
            findings.refuse(
                entry,
                ("write_key",),
                "weak_key",
                "write_key is shorter than 8 characters or has spaces in it",
                "use a longer key without spaces",
            )
        elif key in keys:
            findings.refuse(
                entry,
                ("write_key",),
                "duplicate_write_key",
                f"write_key is also that of source {keys[key]!r}",
                "give each source a key of its own",
            )
        keys.setdefault(key, source.name)


def _check_property(findings: Findings, entry: Entry, path: str, rule: PropertyRule) -> None:
    at = ("properties", path)
    if not _PATH.fullmatch(path):
        path_problem(findings, entry, at, path)
    findings.fault(entry, (*at, "currency"), "unknown_currency", rule.currency, currency_fault)
    if rule.currency is not None and rule.type != "money":
        findings.refuse(
            entry, (*at, "currency"), "currency_without_money", f"{path} has a currency but is of type {rule.type!r}", "set type: money"
        )
    if rule.one_of is not None and (not rule.one_of or rule.type not in ("text", "any")):
        findings.refuse(
            entry,
            (*at, "one_of"),
            "bad_one_of",
            f"{path}: one_of is for text and lists at least one word",
            "set type: text and list the words",
        )


def _check_identifiers(findings: Findings) -> None:
    priorities: dict[int, str] = {}
    for entry, kind in findings.pairs("identifiers", IdentifierType):
        if kind.priority in priorities:
            other = priorities[kind.priority]
            findings.refuse(
                entry,
                ("priority",),
                "duplicate_priority",
                f"priority {kind.priority} is also that of {other!r}",
                "give each type its own; 1 is the strongest",
            )
        priorities.setdefault(kind.priority, kind.name)
        findings.positive(entry, ("priority",), kind.priority)
        findings.positive(entry, ("limit",), kind.limit)
        if not kind.paths:
            findings.refuse(
                entry, ("paths",), "empty", "paths is empty", "say where it stands in an event, for example userId or traits.email"
            )
        for i, path in enumerate(kind.paths):
            path_problem(findings, entry, ("paths", i), path)
            _check_whose(findings, entry, ("paths", i), path)
        for i, pattern in enumerate(kind.blocked):
            findings.fault(entry, ("blocked", i), "bad_pattern", pattern, blocked_fault)
        _check_spelling(findings, entry, kind)
        if kind.from_client and kind.normalise in ("email", "phone", "address"):
            findings.refuse(
                entry,
                ("from_client",),
                "client_address",
                "an address from a public key proves nothing",
                "remove from_client, or set it to false",
            )


def _check_whose(findings: Findings, entry: Entry, at: tuple[str | int, ...], path: str) -> None:
    """Some values of an event name no person, or name two."""
    told = {
        "groupId": ("a group is many people", "leave it out, and declare a kind of group under groups that reads groupId"),
        "previousId": ("previousId names who somebody was", "leave it out; alias calls link it to the userId of themselves"),
        "messageId": ("messageId is another for each event", "leave it out"),
    }
    if path in told:
        what, mend = told[path]
        findings.refuse(entry, at, "no_identifier", f"{path} identifies no person: {what}", mend)


def blocked_fault(pattern: str) -> Fault | None:
    """As ``pattern_fault``; a name with a dollar sign must be one that Gyeol ships."""
    if pattern.startswith("$") and pattern not in NAMED_PATTERNS:
        mend = suggestion(pattern, NAMED_PATTERNS, "write one of these, or a regular expression")
        return Fault(f"there are no patterns named {pattern}", mend)
    return pattern_fault(pattern)


def _check_spelling(findings: Findings, entry: Entry, kind: IdentifierType) -> None:
    """Options of one way to normalise do nothing for another."""
    for option, given, way in (
        ("plus", kind.plus != "keep", "email"),
        ("dots", kind.dots != "keep", "email"),
        ("region", kind.region is not None, "phone"),
    ):
        if given and kind.normalise != way:
            what = f"{option} is for normalise: {way}, and this type has normalise: {kind.normalise}"
            findings.refuse(entry, (option,), "unused_option", what, f"set normalise: {way}, or leave {option} out")
    if kind.region is not None:
        findings.fault(entry, ("region",), "unknown_country", kind.region, country_fault)
