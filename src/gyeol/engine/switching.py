"""Switching a learned policy on and off: a command that brings the verdict it rests on."""

from __future__ import annotations

import msgspec

from gyeol.decisions.ranking.policies import Switch
from gyeol.engine.state import EngineState
from gyeol.events.sections import Command
from gyeol.kernel.errors import InputError, Problem

POLICY_COMMAND = "policy_switch"


def judged(state: EngineState, command: Command) -> Command:
    """The command, if its verdict allows it, with the policy as it was judged.

    Raises:
        NotFoundError: No such policy.
        InputError: It says nothing that can be read, or its verdict is not favourable, of another policy or of other definitions.
    """
    try:
        switch = msgspec.convert(command.body, Switch)
    except msgspec.ValidationError as error:
        problem = Problem(path="policy", code="bad_switch", what=str(error), mend="send policy and verdict; verdict null switches it off")
        raise InputError("bad_switch", [problem]) from error
    named = state.learning.policies.judge(switch, state.definitions.hash)
    return msgspec.structs.replace(command, body=msgspec.to_builtins(named))


def fold_switch(state: EngineState, command: Command) -> None:
    """Carry out a switch."""
    state.learning.policies.switch(msgspec.convert(command.body, Switch), command.at_ms)
