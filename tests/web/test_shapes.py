"""The console is tried out on made-up people: what they are made of must be what the real API answers with."""

from __future__ import annotations

import urllib.request

import msgspec
import pytest

from gyeol.app import answers

ROUTES: dict[str, type[msgspec.Struct]] = {
    "/v1/status": answers.StatusAnswer,
    "/v1/people?limit=93": answers.PeopleAnswer,
    "/v1/people/{held}": answers.PersonAnswer,
    "/v1/people/{long}/timeline": answers.TimelineAnswer,
    "/v1/people/{decided}/decisions": answers.DecisionsAnswer,
    "/v1/people/{decided}/messages": answers.MessagesAnswer,
    "/v1/audiences": answers.AudiencesAnswer,
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
