"""HICH-IT's published files: CT and masks as one tensor a slice, records as tag files.

::

    Datasets/Image/<class>/Original_image/slice_<k>.pt    the CT, the same in each class folder
                           Feature_image/slice_<k>.pt     the mask of the class
    Datasets/Text/*.txt                                   one character and its tag a line

A slice is a tensor [1, rows, columns] in HU. Rows run toward the patient's left, columns toward
posterior, and slices are numbered from the skull base up, so that the volume's axes are LPS.
Nothing tells the spacing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from cohort.base.cli import progress
from cohort.base.errors import DataError, raise_all
from cohort.facts.structures import STRUCTURES
from cohort.space.affine import times
from cohort.space.masks import binary_mask
from cohort.space.tensors import read_tensor

CLASSES = {structure.hich_it: structure.id for structure in STRUCTURES if structure.hich_it}
"""HICH-IT's class folders, in lower case, and the structures of ours that they hold."""

CT_FOLDER = "Original_image"
MASK_FOLDER = "Feature_image"
MOST_NAMED = 20
"""Missing slices that are named."""


@dataclass(frozen=True)
class Tree:
    """Which files of HICH-IT's there are.

    Attributes
    ----------
    classes
        Structure id to class folder.
    numbers
        Numbers of the slices, in ascending order; the same in all folders.
    slices
        Slice folder to the path of each slice, in the order of `numbers`.
    texts
        The tag files, sorted.
    left_out
        Files that are not imported, each with the reason.
    """

    classes: dict[str, Path]
    numbers: list[int]
    slices: dict[Path, list[Path]]
    texts: list[Path]
    left_out: list[tuple[Path, str]]


@dataclass(frozen=True)
class TensorVolumes:
    """The CT and its masks, on the tensors' own axes [rows, columns, slices].

    Attributes
    ----------
    ct
        HU, exactly as stored, in the smallest type that holds them.
    masks
        Structure id to mask, uint8 0/1.
    as_255
        Structures whose mask was written with 0 and 255.
    """

    ct: np.ndarray
    masks: dict[str, np.ndarray]
    as_255: list[str]


def find(datasets: Path) -> Tree:
    """Find HICH-IT's files in the folder `datasets`.

    Raises
    ------
    DataError
        With all that is wrong: no HICH-IT folder, unknown or incomplete class folders, slices
        missing in the numbering, class folders with different slices.
    """
    if not datasets.is_dir():
        raise DataError(f"{datasets}: no such folder.")
    image, text = datasets / "Image", datasets / "Text"
    classes, problems = _find_classes(image)
    slices: dict[Path, dict[int, Path]] = {}
    for folder in classes.values():
        for name in (CT_FOLDER, MASK_FOLDER):
            slices[folder / name] = _find_slices(folder / name, problems)
    numbers = sorted(set().union(*slices.values()))
    problems += _gaps(slices, numbers)
    raise_all(problems)
    texts = sorted(text.glob("*.txt"))
    if not classes and not texts:
        inner = next((p.parent for p in sorted(datasets.glob("*/Image")) if p.is_dir()), None)
        advice = f"did you mean {inner}?" if inner else "name HICH-IT's folder `Datasets`."
        raise DataError(f"{datasets}: holds neither Image/<class> nor Text/*.txt; {advice}")
    used = {*texts, *(path for found in slices.values() for path in found.values())}
    return Tree(
        classes=classes,
        numbers=numbers,
        slices={folder: [found[n] for n in numbers] for folder, found in slices.items()},
        texts=texts,
        left_out=_left_out(datasets, used),
    )


def read_volumes(tree: Tree) -> TensorVolumes:
    """Read the CT and the masks, compare the CTs of the class folders, and stack the slices.

    Raises
    ------
    DataError
        With all slices that cannot be read, that aren't one CT, or whose mask is not a mask.
    """
    ct: list[np.ndarray] = []
    masks: dict[str, list[np.ndarray]] = {structure: [] for structure in tree.classes}
    as_255: set[str] = set()
    problems: list[str] = []
    for index in progress(range(len(tree.numbers)), "Slices"):
        try:
            ct.append(_read_ct_slice(tree, index))
        except DataError as error:
            problems += error.problems
        for structure in tree.classes:
            try:
                mask, written = _read_mask_slice(tree, structure, index)
            except DataError as error:
                problems += error.problems
                continue
            masks[structure].append(mask)
            as_255 |= {structure} if written == "0/255" else set()
    raise_all(problems or _shape_problems(tree, ct, masks))
    return TensorVolumes(
        ct=exact_type(np.stack(ct, axis=-1)),
        masks={structure: np.stack(slices, axis=-1) for structure, slices in masks.items()},
        as_255=[structure for structure in tree.classes if structure in as_255],
    )


def exact_type(voxels: np.ndarray) -> np.ndarray:
    """Return `voxels` in the smallest of int16, int32, float32, float64 that holds each exactly.

    Examples
    --------
    >>> exact_type(np.array([-1024.0, 37.0])).dtype, exact_type(np.array([0.5])).dtype
    (dtype('int16'), dtype('float32'))
    """
    for dtype in (np.int16, np.int32, np.float32):
        with np.errstate(invalid="ignore", over="ignore"):
            stored = voxels.astype(dtype)
        if np.array_equal(stored, voxels):
            return stored
    return voxels


