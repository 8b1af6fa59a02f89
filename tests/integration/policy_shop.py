"""A shop in this process, with a clock of its own and traffic by hand: whose past decisions are taken again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings
from gyeol.cli.main import app
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Apply, Collect, Decide, Decided
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.instants import DAY_MS, instant_text

START_MS = 1_790_000_000_000
DECIDE = """
placements:
  - {name: home, channel: web, fallback: welcome, holdout: 0.2, cap: 6, cap_window: 1d}
  - {name: mail, channel: email, fallback: letter}
offers:
  - name: big_spender
    placements: [home, mail]
    eligibility: revenue >= 500
    score: 10 + orders
    purpose: offers
    cap: 2
    cap_window: 7d
    content: {ko: {title: a}, en: {title: a}}
  - name: rainy
    placements: [home]
    eligibility: moment.weather = 'rain'
    score: "30"
    content: {ko: {title: b}, en: {title: b}}
  - name: newcomer
    placements: [home, mail]
    eligibility: orders <= 2
    score: "5"
    cap: 3
    content: {ko: {title: c}, en: {title: c}}
  - {name: welcome, placements: [home], content: {ko: {title: d}, en: {title: d}}}
  - {name: letter, placements: [mail], content: {ko: {title: e}, en: {title: e}}}
channels:
  - {name: hook, kind: webhook, medium: email, url: "http://127.0.0.1:9/none", secret: env:HOOK_SECRET}
journeys:
  - name: thanks
    trigger: {event: Order Completed}
    message: {channel: hook, placement: mail, purpose: offers}
    re_entry: 1h
"""


class Shop:
    """A workspace in this process with a clock of its own, and traffic by hand."""

    def __init__(self, workspace: Path) -> None:
        self.workspace, self.clock, self.number = workspace, ManualClock(START_MS), 0
        self.session = EmbeddedSession(workspace, Settings(), clock=self.clock)

    @property
    def definitions(self) -> Definitions:
        return self.session.parts.engine.definitions

    def send(self, source: str, *events: dict[str, Any], late_ms: int = 0) -> None:
        index = next(i for i, each in enumerate(self.definitions.sources) if each.name == source)
        now_ms, raws = self.clock.now_ms(), []
        for event in events:
            self.number += 1
            raws.append(json.dumps({"messageId": f"m{self.number}", "timestamp": instant_text(now_ms - late_ms), **event}).encode())
        incoming = Incoming(source=self.definitions.sources[index], source_index=index, events=raws, received_ms=now_ms)
        self.session.run(Collect(incoming))

    def bought(self, user: str, revenue: int, late_ms: int = 0) -> None:
        properties = {"order_id": f"o{self.number}", "revenue": revenue}
        self.send("server", {"type": "track", "event": "Order Completed", "userId": user, "properties": properties}, late_ms=late_ms)

    def ask(
        self, kind: str, value: str, placements: list[str], context: dict[str, object] | None = None, *, alone: bool = False
    ) -> list[Decided]:
        self.number += 1
        job = Decide(lambda state: (kind, value), placements, context or {}, f"t{self.number}", alone=alone)
        answers = self.session.run(job)
        assert isinstance(answers, list)
        return answers

    def apply(self, definitions: Definitions) -> None:
        self.session.parts.applied.keep(definitions)
        self.session.run(Apply(definitions, "test", "other rules"))

    def traffic(self, rounds: int = 40) -> None:
        """People who buy, agree, are joined, come late, and are asked about by both doors."""
        for i in range(rounds):
            user, browser = f"u{i % 7}", f"b{i % 9}"
            self.clock.advance(37 * 60_000)
            if i % 3 == 0:
                self.bought(user, 250 * (i % 5), late_ms=DAY_MS if i % 6 == 0 else 0)
            if i % 5 == 0:
                consent = {
                    "channel": "email" if i % 3 == 2 else "web",
                    "purpose": "offers",
                    "status": "withdrawn" if i % 4 == 3 else "granted",
                }
                self.send("server", {"type": "track", "event": "Consent Changed", "userId": user, "properties": consent})
            if i % 11 == 0:
                self.send("server", {"type": "identify", "userId": user, "anonymousId": browser, "traits": {"email": f"{user}@shop.kr"}})
            weather: dict[str, object] = {"weather": ("rain", "clear", "snow")[i % 3]} if i % 2 else {}
            self.ask("user_id", user, ["home"], weather)
            self.ask("anonymous_id", browser, ["home", "mail"], weather, alone=i % 2 == 0)


def ran(*arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    found = CliRunner().invoke(app, [str(each) for each in arguments])
    return found.exit_code, found.stdout, found.stderr


def told(*arguments: object) -> Any:
    """What a command that succeeds says with ``--json``."""
    code, out, err = ran(*arguments, "--json")
    assert code == 0, out + err
    return json.loads(out.splitlines()[-1])
