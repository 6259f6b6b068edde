"""Images that were found more than once: copies are left out, contradictions are faults."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace

from cohort.space.dicom.files.parse import DEFLATED, NotRead
from cohort.space.dicom.files.sources import Opener
from cohort.space.dicom.instance import Instance, Remark, Stored


def without_copies(
    instances: Sequence[Instance], opener: Opener
) -> tuple[list[Instance], list[str], list[Remark]]:
    """Keep one image of each SOP Instance UID (and frame).

    Returns
    -------
    kept, faults, remarks
        Two files of one UID whose contents differ are a fault; the first is kept. Two that have
        the same content are a remark, which names no file: it is kept, and may name the patient.
    """
    contents = _Contents(opener)
    kept: dict[tuple[str, int | None], Instance] = {}
    copies: set[Stored] = set()
    faults: dict[str, str] = {}
    for instance in instances:
        key = instance.sop_instance_uid, instance.frame
        first = kept.setdefault(key, instance)
        if first is instance:
            continue
        if not instance.sop_instance_uid:  # nothing says that they are the same
            kept["", -len(kept)] = instance
        elif contents.same(first, instance):
            copies.add(instance.stored)
        else:
            faults[instance.sop_instance_uid] = (
                f"holds two images of one SOP Instance UID with different contents "
                f"({first.stored} and {instance.stored}); remove the wrong one."
            )
    remarks = []
    if copies:
        said = "1 file was" if len(copies) == 1 else f"{len(copies)} files were"
        said += " left out as copies of others."
        remarks.append(Remark("copies", f"is there more than once; {said}"))
    return list(kept.values()), list(faults.values()), remarks


class _Contents:
    """Compares images by what their files hold; each file is read once."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._digests: dict[tuple[Stored, int], bytes | None] = {}

    def same(self, first: Instance, second: Instance) -> bool:
        """Return whether two images are the same: their files, or their pixels and all known."""
        one, other = self._digest(first.stored), self._digest(second.stored)
        if one is None or other is None:
            return False
        if one == other:
            return True
        if first.pixels is None or second.pixels is None:
            return False
        there = replace(second, stored=first.stored, pixels=first.pixels)
        as_stored = second.pixels._replace(offset=first.pixels.offset)
        if there != first or as_stored != first.pixels or first.transfer_syntax_uid == DEFLATED:
            return False
        one = self._digest(first.stored, first.pixels.offset)
        return one is not None and one == self._digest(second.stored, second.pixels.offset)

    def _digest(self, stored: Stored, offset: int = 0) -> bytes | None:
        """Return a digest of a file's bytes from an offset on; None if it cannot be read."""
        if (stored, offset) not in self._digests:
            self._digests[stored, offset] = self._read(stored, offset)
        return self._digests[stored, offset]

    def _read(self, stored: Stored, offset: int) -> bytes | None:
        digest = hashlib.blake2b()
        try:
            file, _ = self._opener.open(stored)
            with file:
                file.seek(offset)
                while block := file.read(1 << 20):
                    digest.update(block)
        except (NotRead, OSError, zipfile.BadZipFile, zlib.error):
            return None
        return digest.digest()
