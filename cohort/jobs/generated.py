"""A generated cohort: what stands beside its cases, and whether a folder is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json
from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST, Cohort

if TYPE_CHECKING:
    from cohort.synthetic.case import Order
    from cohort.synthetic.story import Story

GENERATOR = "cohort.synthesize"
TRUTH = "truth.json"
_CASE_FILE = re.compile(r"(?:images|masks|records)/(synth-\d+)[._]")


def provenance_of(order: Order, cases: int) -> dict[str, Any]:
    """Return what the manifest says of how the cases were made."""
    provenance: dict[str, Any] = {
        "generator": GENERATOR,
        "note": "Made up: no patients. Results on this cohort say nothing about real ones.",
        "cases": cases,
        "seed": order.seed,
        "size": order.size,
        "slices": order.slices,
        "style": order.style,
    }
    if order.maps is not None:
        provenance["anatomy"] = {
            "source": "label maps of real heads (SynthSeg, doi:10.1016/j.media.2023.102789)",
            "maps": len(order.maps.paths),
            "sha256": order.maps.digest,
        }
    return provenance


def write_beside(
    folder: Path, name: str, made: Iterable[tuple[Case, Story]], provenance: Mapping[str, Any]
) -> dict[str, Story]:
    """Write `truth.json` and the manifest beside the cases in `folder`; return the stories.

    Parameters
    ----------
    folder
        Where the cases' files lie.
    name
        Of the cohort.
    made
        The cases in order, each with its story.
    provenance
        How they were made.
    """
    found = list(made)
    stories = {case.id: story for case, story in found}
    truth = {name: {**asdict(story), "bleeds": story.bleeds} for name, story in stories.items()}
    write_json(folder / TRUTH, truth)
    cases = tuple(case for case, _ in found)
    Cohort(folder, name, cases, provenance=provenance).save()
    return stories


def is_generated(folder: Path) -> bool:
    """Return whether a folder is a cohort that was generated here.

    Its manifest says so. Where that was deleted, or was cut off, the generator's `truth.json`
    does, if the folder holds nothing but the files of the cases in it.
    """
    try:
        provenance: Any = read_json(folder / MANIFEST)["provenance"]
        return bool(provenance["generator"] == GENERATOR)
    except (KeyError, TypeError):
        return False
    except DataError:
        pass
    try:
        cases = set(read_json(folder / TRUTH))
    except (DataError, TypeError):
        return False
    files = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return all(
        path.as_posix() in (MANIFEST, TRUTH)
        or ((found := _CASE_FILE.match(path.as_posix())) and found[1] in cases)
        for path in files
    )


def marker_of(folder: Path) -> str:
    """Return the file by which `atomic_folder` may replace a generated cohort."""
    return MANIFEST if (folder / MANIFEST).exists() else TRUTH


def refuse_to_replace(out: Path) -> None:
    """Make sure that a folder is new, empty or a generated cohort.

    Raises
    ------
    DataError
        If it holds anything else.
    """
    if not out.is_dir() or not any(out.iterdir()) or is_generated(out):
        return
    if (out / MANIFEST).exists():
        raise DataError(
            f"{out}: holds a cohort that was not generated, so it is not overwritten; "
            "name a new or empty folder."
        )
    raise DataError(
        f"{out}: holds other files (such as {min(path.name for path in out.iterdir())}), so it is "
        "not overwritten; move them away, or name a new or empty folder."
    )
