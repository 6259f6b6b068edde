"""The remote that a command names, and the project that it is of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from cohort.base.errors import UsageError
from hich.project.sharing.remote import Remote
from hich.project.variables import meant, read_project, told_apart


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


RemoteAndVariables = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="REMOTE",
        help="Name of a remote of project.yml, a folder, or a bucket's address.",
        show_default="default",
    ),
]
"""What `hich push` and `hich pull` are told; read by `shared`."""


def shared(words: Sequence[str] | None) -> Shared:
    """Return the remote that is named, `default` if none is, and the project.

    Parameters
    ----------
    words
        Name in project.yml, folder or address, if any, and variables as `--vars.NAME VALUE`.

    Raises
    ------
    DataError
        If this folder is not a project.
    UsageError
        If there is no such variable or option, several remotes, none of that name, or it can't be
        used.
    """
    from weasel.util import load_project_config, parse_config_overrides

    names, variables, options = told_apart(words or (), read_project(Path("project.yml"))["vars"])
    if options:
        raise UsageError(f"{options[0]}: no such option; variables are set as --vars.NAME VALUE.")
    if len(names) > 1:
        raise UsageError(f"{names[1]}: name one remote, and variables by --vars.NAME.")
    (remote,) = names or ["default"]
    overrides = parse_config_overrides(variables)
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
