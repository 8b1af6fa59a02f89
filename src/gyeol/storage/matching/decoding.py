"""Text files as they come out of tills, spreadsheets and old databases: their encoding, their separator, their header."""

from __future__ import annotations

import codecs
import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import IO

from gyeol.identity.matching.hangul import has_hangul
from gyeol.kernel.errors import InputError, Problem
from gyeol.storage.encodings import CHUNK, ENCODINGS, decodes

SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200
_MOST_HEADER = 1 << 20
# CP949's second bytes are letters and bytes above 0x80: none of these can be half a syllable.
_BREAKS = b',;\t|"\r\n'


@dataclass(frozen=True)
class Text:
    """A text file that DuckDB can read.

    Args:
        path: UTF-8: the file itself, or a copy.
        separator: Between the values of a record.
        header: As it stands; trimmed.
        notes: What had to be understood.
    """

    path: Path
    separator: str
    header: list[str]
    notes: list[Problem]


def text_of(path: Path, folder: Path, name: str) -> Text:
    """Decode a file and find its separator.

    Args:
        path: A text file, ``.gz`` or not.
        folder: Where a copy in UTF-8 may be written.
        name: Of the copy, without its ending.

    Raises:
        InputError: It is empty.
    """
    encoding = _encoding(path)
    notes: list[Problem] = []
    read = path
    if encoding != "utf-8-sig":
        read = folder / f"{name}.csv"
        with _open(path) as source, read.open("wb") as target:
            if encoding is None:
                notes.append(_mixed(source, target, path))
            else:
                for text in codecs.iterdecode(iter(lambda: source.read(CHUNK), b""), encoding):
                    target.write(text.encode())
                notes.append(_note(path, "encoding", f"read as {encoding.upper()}", "nothing to do; UTF-8 is surest"))
    with _open(read) as file:
        lines = _first_lines(file)
    separator, header = _separator("".join(lines))
    if not any(header):
        mend = "write a header and records into it"
        raise InputError("bad_records", [Problem(path=str(path), code="empty_file", what="the file is empty", mend=mend)])
    return Text(read, separator, [name.strip() for name in header], notes)


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    # Opened by its first bytes: endings are lost when files are passed on.
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]  # GzipFile reads bytes as any file


def _encoding(path: Path) -> str | None:
    """The encoding of all of a file; None when no single one fits."""
    with _open(path) as file:
        begin = file.read(1_000)
    # Every second byte of UTF-16 is nought in what is not Hangul, a separator for one.
    wide = begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ENCODINGS[:2]:
        if not decodes(lambda: _open(path), encoding):
            continue
        if encoding == "cp949" and _is_torn(path):
            continue
        return encoding
    return None


def _is_torn(path: Path) -> bool:
    """Whether a file that can be read as CP949 has UTF-8 in it: a value with bytes beyond ASCII that is UTF-8 in Hangul."""
    with _open(path) as file:
        for line in file:
            if not line.isascii() and any(_is_utf8_hangul(piece) for piece in _pieces(line)):
                return True
    return False


def _is_utf8_hangul(piece: bytes) -> bool:
    try:
        return not piece.isascii() and has_hangul(piece.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _pieces(line: bytes) -> Iterator[bytes]:
    """Values and the signs between them, in order."""
    begin = 0
    for at, byte in enumerate(line):
        if byte in _BREAKS:
            if begin < at:
                yield line[begin:at]
            yield line[at : at + 1]
            begin = at + 1
    if begin < len(line):
        yield line[begin:]


def _mixed(source: IO[bytes], target: IO[bytes], path: Path) -> Problem:
    """Value by value: UTF-8 where it is that, else CP949, else with signs for what is neither."""
    found: Counter[str] = Counter()
    for number, line in enumerate(source):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 0 else line
        if bare.isascii():
            target.write(bare)
            continue
        for piece in _pieces(bare):
            text, encoding = _decoded(piece)
            found[encoding] += encoding != "ascii"
            target.write(text.encode())
    told = ", ".join(f"{count:,} values {encoding}" for encoding, count in found.most_common() if count)
    mend = "save it in one encoding" if found["unreadable"] else "nothing to do; one encoding is surest"
    return _note(path, "mixed_encodings", f"several encodings in one file: {told}", mend)


def _decoded(piece: bytes) -> tuple[str, str]:
    if piece.isascii():
        return piece.decode("ascii"), "ascii"
    texts: dict[str, str] = {}
    for encoding in ("utf-8", "cp949"):
        try:
            texts[encoding] = piece.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not texts:
        return piece.decode("utf-8", errors="replace"), "unreadable"
    # Two bytes may be both: a syllable in CP949, and a Latin letter with a sign in UTF-8, which hardly stands alone.
    if len(texts) == 2 and not has_hangul(texts["utf-8"]) and all(has_hangul(sign) for sign in texts["cp949"] if not sign.isascii()):
        letters = sum(sign.isascii() and sign.isalpha() for sign in texts["utf-8"])
        return (texts["utf-8"], "utf-8") if letters else (texts["cp949"], "cp949")
    encoding = "utf-8" if "utf-8" in texts else "cp949"
    return texts[encoding], encoding


def _first_lines(file: IO[bytes]) -> list[str]:
    lines: list[str] = []
    size = 0
    for line in file:
        lines.append(line.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace"))
        size += len(line)
        if len(lines) >= _SAMPLE_LINES or size > _MOST_HEADER:
            break
    return lines


def _separator(text: str) -> tuple[str, list[str]]:
    """The separator that gives most records as many values as the header has, the more values the better; and the header."""
    best: tuple[float, str, list[str]] = (-1.0, ",", [])
    for separator in SEPARATORS:
        try:
            rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=separator) if row]
        except csv.Error:
            continue
        if not rows:
            continue
        width = len(rows[0])
        agree = sum(len(row) == width for row in rows) / len(rows)
        score = agree * min(width - 1, 10) if width > 1 else 0.0
        if score > best[0]:
            best = (score, separator, rows[0])
    return best[1], best[2]


def _note(path: Path, code: str, what: str, mend: str) -> Problem:
    return Problem(path=str(path), code=code, what=what, mend=mend)
