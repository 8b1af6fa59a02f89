"""The bench kit's stream: the engine's people must be the truth's people. See ``bench/README.md``, "Right people"."""

from __future__ import annotations

import csv
import gc
import gzip
import importlib.util
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("GYEOL_SHARED", Path(__file__).parents[3] / ".." / "shared"))


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], int]]:
    """(event, true person) of the valid lines of 20,000."""
    spec = importlib.util.spec_from_file_location("bench_generate", SHARED / "bench" / "generate.py")
    assert spec is not None and spec.loader is not None
    generator: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    generator.pa = None  # the truth as csv
    out = tmp_path_factory.mktemp("stream") / "events.ndjson"
    try:
        generator.generate(20_000, 3_000, 7, "ndjson", str(out))
    finally:
        gc.enable()
    with gzip.open(f"{out}.truth.csv.gz", "rt") as file:
        truth = list(csv.DictReader(file))
    lines = out.read_text().splitlines()
    assert len(lines) == len(truth) == 20_000
    return [(json.loads(line), int(row["person"])) for line, row in zip(lines, truth, strict=True) if not row["invalid"]]


def event_of(raw: dict[str, Any], at: int, source: str) -> dict[str, Any]:
    """The event as the tests' batch takes it."""
    traits = {f"traits.{name}": raw.get("traits", {}).get(name) for name in ("email", "phone")}
    return {"type": raw["type"], "userId": raw["userId"], "anonymousId": raw["anonymousId"], "at": at, "source": source, **traits}


@pytest.mark.parametrize("source", ["shop", "till"])
@pytest.mark.parametrize("order", ["arrival", "shuffled"])
def test_people_are_the_truths_people(stream: list[tuple[dict[str, Any], int]], collector: Any, source: str, order: str) -> None:
    events = list(stream)
    chance = random.Random(5)
    if order == "shuffled":
        chance.shuffle(events)
    nodes: list[int] = []
    while len(nodes) < len(events):
        part = events[len(nodes) : len(nodes) + chance.choice([1, 50, 1000])]
        extracted = collector.take(*[event_of(raw, len(nodes) + i, source) for i, (raw, _) in enumerate(part)])
        nodes += extracted.event_node.tolist()
    assert min(nodes) >= 0
    people = collector.graph.person[nodes].tolist()
    pairs = set(zip(people, [person for _, person in events], strict=True))
    assert len(pairs) == len({engine for engine, _ in pairs}) == len({person for _, person in pairs})
    users = Counter(device for device, _ in {(raw["anonymousId"], raw["userId"]) for raw, _ in stream if raw["userId"]})
    shared = sorted(device for device, count in users.items() if count > 1)
    assert len(shared) > 3, "the stream must hold shared devices, else it shows nothing"
    for device in shared:
        (only,) = collector.graph.describe(collector.person(device)).identifiers
        assert only.value == device and only.shared[0].fan_out == users[device]
