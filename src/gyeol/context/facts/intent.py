"""moment.intent and what belongs to it: what somebody is about to do, how surely, with what, why, and by which signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.people import ByActions, Teller, latest_ms, session_of
from gyeol.context.behaviour.people import Told as Known
from gyeol.context.behaviour.recorded import ORDER, Read, Step, traits_of
from gyeol.context.behaviour.session import session_from
from gyeol.context.facts.engagement import about_price
from gyeol.context.facts.kind import words
from gyeol.context.intent.model import TTL_MS, guess
from gyeol.context.intent.signs import Sign, signs_of
from gyeol.context.place.stores import Stores
from gyeol.context.place.whereabouts import LASTS_MS, latest_places
from gyeol.expressions.schema import NameInfo
from gyeol.profiles.model import TraitDefinition

_INTENTS = words(
    browse=("둘러보기", "browse"), compare=("비교", "compare"), buy=("구매", "buy"), use=("이용", "use"), help=("도움 요청", "get help"),
    leave=("이탈", "leave"), unknown=("알 수 없음", "unknown"),
)  # fmt: skip
_MOTIVES = words(price=("가격", "price"), habit=("습관", "habit"), taste=("취향", "taste"))


class Intents(ByActions):
    """By the model of ``context/intent`` over the last session; counts for ten minutes after its last action.

    Its object is the product that most actions name, else the category. Its motive is the price where an action is about price; habit
    where the object was ordered before; taste where products were looked at. Where there are stores, it is also told by how near one is,
    by the weather there and the hours of commuting.

    Args:
        stores: Of the workspace; none: only actions count.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "intent": NameInfo(type="text", label={"ko": "의도", "en": "intent"}, values=_INTENTS),
        "intent_confidence": NameInfo(type="number", label={"ko": "의도의 확신도", "en": "confidence of the intent"}),
        "intent_object": NameInfo(type="text", label={"ko": "의도의 대상", "en": "object of the intent"}),
        "intent_motive": NameInfo(type="text", label={"ko": "의도의 동기", "en": "motive of the intent"}, values=_MOTIVES),
        "intent_evidence": NameInfo(type="text", label={"ko": "의도의 근거", "en": "evidence of the intent"}),
    }

    def __init__(self, stores: Stores | None = None) -> None:
        self._stores = Stores() if stores is None else stores

    def within(self, stores: Stores) -> Intents:
        """The same, among the stores of a workspace."""
        return Intents(stores)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions, and the latest positions."""
        acts = traits_of(paths)
        return [*acts, *latest_places(paths["cell"])] if acts and "cell" in paths and len(self._stores) else acts

    def teller(self, read: Read, now_ms: int) -> Teller:
        """Stale ten minutes after the last action; unknown a day after it."""
        signs = self._signs(read, now_ms)
        return lambda past, place: _told(past, signs.get(place, ()))

    def _signs(self, read: Read, now_ms: int) -> Mapping[int, tuple[Sign, ...]]:
        """By place of those who did something lately."""
        if not len(self._stores):
            return {}
        at_ms, latest = latest_ms(read)
        at = np.flatnonzero(latest.known & (at_ms > now_ms - LASTS_MS))
        return signs_of(read, at, now_ms, self._stores) if len(at) else {}


def _told(history: Sequence[Step], signs: Sequence[Sign]) -> Known:
    steps = session_of(history)
    found = guess(session_from(each[:3] for each in reversed(steps)), signs)
    about = object_of(steps)
    values = {
        "intent": found.intent,
        "intent_confidence": found.confidence,
        "intent_object": about,
        "intent_motive": motive_of(steps, history, about),
        "intent_evidence": ", ".join(found.evidence) or None,
    }
    return Known(values, steps[0].at_ms, steps[0].at_ms + TTL_MS, found.confidence)


def object_of(steps: Sequence[Step]) -> str | None:
    """The product that most actions name, else the category; of equals the one named last."""
    for named in ([each.product for each in steps], [each.category for each in steps]):
        counted = Counter(name for name in named if name is not None)
        if counted:
            return counted.most_common(1)[0][0]
    return None


def motive_of(steps: Sequence[Step], history: Sequence[Step], about: str | None) -> str | None:
    """Price, habit, taste, or None; see ``Intents``."""
    if any(map(about_price, steps)):
        return "price"
    if about is not None and any(each.action == ORDER and each.product == about for each in history[len(steps) :]):
        return "habit"
    return "taste" if any(each.product is not None for each in steps) else None
