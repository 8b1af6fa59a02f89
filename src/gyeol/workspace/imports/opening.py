"""Opening an import: every check that can be made before the first event, then the plan."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gyeol.kernel.canonical import canonical_json
from gyeol.kernel.errors import InputError, Problem, in_order
from gyeol.workspace.formats import suggestion
from gyeol.workspace.imports.columns import PathColumn
from gyeol.workspace.imports.groups import Packer
from gyeol.workspace.imports.inputs import FORMATS, content_hash, digests_of, file_format, find_inputs, find_place
from gyeol.workspace.imports.mapped import Mapped
from gyeol.workspace.imports.mapping import read_mapping
from gyeol.workspace.imports.parquet import ParquetReader
from gyeol.workspace.imports.plain import TextReader, column_problems, column_warnings, source_problems
from gyeol.workspace.imports.plan import ImportPlan, ImportSettings
from gyeol.workspace.imports.sql import SqlFault, connect, require_libraries

if TYPE_CHECKING:
    import pyarrow as pa

READER_VERSION = 1
"""Part of every content hash: a reader that makes other events of the same bytes gets another number."""


class Reader(Protocol):
    """What every way of reading gives."""

    columns: list[PathColumn]
    total: int

    def batches(self, from_row: int) -> Iterator[pa.RecordBatch]:
        """The rows from one on, in the packer's form."""
        ...

    def close(self) -> None:
        """Let go of files and memory."""
        ...


def open_import(path: str | None, mapping_file: Path | str | None, settings: ImportSettings) -> ImportPlan:
    """Open an import.

    Args:
        path: A file, a folder, or ``package:NAME/folder``; None: the place that the mapping names.
        mapping_file: A file of ``maps/``; None: ``path`` is one file whose columns are event paths already.
        settings: Sources, time of receipt, group size.

    Raises:
        InputError: With every problem found: missing files and columns, SQL that does not run (with its line), wrong types.
        CapabilityMissingError: DuckDB or PyArrow is not installed.
    """
    if settings.group_rows < 1:
        raise ValueError("group_rows must be at least 1")
    # The bytes are hashed while libraries are loaded and the files are looked into.
    with ThreadPoolExecutor(1, "import-hash") as hasher:
        return _open(path, mapping_file, settings, hasher)


def _open(path: str | None, mapping_file: Path | str | None, settings: ImportSettings, hasher: ThreadPoolExecutor) -> ImportPlan:
    if mapping_file is not None:
        return _open_mapped(path, Path(mapping_file), settings, hasher)
    if path is None:
        mend = "name a file, or a mapping with --map"
        raise InputError("no_file", [Problem(path="import", code="no_file", what="neither a file nor a mapping was given", mend=mend)])
    return _open_plain(path, settings, hasher)


def input_bytes(path: str | None, mapping_file: Path | str | None, settings: ImportSettings) -> int:
    """Bytes of the files that ``open_import`` would read; 0 when it would refuse, which it says better itself."""
    try:
        if mapping_file is None:
            return 0 if path is None else find_place(path, Path(settings.base)).stat().st_size
        mapping = read_mapping(Path(mapping_file), settings.sources).mapping
        place = path if path is not None else mapping.place
        if place is None:
            return 0
        files, _ = find_inputs(find_place(place, Path(settings.base)), mapping.inputs)
        return sum(file.stat().st_size for file in files.values())
    except (InputError, OSError):
        return 0


def _open_mapped(path: str | None, mapping_file: Path, settings: ImportSettings, hasher: ThreadPoolExecutor) -> ImportPlan:
    require_libraries()
    read = read_mapping(mapping_file, settings.sources)
    mapping, document = read.mapping, read.document
    text = path if path is not None else mapping.place
    if text is None:
        mend = "name a folder, or give the mapping 'from: …'"
        raise InputError("no_file", [document.problem((), "no_file", "nothing says where the files are", mend)])
    place = find_place(text, Path(settings.base))
    files, faults = find_inputs(place, mapping.inputs)
    if faults:
        mend = "mend the file's name, or name another folder"
        raise InputError(
            "no_file", in_order(document.problem(("inputs", n), "no_file", f"input {n!r}: {f}", mend) for n, f in faults.items())
        )
    hashing = hasher.submit(digests_of, files)
    connection = connect(place if place.is_dir() else place.parent)
    try:
        mapped = Mapped(connection, read, settings.sources)
        mapped.make(files)
    except BaseException:
        connection.close()
        raise
    salt = canonical_json([READER_VERSION, mapping]).decode()
    return _plan(mapped, mapping.label, mapped.by_source(), files, content_hash(hashing.result(), salt), mapped.warnings, settings)


def _open_plain(path: str, settings: ImportSettings, hasher: ThreadPoolExecutor) -> ImportPlan:
    file = find_place(path, Path(settings.base))
    form = file_format(file)
    if file.is_dir() or form is None:
        what = "a folder needs a mapping" if file.is_dir() else f"{file.name!r} is none of {', '.join(FORMATS)}"
        mend = "name a mapping with --map, or a file of a known format"
        raise InputError("bad_import", [Problem(path=path, code="no_mapping", what=what, mend=mend)])
    if settings.source is not None and settings.source not in settings.sources:
        mend = suggestion(settings.source, settings.sources, "declare it under 'sources:' in the workspace")
        raise InputError(
            "bad_import", [Problem(path=path, code="unknown_source", what=f"there is no source {settings.source!r}", mend=mend)]
        )
    hashing = hasher.submit(digests_of, {file.name: file})
    require_libraries()
    try:
        if form == "parquet":
            reader: ParquetReader | TextReader = ParquetReader(file, settings.sources, settings.source)
        else:
            reader = TextReader(file, form, settings)
        problems = column_problems(path, reader.names, settings)
        if not problems and settings.source is None:
            problems = source_problems(path, reader.source_names(), settings)
    except SqlFault as fault:
        mend = fault.mend or "check that the file is whole and of the format that its name says"
        raise InputError("bad_import", [Problem(path=path, code=fault.code, what=fault.what, mend=mend)]) from fault
    if problems:
        reader.close()
        raise InputError("bad_import", problems)
    by_source = {settings.source: reader.total} if settings.source is not None else {}
    salt = canonical_json([READER_VERSION, "plain", settings.source]).decode()
    hashed = content_hash(hashing.result(), salt)
    return _plan(reader, {}, by_source, {file.name: file}, hashed, column_warnings(reader.columns), settings)


def _plan(
    reader: Reader,
    label: dict[str, str],
    by_source: dict[str, int],
    files: dict[str, Path],
    hashed: str,
    warnings: list[str],
    settings: ImportSettings,
) -> ImportPlan:
    size = settings.group_rows
    packer = Packer(reader.columns, hashed, size, -(-reader.total // size), settings.received_ms)
    return ImportPlan(
        label=label,
        total=reader.total,
        by_source=by_source,
        files=[str(file) for _, file in sorted(files.items())],
        content_hash=hashed,
        group_rows=size,
        warnings=warnings,
        read=lambda from_group: packer.groups(reader.batches(from_group * size), from_group),
        close=reader.close,
    )
