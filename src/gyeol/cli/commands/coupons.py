"""coupons: pools and their codes, and what became of each. The till's part stands in ``coupon_tills``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from gyeol.cli import output
from gyeol.cli.commands.people import Lang, when
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.kernel.errors import InputError, Problem

app = typer.Typer(name="coupons", help="Coupons: pools of codes, and what became of each.", no_args_is_help=True)
Pool = Annotated[str, typer.Argument(help="Name of the pool.")]
Code = Annotated[str, typer.Argument(help="The code, the text of its QR, or its ref.")]
Store = Annotated[str, typer.Option(help="Where.")]
Till = Annotated[str, typer.Option(help="Name of the till.")]
Key = Annotated[str, typer.Option(help="Of this request: the same key gives the same answer.")]
Why = Annotated[str, typer.Option(help="Why, for the audit.")]
PAGE = 500
COLUMNS = ("code", "ref", "state", "qr", "person", "issued_at", "expires", "offer", "redeemed_at", "store", "till", "order", "discount")


@app.command("list")
@command
def list_(workspace: Workspace = HERE, lang: Lang = "en", as_json: AsJson = False) -> None:
    """The pools: terms, and how many codes are in which state."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("coupons")
    if as_json:
        output.as_json(told)
        return
    rows = [
        (p["name"], p["label"].get(lang, ""), _terms(p), p["total"], p["free"], p["issued"], p["redeemed"], p["revoked"])
        for p in told["pools"]
    ]
    columns = ("pool", "label", "terms", "codes", "free", "issued", "redeemed", "revoked")
    output.table(columns, rows, right=columns[3:])


