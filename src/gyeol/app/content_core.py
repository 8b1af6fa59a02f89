"""What the core tells of contents: where each version stands, and what a content would say to one person."""

from __future__ import annotations

from gyeol.app.content_asked import ContentsReply, SayReply, SayRequest
from gyeol.app.views import find_person
from gyeol.content.library import Chosen, Contents, Value, pictured, rendered
from gyeol.content.variants import Reader
from gyeol.context.moment import moment_schema
from gyeol.engine.definitions import Definitions
from gyeol.engine.grouping import group_schema
from gyeol.engine.state import EngineState
from gyeol.expressions.schema import Schema
from gyeol.journeys.saying import tone_of
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.reason import Reason
from gyeol.profiles.rules import compile_traits

SAMPLE_NUMBER = 3
"""What numbers of nobody in particular are."""


def contents_reply(state: EngineState) -> ContentsReply:
    """Where every version stands."""
    approvals = state.contents.approvals
    return ContentsReply(standing=approvals.standing, since=approvals.since, last=approvals.last)


def schema_of(definitions: Definitions) -> Schema:
    """The names that texts may read of people, with their types."""
    traits = compile_traits(definitions.traits, definitions.plan, definitions.workspace.currency)
    schema = {trait.definition.name: trait.info() for trait in traits}
    return {**schema, **group_schema(definitions.groups, schema), **moment_schema()}


def say_to(state: EngineState, person: str, asked: SayRequest) -> SayReply:
    """What a content would say to a person now. Raises NotFoundError."""
    view = state.person_view(state.graph.members(find_person(state, person))[0])
    reader = Reader(
        medium=asked.channel,
        language=asked.language or view.language,
        tone=asked.tone or tone_of(view),
        stage=view.stage,
        in_audience=view.in_audience,
    )
    return _said(asked, reader, state.contents, view.value, state.now_ms)


def say_to_nobody(asked: SayRequest, contents: Contents, schema: Schema) -> SayReply:
    """The same for nobody in particular: texts stand as ``‹name›``, numbers are 3, flags true."""

    def value(name: str) -> object:
        kind = schema[name].type
        return SAMPLE_NUMBER if kind in ("number", "time") else True if kind == "flag" else f"‹{name}›"

    languages = [variant.language for variant in asked.content.variants]
    reader = Reader(medium=asked.channel, language=asked.language or (languages[0] if languages else ""), tone=asked.tone)
    return _said(asked, reader, contents, value, 0)


def _said(asked: SayRequest, reader: Reader, contents: Contents, value: Value, now_ms: int) -> SayReply:
    """With all variants, approved or not: a preview is how one sees what is to be approved."""
    mine = Contents([asked.content], contents.catalogue, colours=contents.colours)
    chosen: Chosen | Reason
    if asked.variant is None:
        chosen = mine.choose(asked.content.name, reader)
    else:
        chosen = mine.very(asked.content.name, asked.variant, reader.tone or "")
    if isinstance(chosen, Reason):
        return SayReply(reason=chosen)
    chosen = pictured(chosen, mine.pictures, value, now_ms)
    case = {"id": "d_preview", "offer": "preview", "placement": "preview", "creative": "preview"}

    def said(name: str) -> object:
        """A preview takes no code out of a pool, so the coupon stands as ``‹coupon.code›``, as texts of nobody do."""
        return f"‹{name}›" if name.startswith("coupon.") else value(name)

    try:
        return SayReply(fields=rendered(chosen, said, case), wording=chosen.wording)
    except InputError as error:
        return SayReply(wording=chosen.wording, problems=error.problems)
    except ValueError as error:
        return SayReply(wording=chosen.wording, problems=[Problem(path="facts", code="bad_fact", what=str(error))])
