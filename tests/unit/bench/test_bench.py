"""The bench package: the kit's definitions keep their meaning, figures are honest, the search finds what a server holds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from gyeol.bench import benches, importing, kit
from gyeol.bench.bench import Setting
from gyeol.bench.definitions import read_kit, workspace_of, write_workspace
from gyeol.bench.duckdb_sweep import DuckDbSweep
from gyeol.bench.holding import highest_held
from gyeol.bench.kit import Load, Offer, kit_folder
from gyeol.bench.report import PER_S, Figures, Report, machine
from gyeol.bench.sweep import _fold_people, _sweep
from gyeol.cli.main import app
from gyeol.engine.definitions import Definitions
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import ConfigError, InternalError, NotFoundError
from gyeol.workspace.load import load

KIT_THERE = (kit.PROJECT.parent / "shared" / "bench" / "generate.py").is_file()
needs_kit = pytest.mark.skipif(not KIT_THERE, reason="the frozen kit does not lie beside the project")
END = "2026-10-31T00:00:00Z"


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    streams = tmp_path / "streams"
    streams.mkdir()
    return Setting(folder=tmp_path, streams=streams, runs=1, quick=True, end=END)


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return load(write_workspace(tmp_path_factory.mktemp("workspace"), workspace_of(offers=50))).definitions


@needs_kit
class TestDefinitions:
    def test_every_trait_and_audience_of_the_kit_is_there_with_its_meaning(self, definitions: Definitions) -> None:
        given = read_kit()
        for mine, theirs in ((definitions.traits, given["traits"]), (definitions.audiences, given["audiences"])):
            assert len(mine) == len(theirs) == 50
            for one, wanted in zip(msgspec.to_builtins(mine), theirs, strict=True):
                assert {key: one[key] for key in wanted if key != "share"} == {k: v for k, v in wanted.items() if k != "share"}

    def test_fifty_offers_compete_in_one_placement(self, definitions: Definitions) -> None:
        assert len(definitions.offers) == 50
        assert {tuple(offer.placements) for offer in definitions.offers} == {("bench_banner",)}

    def test_the_sweep_has_two_hundred(self, tmp_path: Path) -> None:
        assert len(load(write_workspace(tmp_path, workspace_of(audiences="audiences_200"))).definitions.audiences) == 200


class TestFigures:
    def test_median_least_and_greatest_of_the_runs(self) -> None:
        figures = Figures()
        for value in (30.0, 10.0, 11.0):
            figures.add("x.per_s", value, PER_S)
        assert msgspec.to_builtins(figures.all()["x.per_s"]) == {"median": 11.0, "min": 10.0, "max": 30.0, "unit": "1/s"}

    def test_small_values_keep_four_digits_and_large_ones_are_whole(self) -> None:
        figures = Figures()
        figures.add("small", 0.012345678, "s")
        figures.add("large", 123456.78, "1/s")
        found = figures.all()
        assert (found["small"].median, found["large"].median) == (0.01235, 123457.0)

    def test_a_note_is_kept_once(self) -> None:
        figures = Figures()
        figures.note("a")
        figures.note("a")
        assert figures.notes == ["a"]

    def test_the_machine_is_told(self) -> None:
        facts = machine()
        assert facts.cores >= 1 and facts.memory_mib > 100 and set(facts.packages) >= {"granian", "msgspec", "numpy"}


def _load(offered: float, achieved: float, events: int, status: dict[str, int] | None = None) -> Load:
    return Load(
        events=events, events_ok=events, offered_per_s=offered, achieved_per_s=achieved, p50_ms=1.0, p99_ms=2.0, max_ms=3.0,
        send_lag_p99_ms=0.1, status=status or {"200": 10}, skipped_no_endpoint=0, end_of_file=False, client_cpu_s=0.1,
    )  # fmt: skip


class TestHolding:
    def test_a_rate_is_held_from_99_per_cent_on(self) -> None:
        assert _load(1000, 990, 10).held
        assert not _load(1000, 989, 10).held

    def test_a_refused_request_is_not_held(self) -> None:
        assert not _load(1000, 1000, 10, {"200": 9, "503": 1}).held

    @pytest.mark.parametrize("sustained", [1_000.0, 900.0, 500.0])
    def test_it_finds_what_a_server_sustains(self, sustained: float) -> None:
        """A server that takes 1,000/s in a burst, and less for long."""
        skips: list[int] = []

        def run(offer: Offer) -> Load:
            skips.append(offer.skip)
            if offer.rate > 10_000:
                return _load(offer.rate, 1_000.0, offer.most)
            return _load(offer.rate, min(offer.rate, sustained), int(offer.rate * offer.seconds))

        cpu = iter([0.0, 0.5])
        held = highest_held(run, lambda: next(cpu), Offer(rate=1e5, batch=100, seconds=9, connections=1, most=500), 2.0, 10**9)
        assert 0.6 * sustained <= held.rate <= sustained
        assert held.cpu_us == pytest.approx(1_000.0)
        assert skips == sorted(set(skips)), "no event may be offered twice: it would be a duplicate"

    def test_it_ends_where_the_stream_ends(self) -> None:
        offered: list[Offer] = []

        def run(offer: Offer) -> Load:
            offered.append(offer)
            return _load(offer.rate, 1_000.0, 500)

        highest_held(run, lambda: 0.0, Offer(rate=1e5, batch=100, seconds=9, connections=1, most=500), 2.0, 600)
        assert len(offered) == 1


class TestKit:
    def test_a_missing_kit_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GYEOL_SHARED", str(tmp_path))
        kit_folder.cache_clear()
        try:
            with pytest.raises(ConfigError, match="GYEOL_SHARED"):
                kit_folder()
        finally:
            kit_folder.cache_clear()


@needs_kit
class TestRuns:
    def test_the_import_counts_what_is_true(self, setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = kit.make_stream(setting.streams, events=5_000, people=1_000, seed=3, form="parquet", end=END)
        figures = Figures()
        importing._one(write_workspace(setting.folder / "w", workspace_of()), stream, "parquet", figures)
        assert figures.all()["import.parquet_events_per_s"].median > 0

    def test_a_wrong_count_gives_no_figure(self, setting: Setting) -> None:
        stream = kit.make_stream(setting.streams, events=5_000, people=1_000, seed=3, form="parquet", end=END)
        wrong = kit.Stream(stream.path, msgspec.structs.replace(stream.truth, people=stream.truth.people + 1))
        figures = Figures()
        with pytest.raises(InternalError, match="true are"):
            importing._one(write_workspace(setting.folder / "w", workspace_of()), wrong, "parquet", figures)
        assert not figures.all()

    def test_the_sweep_and_duckdb_find_the_same_people(self, setting: Setting) -> None:
        state = EngineState(load(write_workspace(setting.folder / "w", workspace_of(audiences="audiences_200"))).definitions, bytes(32))
        stream = kit.make_stream(setting.streams, events=5_000, people=1_000, seed=3, form="parquet", end=END)
        state.now_ms = 1_793_404_800_000  # the stream's end
        rows = _fold_people(state, stream, 2_000)
        assert len(rows) == 2_000 and len(np.unique(rows)) == 2_000
        _sweep(state, rows)
        sizes = DuckDbSweep(state, rows).run()[1]
        assert sizes == state.memberships.sizes(rows)
        assert sum(size > 0 for size in sizes.values()) > 100


class TestCommand:
    @pytest.fixture(autouse=True)
    def _one_bench(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        def measure(setting: Setting, figures: Figures) -> None:
            for run in range(setting.runs):
                figures.add("none.per_s", 100.0 + run, PER_S)

        monkeypatch.setitem(benches.BENCHES, "none", measure)
        monkeypatch.setattr(benches, "RESULTS", tmp_path)

    def test_the_last_line_is_the_result(self) -> None:
        done = CliRunner().invoke(app, ["bench", "none", "--runs", "2", "--json"])
        report = msgspec.json.decode(done.stdout.splitlines()[-1], type=Report)
        assert (report.name, report.runs, report.figures["none.per_s"].max) == ("none", 2, 101.0)

    def test_save_writes_the_result(self, tmp_path: Path) -> None:
        assert CliRunner().invoke(app, ["bench", "none", "--runs", "1", "--save"]).exit_code == 0
        assert msgspec.json.decode((tmp_path / "none.json").read_bytes(), type=Report).name == "none"

    def test_an_unknown_name_says_which_there_are(self) -> None:
        with pytest.raises(NotFoundError, match="ingest"):
            benches.run_benches("nothing", runs=1, quick=True)
