"""Package a trained pipeline as a wheel that needs nothing but spaCy.

`spacy package` makes the package; the folder `text/components`, whose classes the pipeline is made
of, is put into it (spaCy's own `--code` takes single files only).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import run
from cohort.base.errors import DataError, UsageError
from cohort.base.files import atomic_folder

COMPONENTS = Path(__file__).with_name("components")
REGISTERING = """
# These modules register the pipeline's components with spaCy.
from .components import sections as _sections
from .components.deidentify import component as _deidentify
from .components.findings import component as _findings
from .components.ner import component as _ner
"""
_SETUP = (
    ("from setuptools import setup\n", "from setuptools import find_packages, setup\n"),
    ("packages=[model_name],", "packages=find_packages(),"),
    (
        "package_data={model_name: list_files(model_dir)},",
        "package_data={model_name: [*list_files(model_dir), 'components/**/*.json']},",
    ),
)
"""What stands in the setup.py that spaCy writes, and what has to stand there."""


def package(model: Path, output: Path, name: str, version: str) -> Path:
    """Package the pipeline in the folder `model` as `zh_<name>`; return the wheel.

    Parameters
    ----------
    model
        Folder of a trained pipeline.
    output
        Folder to write `<lang>_<name>-<version>` to; one of that name is replaced.
    name, version
        Of the package, the name without its language.

    Raises
    ------
    DataError
        If there is no such pipeline, or the wheel cannot be built.
    UsageError
        If name or version cannot be a package's.
    """
    from spacy.cli.package import package as write_package

    if not (model / "meta.json").is_file():
        raise DataError(f"{model}: is not a trained spaCy pipeline (no meta.json).")
    _check(name, version)
    with TemporaryDirectory() as made:
        try:
            write_package(
                model,
                Path(made),
                name=name,
                version=version,
                create_sdist=False,
                create_wheel=False,
                require_parent=True,
                silent=True,
            )
        except SystemExit:  # spaCy has said why
            raise DataError(f"{model}: spaCy cannot package this pipeline.") from None
        (source,) = Path(made).iterdir()
        _add_components(source)
        built = subprocess.run(
            # With the setuptools that spaCy brings along: nothing is downloaded.
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check"],
            cwd=source,
            capture_output=True,
            text=True,
        )
        if built.returncode:
            last = (built.stderr or built.stdout).strip().splitlines()[-1:]
            raise DataError(f"{model}: the wheel cannot be built ({' '.join(last)}).")
        with atomic_folder(output / source.name, "setup.py") as folder:
            shutil.copytree(source, folder, dirs_exist_ok=True)
    (wheel,) = (output / source.name / "dist").glob("*.whl")
    return wheel


def _check(name: str, version: str) -> None:
    from packaging.version import InvalidVersion, Version

    if not name.isidentifier() or not name.isascii():
        raise UsageError(f"--name {name}: letters, digits and underscores make a package's name.")
    try:
        Version(version)
    except InvalidVersion:
        raise UsageError(f"--version {version}: is not a version, such as 0.1.0.") from None


def _add_components(source: Path) -> None:
    """Put the components into the package that spaCy wrote in the folder `source`."""
    (code,) = (path.parent for path in source.glob("*/__init__.py"))
    shutil.copytree(
        COMPONENTS, code / COMPONENTS.name, ignore=shutil.ignore_patterns("__pycache__")
    )
    with (code / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(REGISTERING)
    setup = source / "setup.py"
    script = setup.read_text(encoding="utf-8")
    for written, needed in _SETUP:
        if written not in script:
            raise DataError(f"this spaCy writes another setup.py (without {written.strip()!r}).")
        script = script.replace(written, needed)
    setup.write_text(script, encoding="utf-8")
    # spaCy takes the components for those of this project, which the wheel must not ask for.
    for path in (source / "meta.json", *code.glob("*/meta.json")):
        meta = json.loads(path.read_text(encoding="utf-8"))
        wanted = meta.get("requirements", [])
        meta["requirements"] = [one for one in wanted if not one.startswith("hich-workflow")]
        path.write_text(json.dumps(meta, indent=2, ensure_ascii=False), encoding="utf-8")


def main(
    model: Annotated[Path, typer.Argument(help="Folder of a trained pipeline.")],
    output: Annotated[Path, typer.Argument(help="Folder to write the package to.")],
    name: Annotated[
        str, typer.Option(help="Name of the package, without its language.")
    ] = "hich_ner",
    version: Annotated[str, typer.Option(help="Version of the package.")] = "0.1.0",
) -> None:
    """Package a trained pipeline as a wheel that needs nothing but spaCy."""
    wheel = package(model, output, name, version)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"[green]✔[/green] {wheel}: install it with pip install")


if __name__ == "__main__":
    run(main)
