"""Which events carry texts that people wrote."""

from __future__ import annotations

import msgspec

from gyeol.context.emotion.complaint import Source


class TextEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of event that carries a text, or that closes a case.

    Args:
        event: Its name.
        text: Path of what was written; empty: the event closes a case.
        source: Where it is said; in ``chat``, ``ticket`` and ``call`` whatever is negative is a complaint.
        case: Path of the service desk's case; without one a text is a case of its own, and a closing closes all.
    """

    event: str
    text: str = ""
    source: Source = "review"
    case: str = ""


_CASE = "properties.case_id"
USUAL: tuple[TextEvent, ...] = (
    TextEvent(event="Review Submitted", text="properties.text", source="review"),
    TextEvent(event="Product Reviewed", text="properties.review_body", source="review"),
    TextEvent(event="Survey Answered", text="properties.text", source="survey"),
    TextEvent(event="Support Message Sent", text="properties.text", source="chat", case=_CASE),
    TextEvent(event="Ticket Opened", text="properties.text", source="ticket", case=_CASE),
    TextEvent(event="Call Ended", text="properties.notes", source="call", case=_CASE),
    TextEvent(event="Ticket Closed", case=_CASE),
)
"""What is read when the workspace names no events: those of the Segment spec where it has any, and names that are common beside it."""


class TextSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events carry texts.

    Args:
        events: None named: the usual ones (``USUAL``).
    """

    events: list[TextEvent] = []

    @property
    def read(self) -> dict[str, TextEvent]:
        """By the name of the event."""
        return {each.event: each for each in (self.events or USUAL)}
