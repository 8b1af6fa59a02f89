"""The OpenFeature Remote Evaluation Protocol on the public port: placements are flags, for any OpenFeature SDK.

``home_banner`` is an object, ``home_banner.offer`` the offer's name, ``home_banner.shown`` whether an offer was chosen that is not the
fallback. Evaluations repeat themselves (a page polls, a program evaluates in a loop), so each is answered with the decision that stands
for the visit: ``engine.standing``. Source: https://github.com/open-feature/protocol, service/openapi.yaml and ADR 0008 (event streams).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

import msgspec

from gyeol.app.intake import DecideRequest, Intake
from gyeol.context.moment import told_kinds
from gyeol.events.model import SourceDefinition
from gyeol.events.wire import inflate
from gyeol.kernel.errors import BackendError, GyeolError, InputError, NotFoundError
from gyeol.server.core.http import Request, TooLargeError, retry_after
from gyeol.server.core.keys import key_in_header, key_in_query
from gyeol.server.core.stream import PATH as STREAM

BULK = "/ofrep/v1/evaluate/flags"
SINGLE = BULK + "/"
MAX_BODY_BYTES = 65_536
INACTIVE_S = 120
"""A provider closes its stream after its page was out of sight for so long. Source: the value of OFREP's ADR 0008."""
OFFER, SHOWN = "offer", "shown"
_PARTS = (OFFER, SHOWN)


class _Body(msgspec.Struct):
    """Body of both requests; what else stands in it is for others."""

    context: dict[str, object] | None = None


class _Refused(Exception):
    """An evaluation that cannot be made, as the protocol says it."""

    def __init__(self, code: str, details: str, status: int = 400) -> None:
        super().__init__(details)
        self.code, self.details, self.status = code, details, status


_decode = msgspec.json.Decoder(_Body).decode


class Ofrep:
    """Answers evaluations.

    Args:
        intake: The core.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def post(self, request: Request) -> None:
        """Answer one request, for a flag or for all."""
        flag = request.path.removeprefix(SINGLE) if request.path.startswith(SINGLE) else None
        source = self._source(request)
        if source is None:
            request.turn_away(401, "unknown_write_key", "Send a source's write key as `Authorization: Bearer KEY`, or as `X-API-Key`.")
            return
        busy = self._intake.busy_deciding()
        if busy is not None:
            request.turn_away_while(busy)
            return
        try:
            context = _context(request)
            if flag is None:
                await self._bulk(request, source, context)
            else:
                await self._single(request, source, context, flag)
        except _Refused as refused:
            told = {"errorCode": refused.code, "errorDetails": refused.details}
            request.refuse(refused.status, refused.code.lower(), told if flag is None else {"key": flag, **told})
        except BackendError as error:
            request.turn_away(503, error.code, error.message, *retry_after(2))

    def _source(self, request: Request) -> SourceDefinition | None:
        found = self._intake.source(key_of(request))
        return None if found is None else found[1]

    async def _single(self, request: Request, source: SourceDefinition, context: Mapping[str, object], flag: str) -> None:
        placement, _, part = flag.partition(".")
        if placement not in self._intake.placements() or (part and part not in _PARTS):
            known = ", ".join(name for name in self._intake.placements()) or "none"
            raise _Refused("FLAG_NOT_FOUND", f"There is no placement {placement!r}, or no such part of it; placements: {known}.", 404)
        (decision,) = await self._decided(source, context, [placement])
        flags = _flags(decision, source)
        request.answer_json(200, next(each for each in flags if each["key"] == flag))

    async def _bulk(self, request: Request, source: SourceDefinition, context: Mapping[str, object]) -> None:
        placements = self._wanted(request)
        decisions = await self._decided(source, context, placements) if placements else []
        told: dict[str, object] = {"flags": [flag for decision in decisions for flag in _flags(decision, source)]}
        if source.trust == "client" and placements:
            query = {"writeKey": key_of(request), "placements": ",".join(placements), **_asked(context, source)}
            endpoint = {"requestUri": f"{STREAM}?{urlencode(query)}"}
            told["eventStreams"] = [{"type": "sse", "endpoint": endpoint, "inactivityDelaySec": INACTIVE_S}]
        body = msgspec.json.encode(told)
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        if _matches(request.headers.get(b"if-none-match", b"").decode("latin-1"), etag):
            request.answer(304, b"", (b"etag", etag.encode()))
        else:
            request.answer(200, body, (b"etag", etag.encode()), (b"cache-control", b"private, no-cache"))

    def _wanted(self, request: Request) -> list[str]:
        """The placements of a bulk request: those that ``?placements=`` names, else all of web and app."""
        named = parse_qs(request.query.decode("latin-1")).get("placements")
        known = self._intake.placements()
        if named is None:
            return [name for name, channel in known.items() if channel in ("web", "app")]
        return [name for name in dict.fromkeys(",".join(named).split(",")) if name in known]

    async def _decided(self, source: SourceDefinition, context: Mapping[str, object], placements: Sequence[str]) -> list[dict[str, object]]:
        asked = _asked(context, source)
        if not any(asked.get(name) for name in ("person", "userId", "anonymousId")):
            raise _Refused("TARGETING_KEY_MISSING", "The context names nobody: set targetingKey.")
        try:
            told = msgspec.convert({**asked, "placements": list(placements), "standing": True, "context": _facts(context)}, DecideRequest)
            return await self._intake.decide(told, source)
        except InputError as error:
            raise _Refused("INVALID_CONTEXT", "; ".join(f"{each.what}: {each.mend}" for each in error.problems)) from error
        except (NotFoundError, msgspec.ValidationError) as error:
            raise _Refused("INVALID_CONTEXT", str(error)) from error
        except BackendError:
            raise
        except GyeolError as error:
            raise _Refused("GENERAL", error.message, 500) from error


def key_of(request: Request) -> str:
    """The write key that a request carries, in one of the protocol's places or of ours; empty when there is none."""
    bearer = request.headers.get(b"authorization", b"")
    token = bearer[7:].strip().decode("latin-1") if bearer[:7].lower() == b"bearer " else None
    return token or request.headers.get(b"x-api-key", b"").decode("latin-1") or key_in_header(request) or key_in_query(request) or ""


