"""Tables in files, in parts: CSV in whatever encoding or Parquet in, the same with more columns out, in bounded memory."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from gyeol.kernel.errors import InputError, Problem
from gyeol.storage.encodings import CHUNK, ENCODINGS, decodes
from gyeol.workspace.formats import suggestion

if TYPE_CHECKING:
    import pyarrow as pa

PART_ROWS = 50_000

Tell = Callable[[str, int, int], None]


class TableFile:
    """A table to read.

    Args:
        path: ``.csv``, ``.tsv`` (each also with ``.gz``) or ``.parquet``.
        needed: Columns that must be there.

    Raises:
        InputError: No such file, no known encoding, columns that lack or stand twice: all that can be told.
    """

    def __init__(self, path: Path, needed: Sequence[str] = ()) -> None:
        self.path = path
        if not path.is_file():
            raise _bad(path, "no_file", "there is no such file", "check the name")
        self.parquet = path.suffix == ".parquet"
        self.encoding = "" if self.parquet else _encoding(path)
        self.left_out = 0
        """Rows of a CSV that have another number of values than the header; they are left out."""
        self.columns = self._headers()
        problems = [
            Problem(path=str(path), code="column_twice", what=f"two columns are named {name!r}", mend="rename one of them")
            for name in sorted({name for name in self.columns if self.columns.count(name) > 1})
        ]
        for name in needed:
            if name not in self.columns:
                mend = suggestion(name, self.columns, "the columns are")
                problems.append(Problem(path=str(path), code="no_column", what=f"there is no column {name!r}", mend=mend))
        if problems:
            raise InputError("bad_table", problems)

    def _headers(self) -> list[str]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            if self.parquet:
                return list(pq.read_schema(self.path).names)
            with self._text() as text:
                first = text.readline()
            if not first.strip("\r\n"):
                raise _bad(self.path, "no_header", "the file has no line of headers", "write the names of the columns into the first line")
            return [str(name) for name in self._reader().schema.names]
        except (pa.ArrowException, OSError) as error:
            raise _bad(self.path, "unreadable", str(error).splitlines()[0], "check that the file is whole, and as its name says") from error

    def parts(self) -> Iterator[pa.RecordBatch]:
        """Its rows, some ten thousand at a time; every value of a CSV as text, as it stands.

        Raises:
            InputError: The file breaks off or cannot be read.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            if self.parquet:
                yield from pq.ParquetFile(self.path).iter_batches(PART_ROWS)
            else:
                yield from self._reader()
        except (pa.ArrowException, UnicodeError, EOFError) as error:
            raise _bad(self.path, "unreadable", str(error).splitlines()[0], "check that the file is whole, and as its name says") from error

    def rows(self) -> int:
        """How many rows it has where that is known without reading it, else 0."""
        import pyarrow.parquet as pq

        return cast("int", pq.read_metadata(self.path).num_rows) if self.parquet else 0

    def _reader(self) -> Any:
        import pyarrow as pa
        from pyarrow import csv

        def odd(row: Any) -> str:
            self.left_out += 1
            return "skip"

        with self._text() as text:
            names = text.readline().rstrip("\r\n")
        delimiter = max(",;\t|", key=names.count) if any(mark in names for mark in ",;\t|") else ","
        codec = "utf8" if self.encoding == "utf-8-sig" else self.encoding
        parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=odd)
        # Bytes first: the names are not known yet, and a guessed type would change what stands there ("010…" → 10…).
        read = csv.ReadOptions(encoding=codec, block_size=CHUNK, use_threads=False)
        with csv.open_csv(str(self.path), read, parse) as first:
            types = {name: pa.string() for name in first.schema.names}
        self.left_out = 0
        convert = csv.ConvertOptions(column_types=types, strings_can_be_null=False)
        return csv.open_csv(str(self.path), read, parse, convert)

    @contextmanager
    def _text(self) -> Iterator[IO[str]]:
        if self.path.name.endswith(".gz"):
            with gzip.open(self.path, "rt", encoding=self.encoding, newline="") as text:
                yield text
        else:
            with self.path.open(encoding=self.encoding, newline="") as text:
                yield text