def _find_classes(image: Path) -> tuple[dict[str, Path], list[str]]:
    classes: dict[str, Path] = {}
    problems = []
    for folder in sorted(image.iterdir()) if image.is_dir() else []:
        if not folder.is_dir():
            continue
        structure = CLASSES.get(" ".join(re.split(r"[\s_-]+", folder.name.strip())).lower())
        if structure is None:
            known = ", ".join(repr(name) for name in CLASSES)
            problems.append(f"{folder}: is not a class of HICH-IT's; its classes are {known}.")
        elif structure in classes:
            problems.append(f"{folder}: is the same class as {classes[structure]}; keep one.")
        else:
            classes[structure] = folder
    order = [structure for structure in CLASSES.values() if structure in classes]
    return {structure: classes[structure] for structure in order}, problems


def _find_slices(folder: Path, problems: list[str]) -> dict[int, Path]:
    if not folder.is_dir():
        problems.append(
            f"{folder}: no such folder; a class folder holds {CT_FOLDER} and {MASK_FOLDER}."
        )
        return {}
    found: dict[int, Path] = {}
    for path in sorted(folder.glob("*.pt")):
        match = re.fullmatch(r"slice_(\d+)", path.stem, re.IGNORECASE)
        if not match:
            problems.append(f"{path}: is not named slice_<number>.pt; its place is unknown.")
        elif int(match[1]) in found:
            problems.append(f"{path}: has the same number as {found[int(match[1])].name}.")
        else:
            found[int(match[1])] = path
    if not found:
        problems.append(f"{folder}: holds no slice_<number>.pt.")
    return found


def _gaps(slices: dict[Path, dict[int, Path]], numbers: list[int]) -> list[str]:
    if not numbers:
        return []
    first, last = numbers[0], numbers[-1]
    problems = []
    for folder, found in slices.items():
        gap = last - first + 1 - len(found)
        if not gap or not found:
            continue
        # A file of another numbering, a date for example, may lie millions away: not all are named.
        some = islice((n for n in range(first, last + 1) if n not in found), MOST_NAMED)
        more = f" and {gap - MOST_NAMED} more" if gap > MOST_NAMED else ""
        problems.append(
            f"{folder}: slices missing in the numbering {first} to {last}: "
            f"{', '.join(map(str, some))}{more}; a volume needs each."
        )
    return problems


def _left_out(datasets: Path, used: set[Path]) -> list[tuple[Path, str]]:
    left_out = []
    for path in sorted(datasets.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(datasets).parts)
        if path in used or hidden or not path.is_file():
            continue
        size = path.stat().st_size
        if path.name.endswith((".nii.gz", ".nii")):
            what = f"{size} bytes, a placeholder" if size < 352 else "the slices are imported"
        elif path.suffix == ".pt":
            what = "features of the text; the text itself is imported"
        else:
            what = "not of HICH-IT's layout"
        left_out.append((path, what))
    return left_out


def _read_ct_slice(tree: Tree, index: int) -> np.ndarray:
    paths = [tree.slices[folder / CT_FOLDER][index] for folder in tree.classes.values()]
    first = _read_slice(paths[0])
    if not np.isfinite(first).all():
        raise DataError(f"{paths[0]}: holds NaN or infinite values.")
    for path in paths[1:]:
        if not np.array_equal(_read_slice(path), first):
            raise DataError(
                f"{path}: is another CT than {paths[0]}; the class folders must hold masks "
                "of one CT."
            )
    return first


def _read_mask_slice(tree: Tree, structure: str, index: int) -> tuple[np.ndarray, str | None]:
    path = tree.slices[tree.classes[structure] / MASK_FOLDER][index]
    try:
        return binary_mask(_read_slice(path))
    except ValueError as error:
        raise DataError(f"{path}: {error}; a mask has 0 and 1.") from None


def _read_slice(path: Path) -> np.ndarray:
    values = read_tensor(path)
    if values.ndim == 3 and values.shape[0] == 1:
        values = values[0]
    if values.ndim != 2 or 0 in values.shape:
        shape = ", ".join(map(str, values.shape))
        raise DataError(f"{path}: has the shape [{shape}], not [1, rows, columns] of a slice.")
    return values


def _shape_problems(
    tree: Tree, ct: list[np.ndarray], masks: dict[str, list[np.ndarray]]
) -> list[str]:
    shape = ct[0].shape
    volumes = {next(iter(tree.classes.values())) / CT_FOLDER: ct}
    volumes |= {tree.classes[structure] / MASK_FOLDER: masks[structure] for structure in masks}
    return [
        f"{path}: is {times(values.shape)}, the first CT slice {times(shape)}; "
        "all slices must have one shape."
        for folder, slices in volumes.items()
        for path, values in zip(tree.slices[folder], slices, strict=True)
        if values.shape != shape
    ]
