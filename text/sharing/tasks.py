"""Tasks for an annotation tool that leave without identities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cohort.base.files import write_json
from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST, Cohort
from text.components.deidentify.finder import Finder
from text.corpus.annotated import MarkedRecord
from text.sharing.patients import PatientKeys, load_key
from text.sharing.records import moved
from text.sharing.report import REPORT, Sharing


class SharedTasks:
    """Replaces the identities of records on their way to a tool; their marks move along.

    Parameters
    ----------
    inputs
        Where the records came from: a cohort's manifest tells whose each is.
    out
        Where the tasks are written: the key may not lie in it.
    key
        Key file, made if it isn't there; None to put labels in the place of identities.

    Raises
    ------
    DataError
        If others can read the key, it is damaged, or lies in `out`.
    """

    def __init__(self, inputs: Sequence[Path], out: Path, key: Path | None) -> None:
        self._keys = PatientKeys(None if key is None else load_key(key, out), Finder())
        self._cases: dict[str, tuple[Cohort, Case]] = {}
        for path in inputs:
            if (path / MANIFEST).is_file():
                cohort = Cohort.load(path)
                self._cases.update((case.id, (cohort, case)) for case in cohort.cases)
        self.sharing = Sharing()

    def __call__(self, note: MarkedRecord) -> MarkedRecord:
        """Return a record without its identities, under a name that is none."""
        case = self._cases.get(note.id)
        replace = self._keys.of_record(note.id) if case is None else self._keys.of_case(*case)
        replaced = replace(note.text)
        name = self._keys.name_of(note.id)
        self.sharing.add(name, note.text, replaced, self._keys.finder)
        return MarkedRecord(name, replaced.text, moved(replaced, note.entities))

    def report(self, folder: Path) -> None:
        """Write what was replaced, and what a person should look at."""
        write_json(folder / REPORT, self.sharing.as_json())
