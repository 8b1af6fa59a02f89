"""``gyeol``: the command. Each command is a function of ``cli/commands``."""

from __future__ import annotations

from typing import Annotated

import typer

from gyeol import __version__
from gyeol.cli.commands import (
    backup,
    bench,
    brand,
    check,
    content,
    coupon_tills,
    coupons,
    data,
    decisions,
    emotion,
    facts,
    groups,
    identity,
    keys,
    partners,
    people,
    place,
    policy,
    running,
    workspace,
)

app = typer.Typer(
    name="gyeol",
    help="Gyeol (결): events from every channel become people, decisions and messages; with the reason for each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gyeol {__version__}")
        raise typer.Exit


@app.callback()
def _root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False) -> None:
    """Nothing to do before a command."""


app.command("init")(workspace.init)
app.command("up")(running.up)
app.command("demo")(running.demo)
app.command("import")(data.import_)
app.command("profile")(people.profile)
app.command("audience")(people.audience)
app.command("moment")(facts.moment)
app.command("groups")(groups.groups)
app.command("group")(groups.group)
app.command("partners")(partners.partners)
app.command("decide")(people.decide)
app.command("user-token")(people.user_token)
app.command("merge")(people.merge)
app.command("cut")(people.cut)
app.command("sql")(data.sql)
app.command("dead-letter")(data.dead_letter)
app.command("plan")(workspace.plan)
app.command("apply")(workspace.apply)
app.command("replay")(data.replay)
app.command("doctor")(data.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(check.app)
app.add_typer(decisions.app)
app.add_typer(facts.app)
brand.register(content.app)
app.add_typer(content.app)
coupon_tills.register(coupons.app)
app.add_typer(coupons.app)
app.add_typer(identity.app)
app.add_typer(keys.app)
app.add_typer(place.app)
app.add_typer(policy.app)
app.add_typer(emotion.app)
app.command("bench")(bench.bench)


def main() -> None:
    """Entry point of the installed command."""
    app()
