"""Backup while events come in, and what a restored folder is: the fold at the backup's offset, that sends nothing a second time."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gyeol.app.backup import MANIFEST, back_up, read_backup, restore
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, data_folder
from gyeol.app.verifying import replay_check, state_digest
from gyeol.channels.model import Message
from gyeol.kernel.errors import BackendError, ConfigError, InputError, StateError

pytestmark = pytest.mark.slow
Run = Callable[..., subprocess.CompletedProcess[str]]


def track(number: int) -> dict[str, object]:
    return {"type": "track", "event": "Product Viewed", "userId": f"u{number % 50}", "messageId": f"m{number}"}


def state_of(workspace: Path, until: int | None = None) -> str:
    core = OpenCore(workspace, Settings())
    try:
        state = core.engine.state if until is None else core.recovered(core.engine.definitions, snapshots=False, until=until).state
        return state_digest(state)
    finally:
        core.close()


def test_a_backup_under_load_is_restored_to_what_was_there_at_its_offset(workspace: Path, pair: Any, run_cli: Run, tmp_path: Path) -> None:
    pair.start(api=True)
    stop = threading.Event()
    sent: list[int] = []

    def load() -> None:
        while not stop.is_set():
            first = 20 * len(sent)
            assert pair.batch([track(n) for n in range(first, first + 20)]).status_code == 200
            sent.append(first)
            stop.wait(0.02)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        while len(sent) < 10:
            time.sleep(0.02)
        before = 20 * len(sent)
        done = run_cli("backup", str(tmp_path / "copy"), "--json", "-w", str(workspace))
        after = len(sent)
        while len(sent) < after + 5:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    pair.stop()
    restored = tmp_path / "again"
    done = run_cli("restore", str(tmp_path / "copy"), "--into", str(restored), "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["end_offset"] >= told["end_offset"] >= before, "everything acknowledged before the backup began is in it"
    assert state_of(restored) == state_of(workspace, until=told["end_offset"])
    session = EmbeddedSession(restored, Settings())
    try:
        session.settle()
        count: Any = session.call("sql", sql="SELECT count(*) AS n FROM events")
        assert count["rows"][0][0] == session.parts.engine.state.totals.accepted, "the lake goes on from where its copy was"
        state = session.parts.engine.state
        assert replay_check(session.parts, (state.offset, state_digest(state), state.people.people)).good
    finally:
        session.close()


def test_a_backup_is_whole_or_not_there(session: EmbeddedSession, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = data_folder(workspace) / "verdicts" / "v_1.json"
    verdict.parent.mkdir()
    verdict.write_text("{}")
    made = back_up(workspace, tmp_path / "copy")
    assert "data/verdicts/v_1.json" in {file.path for file in made.files}
    assert {file.path.split("/")[0] for file in made.files} == {"data", "workspace"}
    assert read_backup(tmp_path / "copy") == made
    with pytest.raises(ConfigError, match="exists already"):
        back_up(workspace, tmp_path / "copy")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(BackendError, match="No space left"):
        back_up(workspace, tmp_path / "other")
    assert not (tmp_path / "other").exists() and not (tmp_path / "other.part").exists()


def test_a_restore_that_fails_before_what_waited_is_held_puts_nothing_there(
    session: EmbeddedSession, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(workspace, tmp_path / "copy")

    def fails(*args: object) -> int:
        assert not data_folder(tmp_path / "again").exists(), "a crash here must leave nothing that could be served"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gyeol.app.backup._hold", fails)
    with pytest.raises(BackendError, match="nothing was put there"):
        restore(tmp_path / "copy", tmp_path / "again")
    assert not data_folder(tmp_path / "again").exists() and not (tmp_path / "again" / ".restoring").exists()
    monkeypatch.undo()
    assert restore(tmp_path / "copy", tmp_path / "again").end_offset == session.parts.engine.state.offset > 0


def test_what_is_no_backup_or_a_damaged_one_is_refused(session: EmbeddedSession, workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no backup"):
        restore(tmp_path, tmp_path / "again")
    copy = tmp_path / "copy"
    made = back_up(workspace, copy, secrets=False)
    with pytest.raises(ConfigError, match="exists already"):
        restore(copy, workspace)
    with pytest.raises(ConfigError, match="holds no keys"):
        restore(copy, tmp_path / "again")
    [changed, *_] = [file.path for file in made.files if file.path.endswith(".frames")]
    (copy / changed).write_bytes((copy / changed).read_bytes()[:-1] + b"x")
    (copy / "data" / "format").unlink()
    with pytest.raises(InputError) as told:
        restore(copy, tmp_path / "again", secrets=session.parts.secrets)
    assert "format" in told.value.message and changed in told.value.message
    text = (copy / MANIFEST).read_text().replace('"format":1', '"format":99')
    (copy / MANIFEST).write_text(text)
    with pytest.raises(StateError, match="newer"):
        restore(copy, tmp_path / "again")
    assert not data_folder(tmp_path / "again").exists()


def message(key: str) -> Message:
    return Message(
        send_key=key, channel="hook", node=0, person="p", address="a@example.com", journey="j", journey_version="v", decision=None,
        content={}, message_class="advertising", purpose="offers", queued_at_ms=1, expires_at_ms=2**50, cause_offset=0,
    )  # fmt: skip


@pytest.mark.parametrize("resend", [False, True])
def test_what_waited_is_not_sent_again_by_the_restored_folder(
    session: EmbeddedSession, workspace: Path, tmp_path: Path, resend: bool
) -> None:
    store = session.parts.store
    with store.unit() as unit:
        unit.queue([message("leaving"), message("waiting")])
    assert [m.send_key for m in store.outbox.claim(5, 1)] == ["leaving"]
    back_up(workspace, tmp_path / "copy")
    # The folder goes on, and sends both.
    done = restore(tmp_path / "copy", tmp_path / "again", resend=resend)
    assert done.held == (0 if resend else 2)
    core = OpenCore(tmp_path / "again", Settings())
    try:
        outbox = core.store.outbox
        assert outbox.counts() == ({"queued": 1, "sending": 1} if resend else {"refused": 1, "unknown": 1})
        if not resend:
            assert {entry.reason for entry in outbox.list().entries} == {"restored"}
            assert not outbox.claim(2**49, 10) and not outbox.interrupted()
            assert core.log.end_offset() == core.store.acted_offset(), "the deliveries are records, as all deliveries are"
    finally:
        core.close()
