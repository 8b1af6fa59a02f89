"""Placements and offers, and what limits them."""

from __future__ import annotations

from functools import partial

from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.kernel.instants import parse_instant
from gyeol.workspace.checks.limits import check_limits, check_offer_limits, hold_fault
from gyeol.workspace.conditions import check_condition, check_formula
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import duration_fault, instant_fault
from gyeol.workspace.names import Names

cap_fault = partial(duration_fault, units="hd")


def check(findings: Findings, names: Names) -> None:
    """References, caps, dates, eligibility, scores and limits."""
    offered = {name for _, offer in findings.pairs("offers", OfferDefinition) for name in offer.placements}
    for entry, place in findings.pairs("placements", PlacementDefinition):
        findings.reference(entry, ("fallback",), place.fallback, "offers")
        findings.fault(entry, ("cap_window",), "bad_duration", place.cap_window, cap_fault)
        findings.positive(entry, ("cap",), place.cap)
        findings.positive(entry, ("diversity",), place.diversity)
        findings.fault(entry, ("hold",), "bad_duration", place.hold, hold_fault)
        if not 0 <= place.holdout < 1:
            findings.refuse(
                entry, ("holdout",), "out_of_range", f"holdout is {place.holdout:g}", "use a share from 0 up to, not including, 1"
            )
        if place.fallback is None and place.name not in offered:
            findings.warn(
                entry, (), "nothing_to_offer", "no offer names this placement", "add it to an offer's placements, or give it a fallback"
            )
    for entry, offer in findings.pairs("offers", OfferDefinition):
        for i, name in enumerate(offer.placements):
            findings.reference(entry, ("placements", i), name, "placements")
        check_condition(findings, names, entry, ("eligibility",), offer.eligibility)
        check_formula(findings, names, entry, ("score",), offer.score)
        findings.positive(entry, ("cap",), offer.cap)
        findings.fault(entry, ("cap_window",), "bad_duration", offer.cap_window, cap_fault)
        _check_dates(findings, entry, offer)
        check_offer_limits(findings, names, entry, offer)
    check_limits(findings)


def _check_dates(findings: Findings, entry: Entry, offer: OfferDefinition) -> None:
    findings.fault(entry, ("valid_from",), "bad_instant", offer.valid_from, instant_fault)
    findings.fault(entry, ("valid_until",), "bad_instant", offer.valid_until, instant_fault)
    starts, ends = (None if t is None else parse_instant(t) for t in (offer.valid_from, offer.valid_until))
    if starts is not None and ends is not None and starts >= ends:
        findings.refuse(entry, ("valid_until",), "ends_before_start", "valid_until is not after valid_from", "swap or mend the two")
