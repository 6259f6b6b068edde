"""Make a trained model ready to be given away: small weights, known errors, a model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import run, say_note
from imaging.model.threads import let_threads_sleep


def main(
    model: Annotated[Path, typer.Argument(help="Folder of the trained model.")],
    output: Annotated[
        Path,
        typer.Argument(
            help="Folder to write, such as imaging/pretrained/generated-heads; its name becomes "
            "the model's."
        ),
    ],
    version: Annotated[str, typer.Option(help="The model's version.")],
    recipe: Annotated[
        Path,
        typer.Option(
            help="YAML file that says how it was made, what it is for, and which files hold its "
            "scores."
        ),
    ],
) -> None:
    """Make a trained model ready to be given away, as the one in the box is.

    Weights get 16 bits if the masks of some generated scans stay the same. The metadata get the
    errors of volumes, by size, and of the midline shift, which `predict` then gives beside each
    measurement; README.md is the model card, with all figures.
    """
    from imaging.boxing.write import box_model

    metadata = box_model(model, output, version, recipe, say_note)
    weights = metadata["weights"]
    differing = ", ".join(
        f"{name} {n} of {weights['of_voxels'][name]}"
        for name, n in weights["differing_voxels"].items()
    )
    Console(soft_wrap=True, highlight=False).print(
        f"[green]✔[/green] {escape(str(output))}: {escape(metadata['name'])} {escape(version)}, "
        f"weights of {weights['bits']} bits. Voxels that differ by 16 bits, on "
        f"{weights['compared_on']} generated scans: {differing}."
    )


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
