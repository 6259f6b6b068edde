"""The wheels that a bundle needs: which, at which version, for which system, fetched by pip.

pip resolves markers such as `sys_platform == "win32"` for the Python that runs it, whatever its
`--platform` says (pip's documentation of `pip download`). So the wheels are asked for one by one,
and what each needs is read from its metadata, for the system that it is meant for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROGRAM = "hich-workflow"
WINDOWS = {
    "os_name": "nt",
    "sys_platform": "win32",
    "platform_system": "Windows",
    "platform_machine": "AMD64",
    "platform_release": "10",
    "platform_version": "10.0.19045",
}
# What the CUDA build of torch asks for, and the CPU build doesn't.
CUDA = ("nvidia-", "cuda-", "triton")


class Refused(Exception):
    """A sentence for people: what is wrong, what to do."""


@dataclass(frozen=True)
class Wheel:
    """A wheel file, and what its metadata say.

    Attributes
    ----------
    path
        The file.
    name
        Of the package, in its one canonical spelling.
    version
        Of the package.
    needs
        Requirements, with their markers.
    """

    path: Path
    name: str
    version: str
    needs: tuple[Requirement, ...]

    @classmethod
    def read(cls, path: Path) -> Wheel:
        """Read the metadata of a wheel."""
        try:
            with ZipFile(path) as archive:
                (member,) = (
                    one
                    for one in archive.namelist()
                    if one.endswith(".dist-info/METADATA") and one.count("/") == 1
                )
                metadata = BytesParser().parsebytes(archive.read(member))
        except (BadZipFile, ValueError):
            raise Refused(f"{path.name}: is damaged; remove it from pip's cache.") from None
        needs = tuple(Requirement(line) for line in metadata.get_all("Requires-Dist") or ())
        return cls(path, canonicalize_name(metadata["Name"]), metadata["Version"], needs)


@dataclass(frozen=True)
class System:
    """What the wheels of a bundle are for.

    Attributes
    ----------
    name
        Of its list of wheels: `linux`, `darwin` or `windows`.
    environment
        What markers ask for.
    pip
        Arguments by which pip takes wheels of this system.
    """

    name: str
    environment: dict[str, str]
    pip: tuple[str, ...] = ()


def systems() -> list[System]:
    """Return the system of this machine, and 64-bit Windows."""
    here = {key: str(value) for key, value in default_environment().items()}
    version = here["python_version"]
    own = System(here["platform_system"].lower(), here)
    if own.name == "windows":
        return [own]
    tag = f"cp{version.replace('.', '')}"
    other = ("--platform", "win_amd64", "--python-version", version, "--implementation", "cp")
    abis = ("--abi", tag, "--abi", "abi3", "--abi", "none")
    return [own, System("windows", here | WINDOWS, (*other, *abis))]


def read_constraints(path: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return the version of each package that a file of constraints names.

    Raises
    ------
    Refused
        If a line names no exact version.
    """
    versions: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if not text:
            continue
        one = Requirement(text)
        exact = [part.version for part in one.specifier if part.operator == "=="]
        if len(exact) != 1:
            raise Refused(f"{path.name}: {text!r} names no exact version.")
        if one.marker is None or one.marker.evaluate(environment):
            versions[canonicalize_name(one.name)] = exact[0]
    return versions


def asked(
    wheel: Wheel, extras: Iterable[str], environment: dict[str, str]
) -> Iterator[Requirement]:
    """Yield what a wheel needs in an environment, with some of its extras."""
    for need in wheel.needs:
        marker = need.marker
        if marker is None or any(
            marker.evaluate(environment | {"extra": extra}) for extra in ("", *extras)
        ):
            yield need


