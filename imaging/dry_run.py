"""Try out a training configuration and a GPU on a made-up batch, before hours of work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import run
from cohort.base.configs import find_config
from cohort.base.devices import DeviceOption
from imaging.model.config import DEFAULT_CONFIG, parse_overrides, read_config
from imaging.model.threads import let_threads_sleep


def main(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(
            help="Training configuration: a MONAI bundle config in YAML, or the name of one of "
            "configs/imaging."
        ),
    ] = DEFAULT_CONFIG,
    device: DeviceOption = "cpu",
) -> None:
    """Try out a training configuration and a GPU on a made-up batch; nothing is read or written.

    `imaging.train` does the same before it begins. By itself it is for the first step of a long
    job. Values of the configuration can be set by their dotted names, for example
    --train.max_epochs 5.
    """
    try_out(config, parse_overrides(context.args), device, Console(soft_wrap=True, highlight=False))


def try_out(
    config: Path, overrides: Mapping[str, Any], device: str | int, console: Console
) -> None:
    """Train a step on a made-up batch, and say on `console` that it works.

    Parameters
    ----------
    config, overrides
        See `imaging.model.config.read_config`.
    device
        As `cohort.base.devices` has it: `cpu`, `cuda:1`, … or a number of a GPU.

    Raises
    ------
    DataError, UsageError
        Naming what doesn't fit.
    """
    config = find_config(config, "imaging")
    settings = read_config(config, overrides)
    from imaging.model.device import pick_device
    from imaging.training.rehearsal import rehearse

    place = pick_device(device)
    network = rehearse(settings, place, config)
    weights = sum(parameter.numel() for parameter in network.parameters())
    console.print(
        f"[green]✔[/green] {escape(str(config))}: a network of {weights:,} weights "
        f"can be trained on {place}"
    )


if __name__ == "__main__":
    let_threads_sleep()
    run(main, extra_arguments=True)
