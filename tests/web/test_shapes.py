"""The console is tried out on made-up people: what they are made of must be what the real API answers with."""

from __future__ import annotations

import urllib.request
from typing import get_args

import msgspec
import pytest

from gyeol.app import (
    answers,
    content_answers,
    core_groups,
    coupon_api,
    fact_answers,
    identity_answers,
    policy_desk,
    suggestion_answers,
    watch_answers,
)
from gyeol.server.side.routes import names

ROUTES: dict[str, type[msgspec.Struct]] = {
    "/v1/status": answers.StatusAnswer,
    "/v1/people?limit=93": answers.PeopleAnswer,
    "/v1/people/{held}": answers.PersonAnswer,
    "/v1/people/{held}/moment": fact_answers.MomentAnswer,
    "/v1/people/{long}/timeline": answers.TimelineAnswer,
    "/v1/people/{decided}/decisions": answers.DecisionsAnswer,
    "/v1/people/{decided}/messages": answers.MessagesAnswer,
    "/v1/audiences": answers.AudiencesAnswer,
    "/v1/overview": watch_answers.OverviewAnswer,
    "/v1/sources": watch_answers.SourcesAnswer,
    "/v1/violations": watch_answers.ViolationsAnswer,
    "/v1/dead-letters?status=all": answers.DeadLettersAnswer,
    "/v1/dead-letters/dl_1": answers.DeadLetterAnswer,
    "/v1/suggestions": suggestion_answers.SuggestionsAnswer,
    "/v1/identity/quarantine": identity_answers.QuarantineAnswer,
    "/v1/audit": identity_answers.AuditAnswer,
    "/v1/contents": content_answers.ContentsAnswer,
    "/v1/contents/coverage": content_answers.CoverageAnswer,
    "/v1/contents/morning_set": content_answers.ContentAnswer,
    "/v1/contents/morning_set/diff": content_answers.DiffAnswer,
    "/v1/coupons": coupon_api.CouponsView,
    "/v1/coupons/second_iced/ledger": coupon_api.CouponsView,
    "/v1/coupon-doubts": coupon_api.CouponsView,
    "/v1/groups": core_groups.GroupsReply,
    "/v1/groups?kind=household": core_groups.GroupsReply,
    "/v1/groups/household/00000000000000000000000000004a00": core_groups.GroupReply,
    "/v1/names": names.NamesAnswer,
    "/v1/policies": policy_desk.PoliciesAnswer,
    "/v1/measures/campaigns": answers.CampaignsAnswer,
    "/v1/measures/acted": answers.ActedAnswer,
    "/v1/measures/kpis": answers.KpisAnswer,
    "/v1/measures/stages": answers.StagesAnswer,
    "/v1/measures/funnels": answers.FunnelsAnswer,
    "/v1/measures/funnels/campaign_to_redemption": answers.FunnelAnswer,
}


@pytest.mark.parametrize("route", ROUTES)
def test_the_made_up_api_answers_in_the_shapes_of_the_real_one(console: str, people: dict[str, str], route: str) -> None:
    with urllib.request.urlopen(console + route.format(**people)) as answer:
        found = msgspec.json.decode(answer.read(), type=ROUTES[route])
    assert msgspec.to_builtins(found)


def test_the_made_up_stream_speaks_as_the_real_one(console: str) -> None:
    kinds: set[str] = set()
    with urllib.request.urlopen(console + "/v1/live") as stream:
        for line in stream:
            if line.startswith(b"event: caught_up"):
                break
            if line.startswith(b"data: "):
                kinds.add(msgspec.json.decode(line[6:], type=watch_answers.LiveItem).kind)
    assert kinds == set(get_args(watch_answers.ItemKind))