def collect(
    have: Iterable[Wheel],
    extras: tuple[str, ...],
    system: System,
    versions: dict[str, str],
    folder: Path,
) -> dict[str, Wheel]:
    """Fetch all wheels that the program needs on a system.

    Parameters
    ----------
    have
        The program's wheel, and others that were fetched for this system before.
    extras
        Of the program's.
    system
        What the wheels are for.
    versions
        Of each package, by the file of constraints.
    folder
        Where wheels are put.

    Returns
    -------
    dict
        Each package's name to its wheel.

    Raises
    ------
    Refused
        If a package has no version, or none that fits, or no wheel.
    """
    found = {wheel.name: wheel for wheel in have}
    seen: set[tuple[str, str]] = set()
    open_: list[tuple[str, str]] = [(PROGRAM, extra) for extra in ("", *extras)]
    while open_:
        wanted: dict[str, str] = {}
        needs = []
        for name, extra in open_:
            seen.add((name, extra))
            for need in asked(found[name], (extra,) if extra else (), system.environment):
                package = canonicalize_name(need.name)
                needs.append((found[name].name, need, package))
                if package not in found:
                    wanted[package] = _version(package, need, versions)
        for wheel in fetch(wanted, system, folder):
            found[wheel.name] = wheel
        for asker, need, package in needs:
            _check(asker, need, found[package])
        open_ = [
            (package, extra)
            for _, need, package in needs
            for extra in ("", *sorted(need.extras))
            if (package, extra) not in seen
        ]
        open_ = list(dict.fromkeys(open_))
    return found


def _version(package: str, need: Requirement, versions: dict[str, str]) -> str:
    if package in versions:
        return versions[package]
    exact = [part.version for part in need.specifier if part.operator == "=="]
    if package.startswith(CUDA) and exact:
        return exact[0]
    raise Refused(f"{package}: has no version in install/constraints.txt; add the one to take.")


def _check(asker: str, need: Requirement, wheel: Wheel) -> None:
    if not need.specifier.contains(wheel.version, prereleases=True):
        raise Refused(
            f"{wheel.name} {wheel.version}: {asker} needs {need.specifier}; "
            "change its version in install/constraints.txt."
        )


def fetch(versions: dict[str, str], system: System, folder: Path) -> list[Wheel]:
    """Let pip put one wheel for each package into a folder.

    What has no wheel is built here; that does for another system only if it came out pure Python.

    Raises
    ------
    Refused
        If there is none.
    """
    if not versions:
        return []
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        new = Path(scratch)
        for_system = ("--only-binary", ":all:", *system.pip, "--dest", scratch)
        if run_pip("download", *for_system, *_pinned(versions)):
            # Which one has none? pip stops at the first, so each is asked for.
            for name, version in versions.items():
                one = _pinned({name: version})
                if run_pip("download", *for_system, *one) and run_pip("wheel", "-w", scratch, *one):
                    raise Refused(
                        f"{name} {version}: pip finds no wheel for {system.name} and can't make "
                        "one; change its version in install/constraints.txt, or tell pip where "
                        "to look (its configuration, or its variables, such as PIP_FIND_LINKS)."
                    )
        wheels = [Wheel.read(path) for path in sorted(new.glob("*.whl"))]
        for wheel in wheels:
            if system.pip and not wheel.path.stem.endswith(("-any", "win_amd64")):
                raise Refused(f"{wheel.name} {wheel.version}: has no wheel for {system.name}.")
        return [_moved(wheel, folder) for wheel in wheels]


def _pinned(versions: dict[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in versions.items()]


def _moved(wheel: Wheel, folder: Path) -> Wheel:
    target = folder / wheel.path.name
    os.replace(wheel.path, target)
    return Wheel(target, wheel.name, wheel.version, wheel.needs)


def run_pip(command: str, *arguments: str) -> int:
    """Run pip without dependencies and return its exit code; what it says goes to stderr."""
    line = [sys.executable, "-m", "pip", command, "--no-deps", "-qq", *arguments]
    return subprocess.run(line, stdout=sys.stderr, check=False).returncode
