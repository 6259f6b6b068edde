"""A step's results: pushed with how they were made, and pulled as a whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from cohort.base.code.contents import FOLDER
from cohort.base.errors import DataError
from cohort.base.files import read_json, replace, temporary_name, write_json
from cohort.provenance.hashes import Hasher, one_hash
from cohort.provenance.note import add_runs
from cohort.provenance.read import behind
from cohort.schema.problems import parse
from cohort.schema.provenance import MadeBy
from hich.project import made
from hich.project.sharing.remote import Remote
from hich.project.sharing.steps import SharedStep


@dataclass(frozen=True, config=ConfigDict(extra="ignore", defer_build=True))
class Pushed:
    """What was pushed of a step, as its description in the remote says.

    Attributes
    ----------
    step
        Its name.
    results
        Each file and folder, to the SHA-256 of its content.
    runs
        Each folder with a provenance, to the runs in it that made them.
    """

    step: str
    results: dict[str, str]
    runs: dict[str, tuple[MadeBy, ...]]


def push_step(step: SharedStep, remote: Remote, hasher: Hasher) -> bool:
    """Push the results of a step that is current; return whether they were not there yet."""
    inputs = step.inputs
    hashes = {path.as_posix(): str(hasher.of(path)) for path in step.results}
    whole = one_hash(hashes)
    described = _described(step.name)
    if remote.has(described, inputs, whole):
        return False
    for path in step.results:
        if not remote.has(path, inputs, hashes[path.as_posix()]):
            remote.put(path, inputs, hashes[path.as_posix()])
    write_json(described, asdict(Pushed(step.name, hashes, _runs_behind(step.results))))
    remote.put(described, inputs, whole)
    return True


def pull_step(step: SharedStep, remote: Remote) -> Pushed | None:
    """Pull the results of a step in place of what is there; None if the remote has none.

    Raises
    ------
    DataError
        If what the remote has is damaged; then nothing is changed.
    """
    from weasel.cli.run import update_lockfile

    inputs, described = step.inputs, _described(step.name)
    found = remote.newest(described, inputs)
    if found is None:
        return None
    into = temporary_name(FOLDER / "pulled")
    into.mkdir(parents=True)
    try:
        pushed = _read(remote.unpack(found, described, into), step)
        for path in step.results:
            _fetch(path, pushed.results[path.as_posix()], inputs, remote, into)
        for path in step.results:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(into / path, path)
    finally:
        shutil.rmtree(into, ignore_errors=True)
    for folder in step.folders:
        made.note(folder)
    for name, runs in pushed.runs.items():
        add_runs(Path(name), runs)
    update_lockfile(Path(), step.command)
    return pushed


def other_libraries(pushed: Pushed) -> Iterator[str]:
    """Yield the libraries that made a result in another version than is installed here."""
    seen: set[str] = set()
    for run in (run for runs in pushed.runs.values() for run in runs):
        for name, then in run.libraries.items():
            try:
                now = version(name) if name != "python" else None
            except PackageNotFoundError:
                now = "none"
            if now and now != then and name not in seen:
                seen.add(name)
                yield f"{name} {then} (here {now})"


def _described(step: str) -> Path:
    return FOLDER / "shared" / f"{step}.json"


def _runs_behind(results: tuple[Path, ...]) -> dict[str, tuple[MadeBy, ...]]:
    """Return how results were made, by the folders where that is said, of these files alone."""
    found: dict[str, list[MadeBy]] = {}
    for path in results:
        origin = behind(path)
        if origin is None or not origin.folder.is_relative_to(Path.cwd()):
            continue
        name = origin.folder.relative_to(Path.cwd()).as_posix()
        runs = found.setdefault(name, [])
        runs += [run for run in origin.runs if run not in runs]
    return {name: tuple(runs) for name, runs in found.items()}


def _read(path: Path, step: SharedStep) -> Pushed:
    value: Any = read_json(path)
    pushed, problems = parse(Pushed, value)
    wanted = {one.as_posix() for one in step.results}
    if pushed is None or problems or set(pushed.results) != wanted:
        raise DataError(f"{step.name}: what the remote says of it is damaged; push it again.")
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in pushed.runs):
        raise DataError(f"{step.name}: the remote names folders outside of the project.")
    return pushed


def _fetch(path: Path, content: str, inputs: str, remote: Remote, into: Path) -> None:
    address = remote.address(path, inputs, content)
    if address is None:
        raise DataError(f"{path}: is missing in {remote.url}; push it again.")
    there = remote.unpack(address, path, into)
    if Hasher(into).of(there) != content:
        raise DataError(f"{address}: is not what was pushed; remove it there, and push again.")
