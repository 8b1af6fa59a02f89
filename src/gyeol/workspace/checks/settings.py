"""The workspace's own settings."""

from __future__ import annotations

from gyeol.context.seen import SEEN
from gyeol.context.subject import READ_KEYS
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.workspace.checks.collect import path_problem
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import country_fault, currency_fault, suggestion, zone_fault
from gyeol.workspace.names import Names

CLOCKS = ("wall", "data")
MOST_FACTS_DAYS = 3_700
"""Ten years: a history of weather for an import."""
_WHOLE = frozenset(seen.key for seen in SEEN.values())
"""What the whole context of an event may say."""
_MARKED = ("traits", "events", "consent_events")


def _check_moment(findings: Findings, entry: Entry, value: WorkspaceSettings) -> None:
    """What the Moment reads of events is known, and stands where events keep values."""
    for key, path in value.moment.items():
        if key not in READ_KEYS:
            mend = suggestion(key, READ_KEYS, f"one of: {', '.join(READ_KEYS)}")
            findings.refuse(entry, ("moment", key), "unknown_key", f"moment cannot read {key!r}", mend)
        elif not (key in _WHOLE and path == "context"):
            path_problem(findings, entry, ("moment", key), path)
    if not 1 <= value.facts_days <= MOST_FACTS_DAYS:
        what = f"facts_days is {value.facts_days}"
        findings.refuse(entry, ("facts_days",), "out_of_range", what, f"1 to {MOST_FACTS_DAYS}")


def _check_read(findings: Findings, entry: Entry, value: WorkspaceSettings) -> None:
    """What is read of events beside the Moment stands where events keep values, and makes sense."""
    if value.texts is not None:
        seen: set[str] = set()
        for i, each in enumerate(value.texts.events):
            at = ("texts", "events", i)
            if each.event in seen:
                findings.refuse(entry, (*at, "event"), "duplicate_name", f"{each.event!r} stands twice", "keep one of the two")
            seen.add(each.event)
            for field, path in (("text", each.text), ("case", each.case)):
                if path:
                    path_problem(findings, entry, (*at, field), path)
    if value.supply is not None:
        for field, path in (("sku", value.supply.sku), ("price", value.supply.price), ("stock", value.supply.stock)):
            path_problem(findings, entry, ("supply", field), path)
    if value.trends is not None:
        for field, number in (("least", value.trends.least), ("rise", value.trends.rise)):
            if number <= 1:
                findings.refuse(entry, ("trends", field), "out_of_range", f"{field} is {number:g}", "more than 1")
        if not {"query", "category"} & value.moment.keys():
            mend = "add moment: {query: properties.query}"
            findings.warn(entry, ("trends",), "trends_unseen", "moment: says neither where searches stand nor categories", mend)
    if value.usual_places and "cell" not in value.moment:
        mend = "add moment: {cell: context.location}"
        findings.warn(entry, ("usual_places",), "places_unseen", "moment: does not say where events have positions", mend)


def check(findings: Findings, names: Names) -> None:
    """Zone, currency, countries and clock are known words."""
    for entry, value in findings.pairs("workspace", WorkspaceSettings):
        findings.fault(entry, ("zone",), "unknown_zone", value.zone, zone_fault)
        findings.fault(entry, ("currency",), "unknown_currency", value.currency, currency_fault)
        findings.fault(entry, ("country",), "unknown_country", value.country, country_fault)
        findings.fault(entry, ("phone_region",), "unknown_country", value.phone_region, country_fault)
        if value.clock not in CLOCKS:
            mend = suggestion(value.clock, CLOCKS, "use 'wall' (the machine's clock) or 'data' (the events' own times)")
            findings.refuse(entry, ("clock",), "wrong_value", f"clock cannot be {value.clock!r}", mend)
        _check_moment(findings, entry, value)
        _check_read(findings, entry, value)
        marked = (e.value for key in _MARKED for e in findings.entries.get(key, []))
        if not value.simulated and any(getattr(each, "simulated", False) for each in marked):
            mend = "say in ko and en which data are made up"
            findings.warn(entry, (), "simulated_unsaid", "some definitions are simulated, but 'simulated:' says nothing", mend)
