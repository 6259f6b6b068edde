"""The remote that a command names, and the project that it is of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.errors import UsageError
from hich.project.sharing.remote import Remote
from hich.project.variables import meant, read_project, refuse_unknown


class Shared(NamedTuple):
    """What is shared, and where.

    Attributes
    ----------
    remote
        Where.
    project
        As weasel has it, its variables filled in.
    """

    remote: Remote
    project: dict[str, Any]


def shared(words: Sequence[str]) -> Shared:
    """Return the remote that is named, `default` if none is, and the project.

    Parameters
    ----------
    words
        Name in project.yml, folder or address, if any; then variables, as `--vars.NAME VALUE`.

    Raises
    ------
    DataError
        If this folder is not a project.
    UsageError
        If there is no such variable, no remote of that name, or it can't be used.
    """
    from weasel.util import load_project_config, parse_config_overrides

    is_named = bool(words) and not words[0].startswith("-")
    remote, words = (words[0], words[1:]) if is_named else ("default", words)
    refuse_unknown(words, read_project(Path("project.yml"))["vars"])
    if stray := next((one for one in words if one.startswith("-") and not _is_variable(one)), None):
        raise UsageError(f"{stray}: no such option; variables are set as --vars.NAME VALUE.")
    overrides = parse_config_overrides(list(words))
    project = load_project_config(Path(), overrides=overrides)
    # weasel fills the variables into all but their own list.
    project["vars"] |= {name.removeprefix("vars."): value for name, value in overrides.items()}
    remotes = project.get("remotes") or {}
    looks_like_a_place = any(sign in remote for sign in "/\\.") or Path(remote).is_dir()
    if remote not in remotes and not looks_like_a_place:
        raise UsageError(
            f"{remote}: no such remote in project.yml{meant(remote, remotes)} It has "
            f"{', '.join(remotes) or 'none'}; or name a folder or a bucket's address."
        )
    return Shared(Remote(str(remotes.get(remote, remote))), project)


def _is_variable(word: str) -> bool:
    return word.startswith("--vars.")
