"""Who a request for decisions is about, what its key may ask, and what it may learn."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from gyeol.accounts.tokens import user_token
from gyeol.app.answers import RenderedReason
from gyeol.app.intake import DecideRequest
from gyeol.app.spoken import Spoken
from gyeol.app.views import find_person
from gyeol.decisions.model import Decision
from gyeol.engine.jobs import Decided
from gyeol.engine.state import EngineState
from gyeol.events.model import SourceDefinition
from gyeol.kernel.errors import InputError, Problem

Find = Callable[[EngineState], int | tuple[str, str]]


def visitor_of(request: DecideRequest, source: SourceDefinition, decide_key: str) -> tuple[Find, list[str]]:
    """How to find the node that a request is about, and the placements it asks for.

    A client key is in everybody's hands: it may ask for its own anonymousId, or for a userId with a token that the shop's server signed.

    Raises:
        InputError: With every problem of the request.
    """
    problems: list[Problem] = []
    placements = [*request.placements, *([request.placement] if request.placement is not None else [])]
    if not placements:
        problems.append(Problem(path="placements", code="no_placement", what="no placement was named", mend="send placements: [name, …]"))
    if request.lang not in ("ko", "en"):
        problems.append(Problem(path="lang", code="bad_language", what=f"{request.lang!r} is not served", mend="send ko or en"))
    if source.trust == "client":
        problems += _client_problems(request, decide_key)
    elif request.person is None and request.userId is None and request.anonymousId is None:
        problems.append(Problem(path="person", code="no_person", what="nobody was named", mend="send person, userId or anonymousId"))
    if problems:
        raise InputError("bad_request", problems)
    if request.person is not None:
        person = request.person
        return lambda state: state.graph.members(find_person(state, person))[0], placements
    named = ("user_id", request.userId) if request.userId is not None else ("anonymous_id", request.anonymousId or "")
    return lambda state: named, placements


def _client_problems(request: DecideRequest, decide_key: str) -> list[Problem]:
    problems: list[Problem] = []
    if request.person is not None:
        problems.append(
            Problem(
                path="person",
                code="server_key_needed",
                what="a client key may not ask for any person",
                mend="send anonymousId, or userId with userToken",
            )
        )
    if request.userId is not None:
        good = hmac.compare_digest(user_token(decide_key, request.userId).encode(), (request.userToken or "").encode())
        if not good:
            problems.append(
                Problem(
                    path="userToken",
                    code="bad_token",
                    what="userId needs a token signed by your server",
                    mend="sign it as docs/decide.md shows",
                )
            )
    elif request.anonymousId is None and request.person is None:
        problems.append(Problem(path="anonymousId", code="no_person", what="nobody was named", mend="send the SDK's anonymousId"))
    return problems


def shown(answer: Decided, spoken: Spoken | None) -> dict[str, object]:
    """A decision as the public port answers it; reasons and refusals only where ``spoken`` says them."""
    decision = answer.decision
    told: dict[str, object] = {
        "id": decision.id,
        "placement": decision.placement,
        "offer": decision.chosen,
        "fallback": decision.fallback,
        "content": answer.content,
    }
    if decision.creative is not None:
        told["creative"] = decision.creative
    if answer.coupon is not None:
        told["coupon"] = {"pool": answer.coupon.pool, "code": answer.coupon.code, "expires": answer.coupon.expires}
    if spoken is not None:
        told["holdout"] = decision.holdout
        told["person"] = decision.person
        told["moment"] = decision.moment
        told["reasons"] = [_plain(spoken.reason(each)) for each in decision.reasons]
        told["refusals"] = [
            {"offer": r.offer, "gate": r.gate, "score": r.score, "reason": _plain(spoken.reason(r.reason))} for r in decision.refusals
        ]
        told |= _ranked(decision)
    return told


def _ranked(decision: Decision) -> dict[str, object]:
    """What a policy leaves with a decision; nothing for other rankings."""
    if decision.policy is None:
        return {}
    return {
        "policy": decision.policy,
        "propensity": decision.propensity,
        "explored": decision.explored,
        "features": decision.features,
        "contributions": [
            {"feature": c.feature, "value": c.value, "chosen": c.chosen, "runner_up": c.runner_up} for c in decision.contributions
        ],
    }


def _plain(reason: RenderedReason) -> dict[str, object]:
    """What JSON shows of a reason."""
    return {"code": reason.code, "params": reason.params, "text": reason.text}
