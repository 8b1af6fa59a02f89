"""Golden files of the console: every code that the server can send. Set GYEOL_UPDATE_GOLDEN=1 to write them anew.

``web/tests/labels.test.ts`` reads ``codes.json`` and fails where a word is missing in Korean or English; the console itself reads
``facts.json``, so that screens call the facts of a Moment and their values what the sentences of reasons call them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import get_args

from gyeol.app.command_kinds import CommandKind
from gyeol.app.words import EVENT_LABELS
from gyeol.channels.model import MessageState
from gyeol.content.coupons.ledger import Standing
from gyeol.content.coupons.records import KINDS as COUPON_COMMANDS
from gyeol.context.behaviour.session import FEATURES
from gyeol.context.intent.signs import Sign
from gyeol.context.moment import PREFIX, moment_schema
from gyeol.context.subject import SUBJECT_KINDS
from gyeol.decisions.gates.order import GATES
from gyeol.identity.evidence import EvidenceKind

CODES = Path(__file__).parent / "codes.json"
FACTS = Path(__file__).parents[3] / "web" / "src" / "i18n" / "facts.json"
LANGUAGES = ("ko", "en")


def same_as_file(path: Path, found: object) -> None:
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("GYEOL_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8"), f"{path.name} differs; if the change is meant: GYEOL_UPDATE_GOLDEN=1 pytest {__file__}"


def test_the_facts_of_a_moment_are_called_in_the_console_what_they_are_called_in_sentences() -> None:
    known = sorted(moment_schema().items())
    words = [word for _, info in known for word in (info.label, *(info.values or {}).values())]
    assert all(word.get(lang) for word in words for lang in LANGUAGES)
    same_as_file(
        FACTS,
        {name.removeprefix(PREFIX): {**info.label, **({"values": info.values} if info.values else {})} for name, info in known},
    )


def test_the_codes_that_the_console_has_words_for_are_those_that_the_server_sends() -> None:
    same_as_file(
        CODES,
        {
            "gates": [gate.name for gate in GATES],
            "message_states": list(get_args(MessageState)),
            "coupon_states": list(get_args(Standing)),
            "commands": [*get_args(CommandKind), *(each for each in COUPON_COMMANDS if each != "coupon_doubt")],
            "evidence": list(get_args(EvidenceKind)),
            "subjects": list(SUBJECT_KINDS),
            "events": list(EVENT_LABELS),
            "signs": [*FEATURES, *get_args(Sign)],
        },
    )
