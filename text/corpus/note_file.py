"""The file of one record, a note: text, or a Word document; what is neither is refused by name."""

from __future__ import annotations

from pathlib import Path

from cohort.base.errors import DataError
from text.corpus.docx import SUFFIX, read_docx
from text.corpus.record_text import RECORD_SUFFIX, read_record

NOTES = (RECORD_SUFFIX, SUFFIX)
"""How the names of notes end that are read."""
DOCUMENTS = (".doc", ".pdf", ".rtf", ".odt", ".wps", ".htm", ".html", ".xml")
"""Of documents of which only another program shows the text."""
_DISGUISED = {
    b"%PDF-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel document",
    b"PK\x03\x04": "a Word document, a workbook or another zip",
}


def read_note(path: Path) -> str:
    """Read a note: its text, with LF line ends.

    Raises
    ------
    DataError
        If it is no text, in an unknown encoding, or empty; of a Word document, if it is damaged.
    """
    if path.name.lower().endswith(DOCUMENTS):
        raise DataError(
            f"{path}: is a document, of which another program shows the text; open it there and "
            "save it as plain text (.txt, UTF-8)."
        )
    is_word = path.name.lower().endswith(SUFFIX)
    if not is_word:
        _refuse_disguised(path)
    text = read_docx(path) if is_word else read_record(path)[0]
    if not any(map(str.isalnum, text)):
        what = "holds no text (is it a picture?)" if is_word else "is empty"
        raise DataError(f"{path}: {what}; name the file that holds the note.")
    return text


def _refuse_disguised(path: Path) -> None:
    """Refuse a document of another program by how it begins, whatever its name."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        return  # said where it is read
    for begins, what in _DISGUISED.items():
        if head.startswith(begins):
            raise DataError(
                f"{path}: is {what} by its content, whatever its name; open it in its program and "
                "save it as plain text (.txt, UTF-8)."
            )
