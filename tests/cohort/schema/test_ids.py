"""Ids that are admitted name files, and come back from them and from the manifest."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st
from mutations import fuzz

from cohort.schema.case import Case
from cohort.schema.case_files import id_problems, one_file_key, repeated_ids
from cohort.schema.manifest import Cohort

# Mostly what ids are made of, and whatever else may stand in one.
words = st.text(st.sampled_from("pP12_- .病例ßéÉ") | st.characters(), min_size=1, max_size=40)


@fuzz(100)
@given(case_id=words)
def test_an_id_without_problems_names_a_file(case_id: str) -> None:
    assume(not id_problems(case_id))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{case_id}.nii.gz"
        path.touch()
        (found,) = Path(folder).iterdir()
        name = found.name.removesuffix(".nii.gz")
    # macOS may write letters and their accents apart.
    assert unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", case_id)
    assert one_file_key(name) == one_file_key(case_id)


@fuzz(50)
@given(ids=st.lists(words.filter(lambda word: not id_problems(word)), min_size=1, max_size=4))
def test_ids_come_back_from_the_manifest(ids: list[str]) -> None:
    assume(not repeated_ids(ids))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case_id in ids:
            (folder / f"{case_id}.txt").write_text("血肿", encoding="utf-8")
        cases = tuple(Case(case_id, record=f"{case_id}.txt") for case_id in ids)
        Cohort(folder, "test", cases).save()
        assert len(list(folder.glob("*.txt"))) == len(ids)
        assert Cohort.load(folder).cases == cases
