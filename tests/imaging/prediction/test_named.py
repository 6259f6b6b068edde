"""Which model, and which scans, a command line names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.facts.coverage import is_part
from cohort.schema.problems import parse
from cohort.schema.scans.model_errors import ModelErrors
from cohort.schema.scans.scan import ScanResult
from cohort.synthesize import synthesize
from imaging.evaluate import main as evaluate_main
from imaging.model.folder import BOX, METADATA, boxed_model, is_model, model_or_boxed
from imaging.predict import main
from imaging.prediction.named import model_and_scans
from tests.conftest import undescribed


@pytest.fixture
def scan(tmp_path: Path, phantom: Any) -> Path:
    phantom(tmp_path / "p1.nii.gz")
    return tmp_path / "p1.nii.gz"


def test_first_argument_is_the_model_if_it_is_one_by_its_files(oracle: Path, scan: Path) -> None:
    assert model_and_scans([oracle, scan]) == (oracle, [scan])
    assert model_and_scans([scan, scan.parent], oracle) == (oracle, [scan, scan.parent])
    assert model_and_scans([scan]) == (boxed_model(), [scan])
    assert model_and_scans([scan], Path("pretrained")) == (boxed_model(), [scan])


def test_what_is_ambiguous_is_refused_in_a_sentence(
    oracle: Path, scan: Path, phantom_cohort: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    shutil.copytree(oracle, both)
    shutil.copytree(phantom_cohort, both, dirs_exist_ok=True)
    with pytest.raises(UsageError, match="is a model and holds scans or a cohort, too"):
        model_and_scans([both, scan])
    assert model_and_scans([both], oracle) == (oracle, [both])  # said plainly, it is clear
    with pytest.raises(UsageError, match="stands among the scans; name one model"):
        model_and_scans([scan, oracle])
    with pytest.raises(UsageError, match="stands among the scans; name one model"):
        model_and_scans([oracle, scan], oracle)
    with pytest.raises(UsageError, match="is a model; name the scans after it"):
        model_and_scans([oracle])


def test_no_other_model_stands_in_for_one_that_is_missing(
    oracle: Path, scan: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    shutil.copytree(oracle, part)
    (part / METADATA).unlink()
    with pytest.raises(DataError, match=r"is not a trained model \(lacks configs/metadata.json\)"):
        model_and_scans([part, scan])
    with pytest.raises(DataError, match="no such scan or model folder; train one with"):
        model_and_scans([tmp_path / "training/model-best", scan])
    shutil.copytree(oracle, tmp_path / "training/model-best")
    with pytest.raises(DataError, match=r"is neither .* nor a folder of scans; name .*model-best"):
        model_and_scans([tmp_path / "training", scan])
    with pytest.raises(DataError, match="no such model folder"):
        model_and_scans([scan], tmp_path / "nowhere")
    assert model_and_scans([tmp_path / "p2.nii.gz", scan])[0] == boxed_model()  # a missing scan


def test_predict_takes_the_model_in_the_box_and_says_so(tmp_path: Path, command: Any) -> None:
    synthesize(tmp_path / "cohort", 1, 5, size=128, slices=16, processes=1)
    end = command(main, tmp_path / "cohort", "--output", tmp_path / "out")
    metadata = json.loads((boxed_model() / METADATA).read_text(encoding="utf-8"))
    named = f"{metadata['name']} {metadata['version']}"
    said = f"Model: {named} (trained on generated heads only, for research); it comes with"
    assert end.exit_code == 0, end.stderr
    assert f"{said} the program, --model names another." in end.stdout
    (path,) = (tmp_path / "out").glob("synth-*.json")
    result = json.loads(path.read_text(encoding="utf-8"))
    assert result["model"] == {key: metadata[key] for key in ("name", "version", "trained_on")}
    assert undescribed(ScanResult, result) == []
    errors = parse(ModelErrors, metadata["errors"])[0]
    assert errors is not None and not is_part(result["coverage"])
    expected = result["expected_errors"]
    assert expected["measured_on"] == errors.measured_on
    assert set(expected["volumes"]) == set(result["volumes_ml"]) - {"midline"}
    told = 0
    for name, one in expected["volumes"].items():
        known = errors.volume_error_ml(name, result["volumes_ml"][name])
        assert (one is None) == (known is None)
        if one and known:
            told += 1
            assert (one["mae_ml"], one["n"]) == (known.mae_ml, known.n)
            assert one["from_ml"] <= result["volumes_ml"][name] < one["to_ml"]
    assert told
    assert expected["shift"]["mae_mm"] == metadata["errors"]["shift"]["mae_mm"]


def test_another_model_is_named_and_the_box_is_not(
    oracle: Path, scan: Path, tmp_path: Path, command: Any
) -> None:
    end = command(main, scan, "--model", oracle, "--output", tmp_path / "out")
    assert "Model: oracle 1.2.3." in end.stdout and "comes with" not in end.stdout
    result = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    assert result["model"] == {"name": "oracle", "version": "1.2.3"}
    assert "expected_errors" not in result  # the oracle's metadata know none


def test_evaluate_names_a_model_in_both_ways_and_only_one(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path, command: Any
) -> None:
    how = ("--split", make_split(dict.fromkeys(("p1", "p2", "p3"), "test")), "--output")
    for name, *named in (("a", oracle, phantom_cohort), ("b", phantom_cohort, "--model", oracle)):
        assert command(evaluate_main, *named, *how, tmp_path / name).exit_code == 0
    one, two = ((tmp_path / name / "test.json").read_text() for name in "ab")
    assert one == two
    for named in ([oracle, oracle, phantom_cohort], [oracle, phantom_cohort, "--model", oracle]):
        end = command(evaluate_main, *named, *how, tmp_path / "c")
        assert end.exit_code == 2 and "name one model" in end.stderr


def test_box_holds_one_model(oracle: Path, tmp_path: Path) -> None:
    assert is_model(boxed_model()) and boxed_model().parent == BOX
    with pytest.raises(DataError, match="holds no model"):
        boxed_model(tmp_path)
    for name in ("one", "two"):
        shutil.copytree(oracle, tmp_path / name)
    with pytest.raises(DataError, match="holds several models"):
        boxed_model(tmp_path)
    assert model_or_boxed(oracle) == oracle
