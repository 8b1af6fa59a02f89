"""The whole of ``gyeol doctor``: what the core finds, and what only shows from outside: ports, the side process, the lake."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import msgspec

from gyeol.app.core_api import Check, VerifyRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import FOLDER_FORMAT, DataFolder, Runtime
from gyeol.app.remote_core import RemoteCore
from gyeol.kernel.errors import GyeolError

PATIENCE_S = 30.0
"""How long a core may take to answer all checks: a replay is not among them."""
_HTTP_S = 12.0
MOST_LAKE_BEHIND = 1_000_000
Ask = Callable[[str], httpx.Response]
"""GET of a URL."""


def examine_running(folder: DataFolder, runtime: Runtime) -> list[Check]:
    """Every check of a pair that runs. What does not answer is a finding.

    Args:
        folder: Its data folder.
        runtime: Where it listens.
    """
    token = folder.secrets().admin_token
    with httpx.Client(timeout=_HTTP_S, headers={"Authorization": f"Bearer {token}"}) as client:
        found = [folder_check(), port_check("public_port", runtime.public_url, client.get)]
        found.append(port_check("internal_port", runtime.internal_url, client.get))
        found += _of_the_core(folder)
        if found[2].good:
            found += _of_the_side(runtime.internal_url, client.get)
    return found


def examine_stopped(session: EmbeddedSession) -> list[Check]:
    """Every check of a folder that nothing runs on: it was opened for this, so a recovery is behind it."""
    found = [folder_check(), *session.core.verify(VerifyRequest()).checks]
    try:
        found.append(lake_check(session.parts.log.end_offset(), session.lake.offset, ""))
    except GyeolError as error:
        found.append(lake_check(session.parts.log.end_offset(), 0, error.message))
    return found


def folder_check() -> Check:
    """The version of the folder: a newer one would not have been opened."""
    return Check(name="folder", good=True, detail=f"format {FOLDER_FORMAT}, which this release reads and writes")


def port_check(name: str, url: str, get: Ask) -> Check:
    """Whether a port answers, and is ready."""
    why = {
        "public_port": "neither events nor decisions are answered; SDKs try again for a while, then drop what they have",
        "internal_port": "console and API do not answer, nothing is sent and the lake does not grow; collecting and deciding go on",
    }[name]
    mend = {
        "public_port": "read the core's log (stderr, `journalctl`); see the checks below for what it waits for",
        "internal_port": "read the side's log beside the core's: the core starts it again by itself when it ends",
    }[name]
    try:
        reply = get(f"{url}/readyz")
        told = msgspec.json.decode(reply.content, type=dict[str, object])
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        return Check(name=name, good=False, detail=f"{url} does not answer ({type(error).__name__})", why=why, mend=mend)
    if reply.status_code == 200:
        return Check(name=name, good=True, detail=f"{url} is ready")
    return Check(name=name, good=False, detail=f"{url} is not ready: {told.get('why', reply.status_code)}", why=why, mend=mend)


def lake_check(end_offset: int, lake_offset: int, problem: str) -> Check:
    """How far the lake is."""
    behind = max(0, end_offset - lake_offset)
    return Check(
        name="lake",
        good=not problem,
        watch=behind > MOST_LAKE_BEHIND,
        detail=problem or f"{behind:,} records behind the log",
        why="figures, SQL and timelines stand still there, and the log's old files are kept until it has passed them",
        mend="mend what it says and it goes on where it stopped; when it is only behind, it catches up by itself",
        figures={"behind": behind},
    )


def _of_the_core(folder: DataFolder) -> list[Check]:
    client = CoreClient(folder.socket, timeout_s=PATIENCE_S, patience_s=2.0)
    try:
        return RemoteCore(client.call).verify(VerifyRequest()).checks
    except GyeolError as error:
        return [
            Check(
                name="core",
                good=False,
                detail=error.message,
                why="nothing else can be said about the engine, the disk and the log",
                mend="read the core's log; if it hangs, end it and start again: everything that was answered is in the log",
            )
        ]
    finally:
        client.close()


def _of_the_side(url: str, get: Ask) -> list[Check]:
    try:
        told = msgspec.json.decode(get(f"{url}/v1/status").content, type=_Told)
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        return [lake_check(0, 0, f"the API does not say how far it is ({type(error).__name__})")]
    return [lake_check(told.end_offset, told.lake_offset, told.lake_problem), facts_check(told.fact_problem)]


def facts_check(problem: str) -> Check:
    """Whether the providers of facts answer. What fails lies outside: everything else goes on."""
    return Check(
        name="facts",
        good=True,
        watch=bool(problem),
        detail=problem or "the providers of facts answer",
        why="what they say, such as the weather, is unknown once its time is over, and offers that ask for it are refused",
        mend="look whether the service can be reached from here and whether its key is right; it is tried again by itself",
    )


class _Told(msgspec.Struct):
    """What is read of ``GET /v1/status``."""

    end_offset: int
    lake_offset: int
    lake_problem: str
    fact_problem: str = ""
