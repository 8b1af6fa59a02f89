"""up and demo: the pair of processes, and the main job on a real company's year."""

from __future__ import annotations

import secrets
import webbrowser
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from gyeol.app.demo import COMPANIES, DEFAULT, Rest, Summary, draw, import_until, mailbox_of, run_demo
from gyeol.app.mailbox import Mailbox
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, read_settings
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar
from gyeol.cli.live_day import LiveDay, speed_of
from gyeol.kernel.errors import NotFoundError
from gyeol.server.up import up as run_pair
from gyeol.workspace.starter import init as write_workspace

Port = Annotated[int | None, typer.Option("--port", help="Public port: collector and decide. Default 8400 (GYEOL_PUBLIC_PORT).")]
InternalPort = Annotated[
    int | None, typer.Option("--internal-port", help="Internal port: API and console. Default 8401 (GYEOL_INTERNAL_PORT).")
]


LogForm = Annotated[
    Literal["text", "json"] | None, typer.Option("--log", help="Form of log lines on stderr: text or json. Default text (GYEOL_LOG).")
]


@command
def up(
    workspace: Workspace = HERE, port: Port = None, internal_port: InternalPort = None, log: LogForm = None, as_json: AsJson = False
) -> None:
    """Run Gyeol on a workspace until Ctrl-C: collector and decide on the public port, API and console on the internal one."""
    _serve(workspace, read_settings(public_port=port, internal_port=internal_port, log=log), as_json, open_browser=False)


def _serve(workspace: Path, settings: Settings, as_json: bool, *, open_browser: bool, day: LiveDay | None = None) -> None:
    def ready(parts: OpenCore) -> None:
        public = f"http://{settings.public_host}:{settings.public_port}"
        console = f"http://{settings.internal_host}:{settings.internal_port}/?token={parts.secrets.admin_token}"
        if as_json:
            output.as_json({"public_url": public, "console_url": console})
            return
        keys = ", ".join(f"{s.name} ({s.trust}) {s.write_key}" for s in parts.engine.definitions.sources)
        output.title("Gyeol is running. Ctrl-C stops it.")
        # Whole lines: a link that is wrapped cannot be clicked or copied.
        typer.echo(f"  console              {console}")
        typer.echo(f"  events and decisions {public}")
        typer.echo(f"  write keys           {keys}")
        if open_browser:
            webbrowser.open(console)

    with progress_bar() as tell:
        stopping = (lambda: None) if day is None else day.stop
        run_pair(workspace, settings, ready, lambda done, total: tell("folding the log", done, total), stopping)


@command
def demo(
    company: Annotated[str, typer.Argument(help=f"Whose data: {', '.join(COMPANIES)}.")] = DEFAULT,
    folder: Annotated[Path, typer.Option(help="Where the demo's workspaces are kept.")] = Path("demo"),
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Run the main job alone and print one JSON object as the last line.")
    ] = False,
    cut: Annotated[str | None, typer.Option(help="From this day on events are not imported but sent live. Default: the last week.")] = None,
    speed: Annotated[
        str, typer.Option(help="How fast the live days pass: so many times as fast as life, or max. 1440: a day a minute.")
    ] = "1440",
    full: Annotated[bool, typer.Option("--full", help="All 50,000 customers of the coffee chain, not a tenth of them.")] = False,
    port: Port = None,
    internal_port: InternalPort = None,
    as_json: AsJson = False,
) -> None:
    """A company's past through the whole loop, its last week live before your eyes. A run that was broken off goes on."""
    times = speed_of(speed)
    settings = read_settings(public_port=port, internal_port=internal_port)
    if company not in COMPANIES:
        raise NotFoundError("unknown_company", f"there is no company {company!r}; there are: {', '.join(COMPANIES)}", company=company)
    workspace = folder / company
    if not workspace.exists():
        write_workspace(workspace, company, lambda: secrets.token_urlsafe(18))
    rest: Rest | None = None
    with progress_bar() as tell:
        if full:
            draw(company, workspace, tell, full=True)
        if no_serve:
            summary = run_demo(company, workspace, settings, tell)
        else:
            summary, rest = import_until(company, workspace, settings, tell, cut or COMPANIES[company].cut)
    if no_serve or as_json:
        output.as_json(msgspec.to_builtins(summary))
    if no_serve:
        return
    if not as_json:
        _show_summary(summary, "everything" if rest is None else f"up to {cut or COMPANIES[company].cut}")
        typer.echo(f"  mails                {mailbox_of(workspace)}/*.eml")
    with Mailbox(mailbox_of(workspace)) as mailbox:
        mailbox.export()
        day = None if rest is None else LiveDay(workspace, settings, rest, times, quiet=as_json)
        if day is not None:
            day.start()  # it reads the files while the pair starts
        try:
            _serve(workspace, settings, as_json, open_browser=output.out.is_terminal, day=day)
        finally:
            if day is not None:
                day.stop()


def _show_summary(summary: Summary, what: str) -> None:
    output.title(f"{summary.company}: {what} in {sum(summary.seconds.values()):.1f} s")
    figures = [
        ("events", summary.events),
        ("people", summary.people),
        ("baskets", summary.baskets),
        ("items", summary.items),
        ("revenue (minor units)", summary.revenue),
        ("redemptions", summary.redemptions),
        ("decisions", summary.decisions),
        ("messages", summary.messages),
    ]
    # A company that does not count items has no line of it.
    output.table(("", ""), [(name, output.shown(value)) for name, value in figures if name != "items" or value])
    output.table(("audience", "people"), sorted(summary.audiences.items()), right=("people",))
