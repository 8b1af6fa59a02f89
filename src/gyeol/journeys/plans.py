"""The messages that a journey's step may choose from: its own channel at once, or what the placement leaves open."""

from __future__ import annotations

from gyeol.channels.model import ChannelDefinition
from gyeol.decisions.gates.gate import MessagePlan
from gyeol.decisions.model import PlacementDefinition
from gyeol.decisions.person import PersonView
from gyeol.journeys.model import MessageStep
from gyeol.journeys.trigger import Journey
from gyeol.kernel.instants import Zone
from gyeol.kernel.reason import Reason
from gyeol.privacy.consent import NIGHT
from gyeol.privacy.law import LawTable

HOUR_MS = 3_600_000


def message_plans(
    journey: Journey, placement: PlacementDefinition | None, person: PersonView, laws: LawTable, now_ms: int, ready_ms: int, expires_ms: int
) -> tuple[MessagePlan, ...]:
    """Every message that may be chosen, by channel and then by hour as the placement names them.

    A channel without an address, and an hour that comes too late, are closed and say why. With no hour left open a message leaves as soon
    as the law allows; an hour that is named is kept, and the law refuses it when it is a quiet one.

    Args:
        journey: Its channel is taken where the placement leaves none open.
        placement: What is open; None: nothing.
        person: The recipient.
        laws: For quiet hours.
        now_ms: ``engine_now``.
        ready_ms: No message leaves before.
        expires_ms: From then on it is too late.
    """
    step = journey.definition.message
    names = [] if placement is None else placement.channels
    channels = [journey.channels[name] for name in names if name in journey.channels]
    hours: list[int | None] = [None] if placement is None or not placement.hours else [*placement.hours]
    found = []
    for channel in channels or [journey.channel]:
        closed = _unreachable(person, channel) if channels else None
        for hour in hours:
            if hour is None:
                night = person.consent(channel.medium, NIGHT, now_ms)
                at_ms = laws.next_lawful_ms(ready_ms, person.zone, channel.medium, step.message_class, night, person.country)
                at_ms = now_ms if at_ms >= expires_ms else at_ms
            else:
                at_ms = next_hour_ms(person.zone, hour, ready_ms)
            late = Reason(code="too_late", params={"expires_at_ms": expires_ms}) if hour is not None and at_ms >= expires_ms else None
            found.append(_plan(step, channel, at_ms, hour, channel.name if channels else None, closed or late))
    return tuple(found)


def next_hour_ms(zone: Zone, hour: int, ready_ms: int) -> int:
    """The first instant from ``ready_ms`` on at which it is this hour of the day in a zone."""
    day = zone.day(ready_ms)
    start_ms = zone.day_start_ms(day) + hour * HOUR_MS
    if ready_ms < start_ms + HOUR_MS:
        return max(start_ms, ready_ms)
    return zone.day_start_ms(day + 1) + hour * HOUR_MS


def _unreachable(person: PersonView, channel: ChannelDefinition) -> Reason | None:
    return Reason(code="no_address", params={"medium": channel.medium}) if person.address(channel.medium) is None else None


def _plan(
    step: MessageStep, channel: ChannelDefinition, at_ms: int, hour: int | None, name: str | None, closed: Reason | None
) -> MessagePlan:
    return MessagePlan(
        medium=channel.medium,
        message_class=step.message_class,
        purpose=step.purpose,
        send_at_ms=at_ms,
        channel=name,
        hour=hour,
        cost=channel.cost,
        closed=closed,
    )
