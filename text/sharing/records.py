"""Records of files without identities: notes, annotated records with their marks, cohorts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from cohort.base.errors import DataError, raise_all
from cohort.base.files import remove, write_text
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.tags.scheme import Span, bioes
from cohort.tags.tag_file import read_record_entities, write_bioes
from text.components.deidentify.replace import Deidentifier, Replaced
from text.corpus.annotated import MarkedRecord
from text.corpus.formats import bioes as tag_files
from text.corpus.formats import brat, doccano, label_studio
from text.corpus.formats.registry import SUFFIXES, WRITERS, reader_of
from text.corpus.record_files import Record, is_one_record
from text.corpus.record_text import RECORD_SUFFIX, read_record
from text.corpus.records import Records, find_records
from text.corpus.source_files import has_annotations
from text.corpus.sources import Part, read_source
from text.sharing.patients import PatientKeys
from text.sharing.report import Sharing

_FORMAT_OF: Mapping[object, str] = {
    brat.read: brat.NAME,
    label_studio.read: label_studio.NAME,
    doccano.read: doccano.NAME,
    tag_files.read: tag_files.NAME,
}


def share_records(source: Path, folder: Path, keys: PatientKeys, sharing: Sharing) -> None:
    """Write the records at `source` into `folder`; see `text.deidentify.deidentify`."""
    if (source / MANIFEST).is_file():
        _share_cohort(Cohort.load(source), folder, keys, sharing)
    elif _is_annotated(source):
        _share_annotated(source, folder, keys, sharing)
        if not (sharing.records or sharing.failed):
            # Of rows without marks, as any program writes JSONL, none was read.
            if source.is_dir():
                raise DataError(f"{source}: holds no annotated record; name one file at a time.")
            for made in folder.iterdir():
                remove(made)
            sharing.left_out.clear()
            _share_notes(source, folder, keys, sharing)
    else:
        _share_notes(source, folder, keys, sharing)
    if sharing.failed and not sharing.records:
        raise_all(sharing.problems)


def record_ids(source: Path) -> list[str]:
    """Return the ids of the records at `source`."""
    if (source / MANIFEST).is_file():
        return [case.id for case in Cohort.load(source).cases if case.record]
    if _is_annotated(source):
        return [note.id for part in read_source(source).parts.values() for note in part]
    records = find_records([source])
    records.check()
    return [record.id for record in records]


def moved(replaced: Replaced, entities: list[Span]) -> list[Span]:
    """Return marks of a record where they are after replacing; none becomes empty."""
    found = [Span(*replaced.moved(e.start, e.end), e.label) for e in entities]
    return [span for span in found if span.start < span.end]


def _is_annotated(source: Path) -> bool:
    """Return whether a file, or any of a folder, is of annotations."""
    paths = [source] if source.is_file() else sorted(source.iterdir()) if source.is_dir() else []
    marked = [
        path
        for path in paths
        if path.suffix.lower() in SUFFIXES and path.name[0] != "." and has_annotations(path)
    ]
    return any(p.suffix.lower() != RECORD_SUFFIX or not is_one_record(p) for p in marked)


def _share_notes(source: Path, folder: Path, keys: PatientKeys, sharing: Sharing) -> None:
    records = find_records([source])
    try:
        records.check(seen=lambda _: None)
    except DataError:
        raise_all([problem for told in records.unread.values() for problem in told])
        raise
    for reason, what in records.left_out.items():
        sharing.left_out.setdefault(reason, []).extend(what)
    for file in records.files:
        if file.path in records.unread:
            error = DataError(*records.unread[file.path])
            sharing.fail(keys.name_of(file.path.stem), error, file.path)
    keys.learn(keys.patients, ((record.id, record.text) for _, record in _read(records)))
    for path, record in _read(records):
        name = keys.name_of(record.id)
        target = folder / f"{name}{RECORD_SUFFIX}"
        _new(target, record.id)
        people = keys.people_of(keys.patients.get(record.id))
        replaced = _replaced(keys.of_record(record.id), record.text, name, path, sharing, people)
        if replaced is not None:
            write_text(target, replaced.text)
            sharing.add(name, record.text, replaced, keys.finder)


def _read(records: Records) -> Iterator[tuple[Path, Record]]:
    """Yield the records that can be read and are not empty, with their files."""
    for file in records.files:
        if file.path not in records.unread:
            for record in file.records():
                if record.text.strip():
                    yield file.path, record


def _replaced(
    deidentifier: Deidentifier,
    text: str,
    name: str,
    path: Path,
    sharing: Sharing,
    people: Collection[str] = (),
) -> Replaced | None:
    """Return a record without identities; None if the rules stumble, which ends no other."""
    try:
        return deidentifier(text, people)
    except Exception as error:
        sharing.fail(name, error, path)
        return None


def _share_annotated(source: Path, folder: Path, keys: PatientKeys, sharing: Sharing) -> None:
    found = read_source(source)
    notes = (note for part in found.parts.values() for note in part)
    keys.learn(keys.patients, ((note.id, note.text) for note in notes))
    for part_name, part in found.parts.items():
        target = folder / part_name if found.split else folder
        target.mkdir(exist_ok=True)
        formats = {_FORMAT_OF.get(reader_of(file.path), doccano.NAME) for file in part.files}
        if len(formats) > 1:
            raise DataError(f"{source}: holds files of several formats; replace them separately.")
        with ExitStack() as stack:
            writer = stack.enter_context(closing(WRITERS[formats.pop()](target, ())))
            for note in _shared(part, source, keys, sharing):
                writer.add(note)
        found.raise_problems()
        for remark, count in part.tally.remarks.items():
            if count:
                sharing.left_out.setdefault(remark, []).extend([part_name] * count)
    for reason, what in found.left_out.items():
        sharing.left_out.setdefault(reason, []).extend(what)


def _shared(
    part: Part, source: Path, keys: PatientKeys, sharing: Sharing
) -> Iterator[MarkedRecord]:
    for note in part:
        name = keys.name_of(note.id)
        people = keys.people_of(keys.patients.get(note.id))
        replaced = _replaced(keys.of_record(note.id), note.text, name, source, sharing, people)
        if replaced is not None:
            sharing.add(name, note.text, replaced, keys.finder)
            yield MarkedRecord(name, replaced.text, moved(replaced, note.entities))


def _share_cohort(cohort: Cohort, folder: Path, keys: PatientKeys, sharing: Sharing) -> None:
    patients = {case.id: case.patient for case in cohort.cases if case.record and case.patient}
    keys.learn(patients, texts_of(cohort))
    for case in cohort.cases:
        if not case.record:
            continue
        name, path = keys.name_of(case.id), cohort.path(case.record)
        try:
            text, _ = read_record(path)
            tagged = read_record_entities(cohort.path(case.tags), text) if case.tags else None
        except DataError as error:
            sharing.fail(name, error, path)
            continue
        people = keys.people_of(case.patient)
        replaced = _replaced(keys.of_case(cohort, case), text, name, path, sharing, people)
        if replaced is None:
            continue
        target = folder / _named(Path(case.record), keys).with_suffix(RECORD_SUFFIX)
        write_text(target, replaced.text)
        if case.tags and tagged:
            tags = bioes(moved(replaced, tagged[1]), len(replaced.text))
            write_bioes(folder / _named(Path(case.tags), keys), replaced.text, tags)
        sharing.add(name, text, replaced, keys.finder)
    if not (sharing.records or sharing.failed):
        raise DataError(f"{cohort.folder}: no case has a record.")


def texts_of(cohort: Cohort) -> Iterator[tuple[str, str]]:
    """Yield the id and the record of each case that has one that can be read."""
    for case in cohort.cases:
        if case.record:
            with suppress(DataError):  # told when it is replaced
                yield case.id, read_record(cohort.path(case.record))[0]


def _named(path: Path, keys: PatientKeys) -> Path:
    """Return a path whose names say of nobody who they are."""
    folders = [keys.name_of(name) for name in path.parts[:-1]]
    return Path(*folders, f"{keys.name_of(path.stem)}{path.suffix}")


def _new(path: Path, record_id: str) -> None:
    if path.exists():
        raise DataError(f"{record_id}: two records would be called {path.name}; rename one.")
