"""The matrix of ``docs/compatibility.md``: which SDK does what, from the record of a run and the versions in the lock files.

``make compatibility`` runs the tests of this folder with the record on, then this. ``test_page.py`` fails when the page says anything
else than the tests and lock files that there are.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Mapping, Set
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "compatibility.md"

Proven = tuple[str, str]
SDKS = {
    "segment-browser": "@segment/analytics-next",
    "rudderstack-browser": "@rudderstack/analytics-js",
    "segment-node": "@segment/analytics-node",
    "rudderstack-node": "@rudderstack/rudder-sdk-node",
    "segment-python": "segment-analytics-python",
    "rudderstack-python": "rudder-sdk-python",
}
"""Columns, by the names that tests use, and the packages they stand for."""
FLAG_SDKS = {
    "openfeature-web": "@openfeature/ofrep-web-provider",
    "openfeature-node": "@openfeature/ofrep-provider",
    "openfeature-python": "openfeature-provider-ofrep",
}
"""Columns of the second table: OpenFeature's providers, each with its SDK."""

BEHAVIOURS = {
    "setup": ("the set-up of this page works as printed", "이 페이지의 설정이 적힌 그대로 동작"),
    "settings": ("starts by its address alone, asks nobody else", "주소만 바꾸면 시작하고 다른 서버에는 묻지 않음"),
    "calls": ("every call arrives as it was made, with its time", "모든 호출이 시각까지 그대로 도착"),
    "identity": ("identify and group make one known person", "identify와 group으로 한 사람이 됨"),
    "batch": ("many events in batches, each once", "여러 이벤트를 묶어 보내도 한 번씩"),
    "gzip": ("compressed bodies", "압축된 본문"),
    "cors": ("preflights with the headers it really sends", "실제로 보내는 헤더의 사전 요청(CORS)"),
    "credentials": ("cookies and headers of the site's own", "쿠키와 사이트가 정한 헤더"),
    "busy": ("turned away with 503, each once later", "503으로 거절된 뒤 한 번씩 도착"),
    "cut": ("the line is cut, each once later", "연결이 끊긴 뒤 한 번씩 도착"),
    "lost": ("the answer gets lost, still each once", "응답이 사라져도 한 번씩만"),
    "crash": ("the core is killed during delivery, each once", "전송 중 코어가 강제 종료되어도 한 번씩"),
    "unload": ("tracked right before a page is left", "페이지를 떠나기 직전의 이벤트"),
    "next-page": ("under way when a page was left, from the next one", "떠날 때 보내던 이벤트는 다음 페이지에서"),
    "offline": ("tracked offline, later with its own time", "오프라인 이벤트가 원래 시각으로 도착"),
    "refusal": ("an unknown key is told, and not tried again", "모르는 키는 알려 주고 다시 보내지 않음"),
}
"""Rows: what a test's mark names, in English and Korean."""
FLAG_BEHAVIOURS = {
    "setup": BEHAVIOURS["setup"],
    "flag": ("a placement as object, text and flag", "위치를 객체·문자열·참거짓으로 평가"),
    "flag-default": ("what cannot be evaluated gives the code's default", "평가할 수 없으면 코드의 기본값"),
    "flag-once": ("evaluating or polling again records nothing (304)", "다시 평가하거나 폴링해도 기록이 늘지 않음(304)"),
    "flag-stream": ("hears of a change without polling", "폴링 없이 변화를 바로 받음"),
}
"""Rows of the second table."""
TABLES = ((SDKS, BEHAVIOURS), (FLAG_SDKS, FLAG_BEHAVIOURS))

_BEGIN, _END = "<!-- matrix: written by `make compatibility` -->", "<!-- end of the matrix -->"


def versions() -> dict[str, str]:
    """Version of each SDK as the lock files pin it; of one that they do not name, as it is installed."""
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    return {
        sdk: locked[f"node_modules/{package}"]["version"]
        if f"node_modules/{package}" in locked
        else pinned.get(package) or version(package)
        for sdks, _ in TABLES
        for sdk, package in sdks.items()
    }


def covered() -> set[Proven]:
    """What the tests of this folder would prove, by their marks."""
    found: set[Proven] = set()
    for path in sorted(HERE.glob("test_*.py")):
        for test in vars(importlib.import_module(f"tests.sdks.{path.stem}")).values():
            marks: list[Any] = getattr(test, "pytestmark", []) if callable(test) else []
            behaviours = [mark.args[0] for mark in marks if mark.name == "proves"]
            sdks = [sdk for mark in marks if mark.name == "parametrize" and mark.args[0] == "sdk" for sdk in mark.args[1]]
            found |= {(sdk, behaviour) for behaviour in behaviours for sdk in sdks}
    return found


def written(page: str, proven: Set[Proven], wanted: Set[Proven]) -> str:
    """The page with its matrices made anew: of events and of flags, in English and in Korean.

    Args:
        page: The page as it is.
        proven: What a run proved.
        wanted: What there are tests for: not proven, it is shown as broken.
    """
    corners = ("what was tested", "시험한 것")
    tables = [
        _table(language, corner, sdks, behaviours, proven, wanted) for language, corner in enumerate(corners) for sdks, behaviours in TABLES
    ]
    parts = re.split(rf"{re.escape(_BEGIN)}.*?{re.escape(_END)}", page, flags=re.DOTALL)
    assert len(parts) == len(tables) + 1, f"{PAGE.name} must have {len(tables)} places for the matrix"
    return parts[0] + "".join(f"{_BEGIN}\n{table}\n{_END}{rest}" for table, rest in zip(tables, parts[1:], strict=True))


def _table(
    language: int,
    corner: str,
    sdks: Mapping[str, str],
    behaviours: Mapping[str, tuple[str, str]],
    proven: Set[Proven],
    wanted: Set[Proven],
) -> str:
    at = versions()
    rows = [[corner, *(f"`{package}` {at[sdk]}" for sdk, package in sdks.items())], ["---", *(":-:" for _ in sdks)]]
    for behaviour, told in behaviours.items():
        cells = ("✓" if (sdk, behaviour) in proven else "✗" if (sdk, behaviour) in wanted else "–" for sdk in sdks)
        rows.append([told[language], *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Write the page from a record: ``python -m tests.sdks.matrix RECORD``."""
    record = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    proven = {(sdk, behaviour) for sdk, behaviour in record}
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), proven, covered()), encoding="utf-8")
    broken = sorted(covered() - proven)
    print(f"{len(proven)} proven, {len(broken)} not: {broken}" if broken else f"{len(proven)} proven")


if __name__ == "__main__":
    main()
