"""Facts: what is observed of the world and of people; and the Moment of one person."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gyeol.app.fact_answers import FactsAnswer, FactsSaidAnswer, MomentAnswer
from gyeol.context.record import FactInput
from gyeol.server.side.routes.people import BY, Asked, Limit


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts, recorded all or none."""

    facts: list[FactInput]


@get("/v1/facts", sync_to_thread=True)
def facts(desk: Asked, name: FromQuery[str | None] = None, about: FromQuery[str | None] = None, limit: Limit = 100) -> FactsAnswer:
    """Facts that are held, those observed last first; ``about``: ``store:gangnam``, ``person:user_id:u1``, ``workspace``."""
    return desk.facts(name or None, about or None, limit)


@post("/v1/facts", status_code=200, sync_to_thread=True)
def add_facts(desk: Asked, data: JSONBody[Told]) -> FactsSaidAnswer:
    """Record facts; the answer comes after they are durable and folded."""
    return desk.add_facts(data.facts, BY)


@get("/v1/people/{id:str}/moment", sync_to_thread=True)
def moment(desk: Asked, id: FromPath[str], at: FromQuery[str | None] = None) -> MomentAnswer:
    """What is true of one person now, or as of an instant: every fact with source, age, TTL and confidence."""
    return desk.moment(id, at or None)


ROUTES = [facts, add_facts, moment]
