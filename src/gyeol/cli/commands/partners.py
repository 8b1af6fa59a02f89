"""partners: the report to other brands whose offers are shown."""

from __future__ import annotations

from typing import Any

from gyeol.cli import output
from gyeol.cli.commands.people import Lang, label_of
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of


@command
def partners(workspace: Workspace = HERE, lang: Lang = "en", as_json: AsJson = False) -> None:
    """Partners' offers: decided, shown, clicked, and what is left of their limits."""
    with session_of(workspace) as session:
        answer: dict[str, Any] = session.call("partners")
    if as_json:
        output.as_json(answer)
        return
    for partner in answer["partners"]:
        output.title(f"{label_of(partner, lang)}  ·  {partner['name']}")
        output.table(
            ("limit", "taken", "of", "today", "of a day"),
            [
                (
                    "offers",
                    partner["taken"],
                    _most(partner, "taken", "left"),
                    partner["taken_today"],
                    _most(partner, "taken_today", "left_today"),
                ),
                (
                    "money",
                    partner["spent_minor"],
                    _shown(partner["budget_minor"]),
                    partner["spent_today_minor"],
                    _shown(partner["budget_day_minor"]),
                ),
            ],
            right=("taken", "of", "today", "of a day"),
        )
        output.table(
            ("offer", "decisions", "people", "shown", "clicked"),
            [(label_of(o, lang), o["decisions"], o["people"], o["shown"], o["clicked"]) for o in partner["offers"]],
            right=("decisions", "people", "shown", "clicked"),
        )


def _most(partner: dict[str, Any], taken: str, left: str) -> str:
    return "–" if partner[left] is None else str(partner[taken] + partner[left])


def _shown(limit: int | None) -> str:
    return "–" if limit is None else str(limit)
