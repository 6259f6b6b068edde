"""nnU-Net's raw folders: `imagesTr`, `labelsTr`, `imagesTs`, and `dataset.json`, of both versions.

github.com/MIC-DKFZ/nnUNet/blob/master/documentation/dataset_format.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cohort.base.cli import counted, progress
from cohort.base.errors import DataError, UsageError, few, raise_all
from cohort.base.files import read_json
from cohort.facts.structure_names import structure_named
from cohort.space.address import Address
from cohort.space.file_types import may_be_scan, read_volume

DATASET = "dataset.json"
_FOLDERS = (("imagesTr", "labelsTr"), ("imagesTs", "labelsTs"))


@dataclass
class NnunetCases:
    """What a raw folder holds.

    Attributes
    ----------
    images
        Case id to CT.
    masks
        Structure to case id to the address of its labels.
    facts
        How it was read, a sentence each.
    left_out
        Files that are not read, each with the reason.
    """

    images: dict[str, Path] = field(default_factory=dict)
    masks: dict[str, dict[str, Path]] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)
    left_out: list[tuple[Path, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Dataset:
    """What `dataset.json` says: name of a label to its numbers, channel of the CT, suffix."""

    path: Path
    labels: Mapping[str, tuple[int, ...]]
    ignored: int | None
    channel: str
    ending: str
    training: int | None


def read_nnunet(folder: Path, labels: Mapping[str, str] | None = None) -> NnunetCases:
    """Find the cases of a raw folder.

    Parameters
    ----------
    labels
        Name or number of a label (`ICH`, `1`, `1+2`) to structure, where its name does not tell;
        if there are any, no other label is read.

    Raises
    ------
    DataError
        If it is no such folder, its `dataset.json` cannot be read, or no label in it names a
        structure.
    UsageError
        If `labels` names one that it does not have.
    """
    dataset = _read_dataset(folder / DATASET)
    result = NnunetCases()
    structures = _structures(dataset, labels or {}, result.facts)
    result.masks = {structure: {} for structure in structures}
    problems: list[str] = []
    for images, masks in _FOLDERS:
        for case, path in _images(folder / images, dataset, result.left_out).items():
            if case in result.images:
                problems.append(f"{path}: {result.images[case]} is a case {case!r}, too.")
            result.images[case] = path
            label_map = folder / masks / f"{case}{dataset.ending}"
            if label_map.is_file():
                for structure, numbers in structures.items():
                    value = "+".join(map(str, numbers))
                    result.masks[structure][case] = Address(label_map, "label", value).path
    raise_all(problems)
    if not result.images:
        raise DataError(
            f"{folder}: holds no scan ({_FOLDERS[0][0]}/*{dataset.channel}{dataset.ending})."
        )
    trained = sum(path.parent.name == _FOLDERS[0][0] for path in result.images.values())
    if dataset.training not in (None, trained):
        result.facts.append(
            f"{DATASET} tells of {counted(dataset.training or 0, 'training case')}, "
            f"imagesTr holds {trained}"
        )
    if dataset.ignored is not None:
        _leave_out_ignored(dataset.ignored, result)
    return result


def _read_dataset(path: Path) -> _Dataset:
    if not path.is_file():
        raise DataError(
            f"{path}: no such file; name nnU-Net's raw folder of a dataset, which has one."
        )
    value = read_json(path)
    if not isinstance(value, dict):
        raise DataError(f"{path}: is not a {DATASET} of nnU-Net (no object).")
    if "dataset" in value:
        raise DataError(
            f'{path}: lists its files under "dataset", which is not read here; lay them out as '
            "imagesTr and labelsTr."
        )
    found, ignored = _labels(path, value.get("labels"))
    ending = value.get("file_ending", ".nii.gz")
    if not isinstance(ending, str) or not may_be_scan(Path(f"a{ending}")):
        raise DataError(
            f'{path}: its files end with {ending!r} ("file_ending"), which is not read here; '
            "convert them to .nii.gz."
        )
    training = value.get("numTraining")
    return _Dataset(
        path,
        found,
        ignored,
        _ct_channel(path, value.get("channel_names", value.get("modality"))),
        ending,
        training if isinstance(training, int) else None,
    )


def _labels(path: Path, value: Any) -> tuple[dict[str, tuple[int, ...]], int | None]:
    if not isinstance(value, dict) or not value:
        raise DataError(f'{path}: has no "labels".')
    if all(isinstance(name, str) for name in value.values()):  # as version 1 has them
        value = {name: number for number, name in value.items()}
    found: dict[str, tuple[int, ...]] = {}
    ignored = None
    for name, numbers in value.items():
        try:
            labels = tuple(map(_number, numbers if isinstance(numbers, list) else [numbers]))
        except (TypeError, ValueError):
            raise DataError(
                f"{path}: the label {name!r} is {numbers!r}, not a number or a list of them."
            ) from None
        if name.casefold() == "ignore":
            ignored = labels[0] if len(labels) == 1 else None
        elif labels != (0,):
            if not labels or min(labels) < 1:
                raise DataError(
                    f"{path}: the label {name!r} has the background in it ({numbers!r})."
                )
            found[name] = tuple(sorted(set(labels)))
    return found, ignored


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError
    return int(value)


def _ct_channel(path: Path, value: Any) -> str:
    """Return how the names of CT files end, such as `_0000`."""
    names = value if isinstance(value, dict) else {}
    numbers = [number for number, name in names.items() if str(name).casefold() == "ct"]
    if not numbers and len(names) == 1:
        numbers = list(names)
    if len(numbers) != 1 or not str(numbers[0]).isdecimal():
        said = ", ".join(map(str, names.values())) or "none"
        raise DataError(f"{path}: needs one channel that is CT; it names {said}.")
    return f"_{int(numbers[0]):04d}"


def _structures(
    dataset: _Dataset, asked: Mapping[str, str], facts: list[str]
) -> dict[str, tuple[int, ...]]:
    names = dataset.labels
    found: dict[str, tuple[int, ...]] = {}
    read: list[str] = []
    for key, structure in asked.items():
        name = key if key in names else _by_number(names, key)
        if name is None:
            raise UsageError(
                f"--labels {key}={structure}: {dataset.path} has no such label; "
                f"it has {few(list(names))}."
            )
        found[structure] = names[name]
        read.append(name)
    for name in () if asked else names:
        structure_id = structure_named(name)
        if structure_id is None:
            continue
        if structure_id in found:
            raise DataError(
                f"{dataset.path}: several labels may be {structure_id} ({few([*read, name])}); "
                f"say which one is with --labels NAME={structure_id}."
            )
        found[structure_id] = names[name]
        read.append(name)
    others = [name for name in names if name not in read]
    if not found:
        raise DataError(
            f"{dataset.path}: none of its labels names a structure ({few(others, most=12)}); "
            "say which one does with --labels NAME=hematoma."
        )
    if others:
        facts.append(
            f"labels not read: {few(others, most=12)}; --labels NAME=STRUCTURE says which are what"
        )
    for name, structure in zip(read, found, strict=True):
        numbers = "+".join(map(str, found[structure]))
        facts.append(f"label {name!r} ({numbers}) read as {structure}")
    return found


def _by_number(names: Mapping[str, tuple[int, ...]], key: str) -> str | None:
    parts = key.split("+")
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    numbers = tuple(sorted(set(map(int, parts))))
    return next((name for name, of in names.items() if of == numbers), None)


def _images(folder: Path, dataset: _Dataset, left_out: list[tuple[Path, str]]) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.name.endswith(dataset.ending) and path.is_file() and not path.name.startswith(".")
    ]
    end = dataset.channel + dataset.ending
    found = {path.name.removesuffix(end): path for path in files if path.name.endswith(end)}
    if not found and dataset.channel == "_0000":
        # As the Medical Segmentation Decathlon has them, from which the form comes.
        return {path.name.removesuffix(dataset.ending): path for path in files}
    left_out += [
        (path, "--nnunet: is not the CT of a case") for path in files if path not in found.values()
    ]
    return found


def _leave_out_ignored(ignored: int, result: NnunetCases) -> None:
    """Leave out the masks of label maps in which a part is not annotated."""
    cases = {case: Address.of(at).file for of in result.masks.values() for case, at in of.items()}
    for case, path in progress(cases.items(), "Label maps", len(cases)):
        try:
            unknown = int(np.count_nonzero(read_volume(path)[0] == ignored))
        except DataError as error:
            result.left_out.append((path, f"--nnunet: {error}"))
        else:
            if not unknown:
                continue
            result.left_out.append(
                (path, f"--nnunet: {counted(unknown, 'voxel')} are not annotated (ignore)")
            )
        for addresses in result.masks.values():
            addresses.pop(case, None)
