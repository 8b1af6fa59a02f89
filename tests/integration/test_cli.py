"""The command line as a new user meets it: every command, its JSON, its errors and exit codes."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from gyeol import __version__
from gyeol.app.folder import DataFolder
from gyeol.app.settings import data_folder

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, run_cli: Run) -> Path:
    """A workspace with a few imported events."""
    around = tmp_path_factory.mktemp("cli")
    folder = around / "shop"
    assert run_cli("init", str(folder)).returncode == 0
    events = [
        {
            "type": "track",
            "event": "Order Completed",
            "userId": f"u{i % 3}",
            "messageId": f"m{i}",
            "timestamp": f"2026-01-0{i % 9 + 1}T10:00:00Z",
            "properties": {"order_id": f"o{i}", "revenue": 10_000 + i},
        }
        for i in range(30)
    ]
    events.append({"type": "track", "userId": "u1", "messageId": "bad"})
    path = around / "events.ndjson"
    path.write_text("".join(json.dumps(e) + "\n" for e in events))
    done = run_cli("import", str(path), "--source", "server", "-w", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["accepted"], told["rejected"]) == (30, 1)
    again = json.loads(run_cli("import", str(path), "--source", "server", "-w", str(folder), "--json").stdout)
    assert (again["accepted"], again["again"]) == (0, 31)
    return folder


@pytest.fixture
def shop(imported: Path, tmp_path: Path) -> Path:
    """The same for each test: one test's copy."""
    return Path(shutil.copytree(imported, tmp_path / "shop"))


