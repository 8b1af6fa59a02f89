"""How placements rank: policies with their features, goals, creatives, and the channels and hours that are left open."""

from __future__ import annotations

from functools import partial

from gyeol.channels.model import ChannelDefinition
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.model import FORMULA, RULE, PolicyDefinition
from gyeol.workspace.checks.collect import path_problem
from gyeol.workspace.conditions import check_event_condition, check_formula
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import duration_fault, suggestion
from gyeol.workspace.names import Names

MOST_FEATURES = 64
"""A decision costs some 10 µs more for every eight features and fifty offers."""
within_fault = partial(duration_fault, units="mhdw")


def check(findings: Findings, names: Names) -> None:
    """Every policy, every goal, and whether a placement's policy has something to learn from."""
    policies = findings.pairs("policies", PolicyDefinition)
    for entry, policy in policies:
        _check_policy(findings, names, entry, policy)
    for entry, offer in findings.pairs("offers", OfferDefinition):
        _check_goal(findings, entry, offer)
    known = [RULE, FORMULA, *findings.names("policies")]
    channels = {channel.name for _, channel in findings.pairs("channels", ChannelDefinition)}
    for entry, place in findings.pairs("placements", PlacementDefinition):
        if place.ranking not in known:
            mend = suggestion(place.ranking, known, "write rule, formula or the name of a policy")
            findings.refuse(entry, ("ranking",), "unknown_ranking", f"ranking {place.ranking!r} is no policy", mend)
        for i, name in enumerate(place.channels):
            if name not in channels:
                mend = suggestion(name, sorted(channels), "declare it under 'channels:'")
                findings.refuse(entry, ("channels", i), "unknown_channels", f"channels names {name!r}, which does not exist", mend)
        for i, hour in enumerate(place.hours):
            if not 0 <= hour <= 23:
                findings.refuse(entry, ("hours", i), "out_of_range", f"hours holds {hour}", "write hours from 0 to 23")
        if place.ranking not in (RULE, FORMULA):
            offers = [each for _, each in findings.pairs("offers", OfferDefinition) if place.name in each.placements]
            for offer in offers:
                if offer.goal is None and offer.name != place.fallback:
                    what = f"offer {offer.name!r} has no goal, so policy {place.ranking!r} learns nothing of it"
                    findings.warn(entry, ("ranking",), "nothing_to_learn", what, "give the offer a goal")


def _check_policy(findings: Findings, names: Names, entry: Entry, policy: PolicyDefinition) -> None:
    if policy.name in (RULE, FORMULA):
        what = f"{policy.name!r} is a ranking that every workspace has"
        findings.refuse(entry, ("name",), "reserved_name", what, "choose another name")
    if not policy.features:
        what = "a policy without features learns one number for each offer"
        findings.warn(entry, (), "no_features", what, "add features: {name: formula}")
    if len(policy.features) > MOST_FEATURES:
        what = f"{len(policy.features)} features"
        findings.refuse(entry, ("features",), "too_many_features", what, f"keep the {MOST_FEATURES} that matter most")
    for name, text in policy.features.items():
        check_formula(findings, names, entry, ("features", name), text)
    findings.fault(entry, ("forgetting",), "bad_duration", policy.forgetting, within_fault)
    for at, value, good, mend in (
        (("epsilon",), policy.epsilon, 0 <= policy.epsilon <= 1, "use a share from 0 to 1"),
        (("prior", "rate"), policy.prior.rate, 0 < policy.prior.rate < 1, "use a share above 0 and below 1"),
        (("prior", "sd"), policy.prior.sd, policy.prior.sd > 0, "use a number above 0"),
        (("noise",), policy.noise, policy.noise > 0, "use a number above 0"),
        (("exploration",), policy.exploration, policy.exploration >= 0, "use 0 or more"),
    ):
        if not good:
            findings.refuse(entry, at, "out_of_range", f"{'.'.join(at)} is {value:g}", mend)


def _check_goal(findings: Findings, entry: Entry, offer: OfferDefinition) -> None:
    goal = offer.goal
    if goal is None:
        return
    findings.planned(entry, ("goal", "event"), goal.event)
    check_event_condition(findings, entry, ("goal", "where"), goal.where)
    findings.fault(entry, ("goal", "within"), "bad_duration", goal.within, within_fault)
    if isinstance(goal.value, str):
        path_problem(findings, entry, ("goal", "value"), goal.value)
    else:
        findings.positive(entry, ("goal", "value"), goal.value)
