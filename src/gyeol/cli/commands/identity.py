"""identity: who is who in files of messy records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gyeol.cli import output
from gyeol.cli.commands import judging, suggestions
from gyeol.cli.context import AsJson, command, progress_bar
from gyeol.identity.matching.waterfall import Waterfall, picture
from gyeol.storage.matching.matcher import MEMORY
from gyeol.storage.matching.matching import AT_LEAST, Matched
from gyeol.storage.matching.matching import link as link_files
from gyeol.storage.matching.matching import match as match_file

app = typer.Typer(
    name="identity",
    help="Who is who: messy records matched, what waits for judgement, people split, identifiers moved.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Option("--id", help="The column that names a record.")]
Out = Annotated[Path, typer.Option("--out", help="What is written: .csv or .parquet.")]
AtLeast = Annotated[float, typer.Option("--at-least", help="Weight in bits above which records belong together; higher: fewer, surer.")]
LinkAtLeast = Annotated[
    float | None,
    typer.Option("--at-least", help="Weight in bits above which two records are linked; default: -2, or -3 where each is linked once."),
]
Explain = Annotated[tuple[str, str] | None, typer.Option("--explain", help="Ids of two records: why they are one, or two.")]
Memory = Annotated[
    int, typer.Option("--memory-mb", min=128, help="MiB that the work in the database may take; the rest is on disk meanwhile.")
]
Picture = Annotated[Path | None, typer.Option("--picture", help="Where the waterfall of --explain is drawn: an .svg file.")]
Lang = Annotated[str, typer.Option("--lang", help="ko or en: the language of the waterfall.")]


@command
def match(
    file: Annotated[Path, typer.Argument(help="Records: .csv, .csv.gz, .tsv or .parquet.")],
    id_column: Id,
    out: Out,
    at_least: AtLeast = AT_LEAST,
    memory_mb: Memory = MEMORY >> 20,
    explain: Explain = None,
    picture_file: Picture = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Group the records of a file by who they are about: id, cluster, weight."""
    with progress_bar() as tell:
        matched = match_file(file, id_column, out, at_least=at_least, explain=explain, memory=memory_mb << 20, tell=tell)
    _tell(matched, f"{matched.records[0]:,} records; {matched.groups:,} groups of two or more", out, picture_file, lang, as_json)


@command
def link(
    left: Annotated[Path, typer.Argument(help="Records: .csv, .csv.gz, .tsv or .parquet.")],
    right: Annotated[Path, typer.Argument(help="Other records.")],
    id_column: Id,
    out: Out,
    right_id: Annotated[
        str | None, typer.Option("--right-id", help="The column that names a record of the second file; default: as --id.")
    ] = None,
    at_least: LinkAtLeast = None,
    memory_mb: Memory = MEMORY >> 20,
    explain: Explain = None,
    picture_file: Picture = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Find the records of one file in another: left, right, weight."""
    with progress_bar() as tell:
        matched = link_files(
            left, right, (id_column, right_id or id_column), out, at_least=at_least, explain=explain, memory=memory_mb << 20, tell=tell
        )
    told = f"{matched.records[0]:,} and {matched.records[1]:,} records; {matched.links:,} links"
    _tell(matched, told + (", each record once at most" if matched.one_to_one else ""), out, picture_file, lang, as_json)


def _tell(matched: Matched, told: str, out: Path, picture_file: Path | None, lang: str, as_json: bool) -> None:
    if matched.explained is not None and picture_file is not None:
        picture_file.write_text(picture(matched.explained, lang), encoding="utf-8")
    if as_json:
        output.as_json(_json(matched))
        return
    output.title(f"{told} → {out}")
    output.table(("columns", "taken for"), list(matched.fields.items()))
    if matched.ignored:
        output.table(("left out", "why"), list(matched.ignored.items()))
    for note in matched.notes:
        output.line(f"{note.path}: {note.what}. {note.mend}.")
    if matched.explained is not None:
        _show(matched.explained, lang)


def _show(shown: Waterfall, lang: str) -> None:
    output.line("")
    output.title(f"{shown.a} · {shown.b}: {shown.weight:+.1f} bits, p = {shown.probability:.4f}")
    rows = [("start", "", "", f"{shown.prior:+.1f}")]
    rows += [(s.field, s.ko if lang == "ko" else s.en, f"{s.left} · {s.right}", f"{s.bits:+.1f}") for s in shown.steps]
    output.table(("field", "likeness", "values", "bits"), rows, right=("bits",))


def _json(matched: Matched) -> dict[str, object]:
    explained = matched.explained
    return {
        "records": matched.records,
        "groups": matched.groups,
        "links": matched.links,
        "candidates": matched.candidates,
        "fields": matched.fields,
        "ignored": matched.ignored,
        "one_to_one": matched.one_to_one,
        "notes": [{"path": note.path, "code": note.code, "what": note.what, "mend": note.mend} for note in matched.notes],
        "explained": None
        if explained is None
        else {
            "a": explained.a,
            "b": explained.b,
            "prior": round(explained.prior, 3),
            "weight": round(explained.weight, 3),
            "probability": explained.probability,
            "steps": [
                {"field": s.field, "level": {"ko": s.ko, "en": s.en}, "left": s.left, "right": s.right, "bits": round(s.bits, 3)}
                for s in explained.steps
            ],
        },
    }


app.command("match")(match)
app.command("link")(link)
app.command("quarantine")(judging.quarantine)
app.command("release")(judging.release)
app.command("confirm")(judging.confirm)
app.command("shared")(judging.shared)
app.command("move")(judging.move)
app.command("split")(judging.split)
app.command("audit")(judging.audit)
app.add_typer(suggestions.app)
