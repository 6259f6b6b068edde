"""A model that is given away: its weights, metadata and card, and the one in the box."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from imaging.box import main
from imaging.boxing.card import model_card
from imaging.boxing.recipe import Recipe
from imaging.boxing.weights import HalvedMasks, compare_halved
from imaging.boxing.write import LARGEST_MB, box_model
from imaging.evaluate import evaluate
from imaging.model.bundle import Bundle, load_bundle
from imaging.model.folder import CARD, METADATA, WEIGHTS, boxed_model
from imaging.model.learnt import known_to, not_learnt

RECIPE: dict[str, Any] = {
    "trained_on": "phantoms only",
    "training": ["Three phantoms."],
    "seeds": {"phantoms": 7},
    "commands": ["make phantoms"],
    "intended_use": ["Tests."],
    "fails": ["It knows nothing but phantoms."],
    "figures": ["more.json"],
    "tests": [{"what": "Three phantoms", "scores": "metrics/test.json"}],
}
FIGURE = {"on": "Slices of a hospital", "what": "hematoma: Dice", "value": 0.8125, "n": 7}


def same(_: Any) -> HalvedMasks:
    return HalvedMasks(8, {"hematoma": 0}, {"hematoma": 900})


@pytest.fixture
def scored(
    oracle: Path,
    phantom_cohort: Path,
    make_split: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return a recipe beside the scores of the oracle; the current folder is theirs."""
    split = make_split(dict.fromkeys(("p1", "p2", "p3"), "test"))
    evaluate(oracle, phantom_cohort, split, "test", tmp_path / "metrics")
    (tmp_path / "more.json").write_text(json.dumps([{**FIGURE, "ci95": [0.7, 0.9]}]))
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(RECIPE))
    monkeypatch.chdir(tmp_path)
    return Path("recipe.yaml")


def test_boxed_model_predicts_and_its_card_says_what_the_files_hold(
    oracle: Path, scored: Path, command: Any
) -> None:
    out = Path("box/phantom-heads")
    box_model(oracle, out, "2.0", scored, compare=same)
    bundle = load_bundle(out)
    image = torch.rand(1, 3, 8, 8)
    torch.testing.assert_close(
        bundle.network(image), load_bundle(oracle).network(image), rtol=2e-3, atol=0.1
    )
    assert bundle.in_words == "phantom-heads 2.0 (trained on phantoms only, for research)"
    assert bundle.errors is not None and bundle.errors.measured_on == "Three phantoms"
    saved = torch.load(out / WEIGHTS, weights_only=True)
    assert saved["weight"].dtype == torch.float16 and saved["bias"].dtype == torch.float32
    card = (out / CARD).read_text(encoding="utf-8")
    summary = json.loads(Path("metrics/test.json").read_text())
    dice = summary["structures"]["hematoma"]["dice"]
    low, high = dice["ci95"]
    assert f"| Hematoma: Dice | {dice['mean']:.3f} | {low:.3f} to {high:.3f} | 3 |" in card
    assert "| hematoma: Dice | 0.812 | 0.700 to 0.900 | 7 |" in card
    for text in ("Three phantoms.", "phantoms 7", "make phantoms", "knows nothing but phantoms"):
        assert text in card
    assert bundle.metadata["weights"]["bits"] == 16


def test_what_is_withheld_is_not_told(oracle: Path, scored: Path) -> None:
    for withheld in ({"knee": "there is none."}, {"edema": "its test says no."}):
        scored.write_text(yaml.safe_dump({**RECIPE, "withheld": withheld}))
        if "knee" in withheld:
            with pytest.raises(DataError, match="'withheld' names knee; the model doesn't say"):
                box_model(oracle, Path("box/m"), "1", scored, compare=same)
    learnt = {name: {"annotated": 3, "shown": 2, "kept": False} for name in STRUCTURE_IDS}
    metadata = json.loads((oracle / METADATA).read_text())
    (oracle / METADATA).write_text(json.dumps({**metadata, "learnt": learnt}))
    compared: list[Bundle] = []
    box_model(
        oracle, Path("box/m"), "1", scored, compare=lambda one: [compared.append(one), same(one)][1]
    )
    # Its masks are not compared, either: what it marks is shown to nobody.
    assert set(compared[0].untold) == {"edema"}
    boxed = load_bundle(Path("box/m")).metadata
    assert not_learnt(boxed) == {"edema": "the model has not learnt it: its test says no."}
    assert "edema" not in known_to(boxed)


