"""The chain from a result back to raw files, and its first link that has changed since.

Each link is a run of a command. What it made is compared with what it made then, and each file
that it was made of with what that was then, the links before it first: so the first finding is
the cause, and those after it may follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError
from cohort.provenance.hashes import Hasher
from cohort.provenance.names import found_at, name_in
from cohort.provenance.read import behind, made_in
from cohort.schema.provenance import CohortUsed, MadeBy


@dataclass(frozen=True)
class ChangedFile:
    """What is not what it was.

    Attributes
    ----------
    name
        Of the file, or the folder.
    gone
        Whether it is no longer there.
    of_it
        Name of what was made of it; None if it is not as it was made itself.
    """

    name: str
    gone: bool
    of_it: str | None

    def __str__(self) -> str:
        """Say it."""
        how = "is gone" if self.gone else "has changed"
        since = f"{self.of_it} was made of it" if self.of_it else "it was made"
        return f"{self.name} {how} since {since}"


@dataclass
class ChainLink:
    """A result in the chain, and what it was made of.

    Attributes
    ----------
    name
        Of the file or the folder.
    run
        What made it. If several runs made what is in a folder, each has a link of its own.
    before
        The links that it was made of.
    raw
        Names of the files that it was made of and that nothing is known to have made, such as
        configurations; and the cohort.
    """

    name: str
    run: MadeBy
    before: list[ChainLink] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


@dataclass
class Chain:
    """The chain of a result.

    Attributes
    ----------
    links
        The result itself: a link for each run that made it, or what it holds.
    changes
        What has changed since, the first link of the chain first.
    unseen
        What could not be compared, as it is elsewhere.
    """

    links: list[ChainLink]
    changes: list[ChangedFile]
    unseen: list[str]


def trace_back(result: Path, cohort: Path | None = None) -> Chain:
    """Return the chain from a result back to the raw files.

    Parameters
    ----------
    result
        File or folder that a command made.
    cohort
        Folder of the cohort, where it is not where it was.

    Raises
    ------
    DataError
        If there is no such file, nothing tells how it was made, or a provenance is damaged.
    """
    if not result.exists():
        raise DataError(f"{result}: no such file or folder.")
    tracing = _Tracing(_project_of(result), cohort)
    links = tracing.links_of(result.absolute())
    tracing.hasher.save()
    return Chain(links, list(tracing.changes.values()), list(dict.fromkeys(tracing.unseen)))


def _project_of(result: Path) -> Path:
    """Return the folder of the project that a result lies in, by what its provenance says."""
    found = behind(result)
    if found is None:
        raise DataError(
            f"{result}: no provenance.json, in its folder or one above, tells how it was made; "
            "results of earlier versions have none."
        )
    own = Path(found.said.folder or "")
    if found.said.folder is None or found.folder.parts[-len(own.parts) :] != own.parts:
        return Path.cwd() if found.said.folder != "." else found.folder
    return found.folder.parents[len(own.parts) - 1]


class _Tracing:
    """A walk along the chain, to each result once."""

    def __init__(self, project: Path, cohort: Path | None) -> None:
        self.project, self.cohort = project, cohort
        self.hasher = Hasher(project)
        # One file is one link, whoever read it; the first to notice is the first in the chain.
        self.changes: dict[str, ChangedFile] = {}
        self.unseen: list[str] = []
        self._known: dict[Path, list[ChainLink]] = {}

    def links_of(self, result: Path) -> list[ChainLink]:
        """Return the links of a result; none if nothing is known of how it was made."""
        if result not in self._known:
            self._known[result] = []  # a chain that bites its tail ends here
            found = behind(result) if result.exists() else None
            for run in found.runs if found else ():
                link = ChainLink(name_in(result, self.project), run)
                self._go_back(link)
                self._known[result].append(link)
            if found:
                self._compare_made(result, found.folder, found.runs)
        return self._known[result]

    def _go_back(self, link: ChainLink) -> None:
        """Look at all that a result was made of, first at what that was made of."""
        run = link.run
        for name, then in {**run.split, **run.of, **run.config}.items():
            path = found_at(name, self.project)
            before = self.links_of(path) if path else []
            link.before += before
            link.raw += [] if before else [name]
            if path:
                self._compare(name, then, self.hasher.of(path), link.name)
            else:
                self.unseen.append(name)
        if run.cohort and run.cohort.files:
            self._compare_cohort(run.cohort, link)

    def _compare_made(self, result: Path, folder: Path, runs: Iterable[MadeBy]) -> None:
        """Compare a result's own files with what they were when they were made."""
        inside = result.relative_to(folder).as_posix()
        then = {folder / name: run.made[name] for run in runs for name in made_in(run, inside)}
        for path, now in self.hasher.files(then).items():
            self._compare(name_in(path, self.project), then[path], now, None)

    def _compare_cohort(self, cohort: CohortUsed, link: ChainLink) -> None:
        link.raw.append(f"{cohort.folder}/ (a cohort: {len(cohort.files)} of its files)")
        folder = self.cohort or found_at(cohort.folder, self.project)
        if folder is None or not folder.is_dir():
            self.unseen.append(f"{cohort.folder}/ (say where it is by --cohort)")
            return
        then = {folder / name: (name, digest) for name, digest in cohort.files.items()}
        for path, now in self.hasher.files(then).items():
            name, digest = then[path]
            self._compare(f"{cohort.folder}/{name}", digest, now, link.name)

    def _compare(self, name: str, then: str, now: str | None, of_it: str | None) -> None:
        if now != then:
            self.changes.setdefault(name, ChangedFile(name, now is None, of_it))
