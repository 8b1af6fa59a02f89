"""Somebody stands at a till or a kiosk: who it is, what to say, what lies in their cart, which coupons they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from gyeol.app.coupon_api import CouponAnswer, CouponRequest, ShownCoupon
from gyeol.app.coupon_counter import Counter
from gyeol.content.coupons.ledger import Coupon
from gyeol.content.coupons.rules import over
from gyeol.engine.jobs import Decided
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.reason import Reason

DEFAULT_PLACEMENT = "till_screen"
"""The placement that is asked when none is named, if there is one."""
NAMES = ("first_name", "given_name", "name", "full_name")
"""Golden attributes, or traits, that say what somebody is called, the best for a greeting first."""
MOST_COUPONS = 20
CART = "cart_"


class InstoreRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/instore``: one of the first five says who it is.

    Args:
        phone: As it was typed.
        membership: The value of any identifier: a member's number, a card.
        code: Of a coupon that can still be used. ``qr``: the text of its QR, or of a membership's.
        person: ``type:value`` or a person id.
        store, till: Where; read as ``moment.store`` by conditions.
        placement, placements: What is decided; none: ``till_screen``, if the workspace has it.
        context: Other facts of this request.
        lang: Of the content; None: the person's own.
    """

    phone: str = ""
    membership: str = ""
    code: str = ""
    qr: str = ""
    person: str = ""
    store: str = ""
    till: str = ""
    placement: str | None = None
    placements: list[str] = []
    context: dict[str, object] = {}
    lang: str | None = None


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """How to greet. ``name``: None when nobody knows it."""

    name: str | None
    language: str
    text: str


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, as recorded: what to say in a placement."""

    decision: str
    placement: str
    offer: str | None
    fallback: bool
    content: dict[str, object]
    coupon: dict[str, object] | None = None


class InstoreAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a till shows.

    Args:
        known: Whether anybody is known by what was typed; if not, the recommendations are for nobody in particular.
        person: Their id.
        cart: Facts of the cart on the web, without ``moment.cart_``: items, product, value (minor units), age_minutes.
        coupons: Those that can be used now, which ends first first.
        brought: Why the coupon that was brought cannot be used any more; None: it can, or none was. Nothing says whose it was:
            who holds a receipt, or has seen a code, is not the one who used it.
    """

    known: bool
    person: str | None
    greeting: Greeting
    cart: dict[str, object]
    recommendations: list[Recommendation]
    coupons: list[ShownCoupon]
    brought: CouponAnswer | None = None


