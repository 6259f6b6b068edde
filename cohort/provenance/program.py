"""What ran: this program at its version and commit, its libraries, its device, its command."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cohort.base.code.closure import PACKAGES, SOURCES
from cohort.base.devices import parse_device
from cohort.base.errors import UsageError
from cohort.base.interrupt import BEGUN
from cohort.provenance.names import words_in
from cohort.schema.provenance import CodeUsed

_DISTRIBUTION = "hich-workflow"
_CODE = (*PACKAGES, "configs", "project.yml")
"""What of the repository makes a difference to results."""
_LIBRARIES = {
    "PIL": "pillow",
    "ignite": "pytorch-ignite",
    "matplotlib": "matplotlib",
    "monai": "monai",
    "nibabel": "nibabel",
    "numpy": "numpy",
    "pydicom": "pydicom",
    "ray": "ray",
    "scipy": "scipy",
    "spacy": "spacy",
    "thinc": "thinc",
    "torch": "torch",
    "transformers": "transformers",
}
"""Module to the package that it is installed by."""


def this_code(sources: Path = SOURCES) -> CodeUsed:
    """Return version, commit and state of this program, as it lies in the folder `sources`."""
    commit = dirty = None
    # The repository must be the program's own: a wheel may lie inside another one.
    if (sources / ".git").exists() and (head := _git(sources, "rev-parse", "HEAD")):
        changes = _git(sources, "status", "--porcelain", "--", *_CODE)
        commit, dirty = head.strip(), None if changes is None else bool(changes.strip())
    return CodeUsed(_version(_DISTRIBUTION), commit, dirty)


def this_command(project: Path) -> tuple[tuple[str, ...] | None, float | None]:
    """Return the words of the command that this process runs, and how long it has run, in seconds.

    None and None in a program of the user's, which may run for any time and do anything.
    """
    module = getattr(sys.modules.get("__main__"), "__spec__", None)
    name = (module.name if module else "").removesuffix(".__main__")
    if name.split(".")[0] not in (*PACKAGES, "spacy"):
        return None, None
    words = ("python", "-m", name, *words_in(sys.argv[1:], project))
    return words, round(time.monotonic() - BEGUN, 1)


def these_libraries() -> dict[str, str]:
    """Return the versions of Python, and of those libraries that this process has imported."""
    found = {"python": platform.python_version()}
    for module, package in _LIBRARIES.items():
        if module in sys.modules and (installed := _version(package)):
            found[package] = installed
    return found


def device_in_words(device: str | int | None) -> str | None:
    """Return a device's name, with that of the GPU: `cpu`, `cuda:1 (NVIDIA H200)`."""
    if device is None:
        return None
    try:
        kind, number, _ = parse_device(device)
    except UsageError:
        return str(device)
    torch = sys.modules.get("torch")
    if kind != "cuda" or torch is None or not torch.cuda.is_available():
        return kind
    number = int(os.environ.get("LOCAL_RANK", number))
    return f"cuda:{number} ({torch.cuda.get_device_name(number)})"


def _git(folder: Path, *words: str) -> str | None:
    line = ["git", "-C", str(folder), *words]
    try:
        # Without a lock, so that a `git` of the user's beside it is not disturbed.
        done = subprocess.run(
            line,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
