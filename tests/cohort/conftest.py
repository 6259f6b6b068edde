"""A small head CT with its masks, and commands run in this process."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from cohort.check import check
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume
from cohort.tags.tag_file import write_bioes
from tests.cohort.importing.dicom_studies import write_study

SHAPE = (20, 16, 4)  # in LPS: x toward the patient's left, y toward posterior, z toward superior
SPACING = (3.0, 3.0, 5.0)

# x of each structure in an LPS array, so that right is low and left is high.
PLACES = {
    "hematoma": slice(4, 7),
    "midline": slice(9, 11),
    "ventricle_left": slice(12, 14),
    "ventricle_right": slice(6, 8),
}


def volume(number: int = 0) -> np.ndarray:
    """Return a CT in LPS: brain in air, with bone around it, at 20×16×4; `number` tells it."""
    ct = np.full(SHAPE, -1000, np.int16)
    ct[2:18, 2:14] = 1200
    ct[3:17, 3:13] = 35
    ct[5, 5] += number % 40  # still brain
    return ct


def masks() -> dict[str, np.ndarray]:
    """Return the masks of all structures in LPS."""
    found = {}
    for structure, x in PLACES.items():
        found[structure] = np.zeros(SHAPE, np.uint8)
        found[structure][x, 5:9, 1:3] = 1
    return found


@dataclass
class Maker:
    """Makes a cohort in `folder`, case by case."""

    folder: Path
    cases: list[Case]

    def add(
        self, case_id: str, *, ct: bool = True, text: str | None = None, patient: str | None = None
    ) -> Maker:
        """Add a case; with `text`, the record's first two characters are tagged SITE."""
        fields: dict[str, Any] = {}
        if ct:
            affine = make_affine("LPS", SPACING, SHAPE)
            fields["image"] = f"images/{case_id}.nii.gz"
            fields["masks"] = {s: f"masks/{case_id}_{s}.nii.gz" for s in PLACES}
            save_volume(self.folder / fields["image"], volume(len(self.cases)), affine)
            for structure, mask in masks().items():
                save_volume(self.folder / fields["masks"][structure], mask, affine)
        if text is not None:
            fields["record"], fields["tags"] = f"records/{case_id}.txt", f"records/{case_id}.bioes"
            path = self.folder / fields["record"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            tags = ["B-SITE", "E-SITE"] + ["O"] * (len(text) - 2)
            write_bioes(self.folder / fields["tags"], text, tags)
        self.cases.append(Case(case_id, patient=patient, **fields))
        return self

    def save(self) -> Cohort:
        """Write the manifest."""
        cohort = Cohort(self.folder, "test", tuple(self.cases))
        cohort.save()
        return cohort


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """Return a maker of the cohort `tmp_path/cohort`."""
    folder = tmp_path / "cohort"
    folder.mkdir()
    return Maker(folder, [])


@pytest.fixture
def ct() -> np.ndarray:
    """Return the CT that cases have, in LPS."""
    return volume()


@pytest.fixture
def structure_masks() -> dict[str, np.ndarray]:
    """Return the masks that cases have, in LPS."""
    return masks()


@pytest.fixture
def disk_full() -> Callable[..., NoReturn]:
    """Return a function that fails as on a full disk, to stand in for one that writes."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    return fail


@pytest.fixture
def ctrl_c() -> Callable[..., NoReturn]:
    """Return a function that is interrupted, to stand in for one that takes long."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    return fail


def path_of(maker: Any, name: str) -> Path:
    found: Path = maker.folder / name
    return found


def change(path: Path, make: Any) -> None:
    """Rewrite a volume with other voxels on the same grid."""
    voxels, header = read_volume(path)
    save_volume(path, make(voxels), header.affine)


def problems(maker: Any) -> list[str]:
    return check(maker.folder).all_problems()


def notes(maker: Any) -> list[str]:
    return [str(note) for note in check(maker.folder).all_notes()]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "secret" / "key.json"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "cohort"


@pytest.fixture
def two_patients(tmp_path: Path) -> Path:
    folder = tmp_path / "张三 1957"
    write_study(folder / "a")
    write_study(folder / "b", study="1.2.4", accession="ACC-2", when="20260302 101500")
    write_study(folder / "c", "ID-OTHER", "1.2.5", "ACC-3", "20260105 120000")
    return folder