class Visit:
    """One request while it is answered. ``find`` runs on the engine's thread, in the frame of the decision.

    Args:
        request: The body.
        counter: Reads and shows codes.
        key: Of the request: names the visitor when nobody is known.
        known: The placements that there are.

    Attributes:
        guessed: Whether a code or QR came that nobody has.
        over: Why the coupon that was brought cannot be used any more.

    Raises:
        InputError: Nobody was named, or in two ways.
    """

    def __init__(self, request: InstoreRequest, counter: Counter, key: str, known: tuple[str, ...]) -> None:
        named = [field for field in ("phone", "membership", "code", "qr", "person") if getattr(request, field)]
        if len(named) != 1:
            what = "nobody was named" if not named else f"{' and '.join(named)} were given"
            problem = Problem(path="person", code="no_person", what=what, mend="send one of phone, membership, code, qr, person")
            raise InputError("bad_request", [problem])
        asked = [*request.placements, *([request.placement] if request.placement is not None else [])]
        self.placements = asked or ([DEFAULT_PLACEMENT] if DEFAULT_PLACEMENT in known else [])
        self.request, self._counter, self._key = request, counter, key
        self.person: str | None = None
        self.greeting = _greeting(None, request.lang or "ko")
        self.guessed = False
        self.over: Reason | None = None
        self.coupons: list[ShownCoupon] = []
        self.cart: dict[str, object] = {}

    def context(self) -> dict[str, object]:
        """The facts of the request."""
        return {"store": self.request.store, **self.request.context} if self.request.store else self.request.context

    def find(self, state: EngineState) -> int | tuple[str, str]:
        """The node of the person; a fresh visitor when nobody is known: what was typed is not kept then."""
        node = self._node(state)
        self._gather(state, node)
        return ("anonymous_id", self._key) if node is None else node

    def look(self, state: EngineState) -> None:
        """As ``find``, where nothing is decided."""
        node = self._node(state)
        self._gather(state, node)
        if node is not None:
            self.cart = cart_of(state.moment_of(node, self.context()).as_json())

    def _node(self, state: EngineState) -> int | None:
        asked = self.request
        if asked.phone:
            return state.graph.find_node(f"phone:{asked.phone}")
        text = asked.membership or asked.person
        if text:
            return state.graph.find_node(text)
        ref = self._counter.ref(asked.code or asked.qr)
        coupon = None if isinstance(ref, Reason) else state.coupons.get(ref)
        if coupon is not None:
            self.over = over(coupon, state.now_ms)
            return coupon.node if coupon.node >= 0 and self.over is None else None
        node = None if isinstance(ref, Reason) or not asked.qr else state.graph.find_node(asked.qr)
        self.guessed = node is None
        return node

    def _gather(self, state: EngineState, node: int | None) -> None:
        if node is None:
            self.greeting = _greeting(None, self.request.lang or state.definitions.workspace.language)
            return
        view = state.person_view(node)
        self.person = view.person_id
        self.greeting = _greeting(_name(state, view.nodes, view.value), self.request.lang or view.language)
        now_ms = state.now_ms
        live = [each for each in state.coupons.of_nodes(view.nodes) if each.standing(now_ms) in ("issued", "held")]
        live.sort(key=lambda coupon: (coupon.expires_ms or 2**62, coupon.ref))
        self.coupons = [self._counter.shown(each, now_ms) for each in live[:MOST_COUPONS]]

    def brought(self) -> CouponAnswer | None:
        """What is told of a coupon that cannot be used any more."""
        asked = CouponRequest(lang=self.greeting.language.partition("-")[0])
        return None if self.over is None else self._counter.answer(asked, self.over)

    def issued(self, decided: Iterable[Decided]) -> list[ShownCoupon]:
        """The codes that decisions issued in this frame."""
        fresh: list[ShownCoupon] = []
        for each in decided:
            record = each.issued
            if record is not None:
                coupon = Coupon(ref=record.ref, pool=record.pool, code=record.code, state="issued", node=record.node)
                coupon.issued_ms, coupon.expires_ms = record.at_ms, record.expires_ms
                coupon.decision, coupon.offer = record.decision, record.offer
                fresh.append(self._counter.shown(coupon, record.at_ms))
        return fresh


def answer_of(visit: Visit, decided: list[Decided]) -> InstoreAnswer:
    """The answer, once the decisions are durable. A code that they issued is among the coupons."""
    told: list[Recommendation] = []
    for each in decided:
        shown: dict[str, object] | None = (
            None if each.coupon is None else {"pool": each.coupon.pool, "code": each.coupon.code, "expires": each.coupon.expires}
        )
        decision = each.decision
        told.append(
            Recommendation(
                decision=decision.id,
                placement=decision.placement,
                offer=decision.chosen,
                fallback=decision.fallback,
                content=each.content,
                coupon=shown,
            )
        )
    known = visit.person is not None
    cart = cart_of(decided[0].decision.moment) if decided and known else visit.cart
    coupons = [*visit.coupons, *visit.issued(decided)]
    return InstoreAnswer(
        known=known,
        person=visit.person,
        greeting=visit.greeting,
        cart=cart,
        recommendations=told,
        coupons=coupons[:MOST_COUPONS],
        brought=visit.brought(),
    )


def cart_of(moment: dict[str, object]) -> dict[str, object]:
    """The facts of the cart in a Moment as decisions keep it; those that have aged are left out."""
    found: dict[str, object] = {}
    for name, told in moment.items():
        if name.startswith(CART) and isinstance(told, dict) and not told.get("stale"):
            found[name.removeprefix(CART)] = told.get("value")
    return found


def _name(state: EngineState, nodes: Iterable[int], value: Callable[[str], object]) -> str | None:
    """What somebody is called: the golden value, else the trait of that name."""
    golden = {each.definition.name: each.ordered[0].value for each in state.attributes.golden(nodes)}
    for name in NAMES:
        if golden.get(name):
            return str(golden[name])
    for name in NAMES:
        found = value(name) if name in state.schema else None
        if isinstance(found, str) and found:
            return found
    return None


def _greeting(name: str | None, language: str) -> Greeting:
    korean = language.partition("-")[0] == "ko"
    if name is None:
        return Greeting(name=None, language=language, text="안녕하세요, 어서 오세요." if korean else "Hello and welcome.")
    return Greeting(name=name, language=language, text=f"{name}님, 안녕하세요." if korean else f"Hello, {name}.")
