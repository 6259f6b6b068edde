"""Train the segmentation network on exported slices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import run
from cohort.base.configs import find_config
from cohort.base.devices import DeviceOption
from cohort.base.errors import UsageError
from cohort.base.files import read_json
from cohort.facts.structures import STRUCTURES
from cohort.provenance.note import note_made
from imaging.model.config import DEFAULT_CONFIG, config_files, parse_overrides, read_config
from imaging.model.folder import model_or_boxed
from imaging.model.threads import let_threads_sleep

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from imaging.training.history import History


def main(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(
            help="Training configuration: a MONAI bundle config in YAML, or the name of one of "
            "configs/imaging."
        ),
    ] = DEFAULT_CONFIG,
    corpus: Annotated[
        Path, typer.Option(help="Folder that `python -m imaging.export` wrote.")
    ] = Path("corpus/imaging"),
    output: Annotated[Path, typer.Option(help="Folder for models and history.")] = Path(
        "training/imaging"
    ),
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on where a training in the output folder stopped, if any."
        ),
    ] = False,
    init: Annotated[
        Path | None,
        typer.Option(
            help="Model to start from, such as training/imaging/model-best, or `pretrained` for "
            "the one in the box: fine-tuning."
        ),
    ] = None,
    device: DeviceOption = "cpu",
) -> None:
    """Train the segmentation network on exported slices.

    Every value of the configuration can be set by its dotted name, for example
    --train.max_epochs 5 or --train.learning_rate 0.001.

    Several GPUs or machines: torchrun --nproc-per-node 4 -m imaging.train --device cuda, where each
    process takes a GPU of its own, and a share of each batch.

    Of records, `python -m spacy train` trains a pipeline.
    """
    config = find_config(config, "imaging")
    settings = read_config(config, parse_overrides(context.args))
    from cohort.base.learning_curve import PICTURE
    from imaging.model.device import pick_device
    from imaging.training.distributed import is_first
    from imaging.training.history import HISTORY_TABLE
    from imaging.training.loop import train
    from imaging.training.run import BEST, LAST

    with _progress(is_first()) as progress:
        history = train(
            settings,
            corpus,
            output,
            pick_device(device),
            resume,
            observe=_Display(progress),
            init=model_or_boxed(init) if init else None,
            source=config,
            say=lambda note: progress.console.print("[yellow]Note:[/yellow]", escape(note)),
        )
    if is_first():
        note_made(
            output,
            (BEST, LAST, HISTORY_TABLE, PICTURE),
            of=[corpus, init if init is None else model_or_boxed(init)],
            config=config_files(config),
            seeds={"training": settings["train"]["seed"]},
            device=device,
        )
        _say(history, output)


class _Display:
    """The progress bar: loss, time left, last validation Dice."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task: TaskID | None = None

    def __call__(self, step: int, steps: int, loss: float, history: History) -> None:
        """Show a step."""
        if self.task is None:
            self.task = self.progress.add_task("Training", total=steps, completed=step - 1)
        last = history.last
        scored = (e for e in reversed(history.epochs) if e.is_scored)
        dice = next((f"{e.mean_dice:.3f}" for e in scored), "–")
        text = f"epoch {last.number + 1 if last else 1}  loss {loss:.3f}  val Dice {dice}"
        self.progress.update(self.task, completed=step, description=text)


def _progress(shown: bool) -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    # Each redrawing takes the training's thread some ms.
    return Progress(
        *columns, console=console, transient=True, disable=not shown, refresh_per_second=2
    )


def _say(history: History, output: Path) -> None:
    from rich.table import Table

    from imaging.model.folder import METADATA
    from imaging.model.learnt import read_lessons
    from imaging.training.run import BEST

    best, last = history.best, history.last
    if best is None or last is None:
        raise UsageError("Nothing was trained.")
    # A row for each structure: a column for each is cut off in a terminal of 80 columns, or a log.
    table = Table("epoch", title="Validation Dice")
    epochs = [history.epochs[number - 1] for number in dict.fromkeys((best.number, last.number))]
    for epoch in epochs:
        name = f"{epoch.number} (best)" if epoch is best else str(epoch.number)
        table.add_column(name, justify="right")
    table.add_row("loss", *(f"{epoch.loss:.3f}" for epoch in epochs), end_section=True)
    for structure in STRUCTURES:
        dice = [epoch.dice.get(structure.id) for epoch in epochs]
        shown = ("–" if value is None else f"{value:.3f}" for value in dice)
        table.add_row(structure.name_en, *shown)
    means = (f"{epoch.mean_dice:.3f}" if epoch.is_scored else "–" for epoch in epochs)
    table.add_row("mean", *means)
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for name, lesson in (read_lessons(read_json(output / BEST / METADATA)) or {}).items():
        if lesson.withheld:
            console.print(
                f"[yellow]Note:[/yellow] {name}: {lesson.withheld}, so the model counts as not "
                "having learnt it; it will be neither predicted, measured nor scored."
            )
    seconds = sum(epoch.seconds for epoch in history.epochs)
    console.print(f"[green]✔[/green] {output / BEST} ({last.number} epochs, {seconds:.0f} s)")


if __name__ == "__main__":
    let_threads_sleep()
    run(main, extra_arguments=True)
