"""Segment head CTs from Python: what `imaging.predict` does, without files where none are wanted.

Examples
--------
::

    case = Segmenter.load()("ct.nii.gz")
    case.masks["hematoma"], case.measurements.hematoma.volume_ml
    case.save("out")
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from numpy.typing import ArrayLike

from cohort.base.cli import progress as with_bar
from cohort.base.errors import DataError, Problem, UsageError, several
from cohort.schema.case_files import one_file_key
from imaging.model.bundle import Bundle, load_bundle
from imaging.model.device import pick_device
from imaging.model.folder import is_boxed, model_or_boxed
from imaging.model.inference import Segmentation, inference_transforms
from imaging.prediction.described import ReadScan
from imaging.prediction.pipeline import in_pipeline
from imaging.prediction.scan import read_to_predict, segment_read
from imaging.prediction.segmented import SegmentedScan
from imaging.scans.given import ScanFile
from imaging.scans.in_memory import UNNAMED, scan_of


class Segmenter:
    """A model that segments head CTs.

    Parameters
    ----------
    bundle
        The model.
    force
        Segment what cannot be a head CT as well; its notes say so.
    uncertainty
        Keep probabilities, and say how sure the model is of each structure.
    """

    def __init__(self, bundle: Bundle, *, force: bool = False, uncertainty: bool = False) -> None:
        self.bundle = bundle
        self.force = force
        self.uncertainty = uncertainty
        self._transforms = inference_transforms(bundle.preprocess)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        device: str | int | torch.device = "cpu",
        *,
        flips: bool | None = None,
        clean_up: bool = True,
        force: bool = False,
        uncertainty: bool = False,
    ) -> Segmenter:
        """Read a model.

        Parameters
        ----------
        model
            Folder of a trained model; None for the one that comes with the program.
        device
            `cpu`, `cuda`, `cuda:1`, … or `mps`.
        flips
            Whether to take the mean over the network's views of the scan and of its mirror image;
            None does as the model's configuration says.
        clean_up
            Whether to apply the model's rules on which pieces are removed.
        force, uncertainty
            As the class has them.

        Raises
        ------
        DataError
            If the folder is not a model, or its parts are damaged or don't fit each other.
        UsageError
            If there is no such device.
        """
        folder = model_or_boxed(None if model is None else Path(model))
        bundle = load_bundle(folder, pick_device(device))
        how = bundle.postprocess if clean_up else bundle.postprocess.without_cleanup()
        how = how if flips is None else dataclasses.replace(how, flips=flips)
        bundle = dataclasses.replace(bundle, postprocess=how)
        return cls(bundle, force=force, uncertainty=uncertainty)

    @property
    def model(self) -> str:
        """The model in words: name, version, and what it was trained on."""
        boxed = "; it comes with the program" if is_boxed(self.bundle.folder) else ""
        return self.bundle.in_words + boxed

    def __call__(
        self, scan: Any, affine: ArrayLike | None = None, *, series: str | None = None
    ) -> SegmentedScan:
        """Segment one scan.

        Parameters
        ----------
        scan
            A path: NIfTI, NRRD, a DICOM folder, file or zip. Or an array in HU, [I, J, K] in any
            orientation, with `affine`, or as a pair with it; nibabel's image; MONAI's MetaTensor,
            [I, J, K] or [1, I, J, K].
        affine
            Of an array: [4, 4], voxel indices to RAS+ mm.
        series
            UID of the series to take, of a DICOM folder; without it one is chosen.

        Raises
        ------
        DataError
            If it is not a scan, or cannot be a head CT.
        UsageError
            If it is several scans, or nothing that could be one.
        """
        read = self.read(scan_of(scan if affine is None else (scan, affine), series=series))
        return self._done(read, self.segment(read))

    def pipe(
        self, scans: Iterable[Any], *, progress: bool = False
    ) -> Iterator[SegmentedScan | Problem]:
        """Yield for each scan, in order, what it holds, or what is wrong with it.

        While one is segmented, the next is read and the last one measured. An id that came before
        gets a number, so that results can be saved beside each other.

        Parameters
        ----------
        scans
            Each as `__call__` takes it, an array as a pair with its affine.
        progress
            Show a bar, on a terminal or in a notebook.

        Raises
        ------
        UsageError
            At once, if it is one scan instead of several.
        """
        if isinstance(scans, np.ndarray) or hasattr(scans, "dataobj"):  # nibabel's images
            raise UsageError("pipe: takes several scans, and this is one; give a list of them.")
        return self._pipe(several(scans, "scans"), progress)

    def _pipe(self, scans: Iterable[Any], progress: bool) -> Iterator[SegmentedScan | Problem]:
        names: list[str] = []
        ids = _Ids()

        def numbered() -> Iterator[tuple[int, Any]]:
            for number, given in enumerate(scans):
                names.append(_shown(given, number))
                yield number, given

        def load(item: tuple[int, Any]) -> ReadScan:
            number, given = item
            try:
                scan = scan_of(given, names[number])
                return self.read(dataclasses.replace(scan, id=ids.new(scan.id)))
            except UsageError as error:
                raise DataError(str(error)) from None
            except OSError as error:
                raise DataError(f"{names[number]}: {error.strerror or error}.") from None

        outcomes: Iterable[SegmentedScan | DataError]
        outcomes = in_pipeline(numbered(), load, self.segment, self._done)
        if progress:
            total = len(scans) if isinstance(scans, Sized) else None
            outcomes = with_bar(outcomes, "Segmenting", total)
        for number, outcome in enumerate(outcomes):
            if isinstance(outcome, DataError):
                yield Problem(names[number], outcome.problems)
            else:
                yield outcome

    def read(self, scan: ScanFile) -> ReadScan:
        """Read a scan; raises as `__call__` does."""
        return read_to_predict(self.bundle, self._transforms, scan, self.force)

    def segment(self, read: ReadScan) -> Segmentation:
        """Segment a scan that was read."""
        return segment_read(self.bundle, read, self.uncertainty)

    def _done(self, read: ReadScan, found: Segmentation) -> SegmentedScan:
        # What the network was shown is of no more use, and takes more memory than all the rest.
        read = dataclasses.replace(read, image=MetaTensor(torch.empty(0)))
        return SegmentedScan(self.bundle, read, found)


class _Ids:
    """Ids that were given, each once."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def new(self, wanted: str) -> str:
        """Return the id, with a number if it, or one of the same files, came before."""
        key, new = one_file_key(wanted), wanted
        while self._given[one_file_key(new)]:
            self._given[key] += 1
            new = f"{wanted}-{self._given[key]}"
        self._given[one_file_key(new)] += 1
        return new


def _shown(given: Any, number: int) -> str:
    """Return how an input is called before it is read."""
    if isinstance(given, (str, Path)):
        return str(given)
    with suppress(AttributeError, TypeError):
        if file := given.get_filename():
            return str(file)
    return f"{UNNAMED}-{number + 1}"
