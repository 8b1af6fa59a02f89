"""The workspace's own settings."""

from __future__ import annotations

from gyeol.context.subject import READ_KEYS
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.workspace.checks.collect import path_problem
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import country_fault, currency_fault, suggestion, zone_fault
from gyeol.workspace.names import Names

CLOCKS = ("wall", "data")
MOST_FACTS_DAYS = 3_700
"""Ten years: a history of weather for an import."""
_MARKED = ("traits", "events", "consent_events")


def _check_moment(findings: Findings, entry: Entry, value: WorkspaceSettings) -> None:
    """What the Moment reads of events is known, and stands where events keep values."""
    for key, path in value.moment.items():
        if key not in READ_KEYS:
            mend = suggestion(key, READ_KEYS, f"one of: {', '.join(READ_KEYS)}")
            findings.refuse(entry, ("moment", key), "unknown_key", f"moment cannot read {key!r}", mend)
        else:
            path_problem(findings, entry, ("moment", key), path)
    if not 1 <= value.facts_days <= MOST_FACTS_DAYS:
        what = f"facts_days is {value.facts_days}"
        findings.refuse(entry, ("facts_days",), "out_of_range", what, f"1 to {MOST_FACTS_DAYS}")


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
        marked = (e.value for key in _MARKED for e in findings.entries.get(key, []))
        if not value.simulated and any(getattr(each, "simulated", False) for each in marked):
            mend = "say in ko and en which data are made up"
            findings.warn(entry, (), "simulated_unsaid", "some definitions are simulated, but 'simulated:' says nothing", mend)
