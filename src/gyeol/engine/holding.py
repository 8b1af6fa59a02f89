"""What becomes of decisions: seen, answered, sent, or held in vain. The ledgers of ``decisions`` and ``journeys`` learn it here."""

from __future__ import annotations

import numpy as np

from gyeol.channels.model import Delivery
from gyeol.decisions.ledger import DECISION_PATH
from gyeol.engine.effects import Act
from gyeol.engine.state import EngineState
from gyeol.events.batch import EventBatch
from gyeol.kernel.instants import Int64

SHOWN = "Offer Shown"
"""The event that tells an impression."""
ANSWERS = ("Offer Clicked", "Offer Taken")
"""Events after which nobody is tired of what was shown before."""


def fold_decided(state: EngineState, act: Act) -> None:
    """A decision, and the message it led to. What no message could be made of takes nothing of a budget."""
    decision, message = act.decision, act.message
    if decision is not None:
        leaves = act.enrolment is None or message is not None
        state.decided.add(decision, charged=leaves)
        state.learning.decided(decision, leaves, state.now_ms, decision.at_ms if message is None else message.not_before_ms)
    if message is not None:
        state.contacts.queued(message, {} if decision is None else decision.charges)


def fold_delivery(state: EngineState, delivery: Delivery) -> None:
    """What became of a message; what never left gives its money back, and says nothing of who would have answered."""
    unsent = state.contacts.delivered(delivery)
    if unsent is not None:
        state.decided.spending.give_back(unsent.charges, unsent.decided_ms)
        state.learning.withdrawn(unsent.node, unsent.decision, state.now_ms)


def read_impressions(state: EngineState, batch: EventBatch, nodes: Int64) -> None:
    """Impressions and answers of a batch.

    Args:
        state: Its decisions learn of them.
        batch: The events.
        nodes: (n,) node of each; -1: nobody's.
    """
    # Read first: a batch gives its names their codes when they are asked for.
    event_names = batch.name
    shown = batch.names.find(SHOWN)
    if shown >= 0 and state.decided.holds and (event_names == shown).any():
        ids = batch.texts(DECISION_PATH)
        for i in np.flatnonzero(event_names == shown).tolist():
            if ids[i]:
                state.decided.shown(ids[i] or "")
                state.learning.shown(ids[i] or "", state.now_ms)
    for answer in ANSWERS:
        code = batch.names.find(answer)
        if code >= 0:
            for i in np.flatnonzero((event_names == code) & (nodes >= 0)).tolist():
                state.decided.answered(int(nodes[i]), int(batch.time_ms[i]))
