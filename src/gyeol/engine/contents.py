"""Commands on contents: named (which versions they are for), judged, folded."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from gyeol.content.approval import CONTENT_COMMANDS, DRAFT, ContentStep, refusal
from gyeol.content.model import ContentDefinition
from gyeol.engine.state import EngineState
from gyeol.events.sections import Command
from gyeol.kernel.errors import InputError, NotFoundError, Problem, StateError

_REFUSED: Mapping[str, str] = {
    "nobody": "who are you? Name yourself: a step is recorded with who took it",
    "role_missing": "only an approver approves and returns; submit it to one",
    "own_submission": "you submitted it yourself; somebody else must approve it",
    "not_in_review": "it is not in review; submit it first",
    "already_approved": "every variant of it is approved already",
}


class _Definitions(msgspec.Struct, frozen=True):
    """What of definitions is looked at here."""

    contents: list[ContentDefinition] = []


def named_step(state: EngineState, command: Command) -> Command:
    """The command with the versions of the words in force, for those are what somebody looked at.

    Raises:
        InputError: The body names no content.
        NotFoundError: There is no such content.
        StateError: The step cannot be taken now, by this person, in this role; its code says why.
    """
    try:
        asked = msgspec.convert(command.body, ContentStep)
    except msgspec.ValidationError as error:
        problem = Problem(path="content", code="bad_step", what=str(error), mend="send content, role and who you are")
        raise InputError("bad_step", [problem]) from error
    content = state.contents.get(asked.content)
    if content is None:
        raise NotFoundError(
            "unknown_content", f"there is no content {asked.content!r}; `gyeol content list` lists them", content=asked.content
        )
    if asked.version and asked.version != content.version:
        told = f"{content.name} is at version {content.version} now, not {asked.version}; look at it again"
        raise StateError("version_changed", told, content=content.name, version=content.version)
    standings = state.contents.approvals.of(content)
    why = refusal(command.kind, asked, command.by, standings)
    if why is not None:
        raise StateError(why, f"{content.name}: {_REFUSED[why]}", content=content.name)
    # What is approved stays so; a return takes everything back.
    meant = {
        variant.key: content.version_of(variant)
        for variant in content.variants
        if command.kind == "content_return" or standings.get(variant.key, DRAFT).state != "approved"
    }
    step = replace(asked, version=content.version, variants=meant, definitions=state.definitions.hash)
    return replace(command, body=msgspec.to_builtins(step))


def fold_content(state: EngineState, command: Command) -> None:
    """A command on a content, or definitions put in force."""
    approvals = state.contents.approvals
    if command.kind in CONTENT_COMMANDS:
        approvals.take(command.kind, msgspec.convert(command.body, ContentStep), command.by, command.at_ms, command.why)
    else:
        told = msgspec.json.decode(str(command.body["definitions"]), type=_Definitions)
        approvals.applied(told.contents, command.at_ms)
