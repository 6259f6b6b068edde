"""The oracle that reads the scans, and a folder of phantoms and notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from tests.hich.patient.conftest import NOTE, SHAPE, SPACING
from tests.imaging.conftest import paint, write_oracle


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that marks structures by their HU alone."""
    return write_oracle(tmp_path_factory.mktemp("oracle") / "model")


@pytest.fixture(scope="session")
def coarse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of one that sees pixels of 1.5 mm."""
    return write_oracle(tmp_path_factory.mktemp("oracle") / "coarse", spacing=1.5)


@pytest.fixture
def phantoms(tmp_path: Path) -> Path:
    """Return a folder of two scans, one of them with a note, and of a file that is no scan."""
    folder = tmp_path / "in"
    folder.mkdir()
    affine = make_affine("LPS", SPACING, SHAPE)
    hu, _ = paint(SHAPE, affine)
    for name in ("p1", "p2"):
        save_volume(folder / f"{name}.nii.gz", hu, affine)
    (folder / "p1.txt").write_text(NOTE, encoding="utf-8")
    (folder / "p3.nii.gz").write_bytes(b"no scan")
    return folder
