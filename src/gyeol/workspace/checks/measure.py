"""KPIs and funnels."""

from __future__ import annotations

from functools import partial

from gyeol.measures.model import FunnelDefinition, KpiDefinition
from gyeol.workspace.checks.collect import path_problem
from gyeol.workspace.conditions import check_event_condition
from gyeol.workspace.findings import Findings
from gyeol.workspace.formats import duration_fault
from gyeol.workspace.names import Names


def check(findings: Findings, names: Names) -> None:
    """Figures read events and paths that exist."""
    for entry, kpi in findings.pairs("kpis", KpiDefinition):
        findings.planned(entry, ("event",), kpi.event)
        if kpi.measure in ("sum", "rows") and kpi.property is None:
            findings.refuse(entry, (), "missing_key", f"'property' is missing: {kpi.measure} needs one", "add 'property: properties.…'")
        if kpi.property is not None:
            path_problem(findings, entry, ("property",), kpi.property)
        check_event_condition(findings, entry, ("where",), kpi.where)
    for entry, funnel in findings.pairs("funnels", FunnelDefinition):
        if len(funnel.steps) < 2:
            findings.refuse(entry, ("steps",), "too_few_steps", f"{len(funnel.steps)} step(s)", "a funnel has at least two steps")
        for i, step in enumerate(funnel.steps):
            findings.planned(entry, ("steps", i, "event"), step.event)
            findings.fault(entry, ("steps", i, "within"), "bad_duration", step.within, partial(duration_fault, units="mhdw"))
        if funnel.by is not None:
            path_problem(findings, entry, ("by",), funnel.by)
