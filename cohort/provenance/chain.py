"""The chain from a result back to raw files, and its first link that has changed since.

Each link is a run of a command. What it made is compared with what it made then, and each file
that it was made of with what that was then, the links before it first: so the first finding is
the cause, and those after it may follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError
from cohort.provenance.hashes import Hasher
from cohort.provenance.names import ELSEWHERE, found_at, name_in
from cohort.provenance.read import behind, made_in
from cohort.schema.provenance import CohortUsed, MadeBy


@dataclass(frozen=True)
class Finding:
    """A file that is not what it was.

    Attributes
    ----------
    name
        Of the file, or of a folder.
    how
        What became of it: `has changed`, `is gone`, …
    since
        The name of what was made of it, or the words for its own making.
    """

    name: str
    how: str
    since: str


@dataclass
class Link:
    """A result in the chain, with what it was made of.

    Attributes
    ----------
    name
        Of the file or the folder.
    run
        What made it; of several runs, which made a folder's files, each has a link of its own.
    before
        The links that it was made of, and names of files that nothing is known of.
    raw
        The files that it was made of and that nothing made: configurations, scans, records.
    """

    name: str
    run: MadeBy
    before: list[Link] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


@dataclass
class Chain:
    """A result's chain.

    Attributes
    ----------
    links
        The last ones: the result itself.
    changed
        What has changed since, the first link of the chain first.
    unseen
        Names of files elsewhere, which could not be compared.
    """

    links: list[Link]
    changed: list[Finding]
    unseen: list[str]


def trace(result: Path, cohort: Path | None = None) -> Chain:
    """Return the chain from a file, or a folder of results, back to the raw files.

    Parameters
    ----------
    result
        File or folder that a command made.
    cohort
        Folder of the cohort, where it is not where it was.

    Raises
    ------
    DataError
        If there is no such file, or nothing tells how it was made, or a provenance is damaged.
    """
    if not result.exists():
        raise DataError(f"{result}: no such file or folder.")
    if behind(result) is None:
        raise DataError(
            f"{result}: no provenance.json, beside it or in a folder above, tells how it was made; "
            "results of earlier versions have none."
        )
    tracing = _Tracing(_project_of(result), cohort)
    links = tracing.links(result)
    tracing.hasher.save()
    return Chain(links, list(dict.fromkeys(tracing.changed)), list(dict.fromkeys(tracing.unseen)))


def _project_of(result: Path) -> Path:
    """Return the folder of the project that a result lies in, by what its provenance says."""
    found = behind(result)
    assert found is not None
    folder, provenance, _ = found
    own = Path(provenance.folder or "")
    if provenance.folder is not None and (
        provenance.folder == "." or folder.parts[-len(own.parts) :] == own.parts
    ):
        return folder.parents[len(own.parts) - 1] if own.parts else folder
    return Path.cwd()


class _Tracing:
    """A walk along the chain, each result once."""

    def __init__(self, project: Path, cohort: Path | None) -> None:
        self.project, self.cohort = project, cohort
        self.hasher = Hasher(project)
        self.changed: list[Finding] = []
        self.unseen: list[str] = []
        self._known: dict[Path, list[Link]] = {}

    def links(self, result: Path) -> list[Link]:
        """Return the links of a result; none if nothing is known of how it was made."""
        whole = result.absolute()
        if whole in self._known:
            return self._known[whole]
        self._known[whole] = []  # a chain that bites its tail ends here
        found = behind(whole) if whole.exists() else None
        if found is None:
            return []
        folder, _, runs = found
        inside = whole.relative_to(folder).as_posix()
        links = []
        for run in runs:
            link = Link(name_in(whole, self.project), run)
            links.append(link)
            self._go_back(link)
            now = self.hasher.files(folder / name for name in made_in(run, inside))
            for path, digest in now.items():
                then = run.made[path.relative_to(folder).as_posix()]
                self._compare(name_in(path, self.project), then, digest, "it was made")
        self._known[whole] = links
        return links

    def _go_back(self, link: Link) -> None:
        run = link.run
        for name, then in {**run.split, **run.of}.items():
            path = self._find(name)
            if path is None:
                continue
            before = self.links(path)
            link.before += before
            link.raw += [] if before else [name]
            self._compare(name, then, self.hasher.of(path), self._made_of(link, bool(before)))
        if run.cohort and run.cohort.files:
            self._compare_cohort(link, run.cohort)
        for name, then in run.config.items():
            link.raw.append(name)
            if path := self._find(name):
                self._compare(name, then, self.hasher.of(path), self._made_of(link, False))

    def _compare_cohort(self, link: Link, cohort: CohortUsed) -> None:
        link.raw.append(f"{cohort.folder} ({len(cohort.files)} files)")
        folder = self.cohort or found_at(cohort.folder, self.project)
        if folder is None or not folder.is_dir():
            self.unseen.append(f"{cohort.folder} (name its folder with --cohort)")
            return
        now = self.hasher.files(folder / name for name in cohort.files)
        since = self._made_of(link, False)
        for (name, then), digest in zip(cohort.files.items(), now.values(), strict=True):
            self._compare(f"{cohort.folder}/{name}", then, digest, since)

    def _find(self, name: str) -> Path | None:
        path = found_at(name, self.project)
        if path is None:
            self.unseen.append(name)
        return path

    def _compare(self, name: str, then: str, now: str | None, since: str) -> None:
        if now is None:
            self._add(name, "is gone", since)
        elif now != then:
            self._add(name, "has changed", since)

    def _add(self, name: str, how: str, since: str) -> None:
        # One file is one link, whoever read it; the first to notice is the first in the chain.
        if all(name != one.name for one in self.changed):
            self.changed.append(Finding(name, how, since))

    @staticmethod
    def _made_of(link: Link, _: bool) -> str:
        return f"{link.name} was made of it"
