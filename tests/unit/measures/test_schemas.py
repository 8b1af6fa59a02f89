"""Every figure answers in the schema that it declares."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.measures import campaigns, coupons, decided, funnel, kpis, sent, shown, stages
from gyeol.measures.commerce import COMMERCE
from gyeol.measures.model import FunnelDefinition, FunnelStep, KpiDefinition
from gyeol.measures.tables import Period, Result, ibis_schema

PERIOD = Period(start_ms=1, end_ms=1_000)
STEPS = [FunnelStep(event="A"), FunnelStep(event="B", within="7d"), FunnelStep(event="A")]


def kpi(measure: Any, money: bool = False, path: str | None = "properties.x") -> Any:
    return kpis.kpi(
        KpiDefinition(name="k", event="A", measure=measure, property=path, where="properties.y > 3"), money=money, period=PERIOD
    )


@pytest.mark.parametrize(
    ("expression", "declared"),
    [
        (kpi("count", path=None), kpis.RESULT),
        (kpi("people"), kpis.RESULT),
        (kpi("rows"), kpis.RESULT),
        (kpi("sum"), kpis.RESULT),
        (kpi("sum", money=True), kpis.RESULT),
        (funnel.funnel(FunnelDefinition(name="f", steps=STEPS[:1])), funnel.RESULT),
        (funnel.funnel(FunnelDefinition(name="f", steps=STEPS), PERIOD), funnel.RESULT),
        (funnel.funnel(FunnelDefinition(name="f", steps=STEPS, by="properties.campaign"), PERIOD), funnel.RESULT),
        (stages.stages(COMMERCE, PERIOD), stages.RESULT),
        (stages.stage_revenue(COMMERCE, PERIOD), stages.REVENUE),
        (campaigns.campaigns(COMMERCE), campaigns.RESULT),
        (campaigns.campaign_revenue(COMMERCE), campaigns.REVENUE),
        (decided.decided(PERIOD), decided.RESULT),
        (decided.offered(PERIOD), decided.OFFERED),
        (shown.shown(PERIOD), shown.RESULT),
        (sent.sent(PERIOD), sent.RESULT),
        (coupons.coupons(PERIOD), coupons.RESULT),
    ],
)
def test_declared_schema(expression: Any, declared: Result) -> None:
    assert expression.schema() == ibis_schema(declared)


def test_no_figure_of_a_campaign_is_called_an_effect() -> None:
    assert campaigns.CAUSAL is False
