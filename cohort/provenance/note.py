"""Writing `provenance.json`: a command's last act says how it made what it made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from cohort.base.cli import say_note
from cohort.base.code.contents import PROVENANCE, PROVENANCE_LOCK
from cohort.base.errors import DataError
from cohort.base.files import write_json
from cohort.base.locks import one_after_another
from cohort.provenance.hashes import Hasher, one_hash, record_files, scan_files
from cohort.provenance.names import ELSEWHERE, name_in
from cohort.provenance.program import (
    device_in_words,
    these_libraries,
    this_code,
    this_command,
)
from cohort.provenance.read import is_provenance, read_provenance, runs_behind
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.problems import VERSION, VERSION_KEY
from cohort.schema.provenance import CohortUsed, MadeBy, Provenance
from cohort.schema.split import Split

Half = Literal["scans", "records", "both"]


def note_made(
    folder: Path,
    made: Iterable[str] = (),
    *,
    of: Iterable[Path | str | None] = (),
    half: Half = "both",
    part: str | None = None,
    config: Iterable[Path] = (),
    split: Path | None = None,
    seeds: Mapping[str, int] | None = None,
    device: str | int | None = None,
) -> None:
    """Write to `folder` how files in it were made, beside what is known of its other files.

    Written last, and read by no step of project.yml: a run whose provenance was lost is as good.

    Parameters
    ----------
    folder
        Where the files are.
    made
        Names in it of files and folders that were made, those that there are; all that it holds if
        none are named.
    of
        Files and folders that they were made of. A cohort among them is noted by its files; None,
        and names of what is not here, are passed over.
    half
        Which files of a cohort were read.
    part
        Part of the split whose cases were read of a cohort, alone; `all`, and None, are all cases.
    config, split
        Files.
    seeds
        By their names.
    device
        As it was named.
    """
    if not _may_be_written(folder):
        return
    project = Path.cwd()
    hasher = Hasher(project)
    sources = [Path(one) for one in of if one is not None and Path(one).exists()]
    command, seconds = this_command(project)
    named = [folder / name for name in made]
    files = {
        (path / name if name else path).relative_to(folder).as_posix(): digest
        for path in named or [folder]
        for name, digest in (hasher.inside(path) if path.is_dir() else _one(hasher, path)).items()
        if digest
    }
    if not files:
        return
    chosen = _cases_of(split, part) if split and part not in (None, "all") else None
    cohort = next((path for path in sources if (path / MANIFEST).is_file()), None)
    inherited = [run for path in sources for run in runs_behind(path)]
    at_split = {name_in(split, project): hasher.of(split)} if split else {}
    new = MadeBy(
        made=files,
        command=command,
        of=_hashes(hasher, (path for path in sources if path != cohort), project),
        config=_hashes(hasher, config, project),
        split=_known(at_split) or next((run.split for run in inherited if run.split), {}),
        cohort=(
            _cohort_used(hasher, cohort, half, chosen, project)
            if cohort
            else next((_by_way(run.cohort) for run in inherited if run.cohort), None)
        ),
        code=this_code(),
        seeds=dict(seeds or {}),
        libraries=these_libraries(),
        device=device_in_words(device),
        seconds=seconds,
        finished=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    hasher.save()
    _write(folder, [new], alone=not named)


def add_runs(folder: Path, runs: Sequence[MadeBy]) -> None:
    """Write to `folder` how files in it were made elsewhere, beside what is known of the others."""
    if _may_be_written(folder):
        _write(folder, runs)


def _may_be_written(folder: Path) -> bool:
    """Return whether the name is free, or is that of a provenance: a case may be called by it."""
    path = folder / PROVENANCE
    if not path.is_file() or is_provenance(path):
        return True
    say_note(f"{path}: is something else, so it isn't said there how its folder was made.")
    return False


def _write(folder: Path, new: Sequence[MadeBy], alone: bool = False) -> None:
    # Shards that end at once do so one after the other: each adds to what the others wrote.
    with one_after_another(folder / PROVENANCE_LOCK):
        _add(folder, new, alone)


def _add(folder: Path, new: Sequence[MadeBy], alone: bool) -> None:
    earlier = None if alone else read_provenance(folder)
    made = {name for run in new for name in run.made}
    kept = list(_others(earlier, made, folder)) if earlier else []
    name = name_in(folder, Path.cwd()).rstrip("/")
    at = None if name.startswith(ELSEWHERE) else name
    value = asdict(Provenance(at, (*kept, *new)))
    write_json(folder / PROVENANCE, {VERSION_KEY: VERSION, **value})


def _one(hasher: Hasher, path: Path) -> dict[str, str | None]:
    return {"": hasher.of(path)}


def _hashes(hasher: Hasher, paths: Iterable[Path], project: Path) -> dict[str, str]:
    found: dict[str, str | None] = {}
    for path in paths:
        name = name_in(path, project)
        number = 2
        while name in found:  # of two elsewhere, of one name
            name = f"{name_in(path, project).rstrip('/')} ({number})"
            number += 1
        found[name] = hasher.of(path)
    return _known(found)


def _known(hashes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: digest for name, digest in hashes.items() if digest}


def _cohort_used(
    hasher: Hasher, folder: Path, half: Half, cases: Collection[str] | None, project: Path
) -> CohortUsed:
    scans, records = [folder / MANIFEST], []
    with suppress(DataError):  # `cohort.check` has told what is wrong with it
        cohort = Cohort.load(folder)
        scans = scan_files(cohort, cases) if half != "records" else []
        records = record_files(cohort, cases) if half != "scans" else []
    hashes = {
        path.relative_to(folder).as_posix(): digest
        for path, digest in hasher.files(dict.fromkeys([*scans, *records])).items()
    }
    return CohortUsed(name_in(folder, project).rstrip("/"), one_hash(hashes), _known(hashes))


def _by_way(cohort: CohortUsed) -> CohortUsed:
    """Return the cohort without its files, which stand where they were read."""
    return CohortUsed(cohort.folder, cohort.fingerprint)


def _cases_of(split: Path, part: str | None) -> set[str]:
    parts = Split.load(split)
    return {case for case, of in parts.cases.items() if of == part} | {
        case for case, slices in parts.slices.items() if part in slices
    }


def _others(earlier: Provenance, made: Collection[str], folder: Path) -> Iterable[MadeBy]:
    """Yield what made other files that are still there."""
    for run in earlier.runs:
        left = {
            name: digest
            for name, digest in run.made.items()
            if name not in made and (folder / name).is_file()
        }
        if left:
            yield MadeBy(**{**vars(run), "made": left})
