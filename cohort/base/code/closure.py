"""The code that a command runs: its module, all that it imports, and their data files."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json

SOURCES = Path(__file__).resolve().parents[3]
"""Folder that holds this project's packages."""
PACKAGES = ("cohort", "hich", "imaging", "text")


class _Parsed(NamedTuple):
    key: str
    imported: list[str]
    digest: str


class PythonSources:
    """The Python files of this project and of a user's own folder, each parsed once.

    Parameters
    ----------
    own
        Folder with modules of the user's own.
    root
        Folder that holds this project's packages.
    kept
        File that keeps what was found in a file's text, for the next process. It can be deleted at
        any time; None for no such file.
    """

    def __init__(
        self, own: Path | None = None, root: Path = SOURCES, kept: Path | None = None
    ) -> None:
        self._own, self._root, self._file = own, root, kept
        self._before: Mapping[str, Any] = _kept(kept)
        self._parsed: dict[Path, _Parsed] = {}
        self._found: dict[str, tuple[Path | None, Path]] = {}

    def code_of(self, modules: Iterable[str], without: Collection[str] = ()) -> dict[str, Path]:
        """Return the files that `modules` import, directly or by way of others, and their own.

        Imports are read, not run, those inside functions too. To a package belong the data files
        in its folder, and in folders of it that are not packages.

        Parameters
        ----------
        modules
            Names of modules, or of classes and functions in them.
        without
            Modules to leave out, with what is imported by way of them alone.

        Returns
        -------
        dict
            Path of each file as its package has it, to where it is. Modules that are neither this
            project's nor the user's own are left out: their packages have versions.
        """
        files: dict[str, Path] = {}
        waiting, seen = list(modules), set(without)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            path, root = self._find(name)
            # It may be a class, or a function, of a module; and importing a module runs its
            # packages' __init__.py.
            waiting += [name.rpartition(".")[0]] if "." in name else []
            if path is None:
                continue
            relative = path.relative_to(root)
            files[relative.as_posix()] = path
            waiting += self._parse(path, relative).imported
            if path.name == "__init__.py":
                files.update((one.relative_to(root).as_posix(), one) for one in _data(path.parent))
        return files

    def fingerprint(self, files: Mapping[str, Path]) -> str:
        """Return a hash of files; comments and docstrings of Python files make no difference."""
        total = hashlib.sha256()
        for name, path in sorted(files.items()):
            content = (
                self._parse(path, Path(name)).digest
                if path.suffix == ".py"
                else hashlib.sha256(path.read_bytes()).hexdigest()
            )
            total.update(f"{name} {content}\n".encode())
        return total.hexdigest()

    def save(self) -> None:
        """Write the cache."""
        if self._file is not None:
            files = {one.key: [one.imported, one.digest] for one in self._parsed.values()}
            write_json(self._file, {"made_by": _parser(), "files": files})

    def _find(self, name: str) -> tuple[Path | None, Path]:
        if name not in self._found:
            ours = name.split(".")[0] in PACKAGES
            root = self._root if ours or self._own is None else self._own
            base = root.joinpath(*name.split("."))
            named = (base.with_suffix(".py"), base / "__init__.py")
            tried = named if ours or self._own else ()
            self._found[name] = next((path for path in tried if path.is_file()), None), root
        return self._found[name]

    def _parse(self, path: Path, name: Path) -> _Parsed:
        """Return what is found in a Python file; `name` is relative to its root."""
        if path not in self._parsed:
            package = ".".join(name.parent.parts)
            text = path.read_bytes()
            key = hashlib.sha256(package.encode() + b"\0" + text).hexdigest()
            known = self._before.get(key) or _parse(text, package)
            self._parsed[path] = _Parsed(key, *known)
        return self._parsed[path]


def imported_by(text: str) -> list[str]:
    """Return the names that a piece of Python imports, `__import__` and `import_module` included.

    Examples
    --------
    >>> imported_by("from mine import Loss"), imported_by("__import__('mine.loss').Loss()")
    (['mine', 'mine.Loss'], ['mine.loss'])
    >>> imported_by("1 + ")
    []
    """
    try:
        tree = ast.parse(text.strip())
    except SyntaxError:
        return []
    calls = (
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in ("__import__", "import_module")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    )
    return [*_imports(tree, ""), *calls]


def _kept(file: Path | None) -> Mapping[str, Any]:
    """Return what a cache holds; nothing if it is missing, damaged, or another parser's."""
    if file is None or not file.is_file():
        return {}
    try:
        value = read_json(file)
        return value["files"] if value["made_by"] == _parser() else {}
    except (DataError, KeyError, TypeError):
        return {}


@cache
def _parser() -> str:
    """Return what a file's parsed text depends on besides it: this Python and this module."""
    return f"{sys.version} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"


def _parse(text: bytes, package: str) -> tuple[list[str], str]:
    """Return what a Python file imports, and the hash of its code."""
    tree = ast.parse(text)
    imported = sorted(set(_imports(tree, package)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_text(line)]
    return imported, hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".") if node.level else []
            parts = parts[: len(parts) - node.level + 1] if node.level else parts
            module = ".".join([*parts, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _data(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not (path / "__init__.py").exists() and path.name != "__pycache__":
            yield from _data(path)
        elif path.is_file() and path.suffix not in (".py", ".pyc"):
            yield path


def _is_text(node: ast.stmt) -> bool:
    """Return whether a statement is a text alone: a docstring, of a module's value too."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
