"""The workspace's own settings."""

from __future__ import annotations

from gyeol.engine.definitions import WorkspaceSettings
from gyeol.workspace.findings import Findings
from gyeol.workspace.formats import country_fault, currency_fault, suggestion, zone_fault
from gyeol.workspace.names import Names

CLOCKS = ("wall", "data")
_MARKED = ("traits", "events", "consent_events")


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
        marked = (e.value for key in _MARKED for e in findings.entries.get(key, []))
        if not value.simulated and any(getattr(each, "simulated", False) for each in marked):
            mend = "say in ko and en which data are made up"
            findings.warn(entry, (), "simulated_unsaid", "some definitions are simulated, but 'simulated:' says nothing", mend)
