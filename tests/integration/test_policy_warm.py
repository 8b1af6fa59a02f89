"""``gyeol policy warm``: files of decisions and the workspace's own past, through the command and a running core."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.integration.conftest import SERVER_KEY, WEB_KEY
from tests.integration.policy_shop import Shop, ran, told

from gyeol.app.policy_history import Ground, History
from gyeol.app.policy_warm_lake import MOST_GAPS, _spans
from gyeol.app.verifying import learned_digest, replay_check, state_digest
from gyeol.decisions.ranking.learner import Arm
from gyeol.workspace.load import load
from gyeol.workspace.starter import init

if TYPE_CHECKING:
    from tests.integration.conftest import Pair

BY_FORMULA = """
placements:
  - {name: home, channel: web, fallback: welcome}
  - {name: app, channel: web}
offers:
  - name: soup
    placements: [home]
    score: CASE WHEN moment.weather = 'rain' THEN 9 ELSE 1 END
    goal: {event: Order Completed, within: 1h, value: properties.revenue}
    content: {ko: {title: a}, en: {title: a}}
  - name: ice
    placements: [home]
    score: "2"
    goal: {event: Order Completed, within: 1h, value: properties.revenue}
    content: {ko: {title: b}, en: {title: b}}
  - {name: welcome, placements: [home], content: {ko: {title: d}, en: {title: d}}}
"""
LEARNING = (
    BY_FORMULA.replace("fallback: welcome}", "fallback: welcome, ranking: taste}")
    + """
policies:
  - {name: taste, features: {rainy: "moment.weather = 'rain'", buyer: "orders >= 2"}, epsilon: 0.01}
"""
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A shop whose policy has learned nothing yet."""
    keys = iter((WEB_KEY, SERVER_KEY))
    folder = tmp_path / "shop"
    init(folder, None, lambda: next(keys))
    (folder / "decide.yaml").write_text(LEARNING)
    return folder


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def log_of(n: int = 900) -> list[dict[str, object]]:
    """Soup is for rain, ice for sunshine."""
    random = np.random.default_rng(7)
    rows: list[dict[str, object]] = []
    for _ in range(n):
        rain, soup = bool(random.random() < 0.5), bool(random.random() < 0.5)
        taken = int(random.random() < (0.5 if rain == soup else 0.05))
        rows.append(
            {
                "action": "soup" if soup else "ice", "reward": taken, "propensity": 0.5, "value": 4_000 if taken else "",
                "context_rainy": str(rain).lower(), "context_buyer": "", "context_hour": 3,
            }
        )  # fmt: skip
    return rows


def chosen(workspace: Path, weather: str) -> str:
    """What a rule set says that lets the policy decide."""
    made = Shop(workspace)
    try:
        learner = made.session.parts.engine.state.learning.policies.known("taste")
        field = learner.field([Arm("soup"), Arm("ice")], {"rainy": float(weather == "rain")}, made.clock.now_ms())
        return ("soup", "ice")[int(np.argmax(field.mean))]
    finally:
        made.session.close()


def compare_with_a_replay(workspace: Path) -> None:
    """Doctor's replay covers what was learned."""
    made = Shop(workspace)
    try:
        state = made.session.parts.engine.state
        now = state.offset, state_digest(state), state.people.people
        same, other = (replay_check(made.session.parts, now, told) for told in (learned_digest(state), "another"))
        assert same.good and "and of what policies learned" in same.detail
        assert not other.good and "ANOTHER one of what policies learned" in other.detail and other.mend
    finally:
        made.session.close()


