"""The text of a record as its file holds it."""

from __future__ import annotations

from pathlib import Path

from cohort.base.textfile import read_text
from text.corpus.docx import SUFFIX, read_docx

RECORD_SUFFIX = ".txt"
WORD = "Word"
"""What stands for the encoding of a Word document."""


def is_word(path: Path) -> bool:
    """Return whether a file is a Word document by its name."""
    return path.suffix.lower() == SUFFIX


def read_record(path: Path) -> tuple[str, str]:
    """Read a record, a text file or a Word document: its text with LF line ends, its encoding.

    Raises
    ------
    DataError
        If it is neither UTF-8 nor GB18030, or a Word document that `read_docx` refuses.
    """
    if is_word(path):
        return read_docx(path), WORD
    text, encoding = read_text(path)
    return with_lf(text), encoding


def record_beside(path: Path) -> Path | None:
    """Return the record beside the file `path`, `<its stem>.txt` (or `.TXT`), if there is one."""
    found = (path.with_suffix(suffix) for suffix in (RECORD_SUFFIX, RECORD_SUFFIX.upper()))
    return next((record for record in found if record != path and record.is_file()), None)


def with_lf(text: str) -> str:
    """Return a text whose lines end in LF, whatever ended them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
