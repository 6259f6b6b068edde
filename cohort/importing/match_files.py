"""Match a user's files by case id: the id is what the wildcards of a glob stand for.

`--images 'ct/*.nii.gz'` and `--mask 'hematoma=seg/*_hem.nii.gz'` give `ct/p1.nii.gz` and
`seg/p1_hem.nii.gz` the id `p1`. The id is taken from the last part of the path that has a
wildcard other than `**`, so that `cases/*/ct.nii.gz` takes it from the folder's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError, UsageError, raise_all
from cohort.importing.globs import expand, has_suffix, wildcards
from cohort.schema.case_files import id_problems, one_file_key
from cohort.space.file_types import SUFFIXES, strip_suffix


@dataclass
class Matches:
    """Which file is which case's.

    Attributes
    ----------
    images, records, tags
        Case id to file.
    masks
        Structure id to case id to file.
    facts
        How names were read, a sentence each.
    left_out
        Files that match no case, each with the reason.
    """

    images: dict[str, Path] = field(default_factory=dict)
    masks: dict[str, dict[str, Path]] = field(default_factory=dict)
    records: dict[str, Path] = field(default_factory=dict)
    tags: dict[str, Path] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)
    left_out: list[tuple[Path, str]] = field(default_factory=list)

    def ids(self) -> list[str]:
        """All case ids, sorted."""
        return sorted({*self.images, *self.records, *self.tags})

    def files(self) -> list[Path]:
        """All files that belong to a case."""
        kinds = [self.images, self.records, self.tags, *self.masks.values()]
        return [path for kind in kinds for path in kind.values()]


def match_files(
    images: str | None,
    masks: Mapping[str, str],
    records: str | None,
    tags: str | None,
    id_pattern: str | None = None,
) -> Matches:
    """Find the files that globs name and match them by case id.

    A mask needs an image. A record, or a tag file, without an image is a case of its own.

    Raises
    ------
    DataError
        With all that is wrong: a glob without files, several files of a kind for one case, ids
        that cannot name files.
    UsageError
        If `id_pattern` is not a regular expression.
    """
    search = _Search(id_pattern)
    found_masks = {s: search.find(f"--mask {s}", glob_, SUFFIXES) for s, glob_ in masks.items()}
    found_images = search.find("--images", images, SUFFIXES)
    found_tags = search.find("--tags", tags)
    found_records = search.find("--records", records)
    # A wide glob names the narrower ones' files as well: 'ct/*.nii.gz' and 'ct/*_hem.nii.gz'.
    for names in found_masks.values():
        for path in names:
            found_images.pop(path, None)
    for path in found_tags:
        found_records.pop(path, None)
    result = search.matches
    result.images = search.by_id("--images", found_images)
    for structure, names in found_masks.items():
        option = f"--mask {structure}"
        matched = search.match(option, names, result.images)
        result.masks[structure] = search.by_id(option, matched)
        result.left_out += [
            (p, f"{option}: no image of this id") for p in names if p not in matched
        ]
    named = search.match("--records", found_records, result.images, own=True)
    result.records = search.by_id("--records", named)
    named = search.match("--tags", found_tags, {**result.images, **result.records}, own=True)
    result.tags = search.by_id("--tags", named)
    ids = result.ids()
    search.problems += [problem for case_id in ids for problem in id_problems(case_id)]
    raise_all(search.problems)
    return result


class _Search:
    """Globs read one by one, with what is wrong on the way."""

    def __init__(self, id_pattern: str | None) -> None:
        self.id_pattern = id_pattern
        self.problems: list[str] = []
        self.matches = Matches()

    def find(
        self, option: str, pattern: str | None, suffixes: tuple[str, ...] = ()
    ) -> dict[Path, str]:
        if pattern is None:
            return {}
        names, unnamed, no_files = find_files(pattern, self.id_pattern)
        self.matches.left_out += [(path, f"{option}: {why}") for path, why in no_files.items()]
        other = [path for path in names if suffixes and not path.name.lower().endswith(suffixes)]
        for path in other:
            del names[path]
        self.matches.left_out += [(path, f"{option}: no .nii or .nii.gz") for path in other]
        finder = "--id-pattern finds" if self.id_pattern else "the wildcards stand for"
        self.matches.left_out += [(path, f"{option}: {finder} no id") for path in unnamed]
        if unnamed and not names:
            self.problems.append(
                f"{option} {pattern}: {finder} no id in the path of any file, as {unnamed[0]}; "
                "let a wildcard, or --id-pattern, stand where the id does."
            )
        elif not names:
            as_ = "".join(f" ({path} {why})" for path, why in list(no_files.items())[:1])
            self.problems.append(f"{option} {pattern}: names no file that can be imported{as_}.")
        return names

    def match(
        self, option: str, names: dict[Path, str], ids: Collection[str], own: bool = False
    ) -> dict[Path, str]:
        """Return the id of each file; with `own`, files of no known id keep their name as one."""
        try:
            matched, ending = match_ids(names, ids)
        except DataError as error:
            self.problems += [f"{option}: {problem}" for problem in error.problems]
            return {}
        if ending:
            self.matches.facts.append(
                f"{option}: the ending {ending!r} of names is not part of ids"
            )
        if own:
            matched = {path: name.removesuffix(ending) for path, name in names.items()}
        return matched

    def by_id(self, option: str, ids: dict[Path, str]) -> dict[str, Path]:
        found: dict[str, Path] = {}
        seen: dict[str, Path] = {}
        for path, case_id in ids.items():
            other = seen.setdefault(one_file_key(case_id), path)
            if other is not path:
                self.problems.append(
                    f"{option}: both {other} and {path} are of case {case_id!r}; "
                    "choose a narrower glob, or give --id-pattern."
                )
            found[case_id] = path
        return found


def find_files(
    pattern: str, id_pattern: str | None = None
) -> tuple[dict[Path, str], list[Path], dict[Path, str]]:
    r"""Find the files that the glob `pattern` names, and the text that names each one's case.

    Parameters
    ----------
    pattern
        Glob with `*`, `?`, `[…]`, and `**` for any folders (see `cohort.importing.globs`).
    id_pattern
        Regular expression that finds the id in a file's path (its first group, or all of it),
        instead of the wildcards.

    Returns
    -------
    names, unnamed, no_files
        Path to name, sorted; the files in whose path no name is found; and what is called like a
        file but is not one, to what it is.

    Raises
    ------
    UsageError
        If `pattern` or `id_pattern` cannot be read.
    """
    regex = _compile(id_pattern) if id_pattern else None
    names: dict[Path, str] = {}
    unnamed = []
    no_files = {}
    parts, found = expand(pattern)
    for path in found:
        if path.is_file():
            name = _by_regex(path, regex) if regex else _by_wildcards(path, parts)
            if name:
                names[path] = name
            else:
                unnamed.append(path)
        elif not path.exists():
            no_files[path] = "is a link to nothing"
        elif has_suffix(parts[-1]) or path.name.lower().endswith(SUFFIXES):
            no_files[path] = "is a folder" if path.is_dir() else "is not a file"
    return names, unnamed, no_files


def match_ids(names: dict[Path, str], ids: Collection[str]) -> tuple[dict[Path, str], str]:
    """Say which of the case `ids` each name means.

    A name is an id, or, if none of the names is, an id and an ending that is the same for all,
    as in `p1_hem` and `p2_hem` for `p1` and `p2`.

    Returns
    -------
    matched, ending
        Path to id, for those that have one; and the ending, often empty.

    Raises
    ------
    DataError
        If names with different endings mean one case: which of them is meant can't be guessed.

    Examples
    --------
    >>> matched, ending = match_ids({Path("seg/p1_hem.nii"): "p1_hem"}, ["p1", "p2"])
    >>> list(matched.values()), ending
    (['p1'], '_hem')
    """
    known = set(ids)
    exact = {path: name for path, name in names.items() if name in known}
    if exact or not known:
        return exact, ""
    starts = {path: start for path, name in names.items() if (start := _id_at_start(name, known))}
    endings_of: dict[str, set[str]] = {}
    for path, case_id in starts.items():
        endings_of.setdefault(case_id, set()).add(names[path].removeprefix(case_id))
    several = sorted({e for endings in endings_of.values() if len(endings) > 1 for e in endings})
    if several:
        raise DataError(
            f"names several files of one case, with the endings {', '.join(map(repr, several))}; "
            "choose a narrower glob, or give --id-pattern."
        )
    counts = Counter(ending for endings in endings_of.values() for ending in endings)
    if not counts:
        return {}, ""
    ending = min(counts, key=lambda ending: (-counts[ending], len(ending), ending))
    return {path: i for path, i in starts.items() if names[path] == i + ending}, ending


def _id_at_start(name: str, known: Collection[str]) -> str:
    """Return the longest of the known ids that `name` starts with, or nothing.

    The longest, so that "p1_2_hem" is not taken for another patient's "p1".
    """
    found = [i for i in known if name.startswith(i) and name[len(i) :][:1] in tuple("_-. ")]
    return max(found, key=len, default="")


def _by_wildcards(path: Path, pattern: tuple[str, ...]) -> str:
    """Return the text from the first to the last wildcard of the telling part of `pattern`."""
    parts = path.parts
    # Counted from the end, since "**" stands for any number of parts.
    for back in range(1, len(pattern) + 1):
        if pattern[-back] == "**":
            break
        if ends := wildcards(pattern[-back]):
            before, after = ends
            text = parts[-back]
            text = text[before : len(text) - after]
            return strip_suffix(text) if back == 1 and not after else text
    return strip_suffix(path.name)


def _by_regex(path: Path, regex: re.Pattern[str]) -> str:
    match = regex.search(path.as_posix())
    if not match:
        return ""
    return (match[1] if regex.groups else match[0]) or ""


def _compile(id_pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(id_pattern)
    except re.error as error:
        raise UsageError(f"--id-pattern {id_pattern}: {error}.") from None
