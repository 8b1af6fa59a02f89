"""Which paths conditions over events read, and which events ask for facts that earlier actions tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gyeol.engine.definitions import Definitions
from gyeol.profiles.conditions import event_condition


def event_conditions(definitions: Definitions) -> Iterator[tuple[str, str]]:
    """(name of the event, condition) of everything that the fold asks of events: traits, triggers, goals, kinds of groups."""
    for trait in definitions.all_traits:
        if trait.where is not None:
            yield trait.event, trait.where
        if trait.then_where is not None:
            yield trait.then or trait.then_no or "$any", trait.then_where
    for journey in definitions.journeys:
        if journey.trigger.event is not None and journey.trigger.where is not None:
            yield journey.trigger.event, journey.trigger.where
    for offer in definitions.offers:
        if offer.goal is not None and offer.goal.where is not None:
            yield offer.goal.event, offer.goal.where
    for kind in definitions.groups:
        yield from (("$any", text) for text in (kind.where, kind.ends_where) if text is not None)


def asking_events(definitions: Definitions, names: Collection[str]) -> frozenset[str]:
    """The names of the events (``$any``: all) whose conditions read one of some facts.

    Args:
        definitions: The workspace's.
        names: Without ``moment.``.
    """
    wanted = {f"moment.{name}" for name in names}
    return frozenset(event for event, text in event_conditions(definitions) if not wanted.isdisjoint(event_condition(text).paths))
