"""A fact as somebody tells it and as the log keeps it: judged with every problem at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from gyeol.context.fact import Fact, FactValue, Origin
from gyeol.context.facts import TOLD
from gyeol.context.subject import EVERYBODY, Subject, SubjectKind, cell_centre, cell_of
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import DAY_MS, parse_instant

MOST_AT_ONCE = 1_000
"""Facts in one request: a frame's worth."""
LONGEST_TTL_MS = 400 * DAY_MS
"""What is true for longer is a trait."""
FUTURE_MS = 5 * 60_000
"""How far ahead of the clock an observation may be, for clocks that differ; as for events."""
MOST_CHARACTERS = 200
_KNOWN = {kind.name: kind for kind in TOLD}
_KINDS: dict[str, SubjectKind] = {"person": "person", "sku": "sku", "store": "store", "cell": "cell", "region": "region"}


class FactInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact that is told.

    Args:
        name: ``weather``; with or without ``moment.``.
        value: A text, a number or a flag, as the kind asks.
        about: What it is true of, one of ``{"person": "user_id:u1"}``, ``{"store": …}``, ``{"cell": …}``, ``{"region": …}``,
            ``{"sku": …}`` or ``{"latitude": …, "longitude": …}`` (its cell); nothing: of the whole workspace.
        source: Who observed it.
        observed_at: ISO-8601; None: now.
        ttl_s: For how long it counts from then; None: as the kind says.
        confidence: 0 to 1.
        origin: ``live``, or ``history`` for what is put in afterwards.
    """

    name: str
    value: object
    about: dict[str, str | float] = {}
    source: str | None = None
    observed_at: str | None = None
    ttl_s: float | None = None
    confidence: float = 1.0
    origin: str = "live"


class FactRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fact as the log keeps it, for ever: fields may only be added, at the end, with a default.

    Args:
        kind, id: What it is about; of a person the value of an identifier, whose type is ``type``, and ``node`` its number.
    """

    kind: SubjectKind
    id: str
    name: str
    value: FactValue
    source: str
    observed_ms: int
    received_ms: int
    ttl_ms: int
    confidence: float = 1.0
    origin: Origin = "live"
    type: str = ""
    node: int = -1

    def fact(self, about: Subject) -> Fact:
        """The fact, about a subject."""
        return Fact(
            name=self.name,
            value=self.value,
            source=self.source,
            observed_at_ms=self.observed_ms,
            received_at_ms=self.received_ms,
            ttl_ms=self.ttl_ms,
            confidence=self.confidence,
            origin=self.origin,
            about=about,
        )


encode_record = msgspec.msgpack.Encoder().encode
decode_record = msgspec.msgpack.Decoder(FactRecord).decode


def judge(facts: Sequence[FactInput], now_ms: int, source: str, latest_ms: int | None = None) -> list[FactRecord]:
    """What the log may keep of facts that are told; a person still stands as it was named, in ``id``.

    Args:
        facts: At most ``MOST_AT_ONCE``.
        now_ms: ``engine_now``: when they are received, and observed where they do not say.
        source: Of facts that do not say theirs.
        latest_ms: What is observed more than ``FUTURE_MS`` later is refused; None: ``now_ms``.

    Raises:
        InputError: Every problem of every fact; then none may be kept.
    """
    problems: list[Problem] = []
    if len(facts) > MOST_AT_ONCE:
        what = f"{len(facts)} facts in one request, {MOST_AT_ONCE} are taken"
        raise InputError("too_many_facts", [Problem(path="facts", code="too_many_facts", what=what, mend="send them in parts")])
    clock = now_ms, now_ms if latest_ms is None else latest_ms
    records = [_judged(each, f"facts[{i}]", clock, source, problems) for i, each in enumerate(facts)]
    if problems:
        raise InputError("bad_facts", problems)
    return [record for record in records if record is not None]


def _judged(given: FactInput, path: str, clock: tuple[int, int], source: str, problems: list[Problem]) -> FactRecord | None:
    before, (now_ms, latest_ms) = len(problems), clock

    def refuse(field: str, code: str, what: str, mend: str) -> None:
        problems.append(Problem(path=f"{path}.{field}", code=code, what=what, mend=mend))

    name = given.name.removeprefix("moment.")
    known = _KNOWN.get(name)
    if known is None:
        refuse("name", "unknown_fact", f"{name!r} is no fact that can be told", f"one of: {', '.join(sorted(_KNOWN))}")
    elif (reason := known.refusal(given.value)) is not None:
        refuse("value", reason, f"the value of {name} is {given.value!r}", f"send a {known.names[name].type}")
    about = _about(given.about)
    if about is None:
        mend = "name one of person, sku, store, cell, region, or latitude and longitude; nothing for the whole workspace"
        refuse("about", "bad_subject", f"{given.about!r} names no subject", mend)
    elif known is not None and about.kind not in known.subjects:
        refuse("about", "subject_not_for_fact", f"{name} is not kept of a {about.kind}", f"of one of: {', '.join(known.subjects)}")
    observed = now_ms if given.observed_at is None else parse_instant(given.observed_at)
    if observed is None:
        refuse("observed_at", "bad_time", f"{given.observed_at!r} is no instant", "write 2026-07-01T09:00:00+09:00")
    elif observed > latest_ms + FUTURE_MS:
        refuse("observed_at", "in_the_future", f"{given.observed_at} is still to come", "send what was observed; forecasts are other facts")
    ttl_ms = (known.ttl_ms if known is not None else 1) if given.ttl_s is None else _whole_ms(given.ttl_s)
    if not 0 < ttl_ms <= LONGEST_TTL_MS:
        refuse("ttl_s", "out_of_range", f"ttl_s is {given.ttl_s}", f"more than 0, at most {LONGEST_TTL_MS // 1000}")
    if not 0 <= given.confidence <= 1:
        refuse("confidence", "out_of_range", f"confidence is {given.confidence}", "0 to 1")
    if given.origin not in ("live", "history"):
        refuse("origin", "wrong_value", f"origin cannot be {given.origin!r}", "live or history")
    said = source if given.source is None else given.source
    if not 0 < len(said) <= MOST_CHARACTERS:
        refuse("source", "bad_source", "who observed it is empty or too long", f"1 to {MOST_CHARACTERS} characters")
    if len(problems) > before or about is None or observed is None or not isinstance(given.value, int | float | str):
        return None
    origin: Origin = "history" if given.origin == "history" else "live"
    observed = min(observed, latest_ms)
    received = max(now_ms, observed)
    return FactRecord(about.kind, about.id, name, given.value, said, observed, received, ttl_ms, float(given.confidence), origin)


def _whole_ms(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) and abs(seconds) < 1e12 else 0


def _about(given: dict[str, str | float]) -> Subject | None:
    if not given:
        return Subject("workspace", EVERYBODY)
    if sorted(given) == ["latitude", "longitude"]:
        latitude, longitude = given["latitude"], given["longitude"]
        if isinstance(latitude, str) or isinstance(longitude, str) or not (abs(latitude) <= 90 and abs(longitude) <= 180):
            return None
        return Subject("cell", cell_of(latitude, longitude))
    if len(given) != 1:
        return None
    kind, id = next(iter(given.items()))
    if kind not in _KINDS or not isinstance(id, str) or not 0 < len(id) <= MOST_CHARACTERS:
        return None
    if kind == "cell":
        try:
            cell_centre(id)
        except ValueError:
            return None
    return Subject(_KINDS[kind], id)
