"""What are the rows of a text file that somebody hands in: encoding, separator, limits? Nothing is held but one row.

FileRefused   the file as a whole cannot be read: says why, and in which line
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from common.problems import Problem

MAX_BYTES = 2 << 30
MAX_ROWS = 5_000_000
MAX_COLUMNS = 300
MAX_LINE = 1 << 20  # characters
MAX_LINES_A_ROW = 200  # a quote that is never closed would swallow the rest of the file
SEPARATORS = ",;\t|"
TOLD = re.compile(rf'"?sep=([{SEPARATORS}])"?[,;]*\r?\n?', re.IGNORECASE)  # a line for spreadsheets, before the header
# The second is what spreadsheets of Windows write: Latin-1 with curly quotes and the euro where that has control codes.
ENCODINGS = ("utf-8", "cp1252")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class FileRefused(Problem):
    code, title, status = "import_refused", "This file cannot be read.", 400


class Table:
    """The header of a file, and its rows with the number of the line in which each ends."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        size = self.path.stat().st_size
        if size == 0 or size > MAX_BYTES:
            raise FileRefused("The file is empty." if not size else f"The file is larger than {MAX_BYTES >> 30} GB.")
        self.encoding = _encoding(self.path)
        with self._open() as text:
            first = _line(text, 1)
        told = TOLD.fullmatch(first)
        self.skipped = 1 if told else 0
        self.separator = told[1] if told else _separator(first)
        self.header = [cell.strip() for _, cell in zip(range(MAX_COLUMNS + 1), self._first(), strict=False)]
        while len(self.header) > 1 and not self.header[-1]:  # what spreadsheets leave of columns that were emptied
            self.header.pop()
        if len(self.header) > MAX_COLUMNS:
            raise FileRefused(f"The file has more than {MAX_COLUMNS} columns.")
        if not any(self.header) or len(set(self.header)) < len(self.header):
            raise FileRefused("Each column needs a name of its own in the first line.")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the data row, its cells); blank lines are left out. Streams."""
        number = 0
        with self._open() as text:
            for cells in self._records(text):
                if number and any(cells):
                    yield number, self._trimmed(cells)
                number += bool(number == 0 or any(cells))
                if number > MAX_ROWS:
                    raise FileRefused(f"The file has more than {MAX_ROWS:,} rows.")

    def _trimmed(self, cells: list[str]) -> list[str]:
        """Without empty cells of columns that have no name."""
        while len(cells) > len(self.header) and not cells[-1].strip():
            cells.pop()
        return cells

    def _first(self) -> list[str]:
        with self._open() as text:
            return next(self._records(text), [])

    def _records(self, text: TextIO) -> Iterator[list[str]]:
        lines = _Lines(text, self.skipped)
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        try:
            for cells in reader:
                lines.held = 0
                yield cells
        except csv.Error as error:
            raise FileRefused(f"Line {lines.number}: a quotation mark is not closed, or a cell is too long.") from error

    def _open(self) -> TextIO:
        return open(self.path, encoding=self.encoding, newline="")


class _Lines:
    """The lines of a text, none longer than allowed, no more of them in one row than allowed."""

    def __init__(self, text: TextIO, skipped: int = 0) -> None:
        self.text, self.number, self.held = text, 0, 0
        for _ in range(skipped):
            self.number += bool(_line(text, self.number + 1))

    def __iter__(self) -> Iterator[str]:
        while line := _line(self.text, self.number + 1):
            self.number, self.held = self.number + 1, self.held + 1
            if self.held > MAX_LINES_A_ROW:
                raise FileRefused(f"Line {self.number - self.held + 1}: a quotation mark is not closed.")
            yield line


def _line(text: TextIO, number: int) -> str:
    try:
        line = text.readline(MAX_LINE + 1)
    except UnicodeError as error:
        raise FileRefused(f"Line {number}: this is not {text.encoding} text.") from error
    if len(line) > MAX_LINE:
        raise FileRefused(f"Line {number} is longer than {MAX_LINE:,} characters.")
    if "\0" in line:
        raise FileRefused(f"Line {number} holds a NUL: this is not a text file.")
    return line


def _encoding(path: Path) -> str:
    """By its mark, else the first that the whole file can be; a spreadsheet's own format is refused."""
    with open(path, "rb") as raw:
        start = raw.read(4)
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise FileRefused("This is a spreadsheet or an archive: save it as CSV first.")
        for mark, encoding in BOMS:
            if start.startswith(mark):
                return encoding
        return next((encoding for encoding in ENCODINGS if _is(encoding, raw)), "latin-1")


def _is(encoding: str, raw: io.BufferedReader) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    raw.seek(0)
    try:
        while block := raw.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(line: str) -> str:
    """The one that is most frequent in the header, outside quotes."""
    bare = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=bare.count)
