"""``gyeol policy``: values from files and from the workspace's own past, tables and JSON, and every problem at once."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.integration.conftest import SERVER_KEY, WEB_KEY
from tests.integration.policy_shop import DECIDE, Shop, ran, told

from gyeol.app.policy_past import Span, Taken, past_of, replay
from gyeol.app.policy_valuing import goal_of, read_verdict, value_past
from gyeol.app.settings import data_folder
from gyeol.bench.ope_obp import small_log
from gyeol.engine.replaying import Trial, begin, taken_again
from gyeol.kernel.errors import InputError, NotFoundError
from gyeol.kernel.instants import DAY_MS
from gyeol.measures.policy.evaluation import Settings
from gyeol.measures.policy.outcomes import Goal
from gyeol.workspace.load import load
from gyeol.workspace.starter import init

LEARNING = """
placements:
  - {name: home, channel: web, fallback: welcome, ranking: taste}
policies:
  - {name: taste, features: {rainy: "moment.weather = 'rain'"}, epsilon: 0.25}
offers:
  - {name: soup, placements: [home], score: "2", goal: {event: Order Completed, within: 1h}, content: {ko: {title: a}, en: {title: a}}}
  - {name: ice, placements: [home], score: "1", goal: {event: Order Completed, within: 1h}, content: {ko: {title: b}, en: {title: b}}}
  - {name: cake, placements: [home], score: "0", goal: {event: Order Completed, within: 1h}, content: {ko: {title: c}, en: {title: c}}}
  - {name: welcome, placements: [home], content: {ko: {title: d}, en: {title: d}}}
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A made-up log as a CSV file."""
    logged, _ = small_log(1_200)
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["action", "reward", "propensity", "person", "position", "context_x", "context_kind"])
        for i in range(logged.n):
            names = (logged.actions[logged.action[i]], int(logged.reward[i]), float(logged.propensity[i]), f"p{logged.person[i]}")
            writer.writerow([*names, int(logged.position[i]), float(logged.context[i, 0]), "warm" if logged.context[i, 1] > 0 else "cold"])
    return path


class TestFiles:
    def test_uniform_shares_and_rows_of_the_same_policy_are_one(self, log: Path, tmp_path: Path) -> None:
        actions = [f"a{i}" for i in range(6)]
        shares, rows = tmp_path / "shares.csv", tmp_path / "rows.csv"
        shares.write_text("action,probability\n" + "".join(f"{name},{1 / 6}\n" for name in actions))
        rows.write_text(",".join(actions) + "\n" + (",".join([str(1 / 6)] * 6) + "\n") * 1_200)
        found = [told("policy", "evaluate", log, "--policy", policy)["evaluation"] for policy in ("uniform", shares, rows)]
        for other in found[1:]:
            for name, estimate in found[0]["estimates"].items():
                assert other["estimates"][name]["value"] == pytest.approx(estimate["value"], abs=1e-9)
        assert (found[0]["rows"], found[0]["people"], found[0]["actions"]) == (1_200, 400, 6)
        assert found[0]["mean_weight"] == pytest.approx(1, abs=0.1)

    def test_shares_by_slot_and_an_action_that_was_never_tried(self, log: Path, tmp_path: Path) -> None:
        shares = tmp_path / "shares.csv"
        lines = [f"a{i},{slot},{(i + slot) / (15 + 6 * slot)}" for i in range(6) for slot in range(2)]
        shares.write_text("action,position,probability\n" + "\n".join(lines) + "\n")
        assert told("policy", "evaluate", log, "--policy", shares)["evaluation"]["mean_weight"] == pytest.approx(1, abs=0.1)
        shares.write_text("action,probability\n" + "".join(f"a{i},0.05\n" for i in range(6)) + "new,0.7\n")
        found = told("policy", "evaluate", log, "--policy", shares)["evaluation"]
        assert found["actions"] == 7 and found["why"] == ["no_support"] and found["mean_weight"] < 0.4

    def test_every_problem_is_told_at_once(self, log: Path, tmp_path: Path) -> None:
        bad = tmp_path / "bad.csv"
        bad.write_text("action,reward,propensity\na,1,0.5\nb,,0\nc,1,\n,1,2\n")
        code, _, err = ran("policy", "evaluate", bad, "--policy", "uniform")
        assert code != 0
        for word in ("name no action", "have no reward", "have no propensity", "0 or less", "above 1", "rows 3"):
            assert word in " ".join(err.split()), word
        shares = tmp_path / "shares.csv"
        shares.write_text("action,probability\na0,0.5\na1,0.7\n")
        _, _, err = ran("policy", "evaluate", log, "--policy", shares)
        assert "policy does not know" in " ".join(err.split()) and "do not add up to 1" in " ".join(err.split())
        _, _, err = ran("policy", "evaluate", log, "--policy", "uniform", "--action", "item", "--reward", "click")
        assert "'item'" in err and "'click'" in err
        rows = tmp_path / "rows.csv"
        rows.write_text("a0,a1\n0.5,0.5\n")
        _, _, err = ran("policy", "evaluate", log, "--policy", rows)
        assert "it has 1 rows" in err and "no column for 4 actions" in " ".join(err.split())
        rows.write_text("action,reward,propensity\na,much,0.5\nb,1,half\nc,inf,0.5\n")
        _, _, err = ran("policy", "evaluate", rows, "--policy", "uniform")
        for word in ("2 rows of the column reward hold what is no number (rows 1, 3)", "1 rows of the column propensity", "(rows 2)"):
            assert word in " ".join(err.split()), err
        for arguments in (["nothing.parquet"], [log, "--from-lake"], [log, "--estimator", "dm"]):
            assert ran("policy", "evaluate", *arguments, "--policy", "uniform")[0] != 0

    @pytest.mark.parametrize(("lang", "words"), [("en", "cannot tell from this log"), ("ko", "이 기록으로는 알 수 없습니다")])
    def test_the_table_says_it_in_both_languages(self, log: Path, tmp_path: Path, lang: str, words: str) -> None:
        out = tmp_path / "verdict.json"
        code, text, _ = ran("policy", "evaluate", log, "--policy", "uniform", "--min-ess", 5_000, "--lang", lang, "--out", out)
        assert code == 0 and words in text and "SNIPS" in text
        verdict = read_verdict(tmp_path, str(out))
        assert (verdict.policy, verdict.verdict, verdict.estimator, verdict.definitions) == ("uniform", "cannot_tell", "dr", "")
        with pytest.raises(NotFoundError):
            read_verdict(tmp_path, "v_none")


@pytest.fixture(scope="module")
def rained_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop where soup is for rain and ice for sunshine, and the rule shows soup but for the floor."""
    keys = iter((WEB_KEY, SERVER_KEY))
    folder = tmp_path_factory.mktemp("policy") / "shop"
    init(folder, None, lambda: next(keys))
    (folder / "decide.yaml").write_text(LEARNING)
    made = Shop(folder)
    random = np.random.default_rng(11)
    try:
        for i in range(360):
            made.clock.advance(60_000)
            rain = i % 2 == 0
            [answer] = made.ask("user_id", f"v{i}", ["home"], {"weather": "rain" if rain else "clear"})
            likes = {"soup": 0.6 if rain else 0.05, "ice": 0.05 if rain else 0.6, "cake": 0.1}[str(answer.decision.chosen)]
            if random.random() < likes:
                made.clock.advance(1_000)
                made.bought(f"v{i}", 100)
        made.clock.advance(2 * 3_600_000)
        made.bought("last", 1)
        made.session.settle()
    finally:
        made.session.close()
    return folder


