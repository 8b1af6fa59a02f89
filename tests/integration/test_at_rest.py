"""Nothing that tells who somebody is stands on the disk in plain: every byte of the data folder and of a backup is searched."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import httpx
import msgspec
import pytest
from tests.integration.conftest import WEB_KEY

from gyeol.app import folder as folder_module
from gyeol.app.backup import back_up, restore
from gyeol.app.data_key import DATA_KEY, KEY_FILE, noted_ids
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.mailbox import Mailbox
from gyeol.app.opening import OpenCore
from gyeol.app.resealing import keys_of, rewrite, rotate
from gyeol.app.settings import Settings, data_folder
from gyeol.app.verifying import replay_check, state_digest
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.errors import ConfigError
from gyeol.privacy.sealing import PLAIN

Run = Callable[..., subprocess.CompletedProcess[str]]

EMAIL, PHONE, USER, COOKIE = "hong.gildong@example.com", "010-9876-5432", "member-7700123", "cookie-4f1c9a"
FIRST, FULL, STREET, IP = "길동이", "홍길동이", "서울시 강남구 비밀로 77", "203.0.113.77"
LETTER, REASON = "letter-of-nobody-31337", "the same customer, she called us"
SECRETS = (EMAIL, EMAIL.upper(), PHONE, "+821098765432", "1098765432", USER, COOKIE, FIRST, FULL, STREET, IP, LETTER, REASON)
"""What was said of somebody, in the forms in which Gyeol keeps it."""

MORE = """
channels:
  - name: news
    kind: email
    medium: email
    smtp: {host: env:GYEOL_DEMO_SMTP, tls: none}
    sender: {address: news@shop.example, name: {ko: 우리 가게}, postal_address: {ko: 서울시 종로구 1}, phone: 02-000-0000}
placements:
  - {name: thank_you_mail, channel: email, cap: 100}
offers:
  - name: thanks
    placements: [thank_you_mail]
    purpose: offers
    content:
      ko: {subject: "고맙습니다, {{ first_name }}님", html: "<p>{{ first_name }}님, 다음에도요.</p>"}
traits:
  - {name: first_name, kind: last, event: $identify, property: traits.first_name}
journeys:
  - name: thank_you
    trigger: {event: Order Completed}
    message: {channel: news, placement: thank_you_mail, purpose: offers}
"""
PII = "      traits.phone: {type: text, pii: true}\n"
NAMES = "".join(f"      traits.{key}: {{type: text, pii: true}}\n" for key in ("first_name", "name", "street"))


@pytest.fixture
def shop(workspace: Path) -> Path:
    """The starter with names declared personal, and a journey that sends."""
    collect = workspace / "collect.yaml"
    text = collect.read_text()
    assert PII in text
    collect.write_text(text.replace(PII, PII + NAMES))
    (workspace / "mailing.yaml").write_text(MORE)
    return workspace


def events() -> list[dict[str, object]]:
    """Somebody says who she is, consents, buys; and an event that is rejected."""
    traits = {"email": EMAIL.upper(), "phone": PHONE, "first_name": FIRST, "name": FULL, "street": STREET, "city": "서울"}
    consent = {"channel": "email", "purpose": "offers", "status": "granted", "proof": "form 7"}
    order = {"order_id": "o1", "revenue": 12_000}
    context = {"ip": IP, "traits": {"email": EMAIL, "name": FULL}}
    return [
        {"type": "identify", "messageId": "i", "userId": USER, "anonymousId": COOKIE, "traits": traits, "context": context},
        {"type": "track", "messageId": "c", "userId": USER, "event": "Consent Changed", "properties": consent},
        {"type": "track", "messageId": "o", "userId": USER, "event": "Order Completed", "properties": order, "context": context},
        {"type": "track", "messageId": "p", "anonymousId": "other-cookie", "event": "Product Viewed", "properties": {"category": "books"}},
        {"type": "track", "messageId": "x", "userId": USER, "properties": {"note": LETTER}},
    ]


def found_in(folder: Path) -> dict[str, list[str]]:
    """Which of the secrets stand in which files, as bytes."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            for secret in SECRETS:
                if secret.encode() in data or secret.encode("utf-16-le") in data or json.dumps(secret)[1:-1].encode() in data:
                    found.setdefault(secret, []).append(str(path.relative_to(folder)))
    return found


def until(done: Callable[[], Any], patience_s: float = 120.0) -> Any:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        value = done()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def digest(workspace: Path) -> str:
    core = OpenCore(workspace, Settings())
    try:
        state = core.engine.state
        now = state.offset, state_digest(state), state.people.people
        assert replay_check(core, now).good
        return now[1]
    finally:
        core.close()


