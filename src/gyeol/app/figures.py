"""Figures for screens and summaries: the expressions of ``measures`` run over the lake, with labels."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from gyeol.app.answers import (
    ActedAnswer,
    CampaignAnswer,
    CampaignsAnswer,
    DecidedRow,
    FunnelAnswer,
    FunnelGroup,
    FunnelsAnswer,
    FunnelStepAnswer,
    KpiAnswer,
    KpisAnswer,
    Money,
    NamedFunnel,
    SentRow,
    StageAnswer,
    StagesAnswer,
)
from gyeol.app.as_of_events import facts_of_events
from gyeol.app.core_api import AudienceReply
from gyeol.app.coupon_api import CouponFigure, CouponFigures
from gyeol.app.partner_answers import PartnerOffer
from gyeol.engine.definitions import Definitions
from gyeol.events.reading import Reading
from gyeol.kernel.errors import NotFoundError
from gyeol.kernel.instants import Zone
from gyeol.measures.campaigns import CAUSAL, campaign_revenue, campaigns, windows
from gyeol.measures.commerce import COMMERCE, Commerce
from gyeol.measures.coupons import coupons
from gyeol.measures.decided import decided, offered
from gyeol.measures.funnel import funnel
from gyeol.measures.kpis import kpi
from gyeol.measures.model import FunnelDefinition, KpiDefinition
from gyeol.measures.sent import sent
from gyeol.measures.shown import shown
from gyeol.measures.stages import stage_revenue, stages
from gyeol.measures.tables import ALWAYS, Period

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

T = TypeVar("T")
_KEPT = 200

NOT_CAUSAL = {
    "ko": "캠페인을 받은 고객과 그 기간의 주문을 함께 보여 줄 뿐, 캠페인의 효과를 뜻하지 않습니다. 무작위로 나눈 비교만 효과라고 부릅니다.",
    "en": "Orders of people whom the campaign reached, while it ran. Not its effect: only randomised comparisons are called effects.",
}


class Asked(Protocol):
    """The part of ``Lake`` that figures read."""

    @property
    def offset(self) -> int:
        """The first log offset that the lake does not hold."""
        ...

    def run(self, expression: ir.Table, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows of an expression."""
        ...


