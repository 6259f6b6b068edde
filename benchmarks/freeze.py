"""Freeze what the program makes of given models and data, and compare it with an earlier state.

Before a change that must not change results, and after it:

    python -m benchmarks.freeze make /tmp/before --imaging MODEL --text PIPELINE
    python -m benchmarks.freeze make /tmp/after --imaging MODEL --text PIPELINE
    python -m benchmarks.freeze compare /tmp/before /tmp/after

`make` runs the checkout that it lies in: a small generated cohort through all steps but the
trainings, with reports in both languages; with `--hich-it FOLDER` what import and prediction make
of HICH-IT's sample as well. `compare` takes JSON and CSV apart (the order of keys and columns makes
no difference), compares NIfTI and PNG voxel by voxel, pages by their visible text, corpora by their
records, and everything else byte by byte. What differs is listed; the exit code is 1.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from benchmarks import ROOT

STEPS = """
cohort.synthesize cohort --cases {cases} --seed 5
cohort.check cohort --output metrics/check.json
cohort.split cohort corpus/split.json --ratios 0.4,0.1,0.5 --seed 0
imaging.export cohort corpus/imaging --split corpus/split.json
imaging.evaluate {imaging} cohort --split corpus/split.json --part test --output metrics/imaging
imaging.predict {imaging} cohort --split corpus/split.json --part test --output predictions/imaging
text.convert cohort corpus/text --split corpus/split.json
spacy evaluate {text} corpus/text/test.spacy --output metrics/text/test.json
text.errors {text} corpus/text/test.spacy --output metrics/text/errors
text.annotate {text} cohort --split corpus/split.json --part test --output predictions/text
{report} cohort --split corpus/split.json --output reports/en
{report} cohort --split corpus/split.json --output reports/zh --lang zh
"""
OF_HICH_IT = """
cohort.import_hich_it {hich_it} hich-it
imaging.predict {imaging} hich-it --output predictions/hich-it/imaging
"""
PASSING = re.compile(r"(^|\.)(speed|seconds|created|schema_version)(\[|$)")
"""Paths of JSON values that change from run to run, or that may be new."""


def make(folder: Path, values: dict[str, Any]) -> None:
    """Run all steps in `folder`."""
    folder.mkdir(parents=True)
    for name in ("corpus", "metrics/imaging", "metrics/text"):
        (folder / name).mkdir(parents=True)
    report = "hich.report" if (ROOT / "hich").is_dir() else "report.build"
    values |= {"report": report}
    steps = STEPS + (OF_HICH_IT if values["hich_it"] else "")
    for step in filter(None, steps.splitlines()):
        words = [word.format(**values) for word in step.split()]
        print("python -m", *words, flush=True)
        subprocess.run(
            [sys.executable, "-m", *words],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )


def differences(before: Path, after: Path) -> Iterator[str]:
    """Yield what differs between two folders, a line per file."""
    names = [{p.relative_to(f) for p in f.rglob("*") if p.is_file()} for f in (before, after)]
    for name in sorted(names[0] ^ names[1]):
        yield f"{name}: only in {before if name in names[0] else after}"
    for name in sorted(names[0] & names[1]):
        if said := _difference(before / name, after / name):
            yield f"{name}: {said}"


def _difference(one: Path, other: Path) -> str:
    if one.read_bytes() == other.read_bytes():
        return ""
    suffix = "".join(one.suffixes[-2:]) if one.suffix == ".gz" else one.suffix
    if suffix in (".nii", ".nii.gz", ".png"):
        return _of_arrays(one, other)
    if suffix in (".json", ".jsonl", ".csv", ".html"):
        first, second = (_values(path, suffix) for path in (one, other))
        keys = sorted(key for key in first.keys() | second.keys() if not PASSING.search(key))
        changed = [key for key in keys if first.get(key) != second.get(key)]
        return "; ".join(f"{k}: {first.get(k)!r} → {second.get(k)!r}" for k in changed[:5])
    return _of_corpora(one, other) if suffix == ".spacy" else "other bytes"


def _of_arrays(one: Path, other: Path) -> str:
    import nibabel as nib
    import numpy as np
    from PIL import Image

    if one.suffix == ".png":
        arrays = [np.asarray(Image.open(path)) for path in (one, other)]
    else:
        images = [nib.Nifti1Image.from_filename(path) for path in (one, other)]
        arrays = [np.asanyarray(image.dataobj) for image in images]
        if not np.array_equal(*(image.affine for image in images)):
            return "another affine"
    if arrays[0].shape != arrays[1].shape or arrays[0].dtype != arrays[1].dtype:
        return "another shape or type"
    count = int((arrays[0] != arrays[1]).sum())
    return f"{count} of {arrays[0].size} voxels" if count else ""


def _of_corpora(one: Path, other: Path) -> str:
    import spacy
    from spacy.tokens import DocBin

    vocab = spacy.blank("zh").vocab
    docs = [
        [doc.to_json() for doc in DocBin().from_disk(path).get_docs(vocab)] for path in (one, other)
    ]
    return "" if docs[0] == docs[1] else "other records"


def _values(path: Path, suffix: str) -> dict[str, Any]:
    """Return each single value of a file by its place."""
    text = path.read_text(encoding="utf-8-sig")
    if suffix == ".html":
        page = _Visible()
        page.feed(text)
        return {f"line {number}": line for number, line in enumerate(page.lines)}
    if suffix == ".csv":
        rows: Any = list(csv.DictReader(text.splitlines(keepends=True)))
    elif suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
    else:
        rows = json.loads(text)
    return dict(_flat("", rows))


def _flat(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{place}.{key}", inner)
    elif isinstance(value, list):
        yield f"{place}[]", len(value)
        for number, inner in enumerate(value):
            yield from _flat(f"{place}[{number}]", inner)
    else:
        yield place, value


class _Visible(HTMLParser):
    """Collects the text of a page that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.lines.append(" ".join(data.split()))


def _absolute(path: str) -> Path:
    return Path(path).absolute()


def main() -> None:
    """Make a frozen state, or compare two."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("make")
    maker.add_argument("folder", type=Path)
    maker.add_argument("--imaging", type=_absolute, required=True, help="a model")
    maker.add_argument("--text", type=_absolute, required=True, help="a pipeline")
    maker.add_argument("--hich-it", type=_absolute, help="HICH-IT's folder Datasets")
    maker.add_argument("--cases", type=int, default=8)
    comparer = commands.add_parser("compare")
    comparer.add_argument("before", type=Path)
    comparer.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.command == "make":
        given = vars(options)
        make(options.folder, {k: given[k] for k in ("imaging", "text", "hich_it", "cases")})
        return
    found = list(differences(options.before, options.after))
    print("\n".join(found) or "no differences")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
