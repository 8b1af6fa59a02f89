"""emotion: what texts say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from gyeol.cli import output
from gyeol.cli.context import AsJson, command, progress_bar
from gyeol.context.emotion.explain import explain
from gyeol.context.emotion.score import Asked, aspects, score
from gyeol.context.emotion.topics import mentions
from gyeol.kernel.errors import ConfigError, wrong
from gyeol.storage.table_file import TableFile, add_columns

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer(name="emotion", help="Emotion from text, Korean and English.", no_args_is_help=True)

_LANGUAGES = ("auto", "ko", "en")
_ADDED = ("polarity", "label", "confidence", "intensity", "topics")
_ROWS = 4_000


@app.callback()
def _root() -> None:
    """So that ``score`` is a command of its own."""


@command
def score_command(
    file: Annotated[Path | None, typer.Argument(help="A table: .csv, .csv.gz, .tsv or .parquet.")] = None,
    column: Annotated[str | None, typer.Option("--column", help="The column of texts.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="ko, en, or auto: each text by its letters.")] = "auto",
    out: Annotated[Path | None, typer.Option("--out", help="What is written: .csv, .csv.gz or .parquet.")] = None,
    text: Annotated[str | None, typer.Option("--explain", help="Instead of a file: one text, and what each of its words adds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add polarity, label, confidence, intensity and topics to a table of texts."""
    if lang not in _LANGUAGES:
        raise wrong("--lang", "bad_option", f"{lang!r} is no language that is read", f"one of {', '.join(_LANGUAGES)}")
    asked = cast("Asked", lang)
    if text is not None:
        _explain(text, asked, as_json)
        return
    if file is None or column is None or out is None:
        missing = [name for name, value in (("FILE", file), ("--column", column), ("--out", out)) if value is None]
        raise ConfigError("missing_option", f"score lacks {', '.join(missing)}; or give one text with --explain", missing=missing)
    _score(file, column, asked, out, as_json)


def _score(file: Path, column: str, lang: Asked, out: Path, as_json: bool) -> None:
    if column in _ADDED:
        raise wrong("--column", "bad_option", f"{column!r} is a column that is added", "rename the column of texts")
    table = TableFile(file, (column,))
    counts = dict.fromkeys(("negative", "neutral", "positive"), 0)
    unread = [0]

    def add(part: pa.RecordBatch) -> dict[str, pa.Array]:
        import pyarrow as pa

        values = part.column(column).to_pylist()
        # Some thousand texts at a time, so that long ones do not fill the memory.
        parts = [score([_text(value) for value in values[begin : begin + _ROWS]], lang) for begin in range(0, len(values), _ROWS)]
        labels = [label for of in parts for label in of.labels]
        for label in labels:
            counts[label] += 1
        unread[0] += sum(int((of.confidence == 0).sum()) for of in parts)
        return {
            "polarity": pa.array([value for of in parts for value in of.polarity.tolist()], pa.float64()),
            "label": pa.array(labels, pa.string()),
            "confidence": pa.array([value for of in parts for value in of.confidence.tolist()], pa.float64()),
            "intensity": pa.array([value for of in parts for value in of.intensity.tolist()], pa.float64()),
            "topics": pa.array([" ".join(m.topic for m in mentions(_text(value))) for value in values], pa.string()),
        }

    with progress_bar() as tell:
        rows = add_columns(table, out, add, tell)
    if as_json:
        output.as_json({"rows": rows, **counts, "unread": unread[0], "left_out": table.left_out, "out": str(out)})
        return
    told = ", ".join(f"{count:,} {label}" for label, count in counts.items())
    output.title(f"{rows:,} texts: {told} → {out}")
    if unread[0]:
        output.line(f"{unread[0]:,} have nothing that can be read: neutral, confidence 0", style="yellow")
    if table.left_out:
        output.line(f"{table.left_out:,} rows have another number of values than the header: they were left out", style="yellow")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _explain(text: str, lang: Asked, as_json: bool) -> None:
    said = score([text], lang)
    language, logit, words = explain(text, lang)
    about = aspects([text], lang)[0]
    polarity, confidence, intensity = float(said.polarity[0]), float(said.confidence[0]), float(said.intensity[0])
    if as_json:
        output.as_json(
            {
                "language": language, "polarity": polarity, "label": said.labels[0], "confidence": confidence, "intensity": intensity,
                "log_odds": logit,
                "words": [{"text": word.text, "start": word.start, "end": word.end, "weight": word.weight} for word in words],
                "topics": [
                    {"topic": a.topic, "evidence": a.evidence, "start": a.start, "end": a.end, "polarity": a.polarity} for a in about
                ],
            }
        )  # fmt: skip
        return
    output.title(f"{said.labels[0]}: polarity {polarity:+.2f}, confidence {confidence:.2f}, intensity {intensity:.2f} ({language})")
    ranked = sorted(words, key=lambda word: -abs(word.weight))
    output.table(("word", "adds"), [(word.text, f"{word.weight:+.2f}") for word in ranked], right=("adds",))
    if about:
        output.table(("topic", "evidence", "polarity"), [(a.topic, a.evidence, f"{a.polarity:+.2f}") for a in about], right=("polarity",))


app.command("score")(score_command)
