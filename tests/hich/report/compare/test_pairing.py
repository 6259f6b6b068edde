from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.schema.report import ReportFile
from cohort.space.nifti.volume import save_volume
from hich.report.build import build, main
from hich.report.compare.pairing import FEWEST, PairedCase, judge_pairing
from tests.conftest import ROOT, undescribed
from tests.hich.report.conftest import AFFINE, FINDINGS, MEASUREMENTS, SHAPE, World

CONFIG = ROOT / "configs" / "report" / "report.yaml"
SIDES = ("left", "right", "absent")


def words(number: int, seed: int, weights: tuple[int, ...] = (45, 45, 10)) -> list[str]:
    return random.Random(seed).choices(SIDES, weights, k=number)


def misread(said: list[str], right: float, seed: int) -> list[str]:
    """Return what is seen where it is read rightly with that probability, or as another word."""
    rng = random.Random(f"{seed} read")
    return [
        word if rng.random() < right else rng.choice([w for w in SIDES if w != word])
        for word in said
    ]


def pairs_of(seen: list[str], said: list[str], drawn: bool = True) -> list[PairedCase]:
    return [PairedCase(n, *both, drawn) for n, both in enumerate(zip(seen, said, strict=True))]


def alarms(pairs: list[PairedCase]) -> bool:
    found = judge_pairing(pairs)
    return found is not None and found.looks_wrong


@pytest.mark.parametrize("offset", [1, -1, 2, 3])
@pytest.mark.parametrize("number", [FEWEST, 50])
def test_records_that_moved_are_found_and_by_how_much(number: int, offset: int) -> None:
    for seed in range(10):
        said = words(number, seed)
        seen = misread(said, 0.95, seed)
        moved = [said[(n - offset) % number] for n in range(number)]
        found = judge_pairing(pairs_of(seen, moved))
        assert found is not None
        assert found.looks_wrong
        assert found.offset in (offset, None)


def test_records_dealt_out_at_random_are_found() -> None:
    found = 0
    for seed in range(20):
        said = words(60, seed)
        dealt = random.Random(seed).sample(said, len(said))
        found += alarms(pairs_of(misread(said, 0.9, seed), dealt, drawn=False))
    assert found >= 18


@pytest.mark.parametrize(("right", "drawn"), [(0.97, True), (0.9, False), (0.8, False)])
@pytest.mark.parametrize("number", [FEWEST, 100])
def test_right_pairs_raise_no_alarm(number: int, right: float, drawn: bool) -> None:
    wrong = sum(
        alarms(pairs_of(misread(words(number, seed), right, seed), words(number, seed), drawn))
        for seed in range(30)
    )
    assert wrong == 0


def test_where_nothing_can_be_told_nothing_is_said() -> None:
    said = words(60, 0)
    few = pairs_of(said[: FEWEST - 1], said[1:FEWEST])
    one_side = pairs_of(["left"] * 60, ["left"] * 60)
    nothing_found = pairs_of(["absent"] * 60, said, drawn=False)
    nearly_one_side = pairs_of(["right", *["left"] * 59], [*["left"] * 59, "right"])
    for pairs in (few, one_side, nothing_found, nearly_one_side, []):
        assert judge_pairing(pairs) is None


def test_neighbours_are_those_of_the_manifest() -> None:
    # As in a test part: of 150 cases every third one and its neighbour.
    said = words(150, 4)
    pairs = pairs_of(said, said[1:] + said[:1])
    some = [pair for pair in pairs if pair.place % 3 != 2]
    found = judge_pairing(some)
    assert found is not None
    assert (found.looks_wrong, found.offset) == (True, -1)
    assert found.moved is not None
    assert found.moved.cases == found.moved.agree == 50


def finding_of(side: str) -> list[dict[str, Any]]:
    start = FINDINGS[1]
    if side == "absent":
        return [start | {"name": "hematoma", "certainty": "negated", "side": None, "value": None}]
    return [start | {"side": side}]


def measured(side: str) -> dict[str, Any]:
    hematoma = {"volume_ml": 0.0} if side == "absent" else MEASUREMENTS["hematoma"] | {"side": side}
    return MEASUREMENTS | {"hematoma": hematoma}


def draw(world: World, case: str, side: str) -> None:
    """Draw the bleed on a side of a head whose middle is the array's; LPS, so left is high."""
    mask = np.zeros(SHAPE, np.uint8)
    if side != "absent":
        mask[slice(8, 11) if side == "left" else slice(1, 4), 3:9, 1:4] = 1
    save_volume(world.cohort / f"masks/{case}_hematoma.nii.gz", mask, AFFINE)
    save_volume(world.cohort / f"masks/{case}_midline.nii.gz", np.zeros(SHAPE, np.uint8), AFFINE)


@pytest.mark.parametrize("by", ["masks", "predictions"])
@pytest.mark.parametrize("moved", [0, 1])
def test_report_says_so_in_page_terminal_and_json(
    world: World, command: Any, monkeypatch: pytest.MonkeyPatch, by: str, moved: int
) -> None:
    sides = words(24, 1)
    ids = [f"p{n:02d}" for n in range(24)]
    world.add_cases(ids, masks=by == "masks")
    for number, (case, side) in enumerate(zip(ids, sides, strict=True)):
        if by == "masks":
            draw(world, case, side)
        else:
            world.predict(case, measured(side))
        world.annotate(case, findings=finding_of(sides[(number + moved) % 24]))
    out = world.folder / "reports"
    monkeypatch.chdir(world.folder)  # not where a split of the project itself may lie
    options = ["--output", out, "--config", CONFIG, "--processes", 1, *world.options]
    result = command(main, world.cohort, *options)
    assert result.exit_code == 0, result.stderr
    page = (out / "index.html").read_text(encoding="utf-8")
    value = json.loads((out / "hich-report.json").read_text(encoding="utf-8"))
    assert undescribed(ReportFile, value) == []
    keys = [note["key"] for note in value["notes"]]
    said = "Scans and records look wrongly paired"
    assert (said in page, said in result.stdout, "note.pairing" in keys) == (bool(moved),) * 3
    assert value["pairing"]["looks_wrong"] == bool(moved)
    assert value["pairing"]["agreement"]["cases"] == 24
    if moved:
        assert value["pairing"]["offset"] == -1
        assert "The records of the cases 1 further up in the manifest fit the scans" in page
        assert page.count(said) == 1


def test_report_in_chinese_says_so(world: World) -> None:
    sides = words(24, 1)
    ids = [f"p{n:02d}" for n in range(24)]
    world.add_cases(ids, masks=False)
    for number, (case, side) in enumerate(zip(ids, sides, strict=True)):
        world.predict(case, measured(side))
        world.annotate(case, findings=finding_of(sides[number - 1]))
    out = world.folder / "reports"
    places = world.places
    build(
        world.cohort,
        out,
        lang="zh",
        predictions=places.predictions,
        metrics=places.metrics,
        training=places.training,
        processes=1,
    )
    page = Path(out / "index.html").read_text(encoding="utf-8")
    assert "CT 与病历疑似配对错误" in page
    assert "后移 1 位病例的病历" in page
