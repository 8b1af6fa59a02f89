"""What Gyeol ships for a workspace that is silent: identifier types, golden attributes, and what the law of Korea asks of messages."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from gyeol.privacy.model import LawRule

FOLDER = Path(__file__).parent
IDENTIFIERS = FOLDER / "identifiers.yaml"
GOLDEN = FOLDER / "golden.yaml"
LAWS = FOLDER / "laws.kr.yaml"


def shipped_laws() -> list[LawRule]:
    """The law rules of ``laws.kr.yaml``."""
    return msgspec.convert(yaml.safe_load(LAWS.read_text("utf-8"))["laws"], list[LawRule])
