"""``/v1/names``: what the files call things, and nothing for what they call nothing."""

from __future__ import annotations

from typing import Any

from litestar.testing import TestClient

from gyeol.accounts.tokens import AdminToken
from gyeol.app.desk import Desk
from gyeol.app.watch import Watch
from gyeol.content.model import ProductDefinition
from gyeol.context.place.stores import StoreDefinition
from gyeol.decisions.model import OfferDefinition
from gyeol.decisions.ranking.model import Creative
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.server.side.app import side_app
from gyeol.server.side.broadcast import Broadcaster

LATTE = {"ko": "라떼", "en": "Latte"}
WARM = {"ko": "따뜻한 사진", "en": "Warm photograph"}
HARBOUR = {"ko": "항구점", "en": "Harbour"}


def definitions() -> Definitions:
    half = OfferDefinition(name="half", placements=["home"], label=LATTE, creatives={"warm": Creative(label=WARM), "plain": Creative()})
    return Definitions(
        workspace=WorkspaceSettings(name="cafe"),
        offers=[half, OfferDefinition(name="other", placements=["home"], creatives={"plain": Creative()})],
        catalogue=[ProductDefinition(sku="L01", name=LATTE)],
        stores=[StoreDefinition(name="harbour", lat=0, lon=0, label=HARBOUR), StoreDefinition(name="hill", lat=0, lon=0)],
    )


def asked(token: str, **more: Any) -> tuple[int, Any]:
    served = side_app(Desk.__new__(Desk), Watch.__new__(Watch), Broadcaster.__new__(Broadcaster), AdminToken("token"), **more)
    with TestClient(served, raise_server_exceptions=False) as client:
        answer = client.get("/v1/names", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()


def test_what_the_files_give_words_for_is_told_by_kind_and_nothing_else() -> None:
    assert asked("token", in_force=definitions) == (
        200,
        {
            "offers": {"half": LATTE},
            "creatives": {"half": {"warm": WARM}},
            "journeys": {},
            "campaigns": {},
            "products": {"L01": LATTE},
            "stores": {"harbour": HARBOUR},
        },
    )


def test_it_asks_for_the_token() -> None:
    assert asked("another", in_force=definitions)[0] == 401
