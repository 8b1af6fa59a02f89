"""All definitions of a workspace as one immutable value: what the log records when somebody applies a change."""

from __future__ import annotations

from functools import cached_property

import msgspec

from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.channels.model import ChannelDefinition
from gyeol.content.brand.guide import Guide, guide_of
from gyeol.content.brand.model import BrandDefinition
from gyeol.content.coupons.model import CouponPool
from gyeol.content.equality import Catalogue
from gyeol.content.library import Contents
from gyeol.content.model import ContentDefinition, ProductDefinition
from gyeol.content.pictures import Pictures
from gyeol.context.emotion.settings import TextSettings
from gyeol.context.facts import derived_kinds
from gyeol.context.facts.kind import Asked, DerivedKind
from gyeol.context.implied import implied_traits
from gyeol.context.place.stores import StoreDefinition, Stores
from gyeol.context.supply import SupplySettings
from gyeol.context.trends import TrendSettings
from gyeol.context.weather.settings import WeatherSettings
from gyeol.decisions.bought import bought_traits
from gyeol.decisions.limits import CapDefinition, CategoryDefinition, ContactBudget, Fatigue, PartnerDefinition
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.model import PolicyDefinition
from gyeol.decisions.terms import Limits
from gyeol.events.model import EventRule, SourceDefinition, TrackingPlan
from gyeol.identity.model import AttributeDefinition, GroupType, IdentifierType, IdentityRules
from gyeol.journeys.model import CampaignDefinition, JourneyDefinition
from gyeol.kernel.canonical import canonical_json, digest
from gyeol.measures.model import FunnelDefinition, KpiDefinition
from gyeol.privacy.model import ConsentEventDefinition, LawRule
from gyeol.profiles.model import TraitDefinition


class WorkspaceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for the whole workspace.

    Args:
        name: Shown in the console.
        zone: IANA zone of buckets, reports and "per day" caps.
        currency: ISO 4217 code of money without a currency of its own.
        country: ISO 3166 code: whose law table rows apply when a person's country is unknown.
        clock: ``wall``: engine_now follows the machine's clock. ``data``: the greatest accepted event time (demo, import, rehearsal).
        phone_region: Country that phone numbers without a prefix belong to.
        sender: Who the customer hears from: stands in every message as ``sender``.
        language: ``ko`` or ``en``: what customers are spoken to in when their own language is not known.
        simulated: A sentence, by language, that says which data are simulated; shown wherever they are.
        moment: Where events say what facts are kept of: ``store``, ``sku``, ``region``, ``cell``, ``zone``, ``birthday`` → dotted path.
        facts_days: For how many days facts that no longer count are kept, for events that come late.
        weather: Who says what the weather is where people and stores are; None: nobody.
        regions: File of regions (``gyeol place build``) in the workspace's folder, for 시도, 시군구 and 동; empty: none.
        geoip: File of the countries of IP addresses (MaxMind's form, ``.mmdb``); empty: none.
        usual_places: Whether home and work are learned of those who agreed to the purpose ``location``.
        texts: Which events carry texts that are read for emotion; None: none are read.
        supply: Which events tell of articles; None: none do.
        trends: Whether rising searches and categories are looked for; None: they are not.
        contact_budget: How many advertising messages a person may get; None: as many as caps allow.
        fatigue: When people are tired of promotion; None: nobody asks.
        contents_need_approval: Whether advertising messages may only use variants of contents that were approved.
        human_contact: By language: whom customers turn to who object to an automated decision or want a person to look at it.
        picture_colours: File of the colours of pictures (``gyeol content colours``) in the workspace's folder; empty: none.
    """

    name: str
    zone: str = "Asia/Seoul"
    currency: str = "KRW"
    country: str = "KR"
    clock: str = "wall"
    phone_region: str = "KR"
    sender: str = ""
    language: str = "ko"
    simulated: dict[str, str] = {}
    label: dict[str, str] = {}
    moment: dict[str, str] = {}
    facts_days: int = 35
    weather: WeatherSettings | None = None
    regions: str = ""
    geoip: str = ""
    usual_places: bool = False
    texts: TextSettings | None = None
    supply: SupplySettings | None = None
    trends: TrendSettings | None = None
    contact_budget: ContactBudget | None = None
    fatigue: Fatigue | None = None
    contents_need_approval: bool = False
    human_contact: dict[str, str] = {}
    picture_colours: str = ""


class Definitions(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that the workspace's files define, each list in the order of the files (sources: by name).

    ``files`` holds what the data files are that these name: path in the workspace → digest of the content.
    """

    workspace: WorkspaceSettings
    sources: list[SourceDefinition] = []
    events: list[EventRule] = []
    identifiers: list[IdentifierType] = []
    groups: list[GroupType] = []
    golden: list[AttributeDefinition] = []
    traits: list[TraitDefinition] = []
    audiences: list[AudienceDefinition] = []
    stages: list[StageDefinition] = []
    placements: list[PlacementDefinition] = []
    offers: list[OfferDefinition] = []
    channels: list[ChannelDefinition] = []
    journeys: list[JourneyDefinition] = []
    campaigns: list[CampaignDefinition] = []
    consent_events: list[ConsentEventDefinition] = []
    laws: list[LawRule] = []
    kpis: list[KpiDefinition] = []
    funnels: list[FunnelDefinition] = []
    stores: list[StoreDefinition] = []
    files: dict[str, str] = {}
    coupons: list[CouponPool] = []
    policies: list[PolicyDefinition] = []
    catalogue: list[ProductDefinition] = []
    contents: list[ContentDefinition] = []
    categories: list[CategoryDefinition] = []
    partners: list[PartnerDefinition] = []
    caps: list[CapDefinition] = []
    brand: list[BrandDefinition] = []

    def new_contents(self) -> Contents:
        """What can be said, with nothing approved yet."""
        catalogue = Catalogue(self.catalogue, self.workspace.currency)
        settings = self.workspace
        return Contents(
            self.contents, catalogue, need_approval=settings.contents_need_approval, colours=self.digest(settings.picture_colours)
        )

    @cached_property
    def pictures(self) -> Pictures:
        """The pictures that contents may show."""
        return Pictures(Catalogue(self.catalogue, self.workspace.currency), self.digest(self.workspace.picture_colours))

    @cached_property
    def guide(self) -> Guide:
        """The brand guide: the workspace's own over the shipped one."""
        return guide_of(next(iter(self.brand), None))

    @cached_property
    def hash(self) -> str:
        """32 hex digits that change with any definition."""
        return digest(self)

    @cached_property
    def all_traits(self) -> list[TraitDefinition]:
        """The traits of the files, and those that the Moment and offers ask for."""
        return [*self.traits, *implied_traits(self.workspace.moment, self.derived), *bought_traits(self.offers)]

    @cached_property
    def limits(self) -> Limits:
        """What decisions are limited by."""
        return Limits(
            caps=self.caps,
            categories=self.categories,
            partners=self.partners,
            contact_budget=self.workspace.contact_budget,
            fatigue=self.workspace.fatigue,
            media={channel.name: channel.medium for channel in self.channels},
        )

    @cached_property
    def derived(self) -> tuple[DerivedKind, ...]:
        """The kinds of derived facts, with this workspace's stores and files."""
        settings = self.workspace
        regions, geoip = self.digest(settings.regions), self.digest(settings.geoip)
        return derived_kinds(self.places, Asked(regions=regions, geoip=geoip, usual_places=settings.usual_places, country=settings.country))

    def digest(self, file: str) -> str | None:
        """The digest of a data file that the settings name; None when they name none."""
        return self.files.get(file)

    @cached_property
    def places(self) -> Stores:
        """The stores, to be looked up by position."""
        return Stores(self.stores, self.workspace.country)

    @cached_property
    def plan(self) -> TrackingPlan:
        """The tracking plan by event name."""
        return TrackingPlan(rules={rule.name: rule for rule in self.events})

    @cached_property
    def identity(self) -> IdentityRules:
        """Identifier types, strongest first."""
        return IdentityRules(types=sorted(self.identifiers, key=lambda t: t.priority), phone_region=self.workspace.phone_region)

    def as_json(self) -> bytes:
        """Canonical JSON; ``from_json`` gives an equal value back."""
        return canonical_json(self)

    @classmethod
    def from_json(cls, data: bytes, hash_: str | None = None) -> Definitions:
        """The value that ``as_json`` wrote.

        Args:
            data: The JSON.
            hash_: Under which it was applied: its name in frames and snapshots, whatever release computed it. None: its own.
        """
        found = msgspec.json.decode(data, type=cls)
        if hash_ is not None:
            found.__dict__["hash"] = hash_
        return found
