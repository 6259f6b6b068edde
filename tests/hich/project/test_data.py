"""What the cohort holds is noted; what it lacks is said, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.synthesize import synthesize
from hich.project.data import note


def test_what_a_generated_cohort_lacks_is_said_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    synthesize(Path("made"), 1, size=64, slices=8)
    assert note(Path("made")) == 3 + len(STRUCTURE_IDS)
    Path("made/images/synth-0001.nii.gz").unlink()
    with pytest.raises(
        DataError,
        match="'images/synth-0001.nii.gz' is missing.\nmade: is a generated cohort; the workflow "
        "`synthesize` makes it again",
    ):
        note(Path("made"))
