"""One structure more is a row of the registry, and nothing else knows how many there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cohort.base.files import read_json, write_json
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume
from tests.conftest import ROOT

ROW = """    Structure(
        "fourth_ventricle", 7, "Fourth ventricle", "第四脑室", None, (150, 150, 150),
        "fourth_ventricle",
    ),
"""
NARROW = """extends: unet_short.yaml
network_def: {channels: [8, 12, 16, 16, 16, 16]}
train: {max_epochs: 1}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project, with one row more in its registry of structures."""
    folder = tmp_path_factory.mktemp("fifth")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("cohort", "imaging", "text", "hich", "configs"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    registry = folder / "cohort" / "facts" / "structures.py"
    before, after = registry.read_text(encoding="utf-8").split(')\n"""All structures', maxsplit=1)
    registry.write_text(f'{before}{ROW})\n"""All structures{after}', encoding="utf-8")
    return folder


# Commands in one process, so that torch and MONAI are loaded once.
COMMANDS = """
import json, runpy, sys
for name, *words in json.loads(sys.argv[1]):
    sys.argv = [name, *words]
    try:
        runpy.run_module(name, run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
"""


def run(folder: Path, *commands: list[str]) -> None:
    line = [sys.executable, "-c", COMMANDS, json.dumps(commands)]
    result = subprocess.run(line, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]


def test_generator_training_measurement_and_page_follow_the_registry(folder: Path) -> None:
    size = ["--size", "96", "--slices", "10", "--processes", "1"]
    run(folder, ["cohort.synthesize", "cases", "--cases", "3", "--seed", "5", *size])
    manifest = read_json(folder / "cases" / "cohort.json")
    for case in manifest["cases"]:
        voxels, header = read_volume(folder / "cases" / case["image"])
        mask = np.zeros(voxels.shape, np.uint8)
        middle = [n // 2 for n in mask.shape]
        mask[middle[0] - 15 : middle[0] + 15, middle[1] - 15 : middle[1] + 15, middle[2]] = 1
        case["masks"]["fourth_ventricle"] = f"masks/{case['id']}_fourth_ventricle.nii.gz"
        save_volume(folder / "cases" / case["masks"]["fourth_ventricle"], mask, header.affine)
    manifest["structures"] = [*manifest["structures"], "fourth_ventricle"]
    write_json(folder / "cases" / "cohort.json", manifest)
    ids = [case["id"] for case in manifest["cases"]]
    parts = dict(zip(ids, ("train", "val", "test"), strict=True))
    split = {"cohort": "cases", "by": "patient", "seed": 0, "ratios": [0.4, 0.3, 0.3]}
    write_json(folder / "split.json", {**split, "cases": parts})

    config = "configs/imaging/narrow.yaml"
    (folder / config).write_text(NARROW, encoding="utf-8")
    trained = ["--config", config, "--corpus", "corpus", "--output", "training"]
    shown = ["cases", "--predictions", "predictions", "--output", "reports", "--processes", "1"]
    run(
        folder,
        ["imaging.export", "cases", "corpus", "--split", "split.json", "--config", config],
        ["imaging.train", *trained],
        ["imaging.predict", "training/model-best", "cases", "--output", "predictions/imaging"],
        ["hich.report", *shown],
    )
    metadata = read_json(folder / "training" / "model-best" / "configs" / "metadata.json")
    assert metadata["structures"][7] == "fourth_ventricle"
    assert metadata["learnt"]["fourth_ventricle"]["shown"] == 1

    found = json.loads((folder / f"predictions/imaging/{ids[2]}.json").read_text(encoding="utf-8"))
    assert "fourth_ventricle" in found["volumes_ml"]
    page = (folder / "reports" / "cases" / f"{ids[2]}.html").read_text(encoding="utf-8")
    assert re.search(r'data-bit="7"', page) and "ourth ventricle" in page
    assert len(json.loads(re.findall(r'"colours": ?(\[\[.*?\]\])', page)[0])) == 8
