"""A bundle has all that the program needs, on either system, and installs from itself alone."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

INSTALL = ROOT / "install"
VERSION = "{}.{}".format(*sys.version_info)


def wheel(folder: Path, name: str, *needs: str, tag: str = "py3-none-any", code: str = "") -> Path:
    """Write a wheel with one module, which is run by `python -m`."""
    folder.mkdir(exist_ok=True)
    module = "hich" if name == "hich_workflow" else name
    path = folder / f"{name}-1.0-{tag}.whl"
    info = f"{name}-1.0.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0"]
    metadata += [f"Requires-Dist: {need}" for need in needs]
    with ZipFile(path, "w") as archive:
        archive.writestr(f"{module}/__init__.py", "")
        archive.writestr(f"{module}/__main__.py", code)
        archive.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: t\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that makes bundles, with constraints of its own and wheels from a folder."""
    spec = importlib.util.spec_from_file_location("bundle_of_test", INSTALL / "bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.syspath_prepend(str(INSTALL))  # as it is where it is run
    monkeypatch.delitem(sys.modules, "wheels", raising=False)
    spec.loader.exec_module(module)
    here = tmp_path / "install"
    here.mkdir()
    for name in module.INSTALLERS:
        shutil.copyfile(INSTALL / name, here / name)
    (here / "constraints.txt").write_text("torch==1.0\nwide==1.0  # why\nonly-windows==1.0\n")
    monkeypatch.setattr(module, "HERE", here)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "registry"))
    return module


def registry(bundle: ModuleType, monkeypatch: Any, tmp_path: Path, **needs: list[str]) -> None:
    """Lay out what pip finds, and the program's own wheel."""
    folder = tmp_path / "registry"
    wheel(folder, "torch", *needs.get("torch", []))
    wheel(folder, "wide", 'only-windows>=1; sys_platform == "win32"')
    wheel(folder, "only_windows", tag=needs.get("tag", ["py3-none-win_amd64"])[0])
    monkeypatch.setattr(bundle, "own_wheel", lambda scratch, folder: own(bundle, folder))


def own(bundle: ModuleType, folder: Path) -> Any:
    code = "import sys, wide, torch; print('seen', *sys.argv[1:])"
    needs = ("torch>=1", 'wide>=0.5; extra == "dicom"', 'lost; extra == "test"')
    return bundle.Wheel.read(wheel(folder, "hich_workflow", *needs, code=code))


def names(folder: Path, system: str) -> list[str]:
    lines = (folder / f"requirements-{system}.txt").read_text(encoding="utf-8").splitlines()
    sums = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("wheels/*")}
    assert {line.split(" --hash=sha256:")[1] for line in lines} <= sums
    return [line.split("==")[0] for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="a bundle for Windows alone is made there")
