"""A phantom's scan, a note about it, and the oracle that reads the scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from tests.imaging.conftest import paint, write_oracle

NOTE = (
    "男，61岁。\n主诉：突发右侧肢体无力2小时。\n查体：BP 180/100mmHg，GCS评分13分。\n"
    "头颅CT：左侧基底节区出血，出血量约3ml，中线无移位，未破入脑室。\n"
)
SHAPE, SPACING = (42, 51, 7), (2.0, 1.8, 5.0)


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that marks structures by their HU alone."""
    return write_oracle(tmp_path_factory.mktemp("oracle") / "model")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Return the scan of a phantom with a hematoma on the left."""
    affine = make_affine("LPS", SPACING, SHAPE)
    hu, _ = paint(SHAPE, affine)
    save_volume(tmp_path / "in" / "p1.nii.gz", hu, affine)
    return tmp_path / "in" / "p1.nii.gz"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Return the note."""
    path = tmp_path / "in" / "note.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(NOTE, encoding="utf-8")
    return path
