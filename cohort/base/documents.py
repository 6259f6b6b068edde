"""Documents of other programs, told by how they begin, whatever they are called."""

from __future__ import annotations

import re
from pathlib import Path

_BEGINS = {
    b"%PDF-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel document",
    b"PK\x03\x04": "a Word document, a workbook or another zip",
    b"MIME-Version:": "a saved web page",
}
_XML = re.compile(rb"\s*<\?xml\b")
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|(?:html|head|body|meta|title|style|table|div|p"
    rb"|span|font|br)(?:\s[^<>]*)?/?>)",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = 1 << 12
_BOM = b"\xef\xbb\xbf"


def document_of(data: bytes) -> str | None:
    r"""Return what a file is that only another program shows as text; None if it may be text.

    Examples
    --------
    >>> document_of(b"<html><body>"), document_of(b"{\\rtf1\\ansi"), document_of(b"<5 mm")
    ('an HTML page', 'an RTF document', None)
    """
    head = data[:_HEAD].removeprefix(_BOM)
    if _HTML.match(head):
        return "an HTML page"
    if _XML.match(head):
        return "an XML document"
    head = head.lstrip()
    return next((what for begins, what in _BEGINS.items() if head.startswith(begins)), None)


def is_document(path: Path) -> bool:
    """Return whether a file is a document of another program."""
    with path.open("rb") as file:
        return document_of(file.read(_HEAD)) is not None