def _json(done: CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_looking_at_people(shop: Path, run_cli: Run) -> None:
    w = ("-w", str(shop))
    profile = _json(run_cli("profile", "u1", *w, "--json"))
    orders = next(t for t in profile["traits"] if t["name"] == "orders")
    assert orders["value"] == 10
    assert len(profile["timeline"]) == 10
    assert "u1" in run_cli("profile", "u1", *w, "--lang", "ko").stdout
    audiences = _json(run_cli("audience", *w, "--json"))["audiences"]
    name = audiences[0]["name"]
    assert "people" in _json(run_cli("audience", name, *w, "--json"))
    why = _json(run_cli("audience", name, "--explain", "u1", *w, "--json"))
    assert set(why["sentence"]) == {"ko", "en"}
    rows = _json(run_cli("sql", "SELECT count(*) FROM events", *w, "--json"))
    assert rows["rows"] == [[30]]


def test_merge_cut_decide_replay_doctor(shop: Path, run_cli: Run) -> None:
    w = ("-w", str(shop))
    assert run_cli("merge", "u0", "nobody", *w, "--json").returncode == 4
    cut = _json(run_cli("cut", "u0", "u1", "--why", "test", *w, "--json"))
    assert cut["status"] == "applied"
    merged = _json(run_cli("merge", "u0", "u1", "--why", "same person", *w, "--json"))
    assert merged["facts"]["together"] is True
    both = _json(run_cli("profile", "u0", *w, "--json"))
    assert next(t for t in both["traits"] if t["name"] == "orders")["value"] == 20
    parted = _json(run_cli("cut", "u0", "u1", "--why", "they are not", *w, "--json"))
    assert parted["facts"]["together"] is False
    one = _json(run_cli("profile", "u0", *w, "--json"))
    assert next(t for t in one["traits"] if t["name"] == "orders")["value"] == 10
    placement = "home_banner"
    decided = _json(run_cli("decide", "u1", placement, *w, "--json"))
    assert decided["decisions"][0]["placement"] == placement
    assert _json(run_cli("replay", *w, "--json"))["good"] is True
    assert _json(run_cli("doctor", *w, "--json"))["good"] is True


def test_dead_letters(shop: Path, run_cli: Run, tmp_path: Path) -> None:
    w = ("-w", str(shop))
    (letter,) = _json(run_cli("dead-letter", *w, "--json"))["dead_letters"]
    assert letter["code"] == "track_without_event"
    assert run_cli("dead-letter", letter["id"], "--replay", *w).returncode == 4
    mended = tmp_path / "mended.json"
    mended.write_text(
        json.dumps(
            {
                "type": "track",
                "event": "Order Completed",
                "userId": "u1",
                "messageId": "bad",
                "timestamp": "2026-01-05T00:00:00Z",
                "properties": {"order_id": "oX", "revenue": 5},
            }
        )
    )
    assert _json(run_cli("dead-letter", letter["id"], "--replay", "--event", str(mended), *w, "--json"))["status"] == "applied"
    assert run_cli("dead-letter", letter["id"], "--replay", "--event", str(mended), *w).returncode == 4
    assert _json(run_cli("dead-letter", *w, "--json"))["dead_letters"] == []


def test_plan_and_apply(shop: Path, run_cli: Run) -> None:
    w = ("-w", str(shop))
    assert _json(run_cli("plan", *w, "--json"))["changes"] == []
    (shop / "more.yaml").write_text(
        "audiences:\n  - name: everybody_who_buys\n    condition: orders >= 1\n    label: {ko: 구매자, en: Buyers}\n"
    )
    plan = _json(run_cli("plan", *w, "--json"))
    assert {"audience": "everybody_who_buys", "before": None, "after": 3} in plan["audiences"]
    assert run_cli("doctor", *w).returncode == 4, "files that are not applied are a finding"
    assert _json(run_cli("apply", *w, "--why", "test", "--json"))["status"] == "applied"
    assert _json(run_cli("apply", *w, "--json"))["status"] == "unchanged"
    assert len(_json(run_cli("audience", "everybody_who_buys", *w, "--json"))["people"]) == 3


def test_errors_say_what_where_and_how(shop: Path, run_cli: Run, tmp_path: Path) -> None:
    w = ("-w", str(shop))
    nobody = run_cli("profile", "nobody", *w)
    assert nobody.returncode == 4 and "nobody" in nobody.stderr
    assert run_cli("sql", "SELEC 1", *w).returncode == 2
    assert run_cli("sql", "DROP TABLE events", *w).returncode == 2
    assert run_cli("decide", "u1", "no_such_placement", *w).returncode == 4
    assert run_cli("import", str(tmp_path / "missing.parquet"), "--source", "server", *w).returncode == 2
    assert run_cli("init", str(shop)).returncode == 4
    (shop / "broken.yaml").write_text(
        "audiences:\n  - name: a\n    condition: ordes >= 1\n  - name: b\n    condition: orders >=\nunknown: 1\n"
    )
    broken = run_cli("plan", *w)
    assert broken.returncode == 2
    for told in ("broken.yaml:3", "orders", "broken.yaml:5", "unknown"):
        assert told in broken.stderr.replace("\n", ""), told
    as_json = json.loads(run_cli("plan", *w, "--json").stdout)
    assert len(as_json["error"]["facts"]["problems"]) >= 3


def test_a_newer_folder_and_a_read_only_disk_are_refused(shop: Path, run_cli: Run) -> None:
    w = ("-w", str(shop))
    (shop / ".gyeol" / "format").write_text("99\n")
    newer = run_cli("doctor", *w)
    assert newer.returncode == 4 and "newer" in newer.stderr
    (shop / ".gyeol" / "format").write_text("1\n")
    elsewhere = run_cli("doctor", "-w", "/proc/sys")
    assert elsewhere.returncode in (2, 5)


def test_a_port_in_use_and_a_second_process(shop: Path, run_cli: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        used = run_cli("up", "-w", str(shop), "--port", port)
        assert used.returncode == 3 and port in used.stderr
    folder = DataFolder(data_folder(shop))
    folder.lock()
    try:
        second = run_cli("up", "-w", str(shop), GYEOL_PUBLIC_PORT="0", GYEOL_INTERNAL_PORT="0")
        assert second.returncode == 4 and str(os.getpid()) in second.stderr
    finally:
        folder.unlock()


def test_a_bad_setting_is_named(shop: Path, run_cli: Run) -> None:
    done = run_cli("doctor", "-w", str(shop), GYEOL_PUBLIC_PORT="many", GYEOL_SEND="perhaps")
    assert done.returncode == 2
    assert "GYEOL_PUBLIC_PORT" in done.stderr and "GYEOL_SEND" in done.stderr


def test_the_version(run_cli: Run) -> None:
    assert run_cli("--version").stdout.strip() == f"gyeol {__version__}"
