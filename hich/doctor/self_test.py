"""A tiny generated scan and its record, read and compared with what they were made from."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from cohort.space.file_types import read_volume
from cohort.synthetic.case import Order, make_case
from cohort.synthetic.story import Story
from hich.doctor.diagnosis import Diagnosis

ORDER, NUMBER = Order(seed=0, size=128, slices=16), 4
"""What is generated: a patient with a hematoma of the left basal ganglia, in a second."""
LEAST_DICE = 0.6
"""Of the hematoma. Models reach 0.9 on so large a bleed; less is no matter of training."""
OFF_ML = 0.5
"""So far may the record's volume be from the story's: it is written rounded."""


def generate(folder: Path) -> tuple[Path, Path, Path, Story]:
    """Write the case; return the files of scan, hematoma and record, and what happened."""
    case, story = make_case(folder, NUMBER, ORDER)
    assert case.image and case.record
    mask = folder / case.masks["hematoma"]
    return folder / case.image, mask, folder / case.record, story


def read_scan_of_known_truth(device: str = "cpu") -> Diagnosis:
    """Segment the scan with the model in the box."""
    from imaging.segmenter import Segmenter

    with tempfile.TemporaryDirectory() as folder:
        scan, hematoma, _, story = generate(Path(folder))
        segmenter = Segmenter.load(device=device)
        start = time.perf_counter()
        found = segmenter(scan)
        took = time.perf_counter() - start
        found.save(Path(folder) / "out")
        drawn = read_volume(hematoma)[0] > 0
    if "hematoma" not in found.masks:
        return Diagnosis("scan", f"no hematoma: {found.cannot_be_told['hematoma']}", False)
    dice = _dice(drawn, found.masks["hematoma"] > 0)
    bleed = found.measurements.hematoma
    told = (
        f"hematoma {bleed.volume_ml or 0:.1f} mL, {bleed.side} (drawn: {story.volume_ml:.1f} mL, "
        f"{story.side}), Dice {dice:.2f}; {took:.1f} s on {device}"
    )
    right = dice >= LEAST_DICE and bleed.side == story.side
    return Diagnosis("scan", told, right, "" if right else "results of this machine are wrong")


def read_record_of_known_truth() -> Diagnosis:
    """Read the record by rules."""
    from text.reader import Reader

    with tempfile.TemporaryDirectory() as folder:
        _, _, record, story = generate(Path(folder))
        found = {one.name: one for one in Reader.load()(record).findings}
    age, volume = (found[name].value if name in found else None for name in _ASKED)
    told = f"age {age}, hematoma {volume} mL (written: {story.age}, {story.told_ml:.1f} mL)"
    near = isinstance(volume, (int, float)) and abs(volume - story.told_ml) <= OFF_ML
    right = age == story.age and near
    return Diagnosis("record", told, right, "" if right else "results of this machine are wrong")


_ASKED = ("age", "hematoma_volume")


def _dice(first: np.ndarray, second: np.ndarray) -> float:
    return float(2 * (first & second).sum() / max(1, first.sum() + second.sum()))
