"""content lint, compose, consistency, colours: texts held against the brand guide, and written within it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import msgspec
import typer
import yaml

from gyeol.cli import output
from gyeol.cli.commands.content import app
from gyeol.cli.commands.people import Lang
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar, session_of
from gyeol.cli.exit_codes import exit_code
from gyeol.content.brand.catalogue import mending, sentence
from gyeol.content.brand.dominant import PICTURES, colours_of
from gyeol.content.brand.finding import Finding
from gyeol.kernel.errors import InputError, Problem, wrong

Channel = Annotated[str, typer.Option(help="The medium: sms, push, email, kakao, app, web, till, …")]
Spoken = Literal["ko", "en"]
_FIELDS = ("title", "body", "subject", "preheader", "html", "mjml", "text", "link", "image", "alt", "coupon")


@app.command("lint")
@command
def lint(
    name: Annotated[
        str | None, typer.Argument(help="A content, or a file: .html, .txt, or .yaml with fields. Without it everything saved.")
    ] = None,
    channel: Channel = "",
    language: Annotated[str | None, typer.Option(help="Of the text in a file: ko, en, …")] = None,
    service: Annotated[bool, typer.Option("--service", help="A file's text is a service message, no advertisement.")] = False,
    tone: Annotated[str | None, typer.Option(help="Of the text in a file: brief, warm, …")] = None,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Hold texts against the brand guide: words, level of speech, lengths, label, links, colours, pictures."""
    file = Path(name) if name is not None else None
    with session_of(workspace) as session:
        if file is not None and file.suffix and file.is_file():
            kind = "transactional" if service else "advertising"
            asked = {"fields": _fields(file), "channel": channel, "language": language, "message_class": kind, "tone": tone}
            told: dict[str, Any] = session.call("lint", **asked)
            groups = [(str(file), told["findings"])]
        else:
            saved: dict[str, Any] = session.call("saved_lint", content=name)
            told = saved
            groups = [(_title(text), text["findings"]) for text in saved["found"]]
    if as_json:
        output.as_json(told)
    else:
        for title, findings in groups:
            _show(title, findings, lang)
        output.line(f"{told['errors']:,} errors, {told['warnings']:,} warnings")
    if told["errors"]:
        what = f"{told['errors']:,} errors against the brand guide; each line above says how to mend it."
        _end(InputError("breaks_guide", [], what), as_json)