def test_full_weights_stay_where_masks_would_change(oracle: Path, scored: Path) -> None:
    changed = HalvedMasks(8, {"hematoma": 9}, {"hematoma": 900})
    box_model(oracle, Path("box/m"), "1", scored, compare=lambda _: changed)
    saved = torch.load(Path("box/m") / WEIGHTS, weights_only=True)
    assert saved["weight"].dtype == torch.float32
    assert "32 bits" in (Path("box/m") / CARD).read_text()


def test_figures_of_other_weights_are_refused(
    coarse_oracle: Path, oracle: Path, scored: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(oracle, other)
    weights = torch.load(other / WEIGHTS, weights_only=True)
    torch.save({name: value + 1 for name, value in weights.items()}, other / WEIGHTS)
    with pytest.raises(DataError, match="holds the scores of other weights than"):
        box_model(other, Path("box/m"), "1", scored, compare=same)
    summary = json.loads(Path("metrics/test.json").read_text())
    del summary["weights_sha256"]
    Path("metrics/test.json").write_text(json.dumps(summary))
    said: list[str] = []
    box_model(other, Path("box/m"), "1", scored, said.append, same)
    assert "does not say of which weights it is" in said[0]


def test_typed_figures_and_wrong_recipes_are_refused_together(tmp_path: Path) -> None:
    wrong = {**RECIPE, "fails": ["It finds 0.8 of them."], "seeds": {"a": "x"}, "tests": []}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump({**wrong, "colour": "red"}))
    with pytest.raises(DataError) as caught:
        Recipe.load(tmp_path / "r.yaml")
    said = " ".join(caught.value.problems)
    for part in ("holds a figure; name the file of metrics", "seeds.a", "'tests'", "'colour'"):
        assert part in said


def test_halved_weights_are_compared_on_generated_scans(oracle: Path) -> None:
    bundle = load_bundle(oracle)
    found = compare_halved(bundle, cases=1, size=128, slices=16)
    assert found.cases == 2 and found.of["hematoma"] > 0
    network = torch.nn.Conv2d(3, len(STRUCTURE_IDS), 1)
    network.load_state_dict(bundle.network.state_dict())
    with torch.no_grad():  # 16 bits can't hold what makes the difference here
        network.weight *= 1000.05
        network.bias *= 1000.05
    lost = compare_halved(replace(bundle, network=network.eval()), 1, size=128, slices=16)
    assert not lost.lossless and sum(lost.differing.values()) > 0


def test_command_says_what_is_missing(oracle: Path, tmp_path: Path, command: Any) -> None:
    how = ("--version", "1", "--recipe", tmp_path / "none.yaml")
    end = command(main, oracle, tmp_path / "out", *how)
    assert end.exit_code == 1 and "none.yaml: no such file" in end.stderr


def test_card_and_metadata_of_the_model_in_the_box_are_in_step() -> None:
    folder = boxed_model()
    metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    assert (folder / CARD).read_text(encoding="utf-8") == model_card(metadata)
    weights = (folder / WEIGHTS).read_bytes()
    assert metadata["weights"]["sha256"] == hashlib.sha256(weights).hexdigest()
    assert metadata["name"] == folder.name
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST_MB * 1e6
    assert len(files) == 4


def test_model_in_the_box_knows_its_errors() -> None:
    bundle = load_bundle(boxed_model())
    errors = bundle.errors
    assert errors is not None and errors.shift is not None
    assert bundle.untold.keys().isdisjoint({"hematoma", "midline"})
    assert set(errors.volumes) >= {"hematoma", "ventricle_left", "ventricle_right"}
    told = bundle.volume_error_ml("hematoma", 20.0)
    assert told is not None and told.mae_ml is not None and told.mae_ml > 0
    assert bundle.volume_error_ml("hematoma", 10_000.0) is None
