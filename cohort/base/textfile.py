"""Text files as hospitals send them: UTF-8 with or without BOM, or GB18030."""

from __future__ import annotations

import codecs
from collections import Counter
from pathlib import Path

from cohort.base.documents import document_of
from cohort.base.errors import DataError

CODECS = {"UTF-8": "utf-8", "UTF-8 with BOM": "utf-8-sig", "GB18030": "gb18030"}
"""Name of an encoding, as `read_text` gives it, to Python's."""

DAMAGED = "damaged text"
"""Kind of the note that `damage_of` gives."""

_ADVICE = "save it as UTF-8 (or GB18030)"


def read_text(path: Path) -> tuple[str, str]:
    """Read the text file `path`, line ends as they are.

    Returns
    -------
    text, encoding
        The text without a byte order mark, and "UTF-8", "UTF-8 with BOM" or "GB18030"
        (which GBK and GB2312 are parts of). What is valid in both is GB18030 where UTF-8 gives
        letters that no record has and GB18030 common Chinese characters.

    Raises
    ------
    DataError
        If the file is missing, in another encoding, or a document of another program.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.") from None
    if document := document_of(data):
        raise DataError(
            f"{path}: is {document} by its content, whatever its name; open it in its program and "
            "save it as plain text (.txt, UTF-8)."
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{path}: is UTF-16 text; {_ADVICE}.")
    try:
        text, encoding = data.decode("utf-8-sig"), "UTF-8"
        if data.startswith(codecs.BOM_UTF8):
            encoding = "UTF-8 with BOM"
        elif is_chinese_by_chance_utf8(text):
            text, encoding = data.decode("gb18030"), "GB18030"
    except UnicodeDecodeError as error:
        text, encoding = _read_gb18030(path, data, error), "GB18030"
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{path}, line {line}: holds a NUL byte, so it is not text; {_ADVICE}.")
    return text, encoding


def plain_encoding(path: Path) -> str | None:
    """Return a file's encoding where it is beyond doubt, without holding more than a block of it.

    It is then the one that `read_text` gives, which holds all of the file, and the file has no
    NUL. None says nothing: `read_text` has to tell.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1 << 12)
        if document_of(head):
            return None
        found = _characters(path, "utf-8")
        if found is not None:
            beyond = "UTF-8 with BOM" if head.startswith(codecs.BOM_UTF8) else "UTF-8"
            is_sure = beyond != "UTF-8" or max(found, default="") > "\u07ff"
            return beyond if is_sure and "\0" not in found else None
        found = _characters(path, "gb18030")
    except OSError:
        return None
    if found is None or "\0" in found:
        return None
    foreign = sum(count for character, count in found.items() if character > "\x7f")
    common = sum(n for character, n in found.items() if character > "\x7f" and in_gb2312(character))
    return "GB18030" if 10 * common >= 9 * foreign else None


def _characters(path: Path, codec: str) -> Counter[str] | None:
    """Count each character of a file; None if it is in another encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    found: Counter[str] = Counter()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                found.update(decoder.decode(block))
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return found


def damage_of(text: str) -> str:
    r"""Return what an earlier conversion damaged in `text`, as a sentence's end; "" if nothing.

    Examples
    --------
    >>> damage_of("右侧\ufffd体")
    "holds characters damaged in an earlier conversion ('\ufffd'): 1."
    """
    count = text.count("\ufffd")
    damage = f"holds characters damaged in an earlier conversion ('\ufffd'): {count}."
    return damage if count else ""


def is_chinese_by_chance_utf8(text: str) -> bool:
    """Return whether UTF-8's `text` is GB18030 that happens to be valid UTF-8.

    Two bytes of a short GB18030 file, such as those of 头痛, can be one UTF-8 letter of a script
    (archaic Greek, Armenian, …) that stands in no record. A degree sign, ± or α is as rare in
    GB18030 as it is common in UTF-8, and stays what it is.
    """
    foreign = [character for character in text if character > "\x7f"]
    if not any(map(_is_unlikely, foreign)) or max(foreign) > "\u07ff":
        return False
    try:
        chinese = text.encode("utf-8").decode("gb18030")
    except UnicodeDecodeError:
        return False
    return all(map(in_gb2312, (c for c in chinese if c > "\x7f")))


def _is_unlikely(letter: str) -> bool:
    """Return whether a letter stands in no European name, unit or formula."""
    return letter > "\u017f" and not "\u0391" <= letter <= "\u03c9"


def _read_gb18030(path: Path, data: bytes, not_utf8: UnicodeDecodeError) -> str:
    line = data.count(b"\n", 0, not_utf8.start) + 1
    problem = f"{path}, line {line}: is neither UTF-8 nor GB18030 text; {_ADVICE}."
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise DataError(problem) from None
    # Big5 and Shift JIS often decode as GB18030 too, but to rare characters: texts in simplified
    # Chinese stay in GB2312 for 99 characters of 100, in traditional Chinese for 60, Big5 for 30.
    foreign = [character for character in text if character > "\x7f"]
    common = sum(map(in_gb2312, foreign))
    if 10 * common < 9 * len(foreign) and _is_big5(data):
        raise DataError(f"{path}: looks like Big5, traditional Chinese; {_ADVICE}.")
    if 2 * common < len(foreign):
        raise DataError(problem)
    return text


def _is_big5(data: bytes) -> bool:
    """Return whether bytes are Big5's more frequent characters and signs, nine of ten."""
    try:
        text = data.decode("big5")
    except UnicodeDecodeError:
        return False
    first = [character.encode("big5")[0] for character in text if character > "\x7f"]
    return 10 * sum(0xA1 <= byte <= 0xC6 for byte in first) >= 9 * len(first)


def in_gb2312(character: str) -> bool:
    """Return whether a character is one of the common ones, those of GB2312.

    Examples
    --------
    >>> in_gb2312("头"), in_gb2312("頭")
    (True, False)
    """
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
