"""Results that stand are kept, if they were made of the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.base.code.contents import PROVENANCE
from cohort.base.errors import UsageError
from cohort.provenance.read import load_provenance
from cohort.schema.manifest import Cohort
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import main as merge_main
from hich.merge.__main__ import merge
from imaging.evaluate import evaluate
from imaging.model.folder import METADATA
from imaging.predict import main, predict
from imaging.prediction.table import TABLE
from tests.imaging.conftest import write_oracle

RESUME = Way(resume=True)


@pytest.fixture
def predicted(tmp_path: Path, oracle: Path, phantom: Any) -> Path:
    """Return the results of two scans, noted with what they were made of."""
    for case in ("p1", "p2"):
        phantom(tmp_path / f"scans/{case}.nii.gz", "RAS")
    first = predict(oracle, [tmp_path / "scans"], tmp_path / "out", way=RESUME)
    assert first.kept == []
    return tmp_path / "out"


def kept(predicted: Path, model: Path, **options: Any) -> list[str]:
    scans = predicted.parent / "scans"
    result = predict(model, [scans], predicted, way=RESUME, **options)
    assert [one["id"] for one in result.scans] == ["p1", "p2"]
    return result.kept


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_what_is_made_of_the_same_is_kept(predicted: Path, oracle: Path) -> None:
    before = contents(predicted)
    assert kept(predicted, oracle) == ["p1", "p2"]
    assert contents(predicted) == before


def test_without_resume_nothing_is_noted_and_nothing_else_differs(
    predicted: Path, oracle: Path
) -> None:
    plain = predicted.with_name("plain")
    result = predict(oracle, [predicted.parent / "scans"], plain)
    assert result.kept == [] and not work_folder(plain).exists()
    assert contents(plain) == contents(predicted)
    assert kept(plain, oracle) == []


@pytest.mark.parametrize("options", [{"flips": True}, {"force": True}, {"uncertainty": True}])
def test_another_use_of_the_model_makes_other_results(
    predicted: Path, oracle: Path, options: dict[str, bool]
) -> None:
    assert kept(predicted, oracle, **options) == []


def test_another_model_makes_other_results(predicted: Path, tmp_path: Path) -> None:
    other = write_oracle(tmp_path / "other")
    text = (other / METADATA).read_text(encoding="utf-8")
    (other / METADATA).write_text(text.replace("1.2.3", "1.2.4"), encoding="utf-8")
    assert kept(predicted, other) == []


def test_a_scan_that_changed_is_segmented_again(
    predicted: Path, oracle: Path, phantom: Any
) -> None:
    phantom(predicted.parent / "scans/p2.nii.gz", "LPS")
    assert kept(predicted, oracle) == ["p1"]


def test_other_code_makes_other_results(
    predicted: Path, oracle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cohort.work.job.PythonSources.fingerprint", lambda *_: "other")
    assert kept(predicted, oracle) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "summary"])
def test_results_that_are_not_as_made_are_made_again(
    predicted: Path, oracle: Path, damage: str
) -> None:
    before = contents(predicted)
    mask = predicted / "p2_hematoma.nii.gz"
    if damage == "changed":  # as someone does who corrects it
        image = nib.load(mask)
        nib.save(nib.Nifti1Image(np.zeros(image.shape, np.uint8), image.affine), mask)
    elif damage == "missing":
        mask.unlink()
    else:
        (predicted / "p2.json").write_text("{", encoding="utf-8")
    assert kept(predicted, oracle) == ["p1"]
    assert contents(predicted) == before


@pytest.mark.parametrize("spacing", [None, 1.5])
def test_predict_takes_over_what_an_evaluation_computed(
    tmp_path: Path, phantom_cohort: Path, make_split: Any, spacing: float | None
) -> None:
    model = write_oracle(tmp_path / "model", spacing=spacing)
    split = make_split({"p1": "test", "p2": "train"})
    with_it, alone = tmp_path / "with", tmp_path / "alone"
    plain = evaluate(model, phantom_cohort, split, "test", tmp_path / "m")
    handed = evaluate(model, phantom_cohort, split, "test", tmp_path / "n", predictions=with_it)
    assert handed == plain  # scores know nothing of it
    before = contents(with_it)
    result = predict(model, [phantom_cohort], with_it, split, "test", way=RESUME)
    assert result.kept == ["p1"]
    predict(model, [phantom_cohort], alone, split, "test", way=RESUME)
    assert before == contents(with_it) == contents(alone)
    assert TABLE in before


def test_with_a_split_by_slice_whole_scans_are_handed_over(
    tmp_path: Path, oracle: Path, phantom_cohort: Path, make_split: Any
) -> None:
    split = make_split({}, {"p1": ["test"] * 4 + ["train"] * 3})
    evaluate(oracle, phantom_cohort, split, "test", tmp_path / "m", predictions=tmp_path / "out")
    scans = [phantom_cohort], tmp_path / "out"
    result = predict(oracle, *scans, split, "test", way=RESUME)
    assert result.kept == ["p1"]
    whole = predict(oracle, [phantom_cohort], tmp_path / "alone", split, "test")
    assert result.scans[0]["volumes_ml"] == whole.scans[0]["volumes_ml"]


def test_predictions_are_not_written_among_the_scans(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    case = Cohort.load(phantom_cohort).cases[0]
    folder = (phantom_cohort / str(case.image)).parent
    with pytest.raises(UsageError, match="holds the scans"):
        evaluate(
            oracle,
            phantom_cohort,
            make_split({case.id: "test"}),
            "test",
            tmp_path / "m",
            predictions=folder,
        )


def test_predicting_in_shards_makes_the_same_folder(
    tmp_path: Path,
    oracle: Path,
    phantom: Any,
) -> None:
    for case in ("p1", "p2", "p3"):
        phantom(tmp_path / f"scans/{case}.nii.gz", "RAS")
    (tmp_path / "scans/p4.nii.gz").write_bytes(b"no scan")
    scans = [tmp_path / "scans"]
    one = predict(oracle, scans, tmp_path / "one")
    for number in (2, 1):
        found = predict(oracle, scans, tmp_path / "two", way=Way(Shard(number, 2), in_shards=True))
        assert len(found.scans) == (1 if number == 2 else 2)
    (said,), failures = merge(tmp_path / "two")
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
    assert list(failures) == ["p4"] and [*failures["p4"]] == one.problems
    assert said.startswith("3 scans")


def test_masks_in_packs_are_the_same_after_the_merge(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    scans = [tmp_path / f"scans/p{number}.nii.gz" for number in (1, 2, 3)]
    for scan in scans:
        phantom(scan)
    plain, out = tmp_path / "plain", tmp_path / "out"
    predict(oracle, scans, plain)
    line = (main, oracle, tmp_path / "scans", "--output", out, "--pack", 2)
    assert command(*line).exit_code == 2  # without --shard
    for number in (1, 2):
        end = command(*line, "--shard", f"{number}/2")
        assert end.exit_code == 0 and f"p{number}" in end.stdout, end.stderr
    assert list(out.iterdir()) == []
    assert len(list(work_folder(out).glob("packs/*"))) == 2
    assert command(merge_main, out).exit_code == 0
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    told = load_provenance(out)
    assert told and {name for run in told.runs for name in run.made} == files.keys() - {PROVENANCE}
    del files[PROVENANCE]
    assert files == {path.name: path.read_bytes() for path in plain.iterdir()}
    assert list(work_folder(out).glob("packs/*")) == []
    end = command(*line[:-2], "--resume")
    assert end.exit_code == 0 and "kept: 3 results" in end.stderr