def _context(request: Request) -> Mapping[str, object]:
    try:
        return _decode(inflate(request.within(MAX_BODY_BYTES), MAX_BODY_BYTES) or b"{}").context or {}
    except TooLargeError as error:
        raise _Refused("PARSE_ERROR", f"A request has at most {MAX_BODY_BYTES:,} bytes.", 413) from error
    except (msgspec.MsgspecError, InputError, RecursionError) as error:
        raise _Refused("PARSE_ERROR", f"The body is no evaluation request: {error}") from error


def _asked(context: Mapping[str, object], source: SourceDefinition) -> dict[str, object]:
    """Whom the context names, in which language: ``targetingKey`` is the browser's own id with a client key, else the user's."""
    asked = {name: context[name] for name in ("person", "userId", "anonymousId", "userToken", "lang") if context.get(name)}
    key = context.get("targetingKey")
    if key and not any(name in asked for name in ("person", "userId", "anonymousId")):
        asked["anonymousId" if source.trust == "client" and "userToken" not in asked else "userId"] = key
    return asked


def _facts(context: Mapping[str, object]) -> dict[str, object]:
    """What of the context is a fact of the request; applications keep much else in theirs, and it must not make another question."""
    return {name: context[name] for name, kind in told_kinds().items() if name in context and kind.in_request}


def _flags(decision: Mapping[str, object], source: SourceDefinition) -> list[dict[str, object]]:
    """A decision as flags. Where nothing is to be shown there is no value: the code's default counts."""
    placement, offer, fallback = decision["placement"], decision["offer"], bool(decision["fallback"])
    metadata: dict[str, object] = {"decision": decision["id"], "fallback": fallback}
    reason = "TARGETING_MATCH" if offer is not None and not fallback else "DEFAULT"
    if source.trust == "server":
        metadata["person"] = decision["person"]
        reasons = decision["reasons"]
        if isinstance(reasons, list) and reasons:
            metadata["why"] = reasons[0]["code"]
        reason = "SPLIT" if decision["holdout"] else reason
    common = {"reason": reason, "variant": "none" if offer is None else offer, "metadata": metadata}
    whole = {name: decision[name] for name in ("offer", "content", "fallback")} | {"decision": decision["id"]}
    value = {} if offer is None else {"value": whole}
    named = {} if offer is None else {"value": offer}
    return [
        {"key": placement, **value, **common},
        {"key": f"{placement}.{OFFER}", **named, **common},
        {"key": f"{placement}.{SHOWN}", "value": offer is not None and not fallback, **common},
    ]


def _matches(header: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` holds the tag; weak comparison. Source: RFC 9110, 13.1.2."""
    return header.strip() == "*" or any(each.strip().removeprefix("W/") == etag for each in header.split(","))
