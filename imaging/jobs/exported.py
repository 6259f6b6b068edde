"""What an export has written: its slices, put together to a corpus of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.errors import DataError
from cohort.faults import FileNote
from cohort.schema.split import PARTS
from imaging.scans.datalist import write_datalist
from imaging.scans.export_scan import Entries

if TYPE_CHECKING:
    from imaging.scans.preprocess import Preprocess


@dataclass(frozen=True)
class Corpus:
    """What is known of an export before a scan is read, in plain values.

    Attributes
    ----------
    preprocess
        How scans are prepared.
    cohort
        The cohort's folder; None for plain scans, whose slices are of no part.
    left_out
        Case id to the reason why it is not exported.
    """

    preprocess: dict[str, Any]
    cohort: str | None = None
    left_out: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, preprocess: Preprocess, *rest: Any) -> Corpus:
        """Return that of an export with these settings."""
        windows = {name: list(bounds) for name, bounds in preprocess.windows.items()}
        return cls({**asdict(preprocess), "windows": windows}, *rest)

    def make_folders(self, folder: Path) -> None:
        """Make the folders of the parts in that of the corpus."""
        for part in PARTS if self.cohort is not None else ():
            (folder / part).mkdir()

    def end(
        self, folder: Path, output: Path, found: Iterable[tuple[str, Entries, list[FileNote]]]
    ) -> Exported:
        """Write the list of all slices, of what each scan has, to the folder that will be `output`.

        Raises
        ------
        DataError
            If there are none, though a cohort was exported.
        """
        result = Exported(output, left_out=dict(self.left_out))
        entries: Entries = {}
        for name, written, notes in found:
            result.notes[name] = notes
            for part, slices in written.items():
                entries.setdefault(part, []).extend(slices)
                result.cases[part] = result.cases.get(part, 0) + 1
                result.slices[part] = result.slices.get(part, 0) + len(slices)
            if self.cohort is not None and not any(written.values()):
                result.left_out[name] = "is not in the split"
        if self.cohort is not None and not any(entries.values()):
            raise DataError(f"{self.cohort}: has no CT to export; see `hich check`.")
        write_datalist(folder, self.preprocess, entries, result.notes)
        return result


@dataclass
class Exported:
    """What an export wrote.

    Attributes
    ----------
    folder
        Where the slices lie.
    slices, cases
        Number of slices and of scans in each part.
    left_out
        Case id to the reason why it was not exported.
    notes
        Id of each case to what was unusual about its files.
    """

    folder: Path
    slices: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[FileNote]] = field(default_factory=dict)
