"""What a scan's results depend on, so that what was computed once is not computed again.

`<id>.json` notes it: the scan's and the model's files, how the model was used, and the code, as
project.yml's steps have it (`cohort.base.code.closure`). Results of the same are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cohort.base.code.closure import code_of, fingerprint
from cohort.base.code.contents import sha256_of
from cohort.base.errors import DataError
from cohort.base.files import read_json
from cohort.schema.problems import parse
from cohort.schema.scan import MadeOf, ScanResult
from cohort.space.address import Address
from imaging.model.folder import PARTS
from imaging.prediction.earlier_results import files_of

if TYPE_CHECKING:
    from imaging.model.bundle import Bundle
    from imaging.prediction.mask_files import MaskFormat
    from imaging.scans.given import ScanFile

_CODE = ("imaging.prediction.scan", "imaging.segmenter")
"""The modules that make a scan's results, with all that they import."""


class Origins:
    """What the results of one model, used in one way, depend on.

    Parameters
    ----------
    bundle
        The model.
    force, uncertainty, written_as
        As `imaging.predict` has them.
    """

    def __init__(
        self,
        bundle: Bundle,
        force: bool = False,
        uncertainty: bool = False,
        written_as: MaskFormat = "nifti",
    ) -> None:
        self._bundle = bundle
        device = next((one.device.type for one in bundle.network.parameters()), "cpu")
        how = [asdict(bundle.postprocess), device, force, uncertainty, written_as]
        self._settings = hashlib.sha256(json.dumps(how, sort_keys=True).encode()).hexdigest()

    def of(self, scan: ScanFile) -> MadeOf:
        """Return what the results of `scan` would depend on, now.

        Raises
        ------
        DataError
            If one of its files can't be read.
        """
        try:
            digest = _scan_digest(scan.path)
        except OSError as error:
            raise DataError(f"{scan.path}: {error.strerror or error}.") from None
        return MadeOf(digest, self._model, self._settings, self._code)

    def has_made(self, scan: ScanFile, output: Path) -> bool:
        """Return whether `output` holds all results of `scan`, made of what they would be now."""
        summary = output / f"{scan.id}.json"
        files = files_of(summary)
        if not files:
            return False
        try:
            result, _ = parse(ScanResult, read_json(summary))
            if result is None or result.made_of != self.of(scan):
                return False
            # A mask may have been corrected since: it is not what the model found.
            return dict(result.made_of.results) == digests({file.name: file for file in files})
        except (DataError, OSError):
            return False  # said where it is read

    @cached_property
    def _model(self) -> str:
        return _digest(self._bundle.folder / part for part in PARTS)

    @cached_property
    def _code(self) -> str:
        return fingerprint(code_of(_CODE))


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {name: sha256_of(path).hex() for name, path in sorted(files.items())}


def _scan_digest(path: Path) -> str:
    """Return the digest of a scan's file, or all files of its DICOM folder, and of its names."""
    address = Address.of(path)
    is_folder = address.file.is_dir()
    files = sorted(address.file.rglob("*")) if is_folder else [address.file]
    named = f"{address.file.name}\n{address.part}={address.value}\n"
    return _digest((file for file in files if not is_folder or file.is_file()), named)


def _digest(files: Iterable[Path], besides: str = "") -> str:
    """Return what files hold, in their order, as one SHA-256."""
    total = hashlib.sha256(besides.encode())
    for path in files:
        total.update(sha256_of(path))
    return total.hexdigest()
