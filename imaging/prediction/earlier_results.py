"""Results of earlier predictions in an output folder."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from cohort.space.address import Address
from cohort.space.label_maps import hidden_file


def remove_earlier(folder: Path, keep: Collection[str]) -> list[str]:
    """Remove what earlier runs of `imaging.predict` wrote to `folder`, and nothing else.

    Parameters
    ----------
    folder
        Output folder of a prediction.
    keep
        Ids of the scans whose results stay.

    Returns
    -------
    list of str
        Ids of the scans whose results were removed.
    """
    removed = []
    for summary in sorted(folder.glob("*.json")):
        scan = summary.stem
        files = files_of(summary)
        if scan in keep or not files:
            continue
        for path in files:
            path.unlink(missing_ok=True)
        # Last, since it is what tells whose the others are.
        summary.unlink()
        removed.append(scan)
    return removed


def files_of(summary: Path) -> list[Path]:
    """Return the files that a prediction's summary names; none if it is no such summary."""
    try:
        value = json.loads(summary.read_text(encoding="utf-8"))
        addresses = [Path(name) for name in value["masks"].values()]
        # Several masks may be in one file.
        names = [str(file) for name in addresses for file in _files_at(name, summary.parent)]
        names += [value["montage"], *value.get("probabilities", {}).values()]
        names = list(dict.fromkeys(names))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    ours = all(isinstance(name, str) and name.startswith(summary.stem) for name in names)
    return [summary.with_name(name) for name in names] if ours and _plain(names) else []


def names_of_results(folder: Path, scans: Iterable[str]) -> list[str]:
    """Return the names of the files in `folder` that hold the scans' results."""
    summaries = [folder / f"{scan}.json" for scan in scans]
    return [file.name for summary in summaries for file in (summary, *files_of(summary))]


def _files_at(name: Path, folder: Path) -> list[Path]:
    """Return the names of the files that hold a mask, and what beside them belongs to it."""
    address = Address.of(name)
    beside = hidden_file(address.file)
    hides = address.part == "label" and (folder / beside).is_file()
    return [address.file, *([beside] if hides else [])]


def _plain(names: list[str]) -> bool:
    return all(Path(name).name == name for name in names)
