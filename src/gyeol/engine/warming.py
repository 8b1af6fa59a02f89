"""A policy's beginning with history: a command that brings the sums of logged decisions along."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.learner import Arm
from gyeol.decisions.ranking.warm import Warm
from gyeol.engine.state import EngineState
from gyeol.events.sections import Command
from gyeol.kernel.errors import InputError, Problem

WARM_COMMAND = "policy_warm"
NAMED = 10
"""So many unknown arms are named in a problem."""


def arms_of(policy: str, placements: Iterable[PlacementDefinition], offers: Iterable[OfferDefinition]) -> list[str]:
    """The arms that a policy may ever draw, as its posterior names them: what can be shown where it ranks, but for fallbacks."""
    mine = [place for place in placements if place.ranking == policy]
    found: list[str] = []
    for offer in offers:
        if any(place.name in offer.placements and place.fallback != offer.name for place in mine):
            creatives: list[str | None] = [*sorted(offer.creatives)] or [None]
            found += [Arm(offer.name, creative).block for creative in creatives]
    return found


def weighed(state: EngineState, command: Command) -> Command:
    """The command, if the policy may begin with its history.

    Raises:
        NotFoundError: No such policy.
        InputError: It says nothing that can be read; or every reason why not.
    """
    try:
        warm = msgspec.convert(command.body, Warm)
    except msgspec.ValidationError as error:
        problem = Problem(path="policy", code="bad_warm_start", what=str(error), mend="send what `gyeol policy warm --out FILE` writes")
        raise InputError("bad_warm_start", [problem]) from error
    state.learning.policies.known(warm.policy)
    # First of all: sums are only unpacked for arms that there are, whatever a history names.
    known = arms_of(warm.policy, state.definitions.placements, state.definitions.offers)
    there = set(known)
    strange = [name for name in warm.arms if name not in there]
    if strange:
        raise InputError("bad_warm_start", [unknown_arms(strange, known, "arms")])
    state.learning.policies.weigh(warm, state.now_ms)
    return msgspec.structs.replace(command, body=msgspec.to_builtins(warm))


def unknown_arms(strange: list[str], known: list[str], path: str, rows: str = "") -> Problem:
    """What is wrong with arms that a policy never draws. ``rows``: how many decisions they have."""
    named = ", ".join(repr(name) for name in strange[:NAMED]) + (", …" if len(strange) > NAMED else "")
    there = ", ".join(known[:NAMED]) + (", …" if len(known) > NAMED else "")
    what = f"the policy never draws {named}{rows}; it draws: {there or 'nothing'}"
    return Problem(path=path, code="unknown_arm", what=what, mend="name offers of its placements, offer/creative where there are several")


def fold_warm(state: EngineState, command: Command) -> None:
    """Take a history in."""
    state.learning.policies.warm(msgspec.convert(command.body, Warm), state.now_ms)
