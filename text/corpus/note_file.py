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


def read_note(path: Path) -> str:
    """Read a note: its text, with LF line ends.

    Raises
    ------
    DataError
        If it is no text, whatever its name, in an unknown encoding, or empty; of a Word document,
        if it is damaged.
    """
    if path.name.lower().endswith(DOCUMENTS):
        raise DataError(
            f"{path}: is a document, of which another program shows the text; open it there and "
            "save it as plain text (.txt, UTF-8)."
        )
    is_word = path.name.lower().endswith(SUFFIX)
    text = read_docx(path) if is_word else read_record(path)[0]
    if not any(map(str.isalnum, text)):
        what = "holds no text (is it a picture?)" if is_word else "is empty"
        raise DataError(f"{path}: {what}; name the file that holds the note.")
    return text
