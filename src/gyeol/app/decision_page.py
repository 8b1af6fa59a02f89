"""The export of decisions as a page to print: one file without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from gyeol.app.decision_answers import DecisionsExport, ExportedDecision
from gyeol.app.decision_words import HEADINGS

_STYLE = """
:root { color-scheme: light }
body { font: 15px/1.6 system-ui, "Apple SD Gothic Neo", "Noto Sans KR", sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 0 } h3 { font-size: .9rem; margin: 1rem 0 .25rem }
section { border-top: 2px solid #1b1b1b; padding: 1rem 0; break-inside: avoid-page }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .3rem .5rem;
  border-bottom: 1px solid #ccc; overflow-wrap: anywhere } th { font-weight: 600 }
.rights { border: 1px solid #1b1b1b; padding: .75rem 1rem } .small { color: #555; font-size: .85rem }
@media print { body { margin: 0; max-width: none } }
"""


def page_of(export: DecisionsExport) -> str:
    """The export as HTML; equal exports give equal pages."""
    names = ", ".join(f"{each.label.get(export.lang, each.type)}: {each.value}" for each in export.identifiers)
    parts = [
        f'<!doctype html>\n<html lang="{escape(export.lang)}">\n<head>\n<meta charset="utf-8">',
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(export.title)}</title>',
        f"<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>{escape(export.title)}</h1>",
        f'<p class="small">{escape(export.workspace)} · {escape(export.person)} · {escape(names)} · {escape(export.as_of)}</p>',
        *(f"<p>{escape(text)}</p>" for text in export.about),
        f'<p class="rights">{escape(export.rights)}</p>',
        *(_section(decision, export.lang) for decision in export.decisions),
    ]
    if not export.decisions:
        parts.append(f"<p>{_head('none', export.lang)}</p>")
    if not export.complete:
        parts.append(f"<p>{_head('incomplete', export.lang)}</p>")
    return "\n".join([*parts, "</body>\n</html>\n"])


def _section(decision: ExportedDecision, lang: str) -> str:
    data = [(d.label, d.value, d.source if d.observed_at is None else f"{d.source}, {d.observed_at}") for d in decision.data]
    refused = [(r.offer_label, r.rule_label, r.reason) for r in decision.refusals]
    return "\n".join(
        [
            f"<section>\n<h2>{escape(decision.what)}</h2>",
            f'<p class="small">{escape(decision.at)} · {escape(decision.id)}</p>',
            _list("criteria", decision.criteria, lang),
            _list("reasons", [*decision.reasons, *decision.contributions, *([decision.later] if decision.later else [])], lang),
            _table("data", ("name", "value", "source"), data, lang),
            _table("refused", ("offer", "rule", "why"), refused, lang),
            _list("chance", [decision.chance], lang),
            "</section>",
        ]
    )


def _head(name: str, lang: str) -> str:
    return escape(HEADINGS[name][lang])


def _list(name: str, lines: Sequence[str], lang: str) -> str:
    return f"<h3>{_head(name, lang)}</h3>\n" + "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[str]], lang: str) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{_head(column, lang)}</th>' for column in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h3>{_head(name, lang)}</h3>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
