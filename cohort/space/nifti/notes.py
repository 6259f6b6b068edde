"""Notes in a NIfTI file on the scan that it was made of, which its header has no field for.

A scan that was read from DICOM may have slices missing, or be one that nobody would choose. That
has to be said wherever its results are shown, so it travels in the file: as a comment (NIfTI's
header extension 6), which other programs pass over.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.faults import FileNote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nibabel.nifti1 import Nifti1Image

_COMMENT = 6
_KEY = "hich_notes"
_MOST_BYTES = 1 << 16


def put_notes(image: Nifti1Image, notes: Sequence[FileNote]) -> None:
    """Put notes into an image's header; their files are not named."""
    from nibabel.nifti1 import Nifti1Extension

    if notes:
        said = [[note.kind, note.what] for note in notes]
        content = json.dumps({_KEY: said}, ensure_ascii=False).encode()
        image.header.extensions.append(Nifti1Extension(_COMMENT, content))


def notes_in(path: Path, image: Nifti1Image) -> tuple[FileNote, ...]:
    """Return the notes in the header of the file `path`; comments of other programs are none."""
    found: list[FileNote] = []
    for extension in image.header.extensions:
        if extension.get_code() == _COMMENT:
            found += (FileNote(str(path), kind, what) for kind, what in _said(extension))
    return tuple(found)


def drop_notes(header: Any) -> None:
    """Leave notes out of a header that a mask gets from its scan's."""
    header.extensions[:] = [one for one in header.extensions if not _said(one)]


def _said(extension: Any) -> list[tuple[str, str]]:
    content = extension.get_content()
    if isinstance(content, str):
        content = content.encode()
    content = bytes(content).rstrip(b"\0")
    if len(content) > _MOST_BYTES or not content.startswith(b"{"):
        return []
    try:
        said = json.loads(content)[_KEY]
        pairs = [(kind, what) for kind, what in said]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [pair for pair in pairs if all(isinstance(part, str) for part in pair)]