def test_bundle_installs_from_itself_alone(
    bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry(bundle, monkeypatch, tmp_path)
    made = tmp_path / "a bundle"
    python = tmp_path / "python"
    (python / "bin").mkdir(parents=True)
    (python / "bin/python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (python / "bin/python3").chmod(0o755)
    with tarfile.open(tmp_path / "python.tar.gz", "w:gz") as archive:
        archive.add(python, "python")
    assert bundle.main(["--output", str(made), "--python-linux", f"{python}.tar.gz"]) == 0
    own_system = bundle.systems()[0].name
    assert names(made, own_system) == ["hich-workflow[dicom]", "torch", "wide"]
    # pip alone would leave out what only Windows needs.
    assert names(made, "windows") == ["hich-workflow[dicom]", "only-windows", "torch", "wide"]
    assert not list(tmp_path.glob(".bundle-*"))

    shutil.rmtree(tmp_path / "registry")
    target = tmp_path / "to here"
    line = ["sh", str(made / "install.sh"), str(target)]
    there = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "PIP_NO_INDEX": "no such"}
    done = subprocess.run(line, capture_output=True, text=True, env=there, check=False)
    assert done.returncode == 0, done.stderr
    assert "seen doctor" in done.stdout and str(target / "env/bin/hich") in done.stdout
    assert (target / "python/bin/python3").exists() == (own_system == "linux")


def test_what_cannot_be_bundled_is_said(
    bundle: ModuleType, tmp_path: Path, monkeypatch: Any, capfd: Any
) -> None:
    def copied(command: str, *arguments: str) -> int:
        target = Path(arguments[arguments.index("--dest") + 1])
        for name in (one.split("==")[0] for one in arguments if "==" in one):
            for path in (tmp_path / "registry").glob(f"{name.replace('-', '_')}-*"):
                shutil.copy(path, target)
        return 0

    monkeypatch.setattr(sys.modules["wheels"], "run_pip", copied)  # pip itself has its test above
    output = ["--output", str(tmp_path / "made")]
    registry(bundle, monkeypatch, tmp_path, torch=["nvidia-cublas==13; extra == ''", "nvidia-x==1"])
    assert bundle.main(output) == 1
    assert "torch 1.0: pip's place for it has the CUDA build" in capfd.readouterr().err

    registry(bundle, monkeypatch, tmp_path, torch=["wide>=2"])
    assert bundle.main(output) == 1
    assert "wide 1.0: torch needs >=2; change its version" in capfd.readouterr().err

    registry(bundle, monkeypatch, tmp_path, torch=["strange"])
    assert bundle.main(output) == 1
    assert "strange: has no version in install/constraints.txt" in capfd.readouterr().err

    (tmp_path / "made").mkdir()
    assert bundle.main(output) == 1
    assert "is there, and is no bundle" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("version", "arguments", "sentence"),
    [
        ("2.7", ["x"], "This bundle is for Python 2.7, and this is Python"),
        (VERSION, ["x"], "This bundle has nothing for"),
        (VERSION, [], "Name the folder to install into"),
    ],
)
def test_installer_says_why_it_cannot(
    tmp_path: Path, version: str, arguments: list[str], sentence: str
) -> None:
    shutil.copyfile(INSTALL / "install.py", tmp_path / "install.py")
    (tmp_path / "python-version").write_text(f"{version}\n")
    line = [sys.executable, str(tmp_path / "install.py"), *arguments]
    done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1 and sentence in done.stderr


def test_constraints_are_for_all_that_the_program_needs(bundle: ModuleType) -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"]]
    lines += [
        line
        for name in ("dicom", "follow-up", "transformer", "tensorboard")
        for line in extras[name]
    ]
    environment = bundle.systems()[0].environment
    missing = []
    for system in (environment, environment | sys.modules["wheels"].WINDOWS):
        versions = bundle.read_constraints(INSTALL / "constraints.txt", system)
        todo = [(Requirement(line), "") for line in lines]
        seen = set()
        while todo:
            need, extra = todo.pop()
            name = canonicalize_name(need.name)
            if need.marker is not None and not need.marker.evaluate(system | {"extra": extra}):
                continue
            if name not in versions or not need.specifier.contains(versions[name]):
                missing.append(f"{need}: {versions.get(name)}")
            for inner in ("", *need.extras):
                if (name, inner) not in seen:
                    seen.add((name, inner))
                    todo += [(Requirement(line), inner) for line in needs_of(name)]
    assert missing == []


def needs_of(name: str) -> list[str]:
    """Return what an installed package needs; nothing where it isn't installed."""
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        return []


def test_scripts_have_the_line_ends_of_their_system() -> None:
    assert b"\r" not in (INSTALL / "install.sh").read_bytes()
    batch = (INSTALL / "install.bat").read_bytes()
    assert batch.count(b"\n") == batch.count(b"\r\n") > 20  # cmd.exe loses labels without
    attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    assert "*.bat text eol=crlf" in attributes


def test_container_is_made_of_a_bundle_without_network() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert "--network=none" in text and "sh /bundle/install.sh" in text
    lines = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["*", "!bundle*/"]
    assert (ROOT / ".dockerignore").read_bytes() == (ROOT / ".containerignore").read_bytes()
