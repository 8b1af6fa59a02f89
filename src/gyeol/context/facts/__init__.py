"""The kinds of facts: one file each, all of them listed here."""

from gyeol.context.facts.birthday import Birthday
from gyeol.context.facts.channel import CHANNEL
from gyeol.context.facts.commute import Commute
from gyeol.context.facts.daypart import Daypart
from gyeol.context.facts.device import DEVICE
from gyeol.context.facts.emotion import EMOTION, EMOTION_TOPIC, EMOTION_TREND, OPEN_COMPLAINT
from gyeol.context.facts.holiday import Holiday
from gyeol.context.facts.hour import Hour
from gyeol.context.facts.kind import ClockKind, DerivedKind, FactKind, ToldKind
from gyeol.context.facts.occasions import Occasions
from gyeol.context.facts.page import PAGE
from gyeol.context.facts.payday import Payday
from gyeol.context.facts.season import Season
from gyeol.context.facts.store import STORE
from gyeol.context.facts.weather import WEATHER
from gyeol.context.facts.weekday import Weekday
from gyeol.context.facts.weekend import Weekend
from gyeol.context.facts.zone import ZoneOf

CLOCK: tuple[ClockKind, ...] = (
    Hour(), Daypart(), Weekday(), Weekend(), Season(), Holiday(), Commute(), Payday(), Occasions(), ZoneOf(),
)  # fmt: skip
"""Facts of the instant, the zone and the country alone."""
TOLD: tuple[ToldKind, ...] = (
    WEATHER, STORE, DEVICE, PAGE, CHANNEL, EMOTION, EMOTION_TOPIC, EMOTION_TREND, OPEN_COMPLAINT,
)  # fmt: skip
"""Facts that a request or a record of the log tells."""
DERIVED: tuple[DerivedKind, ...] = (Birthday(),)
"""Facts that follow from traits."""
KINDS: tuple[FactKind, ...] = (*CLOCK, *TOLD, *DERIVED)
"""All of them."""
