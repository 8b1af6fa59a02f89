"""Channels, journeys, campaigns, consent and law."""

from __future__ import annotations

from functools import partial

from gyeol.channels.model import ChannelDefinition
from gyeol.decisions.model import PlacementDefinition
from gyeol.journeys.model import CampaignDefinition, JourneyDefinition
from gyeol.kernel.instants import parse_instant
from gyeol.privacy.model import ConsentEventDefinition, LawRule
from gyeol.workspace.checks.channels import check_channel, check_sender
from gyeol.workspace.checks.collect import path_problem
from gyeol.workspace.conditions import check_event_condition
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import clock_fault, country_fault, duration_fault, instant_fault
from gyeol.workspace.names import Names

wait_fault = partial(duration_fault, units="mhdw")


def check(findings: Findings, names: Names) -> None:
    """Whatever leaves the house."""
    for entry, channel in findings.pairs("channels", ChannelDefinition):
        check_channel(findings, entry, channel)
    for entry, journey in findings.pairs("journeys", JourneyDefinition):
        _check_journey(findings, entry, journey)
    check_sender(findings)
    for entry, campaign in findings.pairs("campaigns", CampaignDefinition):
        _check_campaign(findings, entry, campaign)
    for entry, consent in findings.pairs("consent_events", ConsentEventDefinition):
        findings.planned(entry, ("event",), consent.event)
        for field in ("channel", "purpose", "status", "address", "proof"):
            path = getattr(consent, field)
            if path is not None:
                path_problem(findings, entry, (field,), path)
    for entry, law in findings.pairs("laws", LawRule):
        _check_law(findings, entry, law)


def _check_journey(findings: Findings, entry: Entry, journey: JourneyDefinition) -> None:
    trigger, message = journey.trigger, journey.message
    if (trigger.audience is None) == (trigger.event is None):
        findings.refuse(
            entry, ("trigger",), "one_trigger", "a trigger is either an audience or an event", "keep exactly one of 'audience' and 'event'"
        )
    findings.reference(entry, ("trigger", "audience"), trigger.audience, "audiences")
    findings.planned(entry, ("trigger", "event"), trigger.event)
    if trigger.where is not None and trigger.event is None:
        findings.refuse(
            entry, ("trigger", "where"), "where_without_event", "where reads an event's paths", "put the condition into the audience"
        )
    check_event_condition(findings, entry, ("trigger", "where"), trigger.where)
    findings.reference(entry, ("message", "channel"), message.channel, "channels")
    findings.reference(entry, ("message", "placement"), message.placement, "placements")
    findings.reference(entry, ("campaign",), journey.campaign, "campaigns")
    findings.planned(entry, ("goal_event",), journey.goal_event)
    findings.fault(entry, ("message", "expires_after"), "bad_duration", message.expires_after, wait_fault)
    findings.fault(entry, ("re_entry",), "bad_duration", journey.re_entry, wait_fault)
    findings.fault(entry, ("goal_within",), "bad_duration", journey.goal_within, wait_fault)
    media = {c.name: c.medium for _, c in findings.pairs("channels", ChannelDefinition)}
    asked = {p.name: p.channel for _, p in findings.pairs("placements", PlacementDefinition)}
    medium, channel = media.get(message.channel), asked.get(message.placement)
    if medium is not None and channel is not None and medium != channel:
        what = f"channel {message.channel!r} is {medium!r}, but placement {message.placement!r} asks for consent to {channel!r}"
        findings.warn(entry, ("message", "placement"), "medium_differs", what, "use a placement of the same channel")


def _check_campaign(findings: Findings, entry: Entry, campaign: CampaignDefinition) -> None:
    findings.fault(entry, ("starts",), "bad_instant", campaign.starts, instant_fault)
    findings.fault(entry, ("ends",), "bad_instant", campaign.ends, instant_fault)
    findings.reference(entry, ("kpi",), campaign.kpi, "kpis")
    findings.positive(entry, ("budget_minor",), campaign.budget_minor)
    starts, ends = (None if t is None else parse_instant(t) for t in (campaign.starts, campaign.ends))
    if starts is not None and ends is not None and starts > ends:
        findings.refuse(
            entry, ("ends",), "ends_before_start", f"ends on {campaign.ends} before it starts on {campaign.starts}", "swap or mend the two"
        )


def _check_law(findings: Findings, entry: Entry, law: LawRule) -> None:
    findings.fault(entry, ("country",), "unknown_country", law.country, country_fault)
    findings.fault(entry, ("quiet_from",), "bad_clock", law.quiet_from, clock_fault)
    findings.fault(entry, ("quiet_until",), "bad_clock", law.quiet_until, clock_fault)
    findings.positive(entry, ("reconfirm_years",), law.reconfirm_years)
    if (law.quiet_from is None) != (law.quiet_until is None):
        findings.refuse(entry, (), "half_quiet", "quiet hours need both ends", "give quiet_from and quiet_until, or neither")
    if not law.channels:
        findings.refuse(entry, ("channels",), "empty", "channels is empty", "name the channels that the rule holds for")
