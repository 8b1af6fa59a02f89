"""Categories, partners, caps, budgets: what limits offers."""

from __future__ import annotations

from functools import partial

from gyeol.context.moment import PREFIX, moment_schema
from gyeol.decisions.limits import MOST_COUNTED, Budget, CapDefinition, CategoryDefinition, OfferBudget, PartnerDefinition
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.workspace.conditions import check_event_condition, check_formula
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import duration_fault, suggestion
from gyeol.workspace.names import Names
from gyeol.workspace.yaml_source import Path_

hold_fault = partial(duration_fault, units="smhd")
_window_fault = partial(duration_fault, units="hd")
_half_life_fault = partial(duration_fault, units="hdw")


def check_limits(findings: Findings) -> None:
    """Budgets of categories and partners, caps, and what the workspace says of contacts and fatigue."""
    for entry, category in findings.pairs("categories", CategoryDefinition):
        _check_budget(findings, entry, category.budget)
    for entry, partner in findings.pairs("partners", PartnerDefinition):
        _check_budget(findings, entry, partner.budget)
        findings.positive(entry, ("day",), partner.day)
        findings.positive(entry, ("total",), partner.total)
    channels = {place.channel for _, place in findings.pairs("placements", PlacementDefinition)}
    for entry, cap in findings.pairs("caps", CapDefinition):
        _check_most(findings, entry, ("most",), cap.most)
        findings.fault(entry, ("window",), "bad_duration", cap.window, _window_fault)
        findings.reference(entry, ("category",), cap.category, "categories")
        findings.reference(entry, ("partner",), cap.partner, "partners")
        if cap.channel is not None and cap.channel not in channels:
            mend = suggestion(cap.channel, sorted(channels), "use the channel of a placement")
            findings.refuse(entry, ("channel",), "unknown_channels", f"no placement is on channel {cap.channel!r}", mend)
    for entry, workspace in findings.pairs("workspace", WorkspaceSettings):
        _check_workspace(findings, entry, workspace)


def check_offer_limits(findings: Findings, names: Names, entry: Entry, offer: OfferDefinition) -> None:
    """The category, partner, budget, inventory, freshness and value of one offer."""
    findings.reference(entry, ("category",), offer.category, "categories")
    findings.reference(entry, ("partner",), offer.partner, "partners")
    check_formula(findings, names, entry, ("value",), offer.value)
    _check_budget(findings, entry, offer.budget)
    if offer.budget is not None and offer.budget.cost_minor < 0:
        told = f"budget.cost_minor is {offer.budget.cost_minor}"
        findings.refuse(entry, ("budget", "cost_minor"), "out_of_range", told, "use 0 or more minor units")
    if offer.inventory is not None:
        for field in ("least", "day", "total"):
            findings.positive(entry, ("inventory", field), getattr(offer.inventory, field))
        if offer.inventory.sku is None and offer.inventory.day is None and offer.inventory.total is None:
            mend = "name the sku whose stock counts, or say how many there are: day, total"
            findings.refuse(entry, ("inventory",), "empty", "inventory limits nothing", mend)
    if offer.bought is not None:
        findings.planned(entry, ("bought", "event"), offer.bought.event)
        check_event_condition(findings, entry, ("bought", "where"), offer.bought.where)
        findings.fault(entry, ("bought", "within"), "bad_duration", offer.bought.within, _window_fault)
    facts = sorted(name for name in moment_schema() if name.startswith(PREFIX))
    for i, name in enumerate(offer.fresh):
        if name not in facts:
            findings.refuse(
                entry, ("fresh", i), "unknown_name", f"there is no fact {name!r}", suggestion(name, facts, "see docs/moment.md")
            )


def _check_workspace(findings: Findings, entry: Entry, workspace: WorkspaceSettings) -> None:
    contacts, fatigue = workspace.contact_budget, workspace.fatigue
    if contacts is not None:
        _check_most(findings, entry, ("contact_budget", "most"), contacts.most)
        findings.fault(entry, ("contact_budget", "per"), "bad_duration", contacts.per, _window_fault)
        findings.fault(entry, ("contact_budget", "wait"), "bad_duration", contacts.wait, hold_fault)
    if fatigue is not None:
        findings.fault(entry, ("fatigue", "half_life"), "bad_duration", fatigue.half_life, _half_life_fault)
        if not 0 < fatigue.most <= MOST_COUNTED:
            told = f"fatigue.most is {fatigue.most:g}"
            findings.refuse(entry, ("fatigue", "most"), "out_of_range", told, f"use a number above 0, up to {MOST_COUNTED}")


def _check_most(findings: Findings, entry: Entry, at: Path_, most: int) -> None:
    if not 1 <= most <= MOST_COUNTED:
        name = ".".join(map(str, at))
        findings.refuse(entry, at, "out_of_range", f"{name} is {most}", f"use a whole number from 1 to {MOST_COUNTED}")


def _check_budget(findings: Findings, entry: Entry, budget: Budget | OfferBudget | None) -> None:
    for field in ("day_minor", "total_minor"):
        findings.positive(entry, ("budget", field), None if budget is None else getattr(budget, field))
