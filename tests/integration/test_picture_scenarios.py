"""Somebody who looks at blue things gets the blue picture: from pictures on disk to the answer of the real door, also after a restart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.integration.conftest import SERVER_KEY, Pair
from typer.testing import CliRunner

from gyeol.cli.main import app
from gyeol.kernel.errors import InputError
from gyeol.workspace.load import load

WORKSPACE = """
workspace: {name: Cups, zone: Asia/Seoul, clock: data, picture_colours: data/colours.json, moment: {product: properties.product_id}}
sources:
  - {name: server, trust: server, channel: server, write_key: server-key-for-tests}
identifiers:
  - {name: user_id, paths: [userId], priority: 1, limit: 1}
  - {name: anonymous_id, paths: [anonymousId], priority: 2}
placements: [{name: home, channel: app}]
offers: [{name: cup, placements: [home], content: cup, promotional: false}]
catalogue:
  - {sku: B1, name: {ko: 파란 가방}, image: "https://cdn.example/bags/blue.png"}
  - {sku: R1, name: {ko: 빨간 가방}, image: "https://cdn.example/bags/red.png"}
contents:
  - name: cup
    variants:
      - language: ko
        images: [{address: "https://cdn.example/cups/red.png", alt: 빨간 컵}, {address: "https://cdn.example/cups/blue.png", alt: 파란 컵}]
        fields: {title: 새 컵이 나왔어요, html: '<img src="{{ image }}" alt="{{ image_alt }}">'}
"""
RED, BLUE = "https://cdn.example/cups/red.png", "https://cdn.example/cups/blue.png"


def draw(folder: Path) -> None:
    """Four small pictures: two bags and two cups, each in a shade of its own."""
    image = pytest.importorskip("PIL.Image")
    shades = {"bags/blue": (30, 60, 200), "bags/red": (200, 30, 40), "cups/blue": (20, 70, 180), "cups/red": (210, 50, 40)}
    for name, rgb in shades.items():
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.fromarray(np.full((6, 6, 3), rgb, np.uint8)).save(path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workspace with the colours of its pictures."""
    folder = tmp_path / "cups"
    (folder / "data").mkdir(parents=True)
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    draw(tmp_path / "pictures")
    out = str(folder / "data" / "colours.json")
    done = CliRunner().invoke(app, ["content", "colours", str(tmp_path / "pictures"), "--out", out])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def pair(shop: Path) -> Iterator[Pair]:
    running = Pair(shop)
    running.start(api=True)
    yield running
    running.stop()


def looks(pair: Pair, who: str, sku: str, times: int, *, event: str = "Product Viewed", by: str = "userId") -> None:
    """Somebody looks at a product again and again."""
    when = "2024-07-01T10:{:02}:00+09:00"
    told: list[dict[str, object]] = [
        {
            "type": "track",
            "event": event,
            by: who,
            "messageId": f"{who}-{sku}-{event}-{i}",
            "timestamp": when.format(i),
            "properties": {"product_id": sku},
        }
        for i in range(times)
    ]
    assert pair.batch(told).status_code == 200


def shown(pair: Pair, who: str) -> dict[str, Any]:
    reply = httpx.post(f"{pair.url}/v1/decide", json={"userId": who, "placement": "home"}, auth=(SERVER_KEY, ""), timeout=60)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["decisions"][0]
    return found


def kept(pair: Pair, who: str) -> dict[str, Any]:
    """Why somebody's last decision shows its picture; state.db follows the answer within a moment."""
    deadline = time.monotonic() + 120
    with pair.api as api:
        while True:
            found = api.get(f"/v1/people/user_id:{who}/decisions").raise_for_status().json()["decisions"]
            if found:
                picture: dict[str, Any] = found[0]["wording"]["picture"]
                return picture
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.slow
def test_who_looks_at_blue_things_gets_the_blue_picture(pair: Pair) -> None:
    looks(pair, "blue", "B1", 5)
    looks(pair, "red", "R1", 5)
    looks(pair, "new", "B1", 1)
    looks(pair, "buyer", "R1", 3)
    looks(pair, "buyer", "B1", 2, event="Product Added")
    looks(pair, "buyer", "B1", 1, event="Order Completed")
    wanted = {"blue": BLUE, "red": RED, "new": RED, "buyer": BLUE, "nobody": RED}
    found = {who: shown(pair, who) for who in wanted}
    assert {who: decision["content"]["image"] for who, decision in found.items()} == wanted
    said = found["blue"]["content"]
    assert said["html"] == f'<img src="{BLUE}" alt="파란 컵">' and said["alt"] == "파란 컵"
    picture = kept(pair, "blue")
    assert (picture["reason"], picture["looked_at"], picture["image"]) == ("colours_liked", ["B1"], BLUE)
    assert 0 < picture["distance"] < 20 and picture["colour"] == "#1446b4" and picture["liked"] == "#1e3cc8"
    assert kept(pair, "new")["reason"] == "little_known"
    # The file as it was applied is what counts, also when it is gone, after a restart and a replay from the log.
    pair.stop()
    (pair.workspace / "data" / "colours.json").unlink()
    pair.start(api=True)
    assert shown(pair, "blue")["content"]["image"] == BLUE
    with pair.api as api:
        definition = api.get("/v1/contents/cup").json()["definitions"]
        body = {"content": "cup", "channel": "app", "person": "user_id:blue"}
        preview = api.post("/v1/contents/preview", json=body).json()
        assert (preview["fields"]["image"], preview["wording"]["picture"]["looked_at"]) == (BLUE, ["B1"])
        nobody = api.post("/v1/contents/preview", json={**body, "person": None}).json()
        assert nobody["fields"]["image"] == RED and len(definition) == 32


def test_what_cannot_be_chosen_by_colour_is_a_warning_and_a_broken_file_an_error(shop: Path) -> None:
    assert load(shop).warnings == []
    file = shop / "workspace.yaml"
    file.write_text(WORKSPACE.replace("cups/blue.png", "cups/violet.png").replace(", alt: 빨간 컵", ""), encoding="utf-8")
    assert [(warning.code, warning.line) for warning in load(shop).warnings] == [("alt_missing", 17), ("no_colours", 17)]
    file.write_text(WORKSPACE.replace("picture_colours: data/colours.json, ", ""), encoding="utf-8")
    assert [warning.code for warning in load(shop).warnings] == ["no_colours"]
    file.write_text(WORKSPACE.replace(", moment: {product: properties.product_id}", ""), encoding="utf-8")
    assert [warning.code for warning in load(shop).warnings] == ["products_unseen"]
    file.write_text(WORKSPACE, encoding="utf-8")
    for data, code in (("[]", "bad_colours"), (None, "no_file")):
        colours = shop / "data" / "colours.json"
        colours.unlink() if data is None else colours.write_text(data)
        with pytest.raises(InputError) as refused:
            load(shop)
        assert [(problem.code, problem.line) for problem in refused.value.problems] == [(code, 2)]
