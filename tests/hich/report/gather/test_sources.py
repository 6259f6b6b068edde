"""Which cases a report is of, and what is said of the whole of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.schema.scores import LabelScores
from cohort.schema.split import Link, Split
from hich.report.gather.annotations import ANNOTATIONS
from hich.report.gather.portable import without_machine
from hich.report.gather.predictions import find_predictions
from hich.report.gather.sources import find_sources
from hich.report.messages import Message
from hich.report.model.masks import MaskScore
from tests.hich.report.conftest import World, scores_of
from text import annotate


def keys(world: World, part: str = "test") -> list[str]:
    return [note.key for note in world.sources(part).notes]


def ids(world: World, part: str = "test") -> list[str]:
    return [source.id for source in world.sources(part).cases]


def test_file_of_annotations_is_that_of_the_text_half() -> None:
    assert ANNOTATIONS == annotate.ANNOTATIONS


def test_report_is_of_the_part_and_counts_the_others(world: World) -> None:
    world.add_cases(["p1", "p2", "p3", "p4", "p5"])
    world.split({"p1": "test", "p2": "train", "p3": "val", "p5": "test"})
    sources = world.sources()
    assert [case.id for case in sources.cases] == ["p1", "p5"]
    assert sources.parts == {"train": 1, "val": 1, "test": 2, "none": 1}
    assert ids(world, "train") == ["p2"]
    assert ids(world, "all") == ["p1", "p2", "p3", "p4", "p5"]
    assert [case.part for case in world.sources("all").cases][3] is None


def test_neighbours_are_those_of_the_report(world: World) -> None:
    world.add_cases(["p1", "p2", "p3"])
    world.split({"p1": "test", "p2": "train", "p3": "test"})
    first, last = world.sources().cases
    assert (first.previous, first.next) == (None, "p3")
    assert (last.previous, last.next) == ("p1", None)


def test_without_a_split_the_report_is_of_all_cases(world: World) -> None:
    world.add_cases(["p1", "p2"])
    assert ids(world) == ["p1", "p2"]
    assert "note.no_split" in keys(world)


def test_with_a_split_by_slice_a_case_is_of_each_part_of_its_slices(world: World) -> None:
    world.add_cases(["p1", "p2"])
    slices = {"p1": ["train", "test"], "p2": ["train", "train"]}
    world.split({"p1": "train", "p2": "train"}, slices)
    assert ids(world, "test") == ["p1"]
    assert ids(world, "train") == ["p1", "p2"]


def test_part_without_cases_is_an_error(world: World) -> None:
    world.add_cases(["p1"])
    world.split({"p9": "test"})
    with pytest.raises(DataError, match="no case is of the part 'test'.*1 none"):
        world.sources()


def test_missing_folders_are_said(world: World) -> None:
    world.add_cases(["p1"])
    world.split({"p1": "test"})
    assert keys(world) == [
        "note.no_predictions",
        "note.no_annotations",
        "note.no_scores",
        "note.no_scores",
    ]
    world.predictions.mkdir(parents=True)
    assert "note.no_predictions" in keys(world)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, ["note.no_predictions", "note.no_annotations", "note.masks_not_scored"]),
        ({"masks": False}, ["note.no_predictions", "note.no_annotations", "note.not_scored"]),
        ({"image": False}, ["note.no_annotations", "note.not_scored"]),
    ],
)
def test_what_was_not_to_be_scored_is_said_once(
    world: World, files: dict[str, bool], said: list[str]
) -> None:
    world.add_cases(["p1", "p2"], **files)
    places = replace(world.places, metrics=None, training=None)
    sources = find_sources(world.cohort, places)
    assert [note.key for note in sources.notes] == said
    assert [case.is_scored for case in sources.cases] == [False, False]
    assert [case.is_scored for case in world.sources().cases] == [True, True]


def test_predictions_and_annotations_of_unknown_cases_are_counted(whole: World) -> None:
    for number in range(7):
        whole.predict(f"other-{number}")
        whole.annotate(f"other-{number}")
    values = {"count": 7, "ids": "other-0, other-1, other-2, other-3, other-4, …"}
    notes = whole.sources().notes
    assert Message("note.unknown_predictions", values) in notes
    assert Message("note.unknown_annotations", values) in notes


def test_a_file_is_named_by_its_own_folder_whatever_folders_are_around(tmp_path: Path) -> None:
    folders = [tmp_path.joinpath(*"abcdefgh"[:n]) for n in range(1, 9)]
    said = without_machine(f"{folders[-1] / 'p1.json'}: is damaged.", [f / "p" for f in folders])
    assert said == "h/p1.json: is damaged."


def test_damaged_and_repeated_lines_are_said(whole: World) -> None:
    with whole.annotations.open("ab") as file:
        file.write(b'{"id": 5}\nnot json\n\xff\xfe\n\n[1]\n')
    whole.annotate("p1")
    said = [n.values["what"] for n in whole.sources().notes if n.key == "note.damaged"]
    assert [text.partition(": ")[0].rpartition(", ")[2] for text in said] == [
        f"line {number}" for number in (3, 4, 5, 7, 8)
    ]
    assert "like line 1" in said[-1]
    assert whole.source("p1").annotation is not None


def test_scores_and_curves_are_read(whole: World) -> None:
    folder = whole.folder / "training" / "imaging"
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text(
        "epoch,loss,val_dice_hematoma,val_dice_midline,seconds\n1,1.5,,,3\n2,0.5,0.7,,3\n"
    )
    text = whole.folder / "metrics" / "text"
    text.mkdir(parents=True)
    (text / "test.json").write_text('{"ents_f": 0.8, "ents_per_type": {"AGE": {"f": 0.5}}}')
    (whole.folder / "training" / "text").mkdir()
    log = [
        {"epoch": 0, "step": 0, "losses": {"tok2vec": 0, "ner": 50}, "scores": {"ents_f": 0}},
        {"epoch": 1, "step": 200, "losses": {"tok2vec": 0, "ner": 400}, "scores": {"ents_f": 75}},
    ]
    lines = "".join(json.dumps(line) + "\n" for line in log)
    (whole.folder / "training" / "text" / "history.jsonl").write_text(lines)
    sources = whole.sources()
    imaging, records = sources.curves
    assert (imaging.half, imaging.axis, imaging.steps) == ("imaging", "epoch", (1, 2))
    assert imaging.series == {"loss": (1.5, 0.5), "val_dice_hematoma": (None, 0.7)}
    assert (records.half, records.axis, records.steps) == ("text", "step", (0, 200))
    assert records.series == {"loss": (50, 2), "ents_f": (0, 0.75)}
    assert sources.text_scores is not None and sources.imaging_scores is not None
    assert sources.text_scores.ents_f == 0.8
    assert sources.text_scores.ents_per_type == {"AGE": LabelScores(f=0.5)}
    assert sources.imaging_scores.structures["hematoma"].dice.ci95 == (0.8, 0.95)
    assert sources.cases[0].scores is not None
    assert sources.cases[0].scores.scores["hematoma"] == MaskScore("found", 0.9)


def test_scores_of_slices_are_compared_with_no_volume(whole: World) -> None:
    path = whole.folder / "metrics" / "imaging" / "test.json"
    path.write_text(json.dumps({**scores_of("test"), "split_by": "slice"}))
    scores = whole.sources().cases[0].scores
    assert scores is not None
    assert scores.are_of({"hematoma": 99.0})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metrics/imaging/test_cases.csv", "case,structure\np1,hematoma\n"),
        (
            "metrics/imaging/test_cases.csv",
            "case,structure,status,dice,volume_ml\np1,x,found,a,b\n",
        ),
        ("metrics/imaging/test_measurements.csv", "case,volume\np1,1\n"),
        ("metrics/imaging/test.json", "{"),
        ("metrics/text/test.json", "[1]"),
        ("metrics/text/test.json", '{"ents_per_type": {"AGE": {"f": 0.5}, "SEX": 3}}'),
        ("metrics/text/test.json", '{"ents_f": "high"}'),
        ("training/imaging/history.csv", "a,b\n1,2\n"),
        ("training/imaging/history.csv", "epoch,loss\nx,2\n"),
        ("training/imaging/history.csv", ""),
        ("training/text/history.jsonl", "{}\n"),
    ],
)
def test_damaged_scores_and_curves_are_said(whole: World, name: str, content: str) -> None:
    path = whole.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    said = [n.values["what"] for n in whole.sources().notes if n.key == "note.damaged"]
    assert len(said) == 1
    assert Path(name).name in said[0]


@pytest.mark.parametrize(
    ("structure", "said"),
    [
        ({"dice": {"mean": "high"}}, "'structures.hematoma.dice.mean' must be a number"),
        ({"dice": {"ci95": [0.1]}}, "'structures.hematoma.dice.ci95.1' is missing"),
        ({"found": "many"}, "'structures.hematoma.found' must be a whole number, not 'many'"),
        ({"hd95_mm": 3}, "'structures.hematoma.hd95_mm' must be an object"),
    ],
)
def test_a_damaged_score_is_said_with_its_place(
    whole: World, structure: dict[str, Any], said: str
) -> None:
    path = whole.folder / "metrics/imaging/test.json"
    path.write_text(json.dumps({**scores_of("test"), "structures": {"hematoma": structure}}))
    sources = whole.sources()
    (what,) = [n.values["what"] for n in sources.notes if n.key == "note.damaged"]
    assert "test.json: holds no scores (" in what and said in what
    assert sources.imaging_scores is None


def test_cases_of_one_patient_in_two_parts_are_said(world: World) -> None:
    world.add_cases(["p1_pre", "p1_post", "p2_pre", "p2_post"])
    parts = {"p1_pre": "test", "p1_post": "train", "p2_pre": "test", "p2_post": "test"}
    links = tuple(Link("patient not named", (f"{p}_pre", f"{p}_post")) for p in ("p1", "p2"))
    Split("wards", "patient", 0, (0.6, 0.1, 0.3), parts, links=links).save(
        world.folder / "split.json"
    )
    values = {"count": 2, "ids": "p1_pre, p1_post"}
    assert Message("note.leak", values) in world.sources().notes


def test_places_of_slices_beside_masks_are_no_predictions(tmp_path: Path) -> None:
    for name in ("p1.json", "slices-33cda5a77d.json", "slices-p2.json", ".p3.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert find_predictions(tmp_path) == {
        name: tmp_path / f"{name}.json" for name in ("p1", "slices-p2")
    }


@pytest.mark.parametrize(("text", "of_a_case"), [('{"runs": []}', 0), ("{", 0), ('{"id": "x"}', 1)])
def test_what_says_how_predictions_were_made_is_none_but_a_case_may_be_called_so(
    text: str, of_a_case: int, tmp_path: Path
) -> None:
    (tmp_path / "provenance.json").write_text(text, encoding="utf-8")
    assert list(find_predictions(tmp_path) or ()) == ["provenance"] * of_a_case
