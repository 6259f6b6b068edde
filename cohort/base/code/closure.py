"""The code that a command runs: its module, all that it imports, and their data files."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[3]
"""Folder that holds this project's packages."""
PACKAGES = ("cohort", "hich", "imaging", "text")


def code_of(
    modules: Iterable[str],
    own: Path | None = None,
    sources: Path = SOURCES,
    without: Collection[str] = (),
) -> dict[str, Path]:
    """Return the files that `modules` import, directly or by way of others, themselves included.

    Imports are read, not run, those inside functions too. To a package belong the data files in
    its folder, and in folders of it that are not packages.

    Parameters
    ----------
    modules
        Names of modules, or of classes and functions in them.
    own
        Folder with modules of the user's own.
    sources
        Folder that holds this project's packages.
    without
        Modules to leave out, with what is imported by way of them alone.

    Returns
    -------
    dict
        Path of each file as its package has it, to where it is. Modules that are neither this
        project's nor in `own` are left out: their packages have versions.
    """
    files: dict[str, Path] = {}
    waiting, seen = list(modules), set(without)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path, root = _find(name, own, sources)
        if path is None:
            # It may be a class, or a function, of a module.
            waiting += [name.rpartition(".")[0]] if "." in name else []
            continue
        files[path.relative_to(root).as_posix()] = path
        waiting += _read(path, path.relative_to(root))[0]
        # Importing a module runs its packages' __init__.py.
        waiting += [name.rpartition(".")[0]] if "." in name else []
        if path.name == "__init__.py":
            files.update((data.relative_to(root).as_posix(), data) for data in _data(path.parent))
    return files


def fingerprint(files: dict[str, Path]) -> str:
    """Return a hash of the files; comments and docstrings of Python files make no difference."""
    total = hashlib.sha256()
    for name, path in sorted(files.items()):
        total.update(f"{name} {_content(path, Path(name))}\n".encode())
    return total.hexdigest()


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


def _find(name: str, own: Path | None, sources: Path) -> tuple[Path | None, Path]:
    ours = name.split(".")[0] in PACKAGES
    root = sources if ours or own is None else own
    base = root.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py") if ours or own else ():
        if path.is_file():
            return path, root
    return None, root


def _read(path: Path, name: Path) -> tuple[tuple[str, ...], str]:
    """Return what a Python file imports, and the hash of its code; `name` is relative."""
    return _parse(path.read_text(encoding="utf-8"), ".".join(name.parent.parts))


@cache
def _parse(text: str, package: str) -> tuple[tuple[str, ...], str]:
    tree = ast.parse(text)
    imported = tuple(_imports(tree, package))
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


def _content(path: Path, name: Path) -> str:
    if path.suffix == ".py":
        return _read(path, name)[1]
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_text(node: ast.stmt) -> bool:
    """Return whether a statement is a text alone: a docstring, of a module's value too."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
