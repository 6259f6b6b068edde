"""The header of an NRRD file: lines of text up to the first empty one.

Fields (`sizes: 512 512 30`) belong to the format, keys (`Segment0_Name:=血肿`) to whoever wrote
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cohort.base.errors import DataError
from cohort.space.nifti.faults import what_it_is

MOST_BYTES = 4 << 20
"""Of a header: segmentations with hundreds of segments have some 100 kB."""
_VERSIONS = range(1, 6)
_BLOCK = 1 << 16
_OTHER_NAMES = {
    "datafile": "data file",
    "lineskip": "line skip",
    "byteskip": "byte skip",
}


@dataclass(frozen=True)
class HeaderText:
    """What the header of an NRRD file says, word for word.

    Attributes
    ----------
    fields
        Name in lower case, to what follows the colon.
    keys
        Name, to value: what the format leaves to those who use it.
    size
        Bytes of the header, with the empty line that ends it.
    """

    fields: Mapping[str, str]
    keys: Mapping[str, str]
    size: int


def read_fields(path: Path) -> HeaderText:
    """Read the header of the NRRD file `path`.

    Raises
    ------
    DataError
        If the file is missing, is not NRRD, or its header is cut off or damaged.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder, not a volume; name the file in it.")
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    content, ends = b"", None
    with path.open("rb") as file:
        while ends is None and len(content) < MOST_BYTES and (block := file.read(_BLOCK)):
            if not content and not block.startswith(b"NRRD"):
                raise DataError(f"{path}: is not an NRRD volume ({what_it_is(path)}).")
            content += block
            ends = _end(content)
    if not content.startswith(b"NRRD"):
        raise DataError(f"{path}: is not an NRRD volume (0 bytes long, an empty download).")
    version = content[4:8]
    if not version.isdigit() or int(version) not in _VERSIONS:
        shown = content[:8].decode("ascii", "replace")
        raise DataError(f"{path}: is of a version of NRRD that is not read here ({shown!r}).")
    # Without voxels behind it, the empty line is missing: they are in another file.
    header = content if ends is None else content[:ends]
    if ends is None and len(content) >= MOST_BYTES:
        raise DataError(f"{path}: has a header without an end; copy or download it again.")
    fields: dict[str, str] = {}
    keys: dict[str, str] = {}
    for line in header.splitlines()[1:]:
        _read_line(path, _decoded(line), fields, keys)
    return HeaderText(fields, keys, len(header))


def escaped(value: str) -> str:
    r"""Return a key's value as a header has it, on one line.

    Examples
    --------
    >>> print(escaped("a\nb"))
    a\nb
    """
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", " ")


def _end(content: bytes) -> int | None:
    """Return where the empty line ends, None if there is none yet."""
    found = [at + len(mark) for mark in (b"\n\n", b"\n\r\n") if (at := content.find(mark)) >= 0]
    return min(found, default=None)


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        # As 3D Slicer wrote on Chinese Windows, before it took to UTF-8 in 2020.
        return line.decode("gb18030", "replace")


def _read_line(path: Path, line: str, fields: dict[str, str], keys: dict[str, str]) -> None:
    line = line.rstrip()
    if not line or line.startswith("#"):
        return
    name, colon, value = line.partition(":")
    if not colon:
        raise DataError(f"{path}: its header is damaged ({line[:40]!r} is not a field).")
    if value.startswith("="):
        # The last one stands, as for 3D Slicer.
        keys[name.strip()] = (
            value[1:].replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
        )
        return
    name = name.strip().lower()
    name = _OTHER_NAMES.get(name, name)
    if name in fields:
        raise DataError(f"{path}: its header is damaged ({name!r} stands in it twice).")
    fields[name] = value.strip()
