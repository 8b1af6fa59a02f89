"""The kinds of facts: one file each, all of them listed here."""

from gyeol.context.facts.channel import CHANNEL
from gyeol.context.facts.daypart import Daypart
from gyeol.context.facts.device import DEVICE
from gyeol.context.facts.holiday import Holiday
from gyeol.context.facts.hour import Hour
from gyeol.context.facts.kind import FactKind
from gyeol.context.facts.page import PAGE
from gyeol.context.facts.season import Season
from gyeol.context.facts.store import STORE
from gyeol.context.facts.weather import WEATHER
from gyeol.context.facts.weekday import Weekday
from gyeol.context.facts.weekend import Weekend

KINDS: tuple[FactKind, ...] = (Hour(), Daypart(), Weekday(), Weekend(), Season(), Holiday(), WEATHER, STORE, DEVICE, PAGE, CHANNEL)
