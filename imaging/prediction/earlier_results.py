"""Results of earlier predictions in an output folder."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path


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
        names = [*value["masks"].values(), value["montage"]]
        names += value.get("probabilities", {}).values()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    ours = all(isinstance(name, str) and name.startswith(summary.stem) for name in names)
    return [summary.with_name(name) for name in names] if ours and _plain(names) else []


def _plain(names: list[str]) -> bool:
    return all(Path(name).name == name for name in names)