@pytest.fixture
def learning(rained_on: Path, tmp_path: Path) -> Iterator[Shop]:
    """That shop for each test: one test's copy, opened again."""
    made = Shop(Path(shutil.copytree(rained_on, tmp_path / "shop")))
    try:
        yield made
    finally:
        made.session.close()


def test_a_policy_is_valued_on_the_log_of_the_rule_that_it_would_replace(learning: Shop) -> None:
    with past_of(learning.session, data_folder(learning.workspace)) as past:
        key = bytes.fromhex(past.folder.secrets().identity_key)
        for policy in (None, "taste"):
            beginning = begin(past.log, learning.definitions, key, history=[], snapshots=past.folder.snapshots, defined=past.applied.get)
            trial = Trial(wanted=lambda decision: True, goes_on=policy is None, policy=policy, weigh=True)
            for again in taken_again(past.log, beginning, trial):
                assert again.now is not None and sum(again.chances.values()) == pytest.approx(1, abs=1e-9)
                assert again.chances[again.now.chosen or ""] == pytest.approx(again.now.propensity, abs=2e-3)
                assert policy is not None or again.now == again.then
                assert set(again.chances) == {"soup", "ice", "cake"} and min(again.chances.values()) >= 0.25 - 1e-9
        found = value_past(past, learning.definitions, Span(placement="home"), None, Settings(resamples=300), policy="taste")
        same = value_past(past, learning.definitions, Span(placement="home"), None, Settings(resamples=300))
    assert found.goal == Goal(event="Order Completed", within_ms=3_600_000) == goal_of(learning.definitions, "home")
    assert found.evaluation is not None and same.evaluation is not None and found.still_open == 0
    assert found.evaluation.rows == 360 and found.evaluation.mean_weight == pytest.approx(1, abs=0.1)
    assert same.evaluation.mean_weight == 1.0 and same.evaluation.difference.value == pytest.approx(0, abs=1e-2)
    # ε is 0.25 of three arms: half a point of what rain and sunshine leave is gained on a quarter of the decisions.
    assert found.evaluation.difference.value > 0.01


