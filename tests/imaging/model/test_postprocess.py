"""The section `postprocess` of a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.config import DEFAULT_CONFIG, read_config
from imaging.model.postprocess import Postprocess


def test_without_the_section_masks_are_thresholded_and_no_more() -> None:
    how = Postprocess.from_config(None)
    assert how.threshold == dict.fromkeys(STRUCTURE_IDS, 0.5)
    assert set(how.smallest_ml.values()) == {0.0}
    assert not how.inside_skull and not how.flips


def test_one_number_is_for_all_structures_and_others_keep_their_value() -> None:
    how = Postprocess.from_config({"threshold": 0.4, "smallest_ml": {"hematoma": 1}})
    assert how.threshold == dict.fromkeys(STRUCTURE_IDS, 0.4)
    assert how.smallest_ml == {**dict.fromkeys(STRUCTURE_IDS, 0.0), "hematoma": 1.0}


def test_the_configuration_that_comes_with_the_project_cleans_up(root: Any) -> None:
    how = Postprocess.from_config(read_config(root / DEFAULT_CONFIG)["postprocess"])
    assert how.smallest_ml["hematoma"] > 0
    surely = {"hematoma": 0.97, "ventricular_blood": 0.97}
    assert how.lowest_peak == {**dict.fromkeys(STRUCTURE_IDS, 0.0), **surely}
    assert how.lowest_peak_up_to_ml == 1.0
    assert how.inside_skull and how.flips


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ({"treshold": 0.5}, "'treshold' is unknown; did you mean 'threshold'"),
        ({"threshold": 0}, "'threshold' must be a share above 0, up to 1, not 0"),
        ({"threshold": {"midline": 1.5}}, "'threshold' of midline must be"),
        ({"threshold": {"brain": 0.5}}, "'threshold' names 'brain'; the structures are hematoma"),
        ({"threshold": "high"}, "'threshold' must be a number, or one per structure, not 'high'"),
        (
            {"smallest_ml": {"hematoma": "1"}},
            "'smallest_ml' of hematoma must be 0 or more mL, not '1'",
        ),
        ({"lowest_peak": {"hematoma": 1}}, "'lowest_peak' of hematoma must be 0 or more, below 1"),
        ({"lowest_peak_up_to_ml": "2"}, "'lowest_peak_up_to_ml' must be 0 or more mL, or null"),
        ({"lowest_peak_up_to_ml": -1}, "'lowest_peak_up_to_ml' must be 0 or more mL, or null"),
        ({"smallest_ml": -1}, "'smallest_ml' must be 0 or more mL, not -1"),
        ({"smallest_ml": float("nan")}, "'smallest_ml' must be 0 or more mL"),
        ({"inside_skull": 1}, "'inside_skull' must be true or false, not 1"),
        ({"flips": "yes"}, "'flips' must be true or false"),
        ([1], "must hold keys and values"),
    ],
)
def test_what_cannot_be_meant_is_refused(section: Any, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        Postprocess.from_config(section)
    assert sentence in str(error.value)
    assert "section 'postprocess'" in str(error.value)
