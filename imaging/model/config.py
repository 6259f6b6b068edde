"""Training configurations: YAML in MONAI's bundle syntax, with values set by dotted overrides.

A configuration may say only what differs from another: `extends: unet.yaml`, on its first line,
names a file beside it, or one of the project's, whose values hold wherever this one has none. A
section that names another class in `_target_` replaces the whole section.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from cohort.base.cli import say_note
from cohort.base.configs import SUFFIXES, Shelf, find_config
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.facts.structures import STRUCTURE_IDS

DEFAULT_CONFIG = Path("configs/imaging/unet.yaml")
EXTENDS, TARGET = "extends", "_target_"
MOVED = {
    "imaging.augment.AugmentBatch": "imaging.training.batches.augment.AugmentBatch",
    "imaging.loss.AnnotatedDiceBCELoss": "imaging.training.loss.AnnotatedDiceBCELoss",
}
"""Names of classes that configurations of earlier versions give, to those of today."""
SECTIONS = (
    "preprocess",
    "postprocess",
    "train",
    "augment",
    "network_def",
    "loss",
    "optimizer",
    "lr_scheduler",
)
"""What each step reads a value of its own from."""


def read_config(
    path: Path,
    overrides: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
    shelf: Shelf = "imaging",
) -> dict[str, Any]:
    """Read the configuration `path`, of a training above all.

    Parameters
    ----------
    path
        YAML file; MONAI's references and expressions are kept as they are. A relative path, or a
        name, is looked for in the current folder, then in the project (`cohort.base.configs`).
    overrides
        Dotted key to new value, for example `{"train.max_epochs": 5}`.
    defaults
        What holds where the file says nothing; then it may say nothing at all.
    shelf
        Folder of `configs` that it may lie in.

    Raises
    ------
    DataError
        If the file, or one that it extends, is missing or is not a YAML mapping, or a section holds
        no keys and values. A class's name of an earlier version is taken, with a note on stderr.
    UsageError
        If an override names no value of the configuration, or a number would become text.
    """
    path = find_config(Path(path), shelf)
    config = _read_extended(path, shelf, defaults=defaults)
    raise_all(
        [
            f"{path}: section '{name}' must hold keys and values, not {config[name]!r}."
            for name in SECTIONS
            if not _is_section(config.get(name))
        ]
    )
    for key, value in (overrides or {}).items():
        _override(config, key, value)
    for name in SECTIONS:
        _rename(path, config.get(name))
    network = config.get("network_def")
    if isinstance(network, dict) and "out_channels" in network and network["out_channels"] is None:
        network["out_channels"] = len(STRUCTURE_IDS)
    return config


def _rename(path: Path, section: Any) -> None:
    """Give the classes that a section names the names that they have today."""
    if not isinstance(section, dict):
        return
    target = section.get(TARGET)
    if isinstance(target, str) and target in MOVED:
        section[TARGET] = MOVED[target]
        say_note(f"{path}: {target} is called {MOVED[target]} now; change it there.")
    for value in section.values():
        _rename(path, value)


def _read_extended(
    path: Path,
    shelf: Shelf,
    extending: tuple[Path, ...] = (),
    defaults: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    config = _read_yaml(path, may_be_empty=defaults is not None)
    if EXTENDS not in config:
        return config if defaults is None else _merged(defaults, _filled(config))
    base = config.pop(EXTENDS)
    if not isinstance(base, str) or not Path(base).name:
        raise DataError(
            f"{path}: '{EXTENDS}' must be a file beside it or one of the project's, such as "
            f"{DEFAULT_CONFIG.name}, not {'nothing' if base is None else repr(base)}."
        )
    other = _extended(path, Path(base), shelf)
    extending = (path.resolve(), *extending)
    if other.resolve() in extending:
        raise DataError(f"{path}: extends itself, by way of {other.name}.")
    return _merged(_read_extended(other, shelf, extending, defaults), config)


def _extended(path: Path, base: Path, shelf: Shelf) -> Path:
    """Return the file that `path` extends: one beside it, or else one of the project's."""
    beside = path.parent / base
    with_suffix = beside.with_name(beside.name + SUFFIXES[shelf])
    for other in (beside, with_suffix, find_config(base, shelf)):
        if other.is_file():
            return other
    raise DataError(
        f"{path}: extends {base}, and there is no such file, neither beside it nor in the "
        f"project's {DEFAULT_CONFIG.parents[1] / shelf}."
    )


