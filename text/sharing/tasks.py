"""Tasks for an annotation tool that leave without identities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST, Cohort
from text.components.deidentify.finder import Finder
from text.corpus.annotated import MarkedRecord
from text.sharing.patients import PatientKeys, load_key
from text.sharing.records import moved, texts_of
from text.sharing.report import Sharing


class SharedTasks:
    """Replaces the identities of records on their way to a tool; their marks move along.

    Names that a heading tells in one record of a cohort's patient are sought in the others.

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
                patients = {c.id: c.patient for c in cohort.cases if c.record and c.patient}
                self._keys.learn(patients, texts_of(cohort))
        self.sharing = Sharing()

    def __call__(self, note: MarkedRecord) -> MarkedRecord | None:
        """Return a record without its identities, under a name that is none.

        None if the rules stumble over it, which ends no other: `sharing` has it among its problems.
        """
        case = self._cases.get(note.id)
        replace = self._keys.of_record(note.id) if case is None else self._keys.of_case(*case)
        name = self._keys.name_of(note.id)
        people = self._keys.people_of(None if case is None else case[1].patient)
        try:
            replaced = replace(note.text, people)
        except Exception as error:
            self.sharing.fail(name, error)
            return None
        self.sharing.add(name, note.text, replaced, self._keys.finder)
        return MarkedRecord(name, replaced.text, moved(replaced, note.entities))

    def report(self, folder: Path) -> None:
        """Write what was replaced, what a person should look at, and what is left out."""
        self.sharing.write(folder)
