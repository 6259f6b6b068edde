"""Match a user's files by case id: the id is what the wildcards of a glob stand for.

`--images 'ct/*.nii.gz'` and `--mask 'hematoma=seg/*_hem.nii.gz'` give `ct/p1.nii.gz` and
`seg/p1_hem.nii.gz` the id `p1` (`cohort.importing.case_names`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError, raise_all
from cohort.importing.asked import Asked
from cohort.importing.case_names import find_files, match_ids
from cohort.importing.find_segments import SegmentFinder, segment_address
from cohort.importing.nnunet import read_nnunet
from cohort.schema.case_files import id_problems, one_file_key
from cohort.space.address import Address
from cohort.space.file_types import DICOM, FILE_TYPES, SEGMENTATION, SUFFIXES, holds_dicom, type_of
from cohort.space.label_maps import has_label_map, is_hidden_file
from cohort.space.nrrd.segments import Segment, find_segment, read_segments

SCANS = tuple(suffix for of in FILE_TYPES if of.scans for suffix in of.suffixes)


@dataclass
class Matches:
    """Which file is which case's.

    Attributes
    ----------
    images, records, tags
        Case id to file.
    masks
        Structure id to case id to where the mask is: a file, or a part of one.
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
        return [Address.of(path).file for kind in kinds for path in kind.values()]


def match_files(asked: Asked) -> Matches:
    """Find the files that are asked for and match them by case id.

    A mask needs an image. A record, or a tag file, without an image is a case of its own.

    Raises
    ------
    DataError
        With all that is wrong: a glob without files, several files of a kind for one case, ids
        that cannot name files.
    UsageError
        If `id_pattern` is not a regular expression.
    """
    search = _Search(asked.id_pattern)
    result = search.matches
    found_masks = {
        s: search.find(f"--mask {s}", glob_, SUFFIXES) for s, glob_ in asked.masks.items()
    }
    found_maps = search.find("--label-maps", asked.label_maps, SCANS)
    found_segmentations = search.find("--segmentations", asked.segmentations, SEGMENTATION.suffixes)
    found_images = search.find("--images", asked.images, SCANS, holds_dicom)
    found_tags = search.find("--tags", asked.tags)
    found_records = search.find("--records", asked.records)
    # A wide glob names the narrower ones' files as well: 'ct/*.nii.gz' and 'ct/*_hem.nii.gz'.
    of_masks = {
        path for names in (*found_masks.values(), found_maps, found_segmentations) for path in names
    }
    for path in of_masks | asked.without:
        found_images.pop(path, None)
    result.left_out = [(path, why) for path, why in result.left_out if path not in of_masks]
    for path in found_tags:
        found_records.pop(path, None)
    if asked.nnunet is None:
        result.images = search.by_id("--images", found_images)
        if asked.series:
            result.images = search.with_series(result.images, asked.series)
    else:
        raw = read_nnunet(asked.nnunet, asked.labels)
        result.images, result.masks = raw.images, raw.masks
        result.facts += raw.facts
        result.left_out += raw.left_out
    for structure, names in found_masks.items():
        result.masks[structure] = {
            case: search.of_structure(path, structure)
            for case, path in search.of_images(f"--mask {structure}", names).items()
        }
    for case, path in search.of_images("--label-maps", found_maps).items():
        at = {name: Address(path, "label", label).path for label, name in asked.labels.items()}
        search.add_masks("--label-maps", case, at)
    search.add_segmentations(search.of_images("--segmentations", found_segmentations), asked)
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
        self,
        option: str,
        pattern: str | None,
        suffixes: tuple[str, ...] = (),
        folders: Callable[[Path], bool] | None = None,
    ) -> dict[Path, str]:
        if pattern is None:
            return {}
        names, unnamed, no_files = find_files(pattern, self.id_pattern, folders)
        for path in list(filter(is_hidden_file, names)):
            del names[path]
            if not has_label_map(path):  # else it goes where that goes
                why = "keeps what a label map hides, which is not beside it"
                self.matches.left_out.append((path, f"{option}: {why}"))
        self.matches.left_out += [(path, f"{option}: {why}") for path, why in no_files.items()]
        other = [path for path in names if suffixes and not _ends(path, suffixes)]
        for path in other:
            del names[path]
        self.matches.left_out += [(path, f"{option}: no {_or(suffixes)}") for path in other]
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

    def of_images(self, option: str, names: dict[Path, str]) -> dict[str, Path]:
        """Return case id to file, of the cases that have an image."""
        matched = self.match(option, names, self.matches.images)
        self.matches.left_out += [
            (path, f"{option}: no image of this id") for path in names if path not in matched
        ]
        return self.by_id(option, matched)

    def with_series(self, images: Mapping[str, Path], series: Sequence[str]) -> dict[str, Path]:
        """Return the images, of those that hold a named DICOM series its address."""
        from cohort.space.dicom.choosing.choice import is_named
        from cohort.space.dicom.files.find import find_series

        unused, named = set(series), dict(images)
        for case, path in images.items():
            if type_of(path) is not DICOM:
                continue
            held = find_series(path).series
            for uid in series:
                if any(is_named(one, uid) for one in held):
                    named[case] = Address(path, "series", uid).path
                    unused.discard(uid)
        self.problems += [f"--series {uid}: no image holds it." for uid in sorted(unused)]
        return named

    def of_structure(self, path: Path, structure: str) -> Path:
        """Return where the mask of a structure is in a file that is said to hold it."""
        if type_of(path) is not SEGMENTATION:
            return path
        try:
            segments = read_segments(path)
            if len(segments) == 1:
                return segment_address(path, segments[0], segments)
            found = find_segment(segments, structure)
            if isinstance(found, Segment):
                return segment_address(path, found, segments)
            self.problems.append(f"--mask {structure}: {path}: {found}.")
        except DataError as error:
            self.problems += [f"--mask {structure}: {problem}" for problem in error.problems]
        return path

    def add_masks(self, option: str, case: str, masks: Mapping[str, Path]) -> None:
        for structure, path in masks.items():
            known = self.matches.masks.setdefault(structure, {})
            if case in known:
                self.problems.append(
                    f"{option}: {path} and {known[case]} are both the {structure} of case {case!r}."
                )
            known[case] = path

    def add_segmentations(self, files: Mapping[str, Path], asked: Asked) -> None:
        finder = SegmentFinder(asked.segments)
        for case, path in files.items():
            try:
                masks = finder.masks(path)
            except DataError as error:
                self.problems += [f"--segmentations: {problem}" for problem in error.problems]
                continue
            if not masks:
                why = "--segmentations: none of its segments names a structure"
                self.matches.left_out.append((path, why))
            self.add_masks("--segmentations", case, masks)
        self.matches.facts += finder.facts()

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


def _ends(path: Path, suffixes: tuple[str, ...]) -> bool:
    """Return whether a file is of a type with one of the suffixes: `.seg.nrrd` is not `.nrrd`."""
    if path.is_dir():  # of DICOM files
        return True
    name = path.name.lower()
    return name.endswith(suffixes) and any(s in suffixes for s in type_of(path).suffixes)


def _or(suffixes: tuple[str, ...]) -> str:
    *others, last = sorted(suffixes, key=lambda suffix: suffix.strip(".").split("."))
    return f"{', '.join(others)} or {last}" if others else last