@app.command("show")
@command
def show(
    pool: Pool,
    cursor: Annotated[str | None, typer.Option(help="From this page on.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the codes.")] = False,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """The codes of a pool, in the order in which they came, and what became of each."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("coupon_ledger", pool=pool, cursor=cursor, limit=limit, reveal=reveal)
    if as_json:
        output.as_json(told)
        return
    _coupons(told)


@app.command("of")
@command
def of(
    person: Annotated[str, typer.Argument(help="type:value, a person id or a bare value.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the codes.")] = False,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """The coupons of a person, newest first."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("person_coupons", id=person, limit=500, reveal=reveal)
    if as_json:
        output.as_json(told)
        return
    _coupons(told)


@app.command("add")
@command
def add(
    pool: Pool,
    file: Annotated[Path | None, typer.Argument(help="Codes, one a line (UTF-8).", exists=True, dir_okay=False)] = None,
    generate: Annotated[int, typer.Option(help="Make so many codes that nobody has, for printing.", min=0)] = 0,
    why: Why = "",
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Put codes into a pool; those that are there already are left out."""
    lines = [] if file is None else [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    codes = [line for line in lines if line]
    if not codes and not generate:
        problem = Problem(path="FILE", code="missing", what="there is no code to add", mend="give a file with codes, or --generate N")
        raise InputError("no_codes", [problem])
    added = 0
    parts = [(codes[i : i + 10_000], 0) for i in range(0, len(codes), 10_000)]
    parts += [([], min(10_000, generate - i)) for i in range(0, generate, 10_000)]
    with session_of(workspace) as session:
        for some, count in parts:
            told: dict[str, Any] = session.call("tell_coupon", kind="add", pool=pool, codes=some, count=count, why=why)
            if not told["success"]:
                _tell(told, as_json)
                return
            added += int(told["params"]["count"])
    if as_json:
        output.as_json({"added": added})
    else:
        output.line(f"{added:,} codes added to {pool}, {len(codes) + generate - added:,} were there already")


@app.command("issue")
@command
def issue(
    pool: Pool,
    person: Annotated[str, typer.Argument(help="type:value, a person id or a bare value.")],
    key: Key = "",
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Give somebody a code."""
    _ask(workspace, as_json, kind="issue", pool=pool, person=person, key=key, lang=lang)


@app.command("redeem")
@command
def redeem(
    code: Code,
    store: Store = "",
    till: Till = "",
    order: Annotated[str, typer.Option(help="The till's order.")] = "",
    basket: Annotated[int | None, typer.Option(help="What it is worth, in minor units.")] = None,
    key: Key = "",
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Use a coupon: once, unless `reverse` takes it back."""
    _ask(workspace, as_json, kind="redeem", code=code, store=store, till=till, order=order, basket=basket, key=key, lang=lang)


@app.command("reverse")
@command
def reverse(
    code: Code, store: Store = "", till: Till = "", key: Key = "", why: Why = "", workspace: Workspace = HERE, lang: Lang = "en",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take a redemption back: the order was returned, or was a mistake. The code can be used again until it expires."""
    _ask(workspace, as_json, kind="reverse", code=code, store=store, till=till, key=key, why=why, lang=lang)


@app.command("hold")
@command
def hold(
    code: Code,
    store: Store = "",
    till: Till = "",
    minutes: Annotated[int | None, typer.Option(help="For so long; the pool's own time if not given.")] = None,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Reserve a coupon for a till."""
    _ask(workspace, as_json, kind="hold", code=code, store=store, till=till, minutes=minutes, lang=lang)


@app.command("release")
@command
def release(
    code: Code, store: Store = "", till: Till = "", workspace: Workspace = HERE, lang: Lang = "en", as_json: AsJson = False
) -> None:
    """Give a reserved coupon back."""
    _ask(workspace, as_json, kind="release", code=code, store=store, till=till, lang=lang)


@app.command("revoke")
@command
def revoke(code: Code, why: Why = "", workspace: Workspace = HERE, lang: Lang = "en", as_json: AsJson = False) -> None:
    """Take a code back before it is used."""
    _ask(workspace, as_json, kind="revoke", code=code, why=why, lang=lang)


@app.command("export")
@command
def export(
    pool: Pool,
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    free: Annotated[bool, typer.Option("--free", help="Only codes that nobody has.")] = False,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Write the codes of a pool to a file, with the text of each QR."""
    cursor: str | None = None
    written = 0
    with session_of(workspace) as session, out.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        while True:
            told: dict[str, Any] = session.call("coupon_ledger", pool=pool, cursor=cursor, limit=PAGE, reveal=True)
            found = [each for each in told["coupons"] if not free or each["state"] == "free"]
            rows.writerows([each.get(column) for column in COLUMNS] for each in found)
            written += len(found)
            cursor = told["next"]
            if cursor is None:
                break
    if as_json:
        output.as_json({"written": written, "out": str(out)})
    else:
        output.line(f"{written:,} codes written to {out}: keep it as you keep money")


@app.command("report")
@command
def report(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Issued and redeemed codes by pool, offer and store, as of the lake."""
    with session_of(workspace) as session:
        session.settle()
        told: dict[str, Any] = session.call("coupon_figures")
    if as_json:
        output.as_json(told)
        return
    rows = [(f["pool"], f["offer"], f["store"], f["issued"], f["redeemed"], f["people"], f["discount_minor"]) for f in told["figures"]]
    output.table(("pool", "offer", "store", "issued", "redeemed", "people", "discount"), rows, right=("issued", "redeemed", "people"))


def _ask(workspace: Path, as_json: bool, **values: object) -> None:
    with session_of(workspace) as session:
        told = session.call("tell_coupon", **values)
    _tell(told, as_json)


def _tell(told: dict[str, Any], as_json: bool) -> None:
    """Say what became of a request; one that was not done ends with 1."""
    if as_json:
        output.as_json(told)
    elif told["success"]:
        coupon = told["coupon"]
        code = "" if coupon is None else f"  {coupon.get('code', '')}  {coupon.get('expires') or ''}"
        output.line(f"{told['text']}{code}".rstrip())
    else:
        output.failure(told["text"], told["status"])
    if not told["success"]:
        raise typer.Exit(1)


def _coupons(told: dict[str, Any]) -> None:
    rows = [
        (c.get("code") or c["masked"], c["pool"], c["state"], c.get("person"), when(c["issued_at"]) if c.get("issued_at") else None,
         c.get("expires"), when(c["redeemed_at"]) if c.get("redeemed_at") else None, c.get("store"), c["ref"])
        for c in told["coupons"]
    ]  # fmt: skip
    output.table(("code", "pool", "state", "person", "issued", "last day", "redeemed", "store", "ref"), rows)
    if told["next"] is not None:
        output.line(f"more: --cursor {told['next']}")


def _terms(pool: dict[str, Any]) -> str:
    told = output.money(pool["amount"], pool["currency"]) if pool["amount"] is not None else "gift"
    told = f"{pool['percent']} %" if pool["percent"] is not None else told
    least = f" from {output.money(pool['min_basket'], pool['currency'])}" if pool["min_basket"] else ""
    return f"{told}{least}, {pool['per_person']} a person"
