"""Definitions that Gyeol ships: data files, read like a workspace's own."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
LAWS = FOLDER / "laws.kr.yaml"
IDENTIFIERS = FOLDER / "identifiers.yaml"