def test_the_command_keeps_the_verdict_that_a_policy_is_switched_on_by(learning: Shop) -> None:
    definitions, workspace = learning.definitions.hash, learning.workspace
    learning.session.close()
    found = told("policy", "evaluate", "--from-lake", "--policy", "taste", "--placement", "home", "--keep", "-w", workspace)
    verdict = read_verdict(data_folder(workspace), found["verdict"]["id"])
    assert msgspec.to_builtins(verdict) == found["verdict"]
    assert (verdict.policy, verdict.definitions) == ("taste", definitions) and found["replay"]["decisions"] == 360
    code, _, err = ran("policy", "evaluate", "--from-lake", "--policy", "other", "--placement", "home", "-w", workspace)
    assert code != 0 and "there is no policy 'other'" in err
    code, _, err = ran("policy", "evaluate", "--from-lake", "--policy", "taste", "-w", workspace)
    assert code != 0 and "--placement" in err


def test_a_policy_that_began_with_history_is_valued_on_what_came_after(learning: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GYEOL_KEEP_LOG_DAYS", "0")  # its clock is not the machine's
    workspace, log, out = learning.workspace, learning.workspace / "log.csv", learning.workspace / "history.json"
    learning.session.close()
    log.write_text("action,reward,context_rainy\n" + "soup,1,true\nsoup,0,false\nice,0,true\nice,1,false\n" * 20)
    told("policy", "warm", "taste", log, "--dry-run", "--out", out, "-w", workspace)
    later = Shop(workspace)
    try:
        later.clock.advance(2 * DAY_MS)
        history = json.loads(out.read_text())
        assert later.session.call("policy_warm", name="taste", by="kim", history=history)["status"] == "applied"
        for i in range(40):
            later.clock.advance(60_000)
            later.ask("user_id", f"w{i}", ["home"], {"weather": "rain" if i % 2 else "clear"})
        later.clock.advance(2 * 3_600_000)
        later.bought("last", 1)
        later.session.settle()
    finally:
        later.session.close()
    asked = ("policy", "evaluate", "--from-lake", "--policy", "taste", "--placement", "home", "-w", workspace)
    found = told(*asked)
    assert (found["replay"]["decisions"], found["evaluation"]["rows"]) == (40, 40), "not the 360 that another state saw"
    [held] = told("policy", "show", "taste", "-w", workspace)["warmed"]
    assert (found["verdict"]["warmed"], found["replay"]["since_ms"]) == ([held["hash"]], held["at"] + 1)
    assert told(*asked, "--since", "2020-01-01T00:00:00+09:00")["evaluation"]["rows"] == 40
    for lang, words in (("en", "Only decisions since it began with history"), ("ko", "과거 기록으로 시작한")):
        code, text, err = ran(*asked, "--lang", lang)
        assert code == 0 and words in " ".join(text.split()), text + err
    rules = told("policy", "evaluate", "--from-lake", "--policy", workspace, "--placement", "home", "-w", workspace)
    assert rules["evaluation"]["rows"] == 400 and rules["verdict"]["warmed"] is None


def test_changed_files_are_put_over_the_past_before_they_are_applied(workspace: Path, tmp_path: Path) -> None:
    (workspace / "decide.yaml").write_text(DECIDE)
    shop = Shop(workspace)
    shop.traffic(12)
    shop.session.settle()
    shop.session.close()
    same = told("policy", "replay", "-w", workspace)
    assert same["replay"]["changed"] == 0 and (same["evaluation"], same["why_not"]) == (None, "no_placement")
    (workspace / "decide.yaml").write_text(DECIDE.replace("moment.weather = 'rain'", "moment.weather = 'snow'"))
    rows = tmp_path / "changes.csv"
    found = told(
        "policy", "replay", "--placement", "home", "--goal", "Order Completed", "--within", "1h", "--changes", rows, "-w", workspace
    )
    past = found["replay"]
    assert past["definitions"] != past["definitions_then"] == load(workspace).definitions.hash
    written = list(csv.DictReader(rows.open()))
    assert len(written) == past["changed"] > 0 and {row["placement"] for row in written} == {"home"}
    assert all(row["offer"] == "rainy" or row["offer_then"] == "rainy" for row in written)
    # Nothing was left to chance, so what rain showed tells nothing of snow.
    assert found["evaluation"]["verdict"] == "cannot_tell" and found["evaluation"]["mean_weight"] < 1
    for lang, words in (("en", "decisions would be others"), ("ko", "달라집니다")):
        code, text, _ = ran("policy", "replay", "-w", workspace, "--lang", lang)
        assert code == 0 and words in text and "rainy" in text
    code, _, err = ran("policy", "replay", "-w", workspace, "--since", "yesterday")
    assert code != 0 and "no instant" in err


def test_another_folder_may_hold_the_rules(learning: Shop, tmp_path: Path) -> None:
    """An evaluation of rules that change nothing says that nothing changes."""
    other = tmp_path / "other"
    other.mkdir()
    for path in learning.workspace.glob("*.yaml"):
        (other / path.name).write_text(path.read_text())
    learning.session.close()
    found = told("policy", "evaluate", "--from-lake", "--policy", other, "--placement", "home", "-w", learning.workspace)
    assert found["evaluation"]["policy"] == "rules:other" and found["replay"]["changed"] == 0
    assert found["verdict"]["verdict"] == "cannot_tell"


def test_offers_with_different_goals_need_one_named(learning: Shop) -> None:
    offers = [
        msgspec.structs.replace(offer, goal=msgspec.structs.replace(offer.goal, within="2h"))
        if offer.name == "ice" and offer.goal
        else offer
        for offer in learning.definitions.offers
    ]
    other = msgspec.structs.replace(learning.definitions, offers=offers)
    with pytest.raises(InputError, match="2 different goals"):
        goal_of(other, "home")
    with past_of(learning.session, data_folder(learning.workspace)) as past:
        taken = Taken()
        replay(past, other, Span(placement="home"), taken=taken)
    assert len(taken.offsets) == len(taken.ends) == 360 and sorted(taken.names) == ["cake", "ice", "soup"]
