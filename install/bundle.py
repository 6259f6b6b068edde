"""Make a folder from which the program installs without internet: `make bundle`.

Wheels of the program and of all that it needs, at the versions of constraints.txt, for this
machine and for Windows; a list of them with their checksums for each; the script that installs.
Stands alone, with wheels.py beside it: it needs Python, pip and `packaging`, not the program.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name
from wheels import (
    CUDA,
    PROGRAM,
    Refused,
    System,
    Wheel,
    asked,
    collect,
    fetch,
    read_constraints,
    run_pip,
    systems,
)

HERE = Path(__file__).parent
ROOT = HERE.parent
INSTALLERS = ("install.py", "install.sh", "install.bat", "README.txt")


def own_wheel(scratch: Path, folder: Path) -> Wheel:
    """Make the program's wheel, from a copy.

    In place, setuptools would leave its folder `build`, and put modules into the next wheel that
    are no more.

    Raises
    ------
    Refused
        If pip cannot make it.
    """
    source = scratch / "source"
    source.mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copyfile(path, source / path.name)
        elif (path / "__init__.py").is_file() or path.name == "configs":
            shutil.copytree(path, source / path.name, ignore=shutil.ignore_patterns("__pycache__"))
    if run_pip("wheel", "-w", str(folder), str(source)):
        raise Refused(f"{ROOT}: pip could not make the program's own wheel.")
    (wheel,) = folder.glob("*.whl")
    return Wheel.read(wheel)


def list_of(wheels: dict[str, Wheel], extras: tuple[str, ...]) -> str:
    """Return the lines by which pip installs wheels, and nothing but these very files."""
    lines = []
    for name, wheel in sorted(wheels.items()):
        extra = f"[{','.join(extras)}]" if name == PROGRAM and extras else ""
        lines.append(f"{name}{extra}=={wheel.version} --hash=sha256:{_sha256(wheel.path)}")
    return "\n".join(lines) + "\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def refuse_cuda(torch: Wheel, system: System) -> None:
    """Refuse the CUDA build of torch, which is several GB, where nobody asked for it.

    Raises
    ------
    Refused
        If something that only that build needs is there.
    """
    asked_for = [one.name for one in asked(torch, (), system.environment)]
    if any(canonicalize_name(name).startswith(CUDA) for name in asked_for):
        raise Refused(
            f"torch {torch.version}: pip's place for it has the CUDA build, of several "
            "GB. Name a place that has the CPU build (PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS; its "
            "address is on pytorch.org), or say --gpu."
        )


def make(output: Path, extras: tuple[str, ...], gpu: bool, pythons: dict[str, Path]) -> None:
    """Make the bundle: see the module.

    Parameters
    ----------
    output
        The folder; must not exist, or be an earlier bundle.
    extras
        Of the program's, that are to be installed with it.
    gpu
        Whether the CUDA build of torch may come.
    pythons
        System to an archive with a Python that needs no installing, for machines without one.

    Raises
    ------
    Refused
        If a wheel is not to be had.
    """
    if output.exists() and not (output / "python-version").is_file():
        raise Refused(f"{output}: is there, and is no bundle; name another folder by --output.")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".bundle-") as scratch:
        made = Path(scratch) / "bundle"
        folder = made / "wheels"
        folder.mkdir(parents=True)
        own = own_wheel(Path(scratch), folder)
        for system in systems():
            versions = read_constraints(HERE / "constraints.txt", system.environment)
            (torch,) = fetch({"torch": versions["torch"]}, system, folder)
            if not gpu:  # asked before gigabytes are fetched
                refuse_cuda(torch, system)
            wheels = collect((own, torch), extras, system, versions, folder)
            (made / f"requirements-{system.name}.txt").write_text(
                list_of(wheels, extras), encoding="utf-8"
            )
            print(f"{system.name}: {len(wheels)} wheels, {_size(wheels.values())}")
        for name in INSTALLERS:
            shutil.copyfile(HERE / name, made / name)
        (made / "install.sh").chmod(0o755)
        version = "{}.{}\n".format(*sys.version_info)
        (made / "python-version").write_text(version, encoding="utf-8")
        for name, archive in pythons.items():
            (made / "python").mkdir(exist_ok=True)
            shutil.copyfile(archive, made / "python" / f"{name}.tar.gz")
        if output.exists():
            shutil.rmtree(output)
        os.replace(made, output)


def _size(wheels: Iterable[Wheel]) -> str:
    return f"{sum(wheel.path.stat().st_size for wheel in wheels) / 1e6:,.0f} MB"


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, make the bundle, and say where it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--output", type=Path, default=Path("bundle"), help="the folder to make")
    parser.add_argument(
        "--extras", default="dicom", help="of the program's, by commas: dicom,follow-up,transformer"
    )
    parser.add_argument("--gpu", action="store_true", help="take the CUDA build of torch as well")
    for name in ("linux", "windows"):
        parser.add_argument(
            f"--python-{name}",
            type=Path,
            metavar="TAR.GZ",
            help=f"a Python for {name} without one: an archive with the folder python",
        )
    given = parser.parse_args(arguments)
    extras = tuple(part for part in given.extras.split(",") if part)
    archives = {"linux": given.python_linux, "windows": given.python_windows}
    pythons = {name: path for name, path in archives.items() if path is not None}
    try:
        for path in pythons.values():
            if not path.is_file():
                raise Refused(f"{path}: no such file.")
        make(given.output, extras, given.gpu, pythons)
    except (Refused, OSError) as error:
        print(f"✘ {error}", file=sys.stderr)
        return 1
    print(f"{given.output}: carry it over, and run install.sh or install.bat in it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
