"""Generated scans for commands that are measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks.clusters.used import measured


def link_scans(folder: Path, heads: Path | None, few: int, count: int, size: int = 512) -> Path:
    """Return a folder of so many scans of a few heads, which are generated unless given."""
    if heads is None:
        heads = folder / "cohort"
        of = ("--cases", few, "--size", size, "--slices", 25, "--processes", 1)
        measured("synthesize", heads, *map(str, of))
    images = sorted((heads.resolve() / "images").iterdir())
    scans = folder / "scans"
    scans.mkdir()
    for number in range(count):
        (scans / f"s{number:04}.nii.gz").symlink_to(images[number % len(images)])
    return scans