def side_runs(shop: Path) -> bool:
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = command.read_bytes().split(b"\0")
            if b"gyeol.server.side" in words and str(shop).encode() in words:
                return True
    return False


@pytest.mark.slow
def test_no_byte_of_a_folder_that_went_through_the_whole_loop_says_who_somebody_is(
    shop: Path, pair: Any, run_cli: Run, tmp_path: Path
) -> None:
    folder = data_folder(shop)
    with Mailbox(tmp_path / "mails") as mailbox:
        pair.environment.update(mailbox.environment, GYEOL_LAKE_COMMIT_S="0.1")
        pair.start(api=True)
        assert pair.batch(events()).status_code == 200
        page = {"type": "page", "messageId": "pg", "anonymousId": COOKIE, "context": {"ip": IP}}
        httpx.post(f"{pair.url}/v1/batch", json={"batch": [page]}, auth=(WEB_KEY, ""), timeout=60).raise_for_status()
        (mail,) = until(lambda: list((tmp_path / "mails").glob("*.eml")))
        assert EMAIL.encode() in mail.read_bytes().lower()
        api = pair.api
        person = until(lambda: api.get("/v1/people", params={"query": EMAIL}).json()["people"])[0]
        said = {"a": f"user_id:{USER}", "b": "anonymous_id:other-cookie", "why": REASON}
        merged = api.post("/v1/people/merge", json=said)
        assert merged.status_code == 200, merged.text
        until(lambda: api.get(f"/v1/people/{person['id']}/messages").json()["messages"][0]["state"] == "accepted")
        (letter,) = api.get("/v1/dead-letters").json()["dead_letters"]
        assert LETTER in json.dumps(api.get(f"/v1/dead-letters/{letter['id']}").json()), "with the key all of it can be read"
        until(lambda: REASON in json.dumps(api.get("/v1/audit").json()))  # state.db follows the fold
        until(lambda: api.post("/v1/sql", json={"sql": "SELECT count(*) AS n FROM events"}).json()["rows"][0][0] == 5)
        assert (folder / "state.db-wal").exists() and found_in(folder) == {}, "while it runs, in the write-ahead logs too"
        assert run_cli("backup", str(tmp_path / "copy"), "-w", str(shop)).returncode == 0
        assert pair.stop() == 0
        assert found_in(folder) == {} and list((folder / "snapshots").rglob("*.manifest"))
        pair.start(api=True)
        assert pair.batch([{**events()[0], "messageId": "again"}]).status_code == 200
        pair.kill()
        until(lambda: not side_runs(shop))  # it holds the lake until it sees that the core is gone
    assert found_in(folder) == found_in(tmp_path / "copy") == {}
    before = digest(shop)
    assert found_in(folder) == {}
    assert digest(shop) == before
    session = EmbeddedSession(shop, Settings())
    try:
        answer: Any = session.call("people", query=EMAIL)
        assert [each["id"] for each in answer["people"]] == [person["id"]]
        session.settle()
    finally:
        session.close()


def test_the_lake_holds_nodes_and_nothing_of_who_they_are(shop: Path) -> None:
    session = EmbeddedSession(shop, Settings())
    try:
        collected(session, events())
        session.settle()
        tables: Any = session.call("sql", sql="SELECT name, node, properties, traits, context, fields FROM events ORDER BY log_offset")
    finally:
        session.close()
    assert all(secret not in json.dumps(tables, ensure_ascii=False) for secret in SECRETS)
    assert json.loads(tables["rows"][0][3]) == {"city": "서울"}, "what nobody marked stays"
    assert [row[1] for row in tables["rows"]] and all(isinstance(row[1], int) for row in tables["rows"])
    # Parquet is packed: what stands in the files is read by another reader, too.
    for path in (data_folder(shop) / "lake" / "data").rglob("*.parquet"):
        rows = duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall()
        assert all(secret not in repr(rows) for secret in SECRETS)
    assert found_in(data_folder(shop) / "lake") == {}


def test_the_search_would_find_what_is_plain(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "open_vault", lambda path, *, make: PLAIN)
    filled(shop)
    found = found_in(data_folder(shop))
    for secret in (EMAIL.upper(), PHONE, USER, FIRST, STREET, IP, LETTER):
        assert any(name.startswith("log") for name in found[secret]), secret
    assert any(name.startswith("snapshots") for name in found[EMAIL])
    assert any(name.startswith("state.db") for name in found[LETTER])


