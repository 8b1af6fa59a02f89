"""The kinds of facts: one file each, all of them listed here."""

from collections.abc import Iterable

from gyeol.context.facts.arrival import Arrival
from gyeol.context.facts.back_in_stock import BACK_IN_STOCK
from gyeol.context.facts.birthday import Birthday
from gyeol.context.facts.cart import Cart
from gyeol.context.facts.cart_supply import CartSupply
from gyeol.context.facts.channel import CHANNEL
from gyeol.context.facts.channel_preference import ChannelPreference
from gyeol.context.facts.commute import Commute
from gyeol.context.facts.daypart import Daypart
from gyeol.context.facts.device import DEVICE
from gyeol.context.facts.emotion import EMOTION, EMOTION_TOPIC, EMOTION_TREND, OPEN_COMPLAINT
from gyeol.context.facts.engagement import Engagement
from gyeol.context.facts.feels import FEELS
from gyeol.context.facts.felt_temperature import FELT_TEMPERATURE
from gyeol.context.facts.fine_dust import FINE_DUST
from gyeol.context.facts.first_rain import FIRST_RAIN
from gyeol.context.facts.holiday import Holiday
from gyeol.context.facts.hour import Hour
from gyeol.context.facts.intent import Intents
from gyeol.context.facts.interest import Interest
from gyeol.context.facts.kind import Asked, AskedKind, ClockKind, CombinedKind, DerivedKind, FactKind, PlacedKind, ToldKind
from gyeol.context.facts.last_visit import LastVisit
from gyeol.context.facts.nearest_store import NearestStore
from gyeol.context.facts.nps import Nps
from gyeol.context.facts.occasions import Occasions
from gyeol.context.facts.page import PAGE
from gyeol.context.facts.payday import Payday
from gyeol.context.facts.precipitation import PRECIPITATION
from gyeol.context.facts.price import PRICE
from gyeol.context.facts.price_drop import PRICE_DROP
from gyeol.context.facts.referrer import REFERRER
from gyeol.context.facts.region_of import RegionOf
from gyeol.context.facts.search import Searches
from gyeol.context.facts.season import Season
from gyeol.context.facts.service_contact import ServiceContact
from gyeol.context.facts.session import InSession
from gyeol.context.facts.stock import STOCK
from gyeol.context.facts.store import STORE
from gyeol.context.facts.store_visit import StoreVisit
from gyeol.context.facts.store_zone import StoreZones
from gyeol.context.facts.temperature import TEMPERATURE
from gyeol.context.facts.tone import ToneOf
from gyeol.context.facts.towards_store import TowardsStore
from gyeol.context.facts.trending import TRENDING_CATEGORY, TRENDING_SEARCH
from gyeol.context.facts.usual_place import UsualPlace
from gyeol.context.facts.weather import WEATHER
from gyeol.context.facts.weekday import Weekday
from gyeol.context.facts.weekend import Weekend
from gyeol.context.facts.zone import ZoneOf
from gyeol.context.place.stores import Stores

CLOCK: tuple[ClockKind, ...] = (
    Hour(), Daypart(), Weekday(), Weekend(), Season(), Holiday(), Commute(), Payday(), Occasions(), ZoneOf(),
)  # fmt: skip
"""Facts of the instant, the zone and the country alone."""
TOLD: tuple[ToldKind, ...] = (
    WEATHER, STORE, DEVICE, REFERRER, PAGE, CHANNEL, EMOTION, EMOTION_TOPIC, EMOTION_TREND, OPEN_COMPLAINT,
    TEMPERATURE, FELT_TEMPERATURE, FEELS, PRECIPITATION, FINE_DUST, FIRST_RAIN, STOCK, PRICE, PRICE_DROP, BACK_IN_STOCK,
    TRENDING_SEARCH, TRENDING_CATEGORY,
)  # fmt: skip
"""Facts that a request or a record of the log tells."""
BY_MINUTE: tuple[DerivedKind, ...] = (InSession(), Searches(), Cart(), CartSupply(), LastVisit(), Intents())
"""Facts that follow from traits and change within an hour: audiences that read them are looked at every full minute."""
DERIVED: tuple[DerivedKind, ...] = (
    Birthday(), NearestStore(), StoreVisit(), StoreZones(), TowardsStore(), RegionOf(), UsualPlace(), Interest(), Engagement(),
    ChannelPreference(), Arrival(), Nps(), ServiceContact(), *BY_MINUTE,
)  # fmt: skip
"""Facts that follow from traits."""
COMBINED: tuple[CombinedKind, ...] = (ToneOf(),)
"""Facts that follow from other facts and the journey stage."""
COMBINED_OF = {name: kind for kind in COMBINED for name in kind.names}
COMBINED_NAMES = frozenset(COMBINED_OF)
KINDS: tuple[FactKind, ...] = (*CLOCK, *TOLD, *DERIVED, *COMBINED)
"""All of them."""


def derived_kinds(stores: Stores, asks: Asked | None = None) -> tuple[DerivedKind, ...]:
    """``DERIVED`` as a workspace has them: with its stores, and what else it asks for."""
    placed = (kind.within(stores) if isinstance(kind, PlacedKind) else kind for kind in DERIVED)
    return tuple(kind.asked(asks or Asked()) if isinstance(kind, AskedKind) else kind for kind in placed)


def with_what_they_rest_on(names: Iterable[str]) -> frozenset[str]:
    """Names (without ``moment.``), and those of the facts that the combined ones among them look at."""
    found = frozenset(names)
    return found | {each for name in found & COMBINED_NAMES for each in COMBINED_OF[name].reads}
