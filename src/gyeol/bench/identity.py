"""``identity``: who is who, against labelled sets beside Splink configured by hand, in a simulated stream, and in bulk."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import workspace_of, write_workspace
from gyeol.bench.identity_bulk import evidence, measure_bulk
from gyeol.bench.identity_peers import korean_rules, peers, splink_clusters, splink_links
from gyeol.bench.identity_sets import ID, Judged, Records, Sides, pair_sets, read_clusters, read_links, record_sets
from gyeol.bench.identity_stream import Life, simulate
from gyeol.bench.report import COUNT, PER_THOUSAND, SECONDS, SHARE, Figures, say
from gyeol.identity.model import IdentityRules
from gyeol.storage.matching.matching import link, match
from gyeol.workspace.load import load

_SEED = 5


def measure(setting: Setting, figures: Figures) -> None:
    """The sets once each (the same file gives the same groups), the stream once (it is seeded), the bulk run as often as asked."""
    for records in record_sets(setting.folder, quick=setting.quick):
        _records(records, setting.folder / "found.csv", figures)
    for sides in pair_sets(setting.folder, quick=setting.quick):
        _sides(sides, setting.folder / "found.csv", figures)
    figures.note("pairs_* sets: judged on the labelled candidate pairs of all splits, for nothing is fitted to labels")
    rules = default_rules(setting.folder / "workspace")
    _stream(rules, 2_000 if setting.quick else 20_000, figures)
    _bulk(rules, 1_000_000 if setting.quick else 10_000_000, setting.runs, figures)


def default_rules(folder: Path) -> IdentityRules:
    """The identity rules of a workspace that declares none."""
    return load(write_workspace(folder, {"workspace": workspace_of()["workspace"]})).definitions.identity


def _records(records: Records, out: Path, figures: Figures) -> None:
    peer = peers()[records.name]
    judged, seconds = _timed(lambda: records.judge(_matched(records, out)))
    _add(figures, records.name, "", judged, seconds)
    other, other_seconds = _timed(lambda: records.judge(splink_clusters(peer, records.path)))
    _add(figures, records.name, "splink_", other, other_seconds)
    say(f"  {records.name}: F1 {judged.f1:.4f} in {seconds:.1f} s; Splink by hand {other.f1:.4f} in {other_seconds:.1f} s")
    if records.name == "korean":
        rules, rules_seconds = _timed(lambda: records.judge(korean_rules(records.path)))
        _add(figures, records.name, "rules_", rules, rules_seconds)


def _matched(records: Records, out: Path) -> dict[str, str]:
    match(records.path, ID, out)
    return read_clusters(out)


def _sides(sides: Sides, out: Path, figures: Figures) -> None:
    peer = peers()[sides.name]

    def linked() -> Judged:
        link(sides.left, sides.right, (ID, ID), out)
        return sides.judge(read_links(out))

    judged, seconds = _timed(linked)
    _add(figures, sides.name, "", judged, seconds)
    other, other_seconds = _timed(lambda: sides.judge(splink_links(peer, sides.left, sides.right)))
    _add(figures, sides.name, "splink_", other, other_seconds)
    say(f"  {sides.name}: F1 {judged.f1:.4f} in {seconds:.1f} s; Splink by hand {other.f1:.4f} in {other_seconds:.1f} s")


def _timed(do: Callable[[], Judged]) -> tuple[Judged, float]:
    begun = time.perf_counter()
    return do(), time.perf_counter() - begun


def _add(figures: Figures, name: str, whose: str, judged: Judged, seconds: float) -> None:
    for key, value in (("precision", judged.precision), ("recall", judged.recall), ("f1", judged.f1)):
        figures.add(f"identity.{name}.{whose}{key}", value, SHARE)
    figures.add(f"identity.{name}.{whose}seconds", seconds, SECONDS)


def _stream(rules: IdentityRules, people: int, figures: Figures) -> None:
    """Once where everybody has an account, and once where 15 % order as guests only: whom no account tells apart."""
    for key, life in (("stream", Life(accounts=1.0)), ("stream_guests", Life())):
        said = simulate(rules, people, _SEED, life)
        say(f"  {key}, {said.events:,} events: {said.merged_per_1000:.2f} wrongly merged, {said.split_per_1000:.2f} left split per 1,000")
        figures.add(f"identity.{key}.people", said.people, COUNT)
        figures.add(f"identity.{key}.events", said.events, COUNT)
        figures.add(f"identity.{key}.wrongly_merged_per_1000", said.merged_per_1000, PER_THOUSAND)
        figures.add(f"identity.{key}.left_split_per_1000", said.split_per_1000, PER_THOUSAND)


def _bulk(rules: IdentityRules, count: int, runs: int, figures: Figures) -> None:
    made = evidence(rules, count, _SEED)
    figures.add("identity.bulk.evidence", count, COUNT)
    figures.add("identity.bulk.violating", made.violating, COUNT)
    for _ in range(runs):
        took = measure_bulk(rules, made)
        say(f"  {count:,} pieces of evidence in {took.seconds:.1f} s; scipy without limits {took.scipy_seconds:.1f} s")
        figures.add("identity.bulk.seconds", took.seconds, SECONDS)
        figures.add("identity.bulk.scipy_seconds", took.scipy_seconds, SECONDS)
        figures.add("identity.bulk.wrongly_merged_per_1000", took.merged_per_1000, PER_THOUSAND)
        figures.add("identity.bulk.scipy_wrongly_merged_per_1000", took.scipy_merged_per_1000, PER_THOUSAND)
        figures.add("identity.bulk.quarantined", took.held, COUNT)
        figures.add("identity.bulk.shared", took.shared, COUNT)
