"""A small cohort, and what both halves would have written of it, all made here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.base.files import open_table
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.scans.measurement_columns import COLUMN_PLACES
from cohort.schema.split import Split
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from hich.report.gather.case_source import CaseSource, Places, Sources
from hich.report.gather.sources import find_sources

SHAPE = (12, 14, 5)
SPACING = (2.0, 2.0, 5.0)
AFFINE = make_affine("LPS", SPACING, SHAPE)
RECORD = "男，61岁。\nCT报告：左侧基底节区血肿，量约29ml，中线右移约5mm，左侧脑室受压。"

MEASUREMENTS = {
    "hematoma": {
        "volume_ml": 30.4,
        "abc2_ml": 31.0,
        "abc2": {"a_mm": 50.0, "b_mm": 31.0, "c_mm": 40.0, "c_slices": 8.0, "slice": 2},
        "tada_ml": 31.5,
        "tada_c_mm": 40.6,
        "tada_slices": 9,
        "side": "left",
        "components": 1,
        "centroid_mm": [-20.0, 5.0, 1.5],
        "largest_diameter_mm": 52.0,
        "distance_to_ventricle_mm": 3.5,
        "site": "deep",
        "site_reason": "It lies beside a ventricle.",
    },
    "midline": {"shift_mm": 4.0, "toward": "right", "slice": 2},
    "ventricles": {
        "left_ml": 4.0,
        "right_ml": 8.0,
        "left_right_ratio": 0.5,
        "compressed": "left",
    },
}


def box(structure: str) -> np.ndarray:
    """Return a mask within the scan; each structure has a place of its own."""
    mask = np.zeros(SHAPE, np.uint8)
    number = STRUCTURE_IDS.index(structure)
    x = 2 * (number % 4) + 2
    rows = slice(3, 9) if number < 4 else slice(9, 11)
    mask[x : x + 2, rows, 1:4] = 1
    return mask


REFERENCE_ML = float(box("hematoma").sum()) * 0.02


def finding(name: str, text: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """Return a finding of `RECORD`, as `text.annotate` writes it."""
    start = RECORD.index(text)
    place = {"section": "imaging_report", "start": start, "end": start + len(text), "text": text}
    standard = {"unit": None, "certainty": "affirmed", "side": None}
    return {"name": name, "value": value, **standard, **place, **more}


FINDINGS = [
    finding("age", "61岁", 61, unit="years"),
    finding("hematoma_site", "左侧基底节区血肿", "basal_ganglia", side="left"),
    finding("hematoma_volume", "29ml", 29.0, unit="mL", method="stated", site="basal_ganglia"),
    finding("midline_shift", "中线右移约5mm", 5.0, unit="mm", side="right"),
    finding("ventricle_compression", "左侧脑室受压", side="left"),
]


def scores_of(part: str) -> dict[str, Any]:
    """Return scores as `imaging.evaluate` writes them."""
    dice = {"mean": 0.9, "ci95": [0.8, 0.95], "n": 1}
    return {
        **{"cases": 1, "part": part, "mean_dice": 0.9, "split_by": "patient"},
        "structures": {"hematoma": {"dice": dice, "found": 1}},
    }


@dataclass
class World:
    """A folder with a cohort in it, and with what the halves wrote."""

    folder: Path

    @property
    def cohort(self) -> Path:
        return self.folder / "assets"

    @property
    def predictions(self) -> Path:
        return self.folder / "predictions" / "imaging"

    @property
    def annotations(self) -> Path:
        return self.folder / "predictions" / "text" / "annotations.jsonl"

    @property
    def places(self) -> Places:
        split = self.folder / "split.json"
        return Places(
            self.folder / "predictions",
            self.folder / "metrics",
            self.folder / "training",
            split if split.exists() else None,
        )

    @property
    def options(self) -> list[object]:
        """The places as options of the command."""
        places = self.places
        named = {
            "predictions": places.predictions,
            "metrics": places.metrics,
            "training": places.training,
        }
        if places.split:
            named["split"] = places.split
        return [word for name, path in named.items() for word in (f"--{name}", path)]

    def add_cases(
        self,
        ids: Iterable[str],
        image: bool = True,
        record: str | None = RECORD,
        masks: bool = True,
    ) -> None:
        """Add cases to the cohort."""
        manifest = self.cohort / "cohort.json"
        cases = list(Cohort.load(self.cohort).cases) if manifest.exists() else []
        for case_id in ids:
            paths = {s: f"masks/{case_id}_{s}.nii.gz" for s in STRUCTURE_IDS if masks and image}
            if image:
                voxels = np.full(SHAPE, 30, np.int16)
                save_volume(self.cohort / f"images/{case_id}.nii.gz", voxels, AFFINE)
            for structure, path in paths.items():
                save_volume(self.cohort / path, box(structure), AFFINE)
            if record is not None:
                (self.cohort / "records").mkdir(parents=True, exist_ok=True)
                (self.cohort / f"records/{case_id}.txt").write_text(record, encoding="utf-8")
            cases.append(
                Case(
                    case_id,
                    f"images/{case_id}.nii.gz" if image else None,
                    paths,
                    f"records/{case_id}.txt" if record is not None else None,
                )
            )
        self.cohort.mkdir(exist_ok=True)
        Cohort(self.cohort, "wards", tuple(cases)).save()

    def split(
        self, parts: Mapping[str, str], slices: Mapping[str, list[str]] | None = None
    ) -> None:
        """Write the split."""
        by = "slice" if slices else "patient"
        split = Split("wards", by, 0, (0.6, 0.1, 0.3), parts, slices or {})
        split.save(self.folder / "split.json")

    def predict(
        self,
        case_id: str,
        measurements: Mapping[str, Any] | None = MEASUREMENTS,
        masks: Mapping[str, np.ndarray] | None = None,
        affine: np.ndarray = AFFINE,
        **changes: Any,
    ) -> None:
        """Write a prediction."""
        self.predictions.mkdir(parents=True, exist_ok=True)
        arrays = {s: box(s) for s in STRUCTURE_IDS} | dict(masks or {})
        names = {s: f"{case_id}_{s}.nii.gz" for s in arrays}
        for structure, mask in arrays.items():
            save_volume(self.predictions / names[structure], mask, affine)
        value = {
            "id": case_id,
            "model": {"name": "oracle", "version": "1.2.3"},
            "shape": list(next(iter(arrays.values())).shape),
            "volumes_ml": {s: float(mask.sum()) * 0.02 for s, mask in arrays.items()},
            "masks": names,
            "montage": f"{case_id}.png",
            "notes": [],
            "measurements": measurements,
        }
        path = self.predictions / f"{case_id}.json"
        path.write_text(json.dumps(value | changes), encoding="utf-8")

    def annotate(self, case_id: str, text: str = RECORD, **changes: Any) -> None:
        """Add an annotated record."""
        self.annotations.parent.mkdir(parents=True, exist_ok=True)
        value = {
            "id": case_id,
            "text": text,
            "spans": [{"start": 2, "end": 5, "label": "AGE", "text": "61岁", "section": None}],
            "sections": [{"start": 7, "end": len(text), "label": "imaging_report"}],
            "findings": FINDINGS,
        }
        line = json.dumps(value | changes, ensure_ascii=False)
        with self.annotations.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def score(
        self, case_id: str, dice: float = 0.9, status: str = "found", part: str = "test"
    ) -> None:
        """Add a case's scores, and say that there are such of the whole part."""
        folder = self.folder / "metrics" / "imaging"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{part}_cases.csv"
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["case", "structure", "status", "dice", "volume_ml"])
            for structure in STRUCTURE_IDS:
                volume = float(box(structure).sum()) * 0.02
                writer.writerow([case_id, structure, status, dice, volume])
        (folder / f"{part}.json").write_text(json.dumps(scores_of(part)), encoding="utf-8")

    def note(self, notes: object, part: str = "test") -> None:
        """Write what an evaluation noted."""
        path = self.folder / "metrics" / "imaging" / f"{part}.json"
        path.write_text(json.dumps({**scores_of(part), "notes": notes}), encoding="utf-8")

    def measure(self, cases: Mapping[str, Mapping[str, Any]], part: str = "test") -> None:
        """Write what was measured on reference masks."""
        path = self.folder / "metrics" / "imaging" / f"{part}_measurements.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_table(path, "w") as file:  # the scores above come without a byte order mark
            writer = csv.writer(file)
            writer.writerow(["case", *(f"reference_{name}" for name in COLUMN_PLACES)])
            for case_id, values in cases.items():
                writer.writerow([case_id, *(values.get(name, "") for name in COLUMN_PLACES)])

    def sources(self, part: Any = "test") -> Sources:
        """Return the sources of the report."""
        return find_sources(self.cohort, self.places, part)

    def source(self, case_id: str) -> CaseSource:
        """Return the sources of a case."""
        return next(source for source in self.sources("all").cases if source.id == case_id)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return an empty world."""
    return World(tmp_path)


@pytest.fixture
def whole(world: World) -> World:
    """Return a world of two cases that lack nothing."""
    world.add_cases(["p1", "p2"])
    world.split({"p1": "test", "p2": "test"})
    for case_id in ("p1", "p2"):
        world.predict(case_id)
        world.annotate(case_id)
        world.score(case_id)
    return world
