"""bench: how fast it is on this machine, with the counts checked."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gyeol.bench.benches import ALL, BENCHES, run_benches, save
from gyeol.bench.report import Report, say
from gyeol.cli import output
from gyeol.cli.context import AsJson, command


@command
def bench(
    name: Annotated[str, typer.Argument(help=f"What to measure: {', '.join([*BENCHES, ALL])}.")] = ALL,
    runs: Annotated[int, typer.Option(min=1, help="How often each figure is measured.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="Small amounts: to see that it works, not to quote.")] = False,
    part: Annotated[list[str] | None, typer.Option("--part", help="Only this part of decide (latency, ope, regret, warm), moment")] = None,
    keep: Annotated[bool, typer.Option("--save", help="Write benchmarks/results/NAME.json.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure with the frozen bench kit (GYEOL_SHARED, else ../shared). With --json the last line is one JSON object."""
    reports = run_benches(name, runs=runs, quick=quick, parts=tuple(part or ()))
    for report in reports:
        if keep:
            say(f"written: {save(report)}")
        if not as_json:
            _show(report)
    if as_json:
        for report in reports:
            output.as_json(msgspec.to_builtins(report))
        if len(reports) > 1:
            output.as_json(msgspec.to_builtins(_joined(reports)))


def _joined(reports: list[Report]) -> Report:
    """All results as one object."""
    first = reports[0]
    figures = {key: figure for report in reports for key, figure in report.figures.items()}
    return Report(name=ALL, machine=first.machine, runs=first.runs, figures=figures, notes=[note for r in reports for note in r.notes])


def _show(report: Report) -> None:
    facts = report.machine
    output.title(f"{report.name}: {report.runs} runs on {facts.cores} cores of {facts.cpu}, load average {facts.load_average[0]:.1f}")
    rows = [(key, figure.median, figure.min, figure.max, figure.unit) for key, figure in report.figures.items()]
    output.table(("figure", "median", "min", "max", "unit"), rows, right=("median", "min", "max"))
    for note in report.notes:
        output.line(note, "yellow")