class TestFiles:
    def test_a_file_is_what_the_policy_begins_with_once(self, workspace: Path, tmp_path: Path) -> None:
        log = write(tmp_path / "log.csv", log_of())
        dry = told("policy", "warm", "taste", log, "--dry-run", "--out", tmp_path / "history.json", "-w", workspace)
        assert (dry["status"], dry["dry_run"], dry["offset"], dry["unused"]) == ("applied", True, None, ["context_hour"])
        assert told("policy", "show", "taste", "-w", workspace)["warmed"] == []
        found = told("policy", "warm", "taste", log, "--as", "kim", "--why", "last year", "-w", workspace)
        assert {key: value for key, value in found.items() if key not in ("dry_run", "offset")} == {
            key: value for key, value in dry.items() if key not in ("dry_run", "offset")
        }
        assert (found["rows"], found["counted"]) == (900, pytest.approx(900))
        assert {each["arm"] for each in found["arms"]} == {"soup", "ice"}
        assert (chosen(workspace, "rain"), chosen(workspace, "clear")) == ("soup", "ice")
        compare_with_a_replay(workspace)
        shown = told("policy", "show", "taste", "-w", workspace)
        assert shown["warmed"][0]["hash"] == found["hash"] and sum(shown["learned"].values()) == pytest.approx(900)
        code, _, err = ran("policy", "warm", "taste", log, "-w", workspace)
        assert code == 1 and "taken in before" in err + _
        assert sum(told("policy", "show", "taste", "-w", workspace)["learned"].values()) == pytest.approx(900)
        assert found["ends_verdict"] is None and shown["ended"] is None
        assert "log.csv: 900 as 900" in ran("policy", "list", "-w", workspace)[1].replace("\n", " ").replace("  ", " ")

    def test_it_ends_the_verdict_by_which_the_policy_decides(self, workspace: Path, tmp_path: Path) -> None:
        log, kept = write(tmp_path / "log.csv", log_of()), tmp_path / "verdict.json"
        said = {"estimator": "dr", "estimate": 2, "low": 1, "high": 3, "ess": 900, "baseline": 0.5, "verdict": "better"}
        made = Shop(workspace)
        made.session.close()
        kept.write_text(json.dumps({"id": "v_1", "policy": "taste", "definitions": load(workspace).definitions.hash, **said}))
        assert told("policy", "switch", "taste", "--verdict", kept, "-w", workspace)["status"] == "applied"
        words: dict[str, tuple[str, ...]] = {"en": ("decides since", "by v_1"), "ko": ("부터", "판정 v_1에 따라 결정합니다")}
        for lang, parts in words.items():
            code, text, err = ran("policy", "show", "taste", "-w", workspace, "--lang", lang)
            assert code == 0 and all(part in text for part in parts), text + err
        assert told("policy", "warm", "taste", log, "--dry-run", "-w", workspace)["ends_verdict"] == "v_1"
        assert told("policy", "show", "taste", "-w", workspace)["verdict"] == "v_1", "it was only asked"
        code, text, err = ran("policy", "warm", "taste", log, "-w", workspace)
        assert code == 0 and "Verdict v_1 ended" in text, text + err
        shown = told("policy", "show", "taste", "-w", workspace)
        assert (shown["verdict"], shown["ended"]) == (None, {"verdict": "v_1", "at": shown["warmed"][0]["at"], "reason": "warmed"})
        compare_with_a_replay(workspace)
        code, text, err = ran("policy", "switch", "taste", "--verdict", kept, "-w", workspace)
        assert code == 1 and "before the policy began with" in " ".join((text + err).split())
        told_in = {
            "en": ("only learns", "verdict v_1 ended", "judge it anew", "ranks home", "learned from", "began with", "weight"),
            "ko": (
                "학습만 합니다",
                "판정 v_1은(는)",
                "끝났습니다",
                "다시 판정하세요",
                "순서를 정하는 위치: home",
                "배운 결정",
                "시작한 기록",
                "가중",
            ),
        }
        for lang, parts in told_in.items():
            code, text, err = ran("policy", "show", "taste", "-w", workspace, "--lang", lang)
            assert code == 0, err
            assert [part for part in parts if part not in text] == [] and "log.csv" in text

    def test_parquet_and_shares_and_the_most(self, workspace: Path, tmp_path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = log_of()
        table = {name: [row[name] for row in rows] for name in ("action", "reward", "propensity")}
        table |= {"context_rainy": [row["context_rainy"] == "true" for row in rows], "buyer": [None] * 900}
        pq.write_table(pa.table(table), tmp_path / "log.parquet")
        csv_ = told("policy", "warm", "taste", write(tmp_path / "log.csv", rows), "--dry-run", "-w", workspace)
        found = told("policy", "warm", "taste", tmp_path / "log.parquet", "--dry-run", "-w", workspace)
        assert found["arms"] == csv_["arms"]
        third = told("policy", "warm", "taste", tmp_path / "log.parquet", "--weight", 0.3, "--dry-run", "-w", workspace)
        assert third["counted"] == pytest.approx(270)
        few = told("policy", "warm", "taste", tmp_path / "log.parquet", "--most", 50, "--dry-run", "-w", workspace)
        assert few["counted"] == pytest.approx(50)

    def test_everything_that_is_wrong_is_told_at_once(self, workspace: Path, tmp_path: Path) -> None:
        rows = log_of(20)
        rows[3] |= {"reward": "much", "propensity": 0}
        rows[4] |= {"reward": -1, "propensity": 1.5}
        rows[5] |= {"action": "stew"}
        rows[6] |= {"action": ""}
        rows[7] |= {"context_rainy": "perhaps"}
        log = write(tmp_path / "log.csv", rows)
        code, out, err = ran("policy", "warm", "taste", log, "-w", workspace, "--json")
        problems = json.loads(out.splitlines()[-1])["error"]["facts"]["problems"]
        assert code != 0, err
        assert sorted(problem["code"] for problem in problems) == [
            "bad_feature", "bad_reward", "missing_action", "propensity_above_one", "unknown_arm", "zero_propensity",
        ]  # fmt: skip
        assert (
            next(p["what"] for p in problems if p["code"] == "bad_reward")
            == "2 rows have a reward that is no number of 0 or more (rows 4, 5)"
        )
        assert "stew" in next(p["what"] for p in problems if p["code"] == "unknown_arm")
        lacking = write(tmp_path / "lacking.csv", [{"offer": "soup", "reward": 1, "context_sunny": 1}])
        code, out, _ = ran("policy", "warm", "taste", lacking, "-w", workspace, "--json")
        problems = json.loads(out.splitlines()[-1])["error"]["facts"]["problems"]
        assert code != 0 and [problem["code"] for problem in problems] == ["missing_column", "features_differ"]
        assert "buyer, rainy" in problems[1]["what"] and "context_sunny" in problems[1]["mend"]
        for arguments in ((tmp_path / "none.csv",), (log, "--from-lake"), ()):
            assert ran("policy", "warm", "taste", *arguments, "-w", workspace)[0] != 0
        assert ran("policy", "warm", "nobody", log, "-w", workspace)[0] != 0

    def test_files_as_people_have_them(self, workspace: Path, tmp_path: Path) -> None:
        def problems_of(path: Path, *arguments: object) -> list[dict[str, Any]]:
            code, out, err = ran("policy", "warm", "taste", path, *arguments, "-w", workspace, "--json")
            assert code != 0, err
            found: list[dict[str, Any]] = json.loads(out.splitlines()[-1])["error"]["facts"]["problems"]
            return found

        rows = log_of(20)
        assert told("policy", "warm", "taste", write(tmp_path / "LOG.CSV", rows), "--dry-run", "-w", workspace)["rows"] == 20
        heads = ",".join(rows[0])
        for name, text in {"head": f"매장,{heads}\n", "value": f"{heads}\n수프,1,1,,true,,3\n"}.items():
            path = tmp_path / f"{name}.csv"
            path.write_bytes(text.encode("cp949"))
            [problem] = problems_of(path)
            assert problem["code"] == "unreadable_file" and "UTF-8" in problem["mend"]
        strange = tmp_path / os.fsdecode("작년.csv".encode("cp949"))
        (tmp_path / "LOG.CSV").rename(strange)
        assert [problem["code"] for problem in problems_of(strange)] == ["unreadable_file"]
        twice = tmp_path / "twice.csv"
        twice.write_text(f"{heads},reward\nsoup,1,1,,true,,3,0\n")
        assert [(p["code"], "reward" in p["what"]) for p in problems_of(twice)] == [("column_twice", True)]
        rows[2] |= {"value": "USD 3.50"}
        rows[4] |= {"value": -4_000}
        [problem] = problems_of(write(tmp_path / "values.csv", rows))
        assert (problem["code"], "(rows 3, 5)" in problem["what"]) == ("bad_value", True)
        good = write(tmp_path / "good.csv", log_of(20))
        assert [p["path"] for p in problems_of(good, "--since", "2026-01-01", "--placement", "home")] == ["--since", "--placement"]
        assert [p["path"] for p in problems_of(good, "--most", 2_000_000)] == ["--most"]

    def test_amounts_count_as_often_as_their_decisions(self, workspace: Path, tmp_path: Path) -> None:
        log, out = write(tmp_path / "log.csv", log_of()), tmp_path / "history.json"
        told("policy", "warm", "taste", log, "--most", 90, "--dry-run", "--out", out, "-w", workspace)
        few = json.loads(out.read_text())
        assert {offer: round(total / n) for offer, (total, n) in few["amounts"].items()} == {"soup": 4_000, "ice": 4_000}
        assert sum(n for _, n in few["amounts"].values()) == pytest.approx(sum(few["reached"].values()) / 10, abs=1)

    def test_unknown_offers_are_left_out_when_that_is_asked_for(self, workspace: Path, tmp_path: Path) -> None:
        rows = log_of(40)
        for row in rows[:4]:
            row["action"] = "stew"
        log = write(tmp_path / "log.csv", rows)
        found = told("policy", "warm", "taste", log, "--skip-unknown", "-w", workspace)
        assert (found["rows"], found["left_out"]) == (36, {"unknown_offer": 4})
        log = write(tmp_path / "empty.csv", [{**row, "action": "stew"} for row in rows])
        code, _, err = ran("policy", "warm", "taste", log, "--skip-unknown", "--weight", 2, "-w", workspace)
        assert code != 0 and "40 left out" in err and "is no share" in err


@pytest.fixture
def ranked_by_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop whose formula showed soup in rain and ice else, before any policy was."""
    monkeypatch.setenv("GYEOL_KEEP_LOG_DAYS", "0")  # its clock is not the machine's
    keys = iter((WEB_KEY, SERVER_KEY))
    folder = tmp_path / "shop"
    init(folder, None, lambda: next(keys))
    (folder / "decide.yaml").write_text(BY_FORMULA)
    made = Shop(folder)
    for i in range(160):
        made.clock.advance(60_000)
        [answer] = made.ask("user_id", f"u{i}", ["home"], {"weather": "rain" if i % 2 else "clear"})
        if answer.decision.chosen == "soup" and i % 4 == 1:
            made.clock.advance(1_000)
            made.bought(f"u{i}", 500)
    made.clock.advance(3 * 3_600_000)
    made.bought("u0", 1)
    yield made
    made.session.close()


def test_a_policy_begins_with_what_the_formula_showed(ranked_by_formula: Shop) -> None:
    made, folder = ranked_by_formula, ranked_by_formula.workspace
    (folder / "decide.yaml").write_text(LEARNING)
    made.apply(load(folder).definitions)
    made.ask("user_id", "u1", ["home"], {"weather": "rain"})
    made.session.close()
    out = folder / "history.json"
    dry = told("policy", "warm", "taste", "--from-lake", "--dry-run", "--out", out, "-w", folder)
    assert json.loads(out.read_text())["amounts"] == {}, "what goals were worth was counted when they were reached"
    found = told("policy", "warm", "taste", "--from-lake", "-w", folder)
    assert dry["hash"] == found["hash"]
    assert {each["arm"]: (each["decisions"], each["reached"]) for each in found["arms"]} == {"soup": (80, 40), "ice": (80, 0)}
    assert found["left_out"] == {"already_learned": 1}, "what the policy has counted itself"
    code, _, err = ran("policy", "warm", "taste", "--from-lake", "-w", folder)
    assert code != 0 and "already" in err
    code, _, err = ran("policy", "warm", "taste", "--from-lake", "--placement", "shelf", "-w", folder)
    assert code != 0 and "there is no placement 'shelf'" in err
    again = Shop(folder)
    try:
        state = again.session.parts.engine.state
        assert state.learning.policies.value("soup") == 500.0
        parts = state.learning.policies.known("taste").parts
        rain = sum(each for _, each in parts(Arm("soup"), {"rainy": 1.0}, state.now_ms).values())
        ice = sum(each for _, each in parts(Arm("ice"), {"rainy": 0.0}, state.now_ms).values())
        assert rain > -0.7 > -2.5 > ice, "half of those who saw soup in rain bought, nobody who saw ice"
        now = state.offset, state_digest(state), state.people.people
        check = replay_check(again.session.parts, now, learned_digest(state))
        assert check.good and "is not compared" in check.detail, "goals were credited before the policy was"
    finally:
        again.session.close()


def test_decisions_whose_goal_is_open_are_taken_later(ranked_by_formula: Shop) -> None:
    made, folder = ranked_by_formula, ranked_by_formula.workspace
    for i in range(3):
        made.clock.advance(60_000)
        made.ask("user_id", f"late{i}", ["home"], {"weather": "rain"})
    (folder / "decide.yaml").write_text(LEARNING)
    made.apply(load(folder).definitions)
    made.session.close()
    first = told("policy", "warm", "taste", "--from-lake", "-w", folder)
    assert (first["rows"], first["left_out"]) == (160, {"still_open": 3})
    later = Shop(folder)
    later.clock.advance(10 * 3_600_000)
    later.bought("u0", 1)
    later.session.close()
    second = told("policy", "warm", "taste", "--from-lake", "-w", folder)
    assert (second["rows"], second["left_out"]) == (3, {"already_learned": 160})
    assert [each["rows"] for each in told("policy", "show", "taste", "-w", folder)["warmed"]] == [160, 3]


def test_days_that_look_the_same_are_different_histories(workspace: Path) -> None:
    with History(Ground(load(workspace).definitions, "taste")) as same:
        same.add(np.array([0]), np.zeros(1), np.ones(1), np.zeros((1, 2)))
        assert same.digest([("home", 1, 2)]) == same.digest([("home", 1, 2)]) != same.digest([("home", 5, 6)])


def test_spans_never_hold_what_was_taken_before_however_many_there_are() -> None:
    many = 3 * MOST_GAPS
    known = [("home", 2 * i) for i in range(many)]
    taken = {"home": [2 * i + 1 for i in range(many)]}
    spans = list(_spans(taken, known, []))
    assert spans == [("home", i, i + 1) for i in taken["home"]]
    assert len(list(_spans(taken, [], known))) == MOST_GAPS, "of what is open, the latest are given up"


@pytest.mark.slow
def test_beside_a_running_core_and_over_the_api(
    pair: Pair, workspace: Path, tmp_path: Path, run_cli: Callable[..., CompletedProcess[str]]
) -> None:
    pair.start(api=True)
    log = write(tmp_path / "log.csv", log_of(300))
    out = tmp_path / "history.json"
    done = run_cli("policy", "warm", "taste", str(log), "--dry-run", "--out", str(out), "-w", str(workspace))
    assert done.returncode == 0 and "would begin (dry run) with 300 decisions of log.csv" in done.stdout, done.stdout + done.stderr
    history = json.loads(out.read_text())
    with pair.api as api:
        route = "/v1/policies/taste/warm"
        assert api.post(route, json={"history": history, "dry_run": True}).json()["status"] == "applied"
        assert api.post(route, json={"history": history, "by": "kim", "why": "history"}).json()["status"] == "applied"
        refused = api.post(route, json={"history": history}).json()
        assert (refused["status"], refused["reason"]) == ("refused", "bad_warm_start") and "taken in before" in refused["detail"]
        for hostile in ({"arms": {"soup": 10**30}}, {"amounts": {"soup": [-1, 1]}}, {"source": "x" * 999}):
            assert api.post(route, json={"history": {**history, **hostile}}).status_code == 400
        assert api.post("/v1/policies/nobody/warm", json={"history": history}).json()["reason"] == "unknown_policy"
    pair.kill()
    pair.start(api=True)
    with pair.api as api:
        [standing] = api.get("/v1/policies").json()["policies"]
        assert standing["warmed"][0]["rows"] == 300 and sum(standing["learned"].values()) == pytest.approx(300, abs=0.01)
    done = run_cli("policy", "warm", "taste", str(log), "-w", str(workspace), "--lang", "ko")
    assert done.returncode == 1 and "taken in before" in done.stdout


@pytest.mark.slow
def test_a_replay_over_the_api(pair: Pair, workspace: Path) -> None:
    pair.start(api=True)
    with pair.api as api:
        assert pair.batch([{"type": "track", "event": "Hello", "userId": "u1", "messageId": "m1"}]).status_code == 200
        decided = api.post("/v1/decide", json={"person": "user_id:u1", "placements": ["home"]}).json()["decisions"][0]
        past = api.post("/v1/policy/replay", json={"placement": "home"}).json()
        assert (past["replay"]["decisions"], past["replay"]["changed"], past["why_not"]) == (1, 0, "nothing_over")
        definitions = json.loads(load(workspace).definitions.as_json())
        offers = [offer for offer in definitions["offers"] if offer["name"] != decided["chosen"]]
        other = api.post("/v1/policy/replay", json={"definitions": {**definitions, "offers": offers}}).json()
        assert (other["replay"]["changed"], other["why_not"]) == (1, "no_placement")
        wrong = api.post("/v1/policy/replay", json={"estimator": "dm"})
        assert (wrong.status_code, wrong.json()["facts"]["problems"][0]["path"]) == (400, "estimator")
