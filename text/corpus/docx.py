"""The text of a Word document (.docx): what Word shows of paragraphs, tables and text boxes.

A .docx is a zip of XML files (ECMA-376). A paragraph becomes a line; a row of a table, too, with
tabs between its cells; a text box follows the paragraph that it hangs on. Headers, footers,
footnotes and comments are not read, nor is what is hidden. Tracked changes are read as Word shows
them without their marks: what was inserted is text, what was deleted is none.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from posixpath import normpath
from typing import NoReturn
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from cohort.base.errors import DataError

SUFFIX = ".docx"
MOST_BYTES = 64 << 20
"""Of XML; the longest records come to a few."""
MOST_DEPTH = 500
"""Elements within elements: tables in tables in text boxes stay far below."""

_CHUNK = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0"
_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_MATH = (
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_MAIN = "/officeDocument"
"""End of the type of the relation that leads to the document."""
_TAKEN_OUT, _PUT_IN = ("del", "moveFrom"), ("ins", "moveTo")
"""Tracked changes: of text, or of marks that hold none."""
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "sym": "\ufffd"}
"""What stands for a character; a sign of a symbol font, which only that tells, is a damaged one."""
_AS_TEXT = "open it in Word and save it as plain text (.txt, UTF-8)"


def read_docx(path: Path) -> str:
    """Read a Word document: its text, with LF line ends.

    Raises
    ------
    DataError
        If it is no such document, is damaged, protected, far too large, or holds another document.
    """
    return "\n".join(_read(path).lines)


def has_tracked_changes(path: Path) -> bool:
    """Return whether text of a Word document was inserted, or deleted, with changes tracked.

    Raises
    ------
    DataError
        As `read_docx`.
    """
    return _read(path).is_changed


def _read(path: Path) -> _Document:
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLE:
                raise DataError(
                    f"{path}: is protected by a password, or an old .doc; open it in Word and save "
                    "it as .docx without a password."
                )
        with _told_of_damage(path), ZipFile(path) as archive:
            document = _Document(path)
            _parse(path, archive, _place(path, archive), document)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.") from None
    return document


@contextmanager
def _told_of_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != EINVAL:  # of a place before the file's beginning
            raise
    except (
        *(BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error),
        *(expat.ExpatError, ValueError, KeyError),
    ):
        pass
    else:
        return
    raise DataError(f"{path}: is not a Word document, or a damaged one; {_AS_TEXT}.")


def _place(path: Path, archive: ZipFile) -> str:
    """Return the name of the document in its zip."""
    relations = _Relations(path)
    _parse(path, archive, "_rels/.rels", relations)
    return normpath(relations.target.lstrip("/"))


def _parse(path: Path, archive: ZipFile, name: str, handler: _Handler) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = handler.doctype
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    size = 0
    with archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise DataError(
                    f"{path}: unpacks to more than {MOST_BYTES >> 20} MiB, which no record does."
                )
            parser.Parse(chunk)
    parser.Parse(b"", True)


class _Handler:
    """What is done with the elements of an XML file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def refuse(self, what: str) -> NoReturn:
        raise DataError(f"{self.path}: {what}.")

    def doctype(self, *_: object) -> None:
        """Refuse definitions, by which a few bytes can become gigabytes; Word writes none."""
        self.refuse(f"holds XML definitions, as no Word document does; {_AS_TEXT}")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""

    def end(self, name: str) -> None:
        """End an element."""

    def text(self, text: str) -> None:
        """Take text."""


class _Relations(_Handler):
    """Finds where the document is."""

    target = "word/document.xml"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the target of the relation to the document."""
        if attributes.get("Type", "").endswith(_MAIN):
            self.target = attributes["Target"]


class _Document(_Handler):
    """Gathers the lines of a document.

    Attributes
    ----------
    lines
        Of the whole document, when all is read.
    is_changed
        Whether any of its text was inserted or deleted with changes tracked.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lines: list[str] = []
        self.is_changed = False
        self._blocks = [self.lines]  # of the body, and of what within it holds paragraphs
        self._paragraphs: list[list[str]] = []
        self._boxes: list[list[str]] = []  # lines of the text boxes of each open paragraph
        self._tables: list[list[list[str]]] = []
        self._depth = self._skipped = self._put_in = 0
        self._in_text = self._hidden = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self._depth += 1
        if self._depth > MOST_DEPTH:
            self.refuse(f"is nested too deep for a record; {_AS_TEXT}")
        if self._skipped:
            self._skipped += 1
            return
        kind = _kind(name)
        if kind in ("pPr", "rt", "fallback"):
            self._skipped = 1
        elif kind == "p":
            self._paragraphs.append([])
            self._boxes.append([])
        elif kind in ("tc", "txbxContent"):
            self._blocks.append([])
        elif kind == "tbl":
            self._tables.append([])
        elif kind == "tr" and self._tables:
            self._tables[-1].append([])
        elif kind == "vanish":
            value = next((v for key, v in attributes.items() if _kind(key) == "val"), "true")
            self._hidden = value not in ("0", "false", "off")
        elif kind in _TAKEN_OUT:
            self._skipped = 1
            self.is_changed |= bool(self._paragraphs)  # not of a table's row, whose text follows
        elif kind in _PUT_IN:
            self._put_in += 1
        elif kind == "altChunk":
            self.refuse(f"holds another document; {_AS_TEXT}")
        elif kind in _SIGNS:
            self._add(_SIGNS[kind])
        self._in_text = kind == "t"

    def end(self, name: str) -> None:
        """End an element."""
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
            return
        self._in_text = False
        kind = _kind(name)
        if kind == "p":
            line = "".join(self._paragraphs.pop())
            self._blocks[-1] += [*line.split("\n"), *self._boxes.pop()]
        elif kind == "r":
            self._hidden = False
        elif kind == "tc":
            cell = "\n".join(self._blocks.pop()).strip("\n")
            if self._tables and self._tables[-1]:
                self._tables[-1][-1].append(cell)
        elif kind == "tbl":
            self._blocks[-1] += ["\t".join(row).rstrip("\t") for row in self._tables.pop()]
        elif kind == "txbxContent":
            box = self._blocks.pop()
            (self._boxes[-1] if self._boxes else self._blocks[-1]).extend(box)
        elif kind in _PUT_IN:
            self._put_in -= 1

    def text(self, text: str) -> None:
        """Take text."""
        if self._in_text and not self._skipped:
            self._add(text)

    def _add(self, text: str) -> None:
        if self._hidden or not self._paragraphs:
            return
        self.is_changed |= self._put_in > 0
        self._paragraphs[-1].append(text)


def _kind(name: str) -> str:
    """Return what an element or attribute is by its name; empty if it is none of Word's."""
    namespace, _, local = name.rpartition(" ")
    if namespace in _WORD or (namespace in _MATH and local == "t"):
        return local
    return "fallback" if (namespace, local) == (_COMPATIBILITY, "Fallback") else ""
