"""The top-level keys of a workspace file: what each holds and by what its entries are known."""

from __future__ import annotations

import msgspec

from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.channels.model import ChannelDefinition
from gyeol.content.brand.model import BrandDefinition
from gyeol.content.coupons.model import CouponPool
from gyeol.content.model import ContentDefinition, ProductDefinition
from gyeol.context.place.stores import StoreDefinition
from gyeol.decisions.limits import CapDefinition, CategoryDefinition, PartnerDefinition
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.model import PolicyDefinition
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.events.model import EventRule, SourceDefinition
from gyeol.identity.model import AttributeDefinition, GroupType, IdentifierType
from gyeol.journeys.model import CampaignDefinition, JourneyDefinition
from gyeol.measures.model import FunnelDefinition, KpiDefinition
from gyeol.privacy.model import ConsentEventDefinition, LawRule
from gyeol.profiles.model import TraitDefinition


class Section(msgspec.Struct, frozen=True):
    """One top-level key.

    Args:
        key: The key, and the field of ``Definitions``.
        model: What one entry is.
        noun: One entry in English, Korean.
        named_by: The field that no two entries share.
        plain_names: Whether that name must be lower-case letters, digits and ``_`` (conditions and addresses use it).
        single: Whether there is at most one, written without a list.
    """

    key: str
    model: type[msgspec.Struct]
    noun: dict[str, str]
    named_by: str = "name"
    plain_names: bool = True
    single: bool = False


WORKSPACE = Section("workspace", WorkspaceSettings, {"en": "workspace", "ko": "워크스페이스"}, plain_names=False, single=True)

SECTIONS: tuple[Section, ...] = (
    Section("sources", SourceDefinition, {"en": "source", "ko": "소스"}),
    Section("events", EventRule, {"en": "event", "ko": "이벤트"}, plain_names=False),
    Section("identifiers", IdentifierType, {"en": "identifier type", "ko": "식별자 유형"}),
    Section("golden", AttributeDefinition, {"en": "golden attribute", "ko": "대표값 항목"}),
    Section("groups", GroupType, {"en": "kind of group", "ko": "그룹 종류"}),
    Section("stores", StoreDefinition, {"en": "store", "ko": "매장"}, plain_names=False),
    Section("traits", TraitDefinition, {"en": "trait", "ko": "고객 속성"}),
    Section("audiences", AudienceDefinition, {"en": "audience", "ko": "오디언스"}),
    Section("stages", StageDefinition, {"en": "journey stage", "ko": "여정 단계"}),
    Section("categories", CategoryDefinition, {"en": "category of offers", "ko": "오퍼 분류"}),
    Section("partners", PartnerDefinition, {"en": "partner", "ko": "제휴사"}),
    Section("caps", CapDefinition, {"en": "frequency cap", "ko": "노출 횟수 한도"}),
    Section("placements", PlacementDefinition, {"en": "placement", "ko": "노출 위치"}),
    Section("catalogue", ProductDefinition, {"en": "product", "ko": "상품"}, named_by="sku", plain_names=False),
    Section("brand", BrandDefinition, {"en": "brand guide", "ko": "브랜드 가이드"}, plain_names=False, single=True),
    Section("contents", ContentDefinition, {"en": "content", "ko": "콘텐츠"}),
    Section("policies", PolicyDefinition, {"en": "policy", "ko": "정책"}),
    Section("offers", OfferDefinition, {"en": "offer", "ko": "오퍼"}),
    Section("coupons", CouponPool, {"en": "coupon pool", "ko": "쿠폰"}),
    Section("channels", ChannelDefinition, {"en": "channel", "ko": "채널"}),
    Section("journeys", JourneyDefinition, {"en": "journey", "ko": "저니"}),
    Section("campaigns", CampaignDefinition, {"en": "campaign", "ko": "캠페인"}),
    Section("consent_events", ConsentEventDefinition, {"en": "consent event", "ko": "동의 이벤트"}, named_by="event", plain_names=False),
    Section("laws", LawRule, {"en": "law rule", "ko": "법규 규칙"}),
    Section("kpis", KpiDefinition, {"en": "KPI", "ko": "KPI"}),
    Section("funnels", FunnelDefinition, {"en": "funnel", "ko": "퍼널"}),
)
"""Every list of definitions, in the order in which data flows."""

BY_KEY: dict[str, Section] = {section.key: section for section in (WORKSPACE, *SECTIONS)}
