"""Commands as the log holds them: people and contents under the names that last, and nothing that could not be carried out."""

from __future__ import annotations

import msgspec

from gyeol.content.approval import CONTENT_COMMANDS
from gyeol.engine.commands import IDENTITY_COMMANDS, named
from gyeol.engine.contents import named_step
from gyeol.engine.fold import statement_of
from gyeol.engine.state import EngineState
from gyeol.engine.switching import POLICY_COMMAND, judged
from gyeol.engine.warming import WARM_COMMAND, weighed
from gyeol.events.sections import Command
from gyeol.kernel.errors import InputError, Problem


def named_command(state: EngineState, command: Command) -> Command:
    """The command with nodes instead of what people call them, and versions instead of names of contents.

    Raises:
        GyeolError: It cannot be done, or says nothing that can be read.
    """
    if command.kind == "consent":
        try:
            statement_of(command, 0)
        except msgspec.ValidationError as error:
            problem = Problem(path="consent", code="bad_consent", what=str(error), mend="send node, channel, purpose and granted")
            raise InputError("bad_consent", [problem]) from error
    if command.kind == POLICY_COMMAND:
        return judged(state, command)
    if command.kind == WARM_COMMAND:
        return weighed(state, command)
    if command.kind in CONTENT_COMMANDS:
        return named_step(state, command)
    return named(state.graph, command) if command.kind in IDENTITY_COMMANDS else command
