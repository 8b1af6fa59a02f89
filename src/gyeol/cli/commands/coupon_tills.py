"""coupons, the till's part: the key, signed QR codes, and what was accepted without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gyeol.cli import output
from gyeol.cli.commands.coupons import PAGE, Code, Store, app
from gyeol.cli.commands.people import Lang, when
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.content.coupons.codes import normalised
from gyeol.content.coupons.picture import Kind, draw
from gyeol.content.coupons.signed import verify as verified
from gyeol.kernel.errors import InputError, NotFoundError, Problem, wrong

MOST_ENTRIES = 1_000


@app.command("key")
@command
def key(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """The public key with which tills check signed codes (Ed25519, hex); it is no secret."""
    with session_of(workspace) as session:
        found = str(session.call("coupons")["public_key"])
    if as_json:
        output.as_json({"public_key": found, "algorithm": "Ed25519"})
    else:
        output.line(found)


@app.command("verify")
@command
def verify(
    qr: Annotated[str, typer.Argument(help="The text of the QR.")],
    public_key: Annotated[str | None, typer.Option("--key", help="Public key in hex; the workspace's if not given.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Check a signed code as a till without a network does: signature and expiry, nothing else."""
    if public_key is None:
        with session_of(workspace) as session:
            public_key = str(session.call("coupons")["public_key"])
    signed = verified(qr, _key_bytes(public_key))
    if as_json:
        output.as_json({"good": signed is not None, **({} if signed is None else msgspec.to_builtins(signed))})
    elif signed is not None:
        ends = f"good until {when(signed.expires_s * 1000)}" if signed.expires_s else "does not end"
        output.line(f"{signed.pool}  {signed.code}  {ends}")
    if signed is None:
        if not as_json:
            output.failure("The signature is not that of this key.", "bad_signature")
        raise typer.Exit(1)


@app.command("qr")
@command
def qr(
    code: Code,
    pool: Annotated[str, typer.Option(help="The pool of the code.")],
    out: Annotated[Path, typer.Option(help="The file to write: .svg or .png.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Draw the signed QR of a code."""
    kind = _kind(out)
    with session_of(workspace) as session:
        text = _signed(session, pool, code)
    out.write_bytes(draw(text, kind))
    if as_json:
        output.as_json({"qr": text, "out": str(out)})
    else:
        output.line(f"{text} → {out}")


@app.command("reconcile")
@command
def reconcile(
    file: Annotated[Path, typer.Argument(help="The till's journal: one JSON object a line.", exists=True, dir_okay=False)],
    till: Annotated[str, typer.Option(help="Name of the till, one for ever.")],
    store: Store = "",
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """What a till accepted without a network: redeemed, or doubtful with both sides' facts. Safe to repeat."""
    entries = _journal(file)
    lines: list[dict[str, Any]] = []
    with session_of(workspace) as session:
        for start in range(0, len(entries), MOST_ENTRIES):
            some = entries[start : start + MOST_ENTRIES]
            told = session.call("reconcile_coupons", till=till, store=store, entries=some, lang=lang)
            found: Any = told["lines"]
            lines += found
    doubtful = [line for line in lines if not line["success"]]
    if as_json:
        output.as_json({"till": till, "redeemed": len(lines) - len(doubtful), "doubtful": len(doubtful), "lines": lines})
        return
    output.line(f"{len(lines) - len(doubtful):,} redeemed, {len(doubtful):,} doubtful")
    rows = [(line["sequence"], line["status"], line["text"], output.shown(line["said"].get("order"))) for line in doubtful]
    output.table(("number", "code", "why", "order"), rows)


@app.command("doubts")
@command
def doubts(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Everything that tills accepted and the ledger doubts, newest first."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("coupon_doubts", limit=500)
    if as_json:
        output.as_json(told)
        return
    rows = [(d["till"], d["sequence"], when(d["accepted_at"]), d["status"], output.shown(d["said"].get("order"))) for d in told["doubts"]]
    output.table(("till", "number", "accepted", "why", "order"), rows)


def _signed(session: Any, pool: str, code: str) -> str:
    wanted = normalised(code)
    cursor: str | None = None
    while True:
        told: dict[str, Any] = session.call("coupon_ledger", pool=pool, cursor=cursor, limit=PAGE, reveal=True)
        for each in told["coupons"]:
            if code == each["ref"] or wanted == normalised(each["code"]):
                if each.get("qr") is None:
                    raise NotFoundError("not_usable", f"this coupon is {each['state']}: there is nothing to draw")
                return str(each["qr"])
        cursor = told["next"]
        if cursor is None:
            raise NotFoundError("unknown_code", f"no coupon of {pool} has this code; `gyeol coupons show {pool}` lists them")


def _kind(out: Path) -> Kind:
    match out.suffix.lower():
        case ".svg":
            return "svg"
        case ".png":
            return "png"
        case other:
            raise wrong("--out", "bad_suffix", f"{other or 'no suffix'} is not drawn", "name it .svg or .png")


def _key_bytes(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise wrong("--key", "bad_key", "it is no public key", "64 hex digits, as `gyeol coupons key` prints them")
    return found


def _journal(file: Path) -> list[object]:
    entries: list[object] = []
    problems: list[Problem] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                entries.append(msgspec.json.decode(line))
            except msgspec.DecodeError as error:
                problems.append(Problem(path=str(file), line=number, code="bad_json", what=str(error), mend="one JSON object a line"))
    if problems:
        raise InputError("bad_journal", problems)
    return entries
