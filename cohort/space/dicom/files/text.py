"""Text of DICOM attributes, in the character sets that Chinese hospitals use, declared or not.

What a file declares is believed where its bytes are valid in it and not likely another. Many
machines declare nothing, or Latin letters (`ISO_IR 100`, in which all bytes are valid), and write
GBK or UTF-8; these are recognised by strict decoding, as in `cohort.base.textfile`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from cohort.base.textfile import in_gb2312, is_chinese_by_chance_utf8

_LATIN = "iso8859-1"
_ESCAPE = b"\x1b"
_ESCAPES = re.compile("\x1b[ -/]+[0-~]")
_CODE_EXTENSIONS = ["ISO 2022 IR 58", "ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 149"]
"""Sets that are switched to by escape sequences: these say themselves which one they are."""
_LEVEL_1 = range(0xB0, 0xD8)
"""First bytes of GB2312's 3,755 most frequent characters."""


def decode(value: bytes, charset: Sequence[str] = ()) -> str:
    r"""Return the text of an attribute's value.

    Parameters
    ----------
    value
        Its bytes. Values of an attribute that has several stay joined by backslashes.
    charset
        Values of Specific Character Set, for example `("", "ISO 2022 IR 58")`.

    Examples
    --------
    >>> decode("颅脑平扫".encode("gbk"))
    '颅脑平扫'
    >>> decode("头部 5mm".encode("utf-8"), ["ISO_IR 100"])
    '头部 5mm'
    >>> decode(b"Zhang^San=\x1b$)A\xd5\xc5^\x1b$)A\xc8\xfd", ["", "ISO 2022 IR 58"])
    'Zhang^San=张^三'
    >>> decode("Schädel".encode("latin-1"), ["ISO_IR 100"])
    'Schädel'
    """
    value = value.strip(b" \0\t\r\n")
    if _ESCAPE in value:
        return _switched(value, charset)
    if value.isascii():
        return value.decode("ascii")
    return _plain(value, charset)


def _switched(value: bytes, charset: Sequence[str]) -> str:
    """Decode text that changes character sets by escape sequences; `=` and `^` set them back."""
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import PN_DELIMS

    sets = [*(charset or [""]), *(name for name in _CODE_EXTENSIONS if name not in charset)]
    if sets[0] in ("GB18030", "GBK", "ISO_IR 192"):  # these stand alone; here one doesn't
        sets[0] = ""
    encodings = convert_encodings(sets)
    text = "=".join(decode_bytes(group, encodings, PN_DELIMS) for group in value.split(b"="))
    return _ESCAPES.sub("", text)  # pydicom keeps those of ISO 2022 IR 58


def _plain(value: bytes, charset: Sequence[str]) -> str:
    declared = _codec(charset)
    utf8 = _strictly(value, "utf-8")
    if utf8 is not None and _is_utf8(utf8):
        return utf8
    if declared not in ("utf-8", _LATIN) and (text := _strictly(value, declared)) is not None:
        return text
    chinese = _strictly(value, "gb18030")
    if chinese is not None and _is_chinese(value, chinese, latin=declared == _LATIN):
        return chinese
    if utf8 is not None:
        return utf8
    return value.decode(declared, errors="replace")


def _codec(charset: Sequence[str]) -> str:
    """Return Python's codec of the first of the declared sets, which holds without escapes."""
    first = charset[0] if charset else ""
    if first in ("GB18030", "GBK", "ISO 2022 GBK", "ISO 2022 58", "ISO 2022 IR 58"):
        return "gb18030"
    if first == "ISO_IR 192":
        return "utf-8"
    if first in ("", "ISO_IR 6", "ISO 2022 IR 6", "ISO_IR 100", "ISO 2022 IR 100"):
        return _LATIN
    from pydicom.charset import python_encoding

    try:
        return codecs.lookup(python_encoding.get(first, _LATIN)).name
    except LookupError:
        return _LATIN


def _strictly(value: bytes, codec: str) -> str | None:
    try:
        return value.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_utf8(text: str) -> bool:
    """Return whether text that is valid UTF-8 is UTF-8.

    Of three bytes or more, characters are not so by chance; of two, they may be GBK.
    """
    return max(text) > "\u07ff" or not is_chinese_by_chance_utf8(text)


def _is_chinese(value: bytes, text: str, latin: bool) -> bool:
    """Return whether text that is valid GB18030 is so, rather than what is declared.

    Mostly its characters are common ones. Some pairs of Latin letters, such as `öß`, are a
    Chinese character as well, but hardly one of the most frequent, whose first bytes stand for
    capital letters and signs (`°` to `×`).
    """
    foreign = [character for character in text if character > "\x7f"]
    common = sum(map(in_gb2312, foreign))
    if not latin:
        return 2 * common >= len(foreign)
    frequent = sum(c.encode("gb18030")[0] in _LEVEL_1 for c in foreign)
    return 2 * common >= len(foreign) and frequent > 0