class Figures:
    """Figures under one set of definitions. Each is worked out once for a state of the lake.

    Args:
        definitions: KPIs, funnels, campaigns and labels.
        lake: The lake.
        commerce: Which events mean what.
    """

    def __init__(self, definitions: Definitions, lake: Asked, commerce: Commerce = COMMERCE) -> None:
        self._definitions, self._lake, self._commerce = definitions, lake, commerce
        self._types = Reading(definitions.plan, definitions.workspace.currency).types
        self._simulated = {rule.name for rule in definitions.events if rule.simulated}
        self._kept: dict[tuple[object, ...], object] = {}
        self._lock = threading.Lock()

    def _once(self, key: tuple[object, ...], make: Callable[[int], T]) -> T:
        """The figure of a key as of the lake's present offset; several askers share one computation."""
        with self._lock:
            offset = self._lake.offset
            found = self._kept.get((offset, *key))
            if found is None:
                found = make(offset)
                if len(self._kept) >= _KEPT or any(kept[0] != offset for kept in self._kept):
                    self._kept.clear()
                self._kept[offset, *key] = found
            return found  # type: ignore[return-value]  # a key names what made it

    def kpis(self, period: Period = ALWAYS) -> KpisAnswer:
        """All KPIs of the workspace."""
        return self._once(("kpis", period.start_ms, period.end_ms), lambda offset: self._kpis(period, offset))

    def _kpis(self, period: Period, offset: int) -> KpisAnswer:
        return KpisAnswer(kpis=[self._kpi(definition, period) for definition in self._definitions.kpis], lake_offset=offset)

    def _kpi(self, definition: KpiDefinition, period: Period) -> KpiAnswer:
        money = definition.measure == "sum" and self._types.get(definition.property or "") == "money"
        told, tables = facts_of_events(definition.where, definition.event, self._definitions, self._lake.run)
        rows = self._lake.run(kpi(definition, money=money, period=period, told=told), tables).to_pylist()
        currency = self._definitions.workspace.currency
        amounts = [Money(minor=row["whole"] or 0, currency=row["currency"] or currency) for row in rows] if money else []
        value: float | int | Money | None
        if money:
            value = amounts[0] if len(amounts) == 1 else None if amounts else Money(minor=0, currency=currency)
        else:
            value = rows[0]["whole"] if rows[0]["whole"] is not None else rows[0]["number"]
        return KpiAnswer(
            name=definition.name,
            label=definition.label,
            value=value,
            unit=definition.unit,
            amounts=amounts,
            left_out=sum(row["left_out"] or 0 for row in rows),
            simulated=definition.event in self._simulated,
        )

    def coupons(self, period: Period = ALWAYS) -> CouponFigures:
        """Issued and redeemed codes by pool, offer and store."""
        return self._once(("coupons", period.start_ms, period.end_ms), lambda offset: self._coupons(period, offset))

    def _coupons(self, period: Period, offset: int) -> CouponFigures:
        rows = self._lake.run(coupons(period)).to_pylist()
        return CouponFigures(figures=msgspec.convert(rows, list[CouponFigure]), lake_offset=offset)

    def offers(self) -> tuple[dict[str, PartnerOffer], int]:
        """What became of each offer that was ever chosen, seen or clicked, and the lake's offset."""
        return self._once(("offers",), lambda offset: (self._offers(), offset))

    def _offers(self) -> dict[str, PartnerOffer]:
        seen = {row["offer"]: row for row in self._lake.run(shown()).to_pylist()}
        chosen = {row["offer"]: row for row in self._lake.run(offered()).to_pylist()}
        return {
            name: PartnerOffer(
                name=name,
                decisions=chosen.get(name, {}).get("decisions", 0),
                people=chosen.get(name, {}).get("people", 0),
                shown=seen.get(name, {}).get("shown", 0),
                clicked=seen.get(name, {}).get("clicked", 0),
            )
            for name in sorted({*seen, *chosen})
        }

    def funnels(self) -> FunnelsAnswer:
        """The funnels there are."""
        return FunnelsAnswer(funnels=[NamedFunnel(name=f.name, label=f.label) for f in self._definitions.funnels])

    def funnel(self, name: str, period: Period = ALWAYS) -> FunnelAnswer:
        """People by step of one funnel.

        Raises:
            NotFoundError: There is no such funnel.
        """
        definition = next((f for f in self._definitions.funnels if f.name == name), None)
        if definition is None:
            known = ", ".join(f.name for f in self._definitions.funnels) or "none"
            raise NotFoundError("unknown_funnel", f"There is no funnel {name!r}; the workspace defines: {known}.", funnel=name)
        return self._once(("funnel", name, period.start_ms, period.end_ms), lambda offset: self._funnel(definition, period, offset))

    def _funnel(self, definition: FunnelDefinition, period: Period, offset: int) -> FunnelAnswer:
        people: dict[tuple[int, str | None], int] = {}
        for row in self._lake.run(funnel(definition, period)).to_pylist():
            people[row["step"], row["split"]] = row["people"]
        numbers = range(1, len(definition.steps) + 1)
        values = sorted({split for _, split in people if split is not None}, key=lambda v: (-people.get((1, v), 0), v))
        return FunnelAnswer(
            name=definition.name,
            label=definition.label,
            steps=[
                FunnelStepAnswer(event=step.event, label=step.label, people=people.get((number, None), 0))
                for number, step in zip(numbers, definition.steps, strict=True)
            ],
            by=definition.by,
            groups=[FunnelGroup(value=value, steps=[people.get((number, value), 0) for number in numbers]) for value in values],
            simulated=any(step.event in self._simulated for step in definition.steps),
            lake_offset=offset,
        )

    def stages(self, reply: AudienceReply, at_offset: int, period: Period = ALWAYS) -> StagesAnswer:
        """People, orders and money by stage.

        Args:
            reply: Of the core, asked for ``stage_members``.
            at_offset: The core's offset when it was asked.
            period: Of the orders.
        """
        return self._once(("stages", at_offset, period.start_ms, period.end_ms), lambda offset: self._stages(reply, period, offset))

    def _stages(self, reply: AudienceReply, period: Period, offset: int) -> StagesAnswer:
        import pyarrow as pa

        pairs = [(person, stage) for stage, people in reply.stage_members.items() for person in people]
        texts = [pa.array([pair[i] for pair in pairs], pa.string()) for i in (0, 1)]
        tables = {"stage_of": pa.table(texts, names=["person", "stage"])}
        counted = {row["stage"]: row for row in self._lake.run(stages(self._commerce, period), tables).to_pylist()}
        money = _money_by(self._lake.run(stage_revenue(self._commerce, period), tables), "stage", self._definitions.workspace.currency)
        labels = [(stage.name, stage.label) for stage in reply.stages]
        if "" in counted:
            labels.append(("", {"ko": "단계 없음", "en": "No stage"}))
        found = []
        for name, label in labels:
            row = counted.get(name, {"people": 0, "ordering_people": 0, "orders": 0})
            found.append(
                StageAnswer(
                    name=name,
                    label=label,
                    people=row["people"],
                    ordering_people=row["ordering_people"],
                    orders=row["orders"],
                    revenue=money.get(name, []),
                )
            )
        return StagesAnswer(stages=found, lake_offset=offset)

    def campaigns(self) -> CampaignsAnswer:
        """Results of the workspace's campaigns."""
        return self._once(("campaigns",), self._campaigns)

    def _campaigns(self, offset: int) -> CampaignsAnswer:
        import pyarrow as pa

        declared = self._definitions.campaigns
        spans = windows(declared, Zone(self._definitions.workspace.zone))
        instant = pa.timestamp("ms", "UTC")
        columns = [
            pa.array([s.campaign for s in spans], pa.string()),
            pa.array([s.starts_ms for s in spans], pa.int64()).cast(instant),
            pa.array([s.ends_ms for s in spans], pa.int64()).cast(instant),
        ]
        tables = {"campaign_window": pa.table(columns, names=["campaign", "starts", "ends"])}
        counted = {row["campaign"]: row for row in self._lake.run(campaigns(self._commerce), tables).to_pylist()}
        money = _money_by(self._lake.run(campaign_revenue(self._commerce), tables), "campaign", self._definitions.workspace.currency)
        found = []
        for definition in declared:
            row = {key: value for key, value in counted[definition.name].items() if key != "campaign"}
            found.append(
                CampaignAnswer(
                    name=definition.name,
                    label=definition.label,
                    kind=definition.kind,
                    starts=definition.starts,
                    ends=definition.ends,
                    revenue=money.get(definition.name, []),
                    **row,
                )
            )
        return CampaignsAnswer(campaigns=found, causal=CAUSAL, note=NOT_CAUSAL, lake_offset=offset)

    def acted(self, period: Period = ALWAYS) -> ActedAnswer:
        """What was decided and sent."""
        return self._once(("acted", period.start_ms, period.end_ms), lambda offset: self._acted(period, offset))

    def _acted(self, period: Period, offset: int) -> ActedAnswer:
        offers = {offer.name: offer.label for offer in self._definitions.offers}
        placements = {placement.name: placement.label for placement in self._definitions.placements}
        rows = msgspec.convert(self._lake.run(decided(period)).to_pylist(), list[DecidedRow])
        return ActedAnswer(
            decisions=[
                msgspec.structs.replace(row, placement_label=placements.get(row.placement, {}), offer_label=offers.get(row.offer or "", {}))
                for row in rows
            ],
            messages=msgspec.convert(self._lake.run(sent(period)).to_pylist(), list[SentRow]),
            lake_offset=offset,
        )


def _money_by(table: pa.Table, key: str, currency: str) -> dict[str, list[Money]]:
    found: dict[str, list[Money]] = {}
    for row in table.to_pylist():
        found.setdefault(row[key], []).append(Money(minor=row["revenue_minor"], currency=row["currency"] or currency))
    return found
