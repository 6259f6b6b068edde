"""What is installed: the packages that the program needs, and those of its extras."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, entry_points, metadata, requires

from packaging.requirements import Requirement

from hich.doctor.diagnosis import Diagnosis
from hich.doctor.versions import DISTRIBUTION, installed_version

NAMED = ("torch", "monai", "spacy", "numpy", "pydicom", "pydantic")
"""Packages whose versions are always told; of the others, only what is wrong."""
EXTRAS = {
    "dicom": "compressed DICOM",
    "transformer": "ner_transformer.cfg",
    "tensorboard": "TensorBoard",
    "follow-up": "several scans in one place",
}
"""Extra, to what it is for."""
_INSTALL = "pip install -e . in the program's folder"


def python() -> Diagnosis:
    """Return Python's version, and the system."""
    value = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Diagnosis("Python", value)


def packages() -> Diagnosis:
    """Return the versions of the main packages, and whether all are what the program asks for."""
    try:
        needed = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return Diagnosis("packages", "the program is not installed as a package", False, _INSTALL)
    told = ", ".join(f"{name} {installed_version(name) or 'missing'}" for name in NAMED)
    wrong = list(_wrong(needed, ""))
    if wrong:
        return Diagnosis("packages", f"{told}; {', '.join(wrong)}", False, _INSTALL)
    return Diagnosis("packages", told, True)


def extras() -> Diagnosis:
    """Return which extras are installed, and what those that are not are for."""
    try:
        needed = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
        known = metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    except PackageNotFoundError:
        needed, known = [], []
    parts = []
    for extra, purpose in EXTRAS.items():
        if extra not in known:
            parts.append(f"{extra} unknown to this installation")
            continue
        lacking = list(_wrong(needed, extra))
        parts.append(f"{extra} not installed (for {purpose})" if lacking else f"{extra} installed")
    return Diagnosis("extras", ", ".join(parts))


def components() -> Diagnosis:
    """Return whether spaCy finds this program's components, by the names that it has today."""
    own = [
        one
        for group in ("spacy_factories", "spacy_loggers")
        for one in entry_points(group=group)
        if one.name.startswith("hich")
    ]
    lost = [one.name for one in own if not _loads(one.module)]
    if lost or not own:
        what = f"of an earlier installation: {', '.join(lost)}" if lost else "none registered"
        return Diagnosis("components", what, False, _INSTALL)
    return Diagnosis("components", ", ".join(sorted(one.name for one in own)), True)


def _loads(module: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _wrong(needed: list[Requirement], extra: str) -> Iterator[str]:
    """Yield what is not as an extra, or "" for the program itself, asks for."""
    for one in needed:
        marker = one.marker
        asked = marker is None or marker.evaluate({"extra": extra})
        if not asked or (extra and (marker is None or marker.evaluate({"extra": ""}))):
            continue
        found = installed_version(one.name)
        if found is None:
            yield f"{one.name} is missing"
        elif not one.specifier.contains(found, prereleases=True):
            yield f"{one.name} {found} is not {one.specifier}"