@contextmanager
def table_writer(out: Path) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """Writes parts into a file that appears whole or not at all.

    Args:
        out: ``.csv``, ``.csv.gz`` or ``.parquet``; CSV is UTF-8.

    Raises:
        InputError: Another ending, or a folder that does not exist.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    if not out.name.endswith((".csv", ".csv.gz", ".parquet")):
        raise _bad(out, "unknown_ending", "what kind of file this is cannot be told", "name it .csv, .csv.gz or .parquet")
    if not out.parent.is_dir():
        raise _bad(out, "no_folder", f"there is no folder {out.parent}", "make it first")
    begun = out.with_name(f".{out.name}.part")
    open_: list[Any] = []
    sink = pa.output_stream(str(begun), compression="gzip" if out.name.endswith(".gz") else None)

    def write(part: pa.RecordBatch) -> None:
        if not open_:
            parquet = out.suffix == ".parquet"
            open_.append(pq.ParquetWriter(sink, part.schema) if parquet else csv.CSVWriter(sink, part.schema))
        open_[0].write_batch(part)

    try:
        yield write
        for writer in open_:
            writer.close()
        sink.close()
        begun.replace(out)
    finally:
        if not sink.closed:
            sink.close()
        begun.unlink(missing_ok=True)


def add_columns(source: TableFile, out: Path, add: Callable[[pa.RecordBatch], Mapping[str, Any]], tell: Tell) -> int:
    """Copy a table and give each row more columns.

    Args:
        source: The table.
        out: Where the result goes.
        add: Makes the new columns of some rows, name → array; a column of that name is replaced.
        tell: Told of progress: what, rows done, rows in all (0: not known).

    Returns:
        How many rows were written.
    """
    done, total = 0, source.rows()
    with table_writer(out) as write:
        for part in source.parts():
            made = add(part)
            kept = {name: part.column(name) for name in part.schema.names if name not in made}
            write(_batch({**kept, **made}))
            done += part.num_rows
            tell("rows", done, total)
        if done == 0:
            write(_batch({**_empty(source), **add(_batch(_empty(source)))}))
    return done


def numbers_of(part: pa.RecordBatch, name: str) -> Any:
    """A column as float64 in NumPy; what is no number is NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = part.column(name)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = pc.utf8_trim_whitespace(column)
        is_number = pc.match_substring_regex(trimmed, r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$")
        column = pc.if_else(is_number, trimmed, pa.scalar(None, column.type))
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _empty(source: TableFile) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if source.parquet:
        return {field.name: pa.array([], field.type) for field in pq.read_schema(source.path)}
    return {name: pa.array([], pa.string()) for name in source.columns}


def _batch(columns: Mapping[str, Any]) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_pydict(dict(columns))


def _encoding(path: Path) -> str:
    open_file: Callable[..., Any] = gzip.open if path.name.endswith(".gz") else open
    for encoding in ENCODINGS:
        # Without its mark two bytes of anything pass as a letter.
        if encoding == "utf-16" and not _starts_with(path, open_file, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            continue
        try:
            if decodes(lambda: open_file(path, "rb"), encoding):
                return encoding
        except (OSError, EOFError) as error:
            raise _bad(path, "unreadable", str(error), "check that the file is whole, and as its name says") from error
    raise _bad(
        path, "bad_encoding", "the file is in no encoding that is known", "save it as UTF-8; CP949 and UTF-16 are understood as well"
    )


def _starts_with(path: Path, open_file: Callable[..., Any], marks: tuple[bytes, ...]) -> bool:
    with open_file(path, "rb") as file:
        return bool(file.read(2) in marks)


def _bad(path: Path, code: str, what: str, mend: str) -> InputError:
    return InputError("bad_table", [Problem(path=str(path), code=code, what=what, mend=mend)])