@app.command("compose")
@command
def compose(
    name: Annotated[str, typer.Argument(help="The content whose variant is to be written.")],
    channel: Annotated[str, typer.Option(help="The medium: sms, push, email, kakao, app, web, till, …")],
    tone: Annotated[str, typer.Option(help="brief, warm, cheering, careful, apologetic, retaining.")],
    language: Annotated[str, typer.Option(help="ko or en, or another that the guide has blocks for.")] = "ko",
    seed: Annotated[int, typer.Option(help="Another number gives another text.")] = 0,
    writer: Annotated[bool, typer.Option("--writer", help="Have the service write that the guide names, not the blocks.")] = False,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Write a variant from approved blocks, as YAML to put under the content's variants; nothing is saved."""
    asked = {"content": name, "channel": channel, "tone": tone, "language": language, "seed": seed, "by_writer": writer}
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("compose", **asked)
    if as_json:
        output.as_json(told)
    elif told["reason"] is None:
        variant = {"channels": [channel], "language": language, "tone": tone, "fields": told["fields"]}
        output.line(yaml.safe_dump([variant], allow_unicode=True, sort_keys=False, width=10_000).rstrip())
        _show(f"written by {told['by']}", told["findings"], lang)
        if told["left_out"]:
            output.line(f"does not say: {', '.join(told['left_out'])}", "yellow")
    else:
        for field, text in told["fields"].items():
            output.line(f"{field}: {text}")
        _show(f"refused ({told['by']})", told["findings"], lang)
    if told["reason"] is not None:
        reason = told["reason"]
        params = ", ".join(f"{key} {output.shown(value)}" for key, value in reason["params"].items())
        what = f"No variant: {reason['code']} ({params}). Add blocks to the guide, or mend what is found."
        _end(InputError(reason["code"], [], what), as_json)


@app.command("consistency")
@command
def consistency(
    name: Annotated[str, typer.Argument(help="A content or a campaign.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """How much all variants speak with one voice, 0 to 100: facts, level of speech, the guide, the brand's words."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("consistency", name=name)
    if as_json:
        output.as_json(told)
        return
    found = told["consistency"]
    output.title(f"{told['kind']} {name}: {output.shown(found['score'])} of 100")
    rows = [(part, f"{100 * value:.0f} %", found["weights"][part]) for part, value in found["parts"].items()]
    output.table(("part", "is", "weight"), rows, right=("is", "weight"))
    output.table(
        ("variant", "on", "facts", "unsaid", "wrong", "in level", "errors", "warnings"),
        [
            (
                f"{v['content']} {v['variant']}",
                v["channel"] or "any",
                len(v["facts_said"]),
                v["facts_unsaid"],
                v["facts_wrong"],
                f"{v['in_level']}/{v['sentences']}",
                v["errors"],
                v["warnings"],
            )
            for v in found["variants"]
        ],
        right=("facts", "errors", "warnings"),
    )


@app.command("colours")
@command
def colours(
    folder: Annotated[Path, typer.Argument(help="Pictures: .png, .jpg, .webp, .gif; read with all folders below.")],
    out: Annotated[Path, typer.Option("--out", help="The file that is written: JSON, picture → its colours.")],
    as_json: AsJson = False,
) -> None:
    """Work out the dominant colours of pictures, for choosing by what a customer likes."""
    if not folder.is_dir():
        raise wrong(str(folder), "bad_option", "this is no folder", "name a folder with pictures")
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURES and file.is_file())
    if not files:
        raise wrong(str(folder), "bad_option", "there are no pictures in it", f"pictures end in {', '.join(PICTURES)}")
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    with progress_bar() as tell:
        for done, file in enumerate(files):
            tell("reading pictures", done, len(files))
            try:
                found[file.relative_to(folder).as_posix()] = msgspec.to_builtins(colours_of(file))
            except InputError as error:
                problems += error.problems
    try:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    except OSError as error:
        raise wrong(
            "--out", "bad_option", f"{out} cannot be written: {error.strerror or error}", "name a file in a folder that there is"
        ) from None
    if as_json:
        output.as_json({"pictures": len(found), "unread": [msgspec.to_builtins(p) for p in problems], "out": str(out)})
        return
    output.title(f"{len(found):,} pictures → {out}")
    for problem in problems:
        output.line(f"! {problem}", "yellow")


def _end(error: InputError, as_json: bool) -> NoReturn:
    """Ends with the error's exit code; with ``--json`` the one value is on stdout already."""
    if as_json:
        raise typer.Exit(exit_code(error))
    raise error


def _fields(file: Path) -> dict[str, str]:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(str(file), "bad_option", f"the file cannot be read: {error}", "name a text file in UTF-8") from None
    match file.suffix.lower():
        case ".html" | ".htm":
            return {"html": text}
        case ".mjml":
            return {"mjml": text}
        case ".yaml" | ".yml" | ".json":
            try:
                value = yaml.safe_load(text)
            except yaml.YAMLError as error:
                raise wrong(str(file), "bad_option", f"not valid YAML: {error}", "write fields as 'body: text' lines") from None
            if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
                raise wrong(str(file), "bad_option", "these are no fields", f"write them as 'body: text' lines: {', '.join(_FIELDS)}")
            return {str(key): each for key, each in value.items()}
        case _:
            return {"body": text}


def _title(text: dict[str, Any]) -> str:
    named = f"{text['content']} {text['variant']}" if text["content"] else f"offer {text['offer']} ({text['language']})"
    return f"{named} on {text['channel'] or 'any'}"


def _show(title: str, findings: list[Any], lang: Spoken) -> None:
    if not findings:
        return
    output.title(title)
    for finding in msgspec.convert(findings, list[Finding]):
        place = f"{finding.field}:{finding.start + 1}" if finding.field else "message"
        offered = f" [→ {finding.mend}]" if finding.mend else ""
        style = "red" if finding.severity == "error" else "yellow"
        output.line(f"  {finding.severity} {place} {finding.code}: {sentence(finding, lang)} {mending(finding, lang)}{offered}", style)