def config_files(path: Path, shelf: Shelf = "imaging") -> list[Path]:
    """Return the files that a configuration is read from: itself, and those that it extends.

    Raises
    ------
    DataError
        As `read_config`.
    """
    files = [find_config(Path(path), shelf)]
    while (base := _read_yaml(files[-1], may_be_empty=True).get(EXTENDS)) is not None:
        files.append(_extended(files[-1], Path(base), shelf))
    return files


def _filled(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section without what is left empty in it, such as a heading of comments only."""
    return {
        key: _filled(value) if isinstance(value, dict) else value
        for key, value in section.items()
        if value is not None
    }


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `changes`, section by section."""
    result = dict(base)
    for name, value in changes.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict) and _same_class(before, value):
            value = _merged(before, value)
        result[name] = value
    return result


def _same_class(before: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    return TARGET not in changes or changes[TARGET] == before.get(TARGET)


def _read_yaml(path: Path, may_be_empty: bool = False) -> dict[str, Any]:
    if path.is_dir():
        raise DataError(f"{path}: is a folder; a configuration is a YAML file.")
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such file; the project's own are in its folder configs."
        ) from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text; a configuration is a YAML file.") from None
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise DataError(f"{path}: is not valid YAML{line}.") from None
    if config is None and may_be_empty:
        return {}
    if not isinstance(config, dict):
        raise DataError(
            f"{path}: is not a configuration; it must hold sections of keys and values."
        )
    return config


def parse_overrides(arguments: Sequence[str]) -> dict[str, Any]:
    """Read overrides from the command line: `--train.max_epochs 5` or `--train.max_epochs=5`.

    Values are JSON or YAML: numbers, `true`, `null`, `[1, 2]`, text.

    Raises
    ------
    UsageError
        If an argument is not an override, or lacks its value.

    Examples
    --------
    >>> parse_overrides(["--train.learning_rate", "1e-3", "--train.patch=[64, 64]"])
    {'train.learning_rate': 0.001, 'train.patch': [64, 64]}
    """
    overrides: dict[str, Any] = {}
    waiting = list(arguments)
    while waiting:
        name, equals, text = waiting.pop(0).partition("=")
        if not name.startswith("--"):
            raise UsageError(f"Unexpected argument {name!r}.")
        if "." not in name:
            raise UsageError(
                f"No such option: {name}. Values of the configuration are set by their dotted "
                "name, such as --train.max_epochs 5."
            )
        if not equals:
            if not waiting:
                raise UsageError(f"{name} needs a value.")
            text = waiting.pop(0)
        overrides[name[2:]] = _parse_value(name, text)
    return overrides


def _parse_value(name: str, text: str) -> Any:
    try:
        # JSON first: to YAML 1.1, 1e-3 is text.
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"{name}: {text!r} is neither JSON nor YAML.") from None


def _override(config: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    section: Any = config
    for name in sections:
        section = section.get(name) if isinstance(section, dict) else None
    if not isinstance(section, dict) or last not in section:
        nearest = difflib.get_close_matches(key, list(_keys(config)), n=1, cutoff=0.0)
        hint = f"; did you mean --{nearest[0]}?" if nearest else "."
        raise UsageError(f"The configuration has no value '{key}'{hint}")
    # A list, one per structure, or null may stand for a number: whoever reads it knows if they may.
    is_word = isinstance(value, (str, bool)) and not _is_expression(value)
    if _is_number(section[last]) and is_word:
        raise UsageError(f"--{key} must be a number, not {value!r}.")
    section[last] = value


def _keys(section: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in section.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.")


def _is_section(value: Any) -> bool:
    return value is None or isinstance(value, dict) or _is_expression(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("$", "@"))
