"""What is installed, without importing it."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from cohort.base.errors import DataError
from cohort.base.files import read_json

DISTRIBUTION = "hich-workflow"
"""This program's name where packages are installed."""
LIBRARIES = {"torch": "torch", "MONAI": "monai", "spaCy": "spacy"}
"""What the program mainly stands on: its name for people, to that of its package."""


def installed_version(package: str) -> str | None:
    """Return the version of an installed package; None if it isn't installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def model_in_the_box() -> str:
    """Return name and version of the model in the box.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    from imaging.model.folder import METADATA, boxed_model

    metadata = read_json(boxed_model() / METADATA)
    if not isinstance(metadata, dict):
        raise DataError("the model in the box is damaged; install the program again.")
    return " ".join(str(metadata[key]) for key in ("name", "version") if metadata.get(key))


def version_lines() -> Iterator[str]:
    """Yield what `hich --version` prints."""
    yield f"{DISTRIBUTION} {installed_version(DISTRIBUTION) or '(not installed as a package)'}"
    yield f"Python {platform.python_version()}"
    for name, package in LIBRARIES.items():
        yield f"{name} {installed_version(package) or '(not installed)'}"
    try:
        yield f"Model in the box: {model_in_the_box()}"
    except DataError as error:
        yield f"Model in the box: none ({error})"