def test_a_plain_folder_of_the_release_before_goes_on_sealed_and_can_be_rewritten(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(folder_module, "open_vault", lambda path, *, make: PLAIN)
        filled(shop)
    folder = data_folder(shop)
    (folder / "format").write_text("1\n")
    before = digest(shop)  # opened, sealed from here on
    assert noted_ids(folder) and (folder / "format").read_text() == "2\n"
    collected_again = EmbeddedSession(shop, Settings())
    collected(collected_again, [{**each, "messageId": f"{each['messageId']}2"} for each in events()])
    after = state_digest(collected_again.parts.engine.state)
    collected_again.close()
    assert after != before and found_in(folder), "old frames stay as they were until they are rewritten"
    done = rewrite(shop, Settings())
    assert done.frames > 0 and found_in(folder) == {}
    assert digest(shop) == after


def test_a_new_key_writes_the_old_one_reads_until_everything_is_rewritten(shop: Path) -> None:
    filled(shop)
    folder = data_folder(shop)
    old = (folder / KEY_FILE).read_bytes()
    before = digest(shop)
    fresh = rotate(shop)
    assert [(each.writes, each.in_use) for each in keys_of(shop)] == [(True, True), (False, True)]
    session = EmbeddedSession(shop, Settings())
    collected(session, [{**events()[2], "messageId": "n"}])
    after = state_digest(session.parts.engine.state)
    session.close()
    assert after != before and digest(shop) == after
    done = rewrite(shop, Settings())
    assert done.key == fresh and done.frames > 0 and noted_ids(folder) == [fresh]
    assert len((folder / KEY_FILE).read_text().split()) == 1 and found_in(folder) == {}
    assert digest(shop) == after
    (folder / KEY_FILE).write_bytes(old)
    with pytest.raises(ConfigError):
        OpenCore(shop, Settings())


def test_keys_from_the_command_line(shop: Path, run_cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_KEY, raising=False)
    filled(shop)

    def told(*words: str) -> Any:
        done = run_cli("keys", *words, "--json", "-w", str(shop))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    [first] = told("list")["keys"]
    assert first == {"id": first["id"], "writes": True, "in_use": True, "source": str(data_folder(shop) / KEY_FILE)}
    fresh = told("rotate")["key"]
    assert [each["id"] for each in told("list")["keys"]] == [fresh, first["id"]]
    core = OpenCore(shop, Settings())
    try:
        done = run_cli("keys", "rewrite", "-w", str(shop))
        assert done.returncode != 0 and "in use" in done.stderr, "a running core keeps its key"
    finally:
        core.close()
    assert told("rewrite")["key"] == fresh
    assert [each["id"] for each in told("list")["keys"]] == [fresh]
    monkeypatch.setenv(DATA_KEY, (data_folder(shop) / KEY_FILE).read_text().strip())
    done = run_cli("keys", "rotate", "-w", str(shop))
    assert done.returncode != 0 and DATA_KEY in done.stderr


def test_a_backup_without_keys_is_of_no_use_to_who_finds_it(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_KEY, raising=False)
    filled(shop)
    before = digest(shop)
    core = OpenCore(shop, Settings())
    secrets = core.secrets
    core.close()
    back_up(shop, tmp_path / "copy", secrets=False)
    assert found_in(tmp_path / "copy") == {} and not list((tmp_path / "copy").rglob(KEY_FILE))
    key = (data_folder(shop) / KEY_FILE).read_text().strip()
    assert all(key.encode() not in path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file())
    with pytest.raises(ConfigError) as raised:
        restore(tmp_path / "copy", tmp_path / "again", secrets=secrets)
    assert raised.value.code == "no_data_key" and not data_folder(tmp_path / "again").exists()
    monkeypatch.setenv(DATA_KEY, key)
    restore(tmp_path / "copy", tmp_path / "again", secrets=secrets)
    assert digest(tmp_path / "again") == before and not (data_folder(tmp_path / "again") / KEY_FILE).exists()
    monkeypatch.delenv(DATA_KEY)
    shutil.rmtree(tmp_path / "again")
    back_up(shop, tmp_path / "whole")
    restore(tmp_path / "whole", tmp_path / "again")
    assert digest(tmp_path / "again") == before and found_in(data_folder(tmp_path / "again")) == {}


def collected(session: EmbeddedSession, given: list[dict[str, object]]) -> None:
    definitions = session.parts.engine.definitions
    index = next(i for i, source in enumerate(definitions.sources) if source.trust == "server")
    raws = [msgspec.json.encode(each) for each in given]
    now_ms = session.parts.clock.now_ms()
    session.run(Collect(Incoming(source=definitions.sources[index], source_index=index, events=raws, received_ms=now_ms, ip=IP)))
    session.engine.flush()


def filled(shop: Path) -> None:
    """A folder with events, a dead letter and a snapshot."""
    session = EmbeddedSession(shop, Settings())
    collected(session, events())
    session.close()
